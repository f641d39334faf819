//! Prints the facts of files or directories: as JSON, or a line each with `--lines`; with `--time`
//! only how long each directory took.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example for the terminal"
)]

#[path = "../tests/render/mod.rs"]
mod render;

use std::path::Path;
use std::time::Instant;

use facts::{File, Limits};

fn main() {
    // Deeply nested code wants a deep stack, as in the worker.
    let thread = std::thread::Builder::new()
        .stack_size(256 << 20)
        .spawn(dump)
        .expect("a thread");
    thread.join().expect("the dump ends");
}

fn dump() {
    let mut lines = false;
    let mut time = false;
    for arg in std::env::args().skip(1) {
        match arg.as_str() {
            "--lines" => lines = true,
            "--time" => time = true,
            path => {
                let mut files = Vec::new();
                collect(Path::new(path), Path::new(path), &mut files);
                let start = Instant::now();
                let facts = facts::extract(&files, &Limits::default());
                if time {
                    println!(
                        "{:>9} us {:>5} sources {path}",
                        start.elapsed().as_micros(),
                        facts.sources.len()
                    );
                } else if lines {
                    print!("{}", render::facts(&facts));
                } else {
                    println!(
                        "{}",
                        serde_json::to_string_pretty(&facts).expect("facts are plain data")
                    );
                }
            }
        }
    }
}

fn collect(root: &Path, path: &Path, files: &mut Vec<File>) {
    if path.is_dir() {
        let mut entries: Vec<_> = std::fs::read_dir(path)
            .into_iter()
            .flatten()
            .flatten()
            .map(|e| e.path())
            .collect();
        entries.sort();
        entries.iter().for_each(|entry| collect(root, entry, files));
    } else if let Ok(bytes) = std::fs::read(path) {
        let inside = path
            .strip_prefix(root)
            .ok()
            .filter(|p| !p.as_os_str().is_empty())
            .unwrap_or(path);
        files.push(File {
            path: inside.to_string_lossy().into_owned(),
            bytes,
            mode: 0o644,
        });
    }
}
