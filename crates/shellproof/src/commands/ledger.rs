//! `shellproof ledger`: read, verify, prove.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use ledger::{Filter, Proof, Record, SecretKey, Signer as _, VerifierKey, View};

use super::Setting;
use crate::cli::Ledger;
use crate::{Exit, Failure};

pub(super) fn run(setting: &Setting, args: Ledger) -> Result<Exit> {
    match args {
        Ledger::Tail {
            lines,
            kind,
            subject,
            json,
        } => {
            let state = setting.state()?;
            let ledger = ledger::Ledger::open(&state.join("ledger"), Arc::new(own_key(&state)?))?;
            let filter = Filter {
                kind,
                subject,
                limit: Some(lines),
                ..Filter::default()
            };
            for record in ledger.query_blocking(&filter)? {
                if json {
                    setting.out.write(&report::jsonl::line(&record))?;
                } else {
                    setting.out.line(&line(&record))?;
                }
            }
        }
        Ledger::Show { index } => {
            let view = open(setting)?;
            setting.out.json(&view.read(index)?)?;
        }
        Ledger::Verify {
            dir,
            against,
            key,
            json,
        } => {
            return verify(setting, dir, against.as_deref(), key.as_deref(), json);
        }
        Ledger::Prove { index } => {
            let view = open(setting)?;
            setting.out.write(&view.prove(index)?.to_string())?;
        }
        Ledger::CheckProof { proof, key } => return check_proof(setting, &proof, &key),
        Ledger::Checkpoint => {
            let view = open(setting)?;
            setting.out.write(&view.checkpoint().note)?;
        }
        Ledger::Key => setting
            .out
            .line(&own_key(&setting.state()?)?.key().to_string())?,
    }
    Ok(Exit::Clean)
}

/// One record in one line.
fn line(record: &Record) -> String {
    let event = &record.event;
    let body = |name: &str| {
        event
            .body
            .get(name)
            .and_then(|v| v.as_str())
            .unwrap_or_default()
    };
    let what = [body("decision"), body("name"), body("reason")];
    let what: Vec<_> = what.into_iter().filter(|word| !word.is_empty()).collect();
    let line = format!(
        "{:>6}  {}  {:14} {:12} {}  {}",
        record.index,
        event.at,
        event.kind,
        event.actor,
        event.subject.get(..19).unwrap_or(&event.subject),
        what.join("  ")
    );
    report::escape(&line).into_owned()
}

/// The ledger of the state directory, for reading.
fn open(setting: &Setting) -> Result<View> {
    let state = setting.state()?;
    Ok(View::open(&state.join("ledger"), own_key(&state)?.key())?)
}

/// The key of the state directory. Reading never makes one.
fn own_key(state: &Path) -> Result<SecretKey> {
    authority::keyfile::open(&state.join("key"))?.with_context(|| {
        format!(
            "{} holds no key, so nothing was recorded there; --state DIR names another place",
            state.display()
        )
    })
}

fn parse_key(text: &str) -> Result<VerifierKey> {
    text.trim().parse().map_err(|error| {
        Failure::usage(format!(
            "--key: {error}; expected what `shellproof ledger key` prints"
        ))
    })
}

fn verify(
    setting: &Setting,
    dir: Option<PathBuf>,
    against: Option<&Path>,
    key: Option<&str>,
    json: bool,
) -> Result<Exit> {
    let key = match key {
        Some(text) => parse_key(text)?,
        None => own_key(&setting.state()?)?.key().clone(),
    };
    let dir = match dir {
        Some(dir) => dir,
        None => setting.state()?.join("ledger"),
    };
    let kept = against
        .map(|file| std::fs::read_to_string(file).with_context(|| format!("{}", file.display())))
        .transpose()?;
    // A ledger that is not there cannot be told from one that was taken away: not a pass.
    std::fs::metadata(&dir).with_context(|| format!("{}", dir.display()))?;
    match ledger::verify(&dir, &key, kept.as_deref()) {
        Ok(verified) if json => setting.out.json(&verified)?,
        Ok(verified) => {
            setting.out.line(&format!(
                "intact: {} records under {}",
                verified.size, verified.root
            ))?;
            match verified.continues {
                Some(size) => setting.out.line(&format!(
                    "It continues the checkpoint kept elsewhere ({size} records)."
                ))?,
                None => setting.out.line(
                    "Not tested: truncation and rollback. Keep a checkpoint elsewhere \
                     (`shellproof ledger checkpoint`) and give it with --against.",
                )?,
            }
            if verified.torn_bytes > 0 {
                setting.out.line(&format!(
                    "{} bytes at the end are of a write that a crash cut off and nobody was told of.",
                    verified.torn_bytes
                ))?;
            }
        }
        Err(faults) => {
            if json {
                setting.out.json(&faults)?;
            } else {
                setting
                    .out
                    .line(&format!("NOT intact: {} faults", faults.len()))?;
                for fault in &faults {
                    setting
                        .out
                        .line(&format!("  {}", report::escape(&fault.to_string())))?;
                }
            }
            return Ok(Exit::Found);
        }
    }
    Ok(Exit::Clean)
}

fn check_proof(setting: &Setting, file: &Path, key: &str) -> Result<Exit> {
    let key = parse_key(key)?;
    let text = std::fs::read_to_string(file).with_context(|| format!("{}", file.display()))?;
    let checked = text.parse::<Proof>().and_then(|proof| {
        let head = proof.check(&key)?;
        Ok((proof, head))
    });
    match checked {
        Ok((proof, head)) => {
            setting.out.line(&format!(
                "proved: record {} is in the ledger of {} records signed by {}",
                proof.index,
                head.size,
                key.name()
            ))?;
            setting
                .out
                .line(&report::escape(&String::from_utf8_lossy(&proof.leaf)))?;
            Ok(Exit::Clean)
        }
        Err(error) => {
            setting.out.line(&format!("NOT proved: {error}"))?;
            Ok(Exit::Found)
        }
    }
}
