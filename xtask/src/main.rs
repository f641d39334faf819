//! `cargo xtask`: what is derived from the code, what must stay true of it, and what it costs.
#![expect(clippy::print_stdout, reason = "a program for people")]

mod bench;
mod generate;
mod structure;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;

/// What the project generates, checks and measures about itself.
#[derive(Parser)]
enum Task {
    /// Writes all that is derived from the code: rule pages, CLI reference, schemas, completions,
    /// manual page, crate table
    Generate {
        /// Write nothing; fail if anything differs
        #[arg(long)]
        check: bool,
    },
    /// Checks what must stay true of the source tree
    Structure,
    /// Vets a labelled corpus and says how many were stopped, and how long it took
    BenchCorpus {
        /// Directory that holds `labels.jsonl`, and `skills` and `bench` or archives of them
        #[arg(long, env = "CORPUS", default_value = "../shared/corpus")]
        corpus: PathBuf,
    },
    /// Measures everything that has a budget
    Bench {
        /// As for `bench-corpus`
        #[arg(long, env = "CORPUS", default_value = "../shared/corpus")]
        corpus: PathBuf,
    },
}

fn main() -> ExitCode {
    let done = match Task::parse() {
        Task::Generate { check } => generate::run(root(), check),
        Task::Structure => structure::run(root()),
        Task::BenchCorpus { corpus } => bench::corpus(root(), &corpus),
        Task::Bench { corpus } => bench::all(root(), &corpus),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The project's root directory.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask is in a directory of the root")
}

/// A file's text, relative to `root`.
fn read(root: &Path, path: impl AsRef<Path>) -> anyhow::Result<String> {
    let path = root.join(path);
    std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}
