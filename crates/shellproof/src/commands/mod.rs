//! One file a command.

mod demo;
mod explain;
mod grant;
mod inspect;
mod ledger;
mod policy;
mod record;
mod vet;

use std::path::PathBuf;

use anyhow::Result;

use crate::cli::{Cli, Command};
use crate::output::Output;
use crate::{Exit, state};

/// What every command is given.
#[derive(Debug, Clone)]
struct Setting {
    /// Where state is kept, as given.
    state: Option<PathBuf>,
    out: Output,
}

impl Setting {
    /// The state directory.
    fn state(&self) -> Result<PathBuf> {
        state::directory(self.state.clone())
    }
}

/// Runs what was asked for.
pub(crate) fn run(cli: Cli) -> Result<Exit> {
    let setting = Setting {
        state: cli.global.state,
        out: Output::new(cli.global.color),
    };
    dispatch(&setting, cli.command)
}

fn dispatch(setting: &Setting, command: Command) -> Result<Exit> {
    match command {
        Command::Vet(args) => vet::run(setting, &args),
        Command::Grant(args) => grant::run(setting, args),
        Command::Policy(args) => policy::run(setting, args),
        Command::Ledger(args) => ledger::run(setting, args),
        Command::Explain(args) => explain::run(setting, &args),
        Command::Demo(_) => demo::run(setting),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut crate::command(), "shellproof", &mut script);
            setting.out.write(&String::from_utf8(script)?)?;
            Ok(Exit::Clean)
        }
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(crate::command()).render(&mut page)?;
            setting.out.write(&String::from_utf8(page)?)?;
            Ok(Exit::Clean)
        }
    }
}
