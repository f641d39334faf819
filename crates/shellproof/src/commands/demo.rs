//! `shellproof demo`: the whole line on three skills, in a directory that is gone afterwards.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use clap::Parser as _;

use super::Setting;
use crate::Exit;
use crate::cli::Cli;

/// The skills: path, content, whether it is a script.
const FILES: [(&str, &str); 6] = [
    (
        "weather/SKILL.md",
        include_str!("../../demo/weather/SKILL.md"),
    ),
    (
        "weather/scripts/weather.py",
        include_str!("../../demo/weather/scripts/weather.py"),
    ),
    (
        "tide-tables/SKILL.md",
        include_str!("../../demo/tide-tables/SKILL.md"),
    ),
    (
        "tide-tables/scripts/tides.js",
        include_str!("../../demo/tide-tables/scripts/tides.js"),
    ),
    (
        "invoice-reader/SKILL.md",
        include_str!("../../demo/invoice-reader/SKILL.md"),
    ),
    (
        "invoice-reader/scripts/invoices.py",
        include_str!("../../demo/invoice-reader/scripts/invoices.py"),
    ),
];

pub(super) fn run(setting: &Setting) -> Result<Exit> {
    let place = tempfile::Builder::new()
        .prefix("shellproof-demo-")
        .tempdir()
        .context("the demo needs a temporary directory")?;
    let told = Demo {
        setting,
        place: place.path(),
    }
    .tell();
    place
        .close()
        .context("the demo's directory could not be removed")?;
    told?;
    setting
        .out
        .line("\nNothing of this is left: the demo's skills, key and ledger were temporary.")?;
    Ok(Exit::Clean)
}

struct Demo<'a> {
    setting: &'a Setting,
    place: &'a Path,
}

impl Demo<'_> {
    fn tell(&self) -> Result<()> {
        for (path, content) in FILES {
            let path = self.place.join(path);
            fs::create_dir_all(path.parent().context("a file has a directory")?)?;
            fs::write(path, content)?;
        }

        self.say("A skill that behaves. It declares what it needs, and needs no more.")?;
        self.run(&["vet", "weather"], Exit::Clean)?;
        self.say("A skill that works, and reaches further than it says.")?;
        self.run(&["vet", "tide-tables"], Exit::Found)?;
        self.say("A malicious skill: its prose lures you into running a foreign program, and its script sends the agent's keys away. Nothing of it is executed to find that out.")?;
        self.run(&["vet", "invoice-reader"], Exit::Found)?;

        self.say("Policy blocks it, so nobody can grant it anything.")?;
        self.run(
            &["grant", "approve", "invoice-reader", "--yes"],
            Exit::Refused,
        )?;
        self.say("The first one gets the least grant that covers what it was seen to need, pinned to its digest.")?;
        self.run(&["grant", "draft", "weather"], Exit::Clean)?;
        self.run(
            &["grant", "approve", "weather", "--expires", "7d", "--yes"],
            Exit::Clean,
        )?;
        self.say(
            "One line is added to the skill after it was approved: the grant no longer holds.",
        )?;
        let script = self.place.join("weather/scripts/weather.py");
        let mut text = fs::read_to_string(&script)?;
        text.push_str("\nurllib.request.urlopen(\"https://stats.weather-extra.example/hit\")\n");
        fs::write(&script, text)?;
        self.run(&["grant", "show", "weather"], Exit::Found)?;

        self.say("Every step is in the ledger.")?;
        self.run(&["ledger", "tail"], Exit::Clean)?;
        let checkpoint = self.place.join("checkpoint");
        fs::write(&checkpoint, self.checkpoint()?)?;
        self.run(
            &["ledger", "verify", "--against", "checkpoint"],
            Exit::Clean,
        )?;
        self.say(
            "Somebody edits a copy of it: the malicious skill's verdict now reads \"allow\".",
        )?;
        let copy = self.place.join("copy");
        copy_tree(&self.state().join("ledger"), &copy)?;
        ensure!(
            edit(&copy, b"\"decision\":\"block\"", b"\"decision\":\"allow\"")?,
            "no block verdict was recorded"
        );
        self.run(&["ledger", "verify", "--dir", "copy"], Exit::Found)
    }

    fn state(&self) -> std::path::PathBuf {
        self.place.join("state")
    }

    fn checkpoint(&self) -> Result<String> {
        let key =
            authority::keyfile::open(&self.state().join("key"))?.context("the demo has a key")?;
        let view = ledger::View::open(&self.state().join("ledger"), ledger::Signer::key(&key))?;
        Ok(view.checkpoint().note.clone())
    }

    fn say(&self, text: &str) -> Result<()> {
        self.setting.out.line(&format!("\n── {text}"))?;
        Ok(())
    }

    /// Runs a command as it would be typed, and insists on how it ends: a demo that no longer
    /// shows what it says it shows is a failure.
    fn run(&self, words: &[&str], expected: Exit) -> Result<()> {
        self.setting
            .out
            .line(&format!("\n$ shellproof {}\n", words.join(" ")))?;
        let paths: Vec<String> = words
            .iter()
            .map(|word| {
                let path = self.place.join(word);
                if path.exists() {
                    path.display().to_string()
                } else {
                    (*word).to_owned()
                }
            })
            .collect();
        let words = std::iter::once("shellproof".to_owned()).chain(paths);
        let cli = Cli::try_parse_from(words)?;
        let setting = Setting {
            state: Some(self.state()),
            ..self.setting.clone()
        };
        let exit = match super::dispatch(&setting, cli.command) {
            Ok(exit) => exit,
            Err(error) => {
                let exit = crate::exit_of(&error);
                self.setting
                    .out
                    .line(&report::escape(&format!("shellproof: {error:#}")))?;
                exit
            }
        };
        self.setting
            .out
            .line(&format!("(exit code {})", exit as u8))?;
        ensure!(
            exit == expected,
            "the demo expected exit code {} here",
            expected as u8
        );
        Ok(())
    }
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Replaces the first occurrence in any file of the ledger but its index; says whether there was one.
fn edit(dir: &Path, from: &[u8], to: &[u8]) -> Result<bool> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            if edit(&path, from, to)? {
                return Ok(true);
            }
        } else if !entry.file_name().to_string_lossy().starts_with("index") {
            let mut bytes = fs::read(&path)?;
            if let Some(at) = bytes.windows(from.len()).position(|window| window == from) {
                bytes[at..at + to.len()].copy_from_slice(to);
                fs::write(path, bytes)?;
                return Ok(true);
            }
        }
    }
    Ok(false)
}
