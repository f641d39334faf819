//! The command line: arguments in, library calls, rendering out; no logic of its own.

pub mod cli;
mod commands;
mod exit;
mod output;
mod state;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

pub use exit::Exit;

/// The whole program: parses the arguments, runs the command, and says how it went.
#[must_use]
pub fn main() -> ExitCode {
    // Before anything else: a worker reads hostile bytes and must not have done anything yet.
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|verb| verb == worker::VERB) {
        return worker::serve(arguments);
    }
    std::panic::set_hook(Box::new(|panic| {
        output::complain(&format!(
            "internal error: {panic}\nThis is a defect of shellproof. Nothing was allowed because of it. \
             Please report it with the command that led to it."
        ));
    }));
    std::panic::catch_unwind(run).unwrap_or(Exit::Internal.into())
}

fn run() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Clean
            };
            return match error.print() {
                Ok(()) => code.into(),
                Err(_) => Exit::Incomplete.into(),
            };
        }
    };
    match commands::run(cli) {
        Ok(exit) => exit.into(),
        Err(error) if output::reader_left(&error) => ExitCode::from(128 + 13),
        Err(error) => {
            output::complain(&format!("{error:#}"));
            exit_of(&error).into()
        }
    }
}

/// The exit code of an error.
fn exit_of(error: &anyhow::Error) -> Exit {
    error
        .downcast_ref::<Failure>()
        .map_or(Exit::Incomplete, |failure| failure.exit)
}

/// An error that knows its exit code; any other is [`Exit::Incomplete`], because what could not be
/// completed is never a pass.
#[derive(Debug)]
struct Failure {
    exit: Exit,
    message: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl Failure {
    fn usage(message: impl Into<String>) -> anyhow::Error {
        Self {
            exit: Exit::Usage,
            message: message.into(),
        }
        .into()
    }

    fn refused(message: impl Into<String>) -> anyhow::Error {
        Self {
            exit: Exit::Refused,
            message: message.into(),
        }
        .into()
    }
}

/// The command line's grammar, from which its reference, completions and manual page are made.
#[must_use]
pub fn command() -> clap::Command {
    cli::Cli::command()
}

/// Every rule of every crate, by id.
#[must_use]
pub fn rules() -> Vec<&'static finding::RuleMeta> {
    let mut rules: Vec<_> = vet::rules::all().iter().map(|rule| rule.meta()).collect();
    rules.extend(skill::rules());
    rules.extend(worker::rules());
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    rules.dedup_by(|a, b| a.id == b.id);
    rules
}
