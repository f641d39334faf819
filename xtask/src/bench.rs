//! What it costs and what it catches. Ends with a line for each budget.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;

use crate::read;

/// What may be measured, by area and name.
const BUDGETS: &[(&str, Limit)] = &[
    ("vet.corpus_s", Limit::AtMost(15.0)),
    ("ledger.append_group_per_s", Limit::AtLeast(20_000.0)),
];

/// On which side of its limit a figure has to stay.
#[derive(Clone, Copy)]
enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

/// At most so much of what nobody calls malicious is stopped.
const UNLABELLED_SHARE: f64 = 0.01;

/// Programs that measure, one `<name> <figure>` a line: package and example.
const PROGRAMS: &[(&str, &str)] = &[("ledger", "append_bench"), ("policy", "speed")];

/// One line of `labels.jsonl`.
#[derive(Deserialize)]
struct Label {
    id: String,
    label: String,
}

/// What is needed of a line that `vet --format jsonl` writes.
#[derive(Deserialize)]
struct Verdict {
    path: PathBuf,
    decision: capability::Decision,
    reasons: Vec<String>,
}

/// A corpus that was vetted.
struct Outcome {
    verdicts: BTreeMap<String, Verdict>,
    seconds: f64,
}

/// The kinds of skills in a corpus.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Malicious ones that were published in a registry.
    Published,
    /// Malicious ones of research benchmarks.
    Benchmark,
    /// Never reviewed one by one, and nearly all benign.
    Unlabelled,
}

impl Label {
    fn kind(&self) -> Kind {
        match (self.label.as_str(), self.id.starts_with("bench/")) {
            ("malicious", false) => Kind::Published,
            ("malicious", true) => Kind::Benchmark,
            _ => Kind::Unlabelled,
        }
    }
}

/// Vets the corpus and prints what was stopped; whether the bar and its budget hold.
pub(crate) fn corpus(root: &Path, corpus: &Path) -> anyhow::Result<bool> {
    let (held, seconds) = measure(root, corpus)?;
    Ok(budgets(&seconds) & held)
}

/// Measures the corpus and every program that has budgets, whose lines come last.
pub(crate) fn all(root: &Path, corpus: &Path) -> anyhow::Result<bool> {
    let (held, mut figures) = measure(root, corpus)?;
    for (package, example) in PROGRAMS {
        println!("{package}: {example}");
        let run = [
            "run",
            "--release",
            "--quiet",
            "-p",
            package,
            "--example",
            example,
        ];
        let out = cargo(root, &run)?;
        println!("{out}");
        figures.extend(out.lines().filter_map(figure));
    }
    Ok(budgets(&figures) & held)
}

/// A line that is a name and a number.
fn figure(line: &str) -> Option<(String, f64)> {
    let (name, value) = line.split_once(' ')?;
    Some((name.to_owned(), value.trim().parse().ok()?))
}

/// Prints a line for each figure that has a budget; whether all are kept.
fn budgets(figures: &[(String, f64)]) -> bool {
    let lines: Vec<_> = figures
        .iter()
        .filter_map(|(name, measured)| budget(name, *measured))
        .collect();
    lines.iter().for_each(|line| println!("{line}"));
    lines.iter().all(|line| line.ends_with(" ok"))
}

/// `budget <name> <measured> <limit> ok|over`, if the figure has a budget.
fn budget(name: &str, measured: f64) -> Option<String> {
    let (_, limit) = BUDGETS.iter().find(|(known, _)| *known == name)?;
    let (limit, kept) = match *limit {
        Limit::AtMost(limit) => (limit, measured <= limit),
        Limit::AtLeast(limit) => (limit, measured >= limit),
    };
    Some(format!(
        "budget {name} {measured:.2} {limit} {}",
        if kept { "ok" } else { "over" }
    ))
}

fn measure(root: &Path, corpus: &Path) -> anyhow::Result<(bool, Vec<(String, f64)>)> {
    let labels = corpus.join("labels.jsonl");
    if !labels.exists() {
        println!(
            "skipped: {} does not exist; give a corpus with CORPUS=<directory>",
            labels.display()
        );
        return Ok((true, Vec::new()));
    }
    let labels: Vec<Label> = read(root, labels.canonicalize()?)?
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()
        .context("labels.jsonl: a line is not a label")?;
    cargo(root, &["build", "--release", "--quiet", "-p", "shellproof"])?;
    let unpacked = tempfile::tempdir()?;
    let base = unpack(corpus, unpacked.path())?;
    let outcome = vet(root, &base, &labels)?;
    let held = print(&labels, &outcome);
    Ok((held, vec![("vet.corpus_s".to_owned(), outcome.seconds)]))
}

/// The directory that holds `skills` and `bench`, unpacked below `into` if they are archives.
fn unpack(corpus: &Path, into: &Path) -> anyhow::Result<PathBuf> {
    if corpus.join("skills").is_dir() {
        return Ok(corpus.canonicalize()?);
    }
    for name in ["skills", "bench"] {
        let archive = corpus.join(format!("{name}.tar.xz"));
        let status = Command::new("tar")
            .arg("-xJf")
            .arg(&archive)
            .arg("-C")
            .arg(into)
            .status();
        let status = status.context("cannot run tar; install it and xz")?;
        ensure!(
            status.success(),
            "tar could not unpack {}: {status}",
            archive.display()
        );
    }
    Ok(into.to_owned())
}

fn vet(root: &Path, base: &Path, labels: &[Label]) -> anyhow::Result<Outcome> {
    let path = |label: &Label| match label.id.starts_with("bench/") {
        true => base.join(&label.id),
        false => base.join("skills").join(&label.id),
    };
    let ids: BTreeMap<_, _> = labels
        .iter()
        .map(|label| (path(label), label.id.clone()))
        .collect();
    let started = Instant::now();
    let out = Command::new(target(root)?.join("release/shellproof"))
        .args([
            "vet",
            "--format",
            "jsonl",
            "--no-cache",
            "--no-record",
            "--no-known-lists",
            "--fail-on",
            "never",
        ])
        .args(ids.keys())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run the release build of shellproof")?;
    let seconds = started.elapsed().as_secs_f64();
    let mut verdicts = BTreeMap::new();
    for line in String::from_utf8(out.stdout)?.lines() {
        let verdict: Verdict = serde_json::from_str(line)
            .context("a line of `vet --format jsonl` is not a verdict")?;
        let id = ids
            .get(&verdict.path)
            .with_context(|| format!("nobody asked about {}", verdict.path.display()))?;
        verdicts.insert(id.clone(), verdict);
    }
    if verdicts.len() != ids.len() {
        bail!(
            "{} of {} skills have a verdict; shellproof ended with {}",
            verdicts.len(),
            ids.len(),
            out.status
        );
    }
    Ok(Outcome { verdicts, seconds })
}

/// Prints what was stopped and what got through; whether the bar holds.
fn print(labels: &[Label], outcome: &Outcome) -> bool {
    let mut counts = BTreeMap::<Kind, (usize, usize)>::new();
    for label in labels {
        let kind = label.kind();
        let verdict = &outcome.verdicts[&label.id];
        let stopped = verdict.decision.stops();
        let (stops, total) = counts.entry(kind).or_default();
        *total += 1;
        *stops += usize::from(stopped);
        let note = match (kind, stopped) {
            (Kind::Published | Kind::Benchmark, false) => "missed",
            (Kind::Unlabelled, true) => "stopped, unlabelled",
            _ => continue,
        };
        let reasons = verdict
            .reasons
            .iter()
            .map(|r| report::escape(r))
            .collect::<Vec<_>>()
            .join("; ");
        println!("{note}: {} ({}): {reasons}", label.id, verdict.decision);
    }
    println!();
    let mut share = BTreeMap::new();
    for (kind, name) in [
        (Kind::Published, "malicious, published"),
        (Kind::Benchmark, "malicious, benchmark"),
        (Kind::Unlabelled, "unlabelled"),
    ] {
        let (stopped, total) = counts.get(&kind).copied().unwrap_or_default();
        let part = if total == 0 {
            0.0
        } else {
            stopped as f64 / total as f64
        };
        println!(
            "{name}: {stopped} of {total} stopped ({:.1} %)",
            part * 100.0
        );
        share.insert(kind, (part, total));
    }
    println!("{} skills in {:.2} s\n", labels.len(), outcome.seconds);
    let (published, total) = share[&Kind::Published];
    let caught = total == 0 || published >= 1.0;
    let quiet = share[&Kind::Unlabelled].0 <= UNLABELLED_SHARE;
    if !caught {
        println!("bar missed: a published malicious skill got through");
    }
    if !quiet {
        println!(
            "bar missed: more than {:.0} % of the unlabelled were stopped",
            UNLABELLED_SHARE * 100.0
        );
    }
    caught && quiet
}

/// Runs cargo, its messages shown, and returns what the program printed.
fn cargo(root: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let out = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    ensure!(
        out.status.success(),
        "cargo {} ended with {}",
        arguments.join(" "),
        out.status
    );
    Ok(String::from_utf8(out.stdout)?)
}

/// Cargo's target directory, wherever it was put.
fn target(root: &Path) -> anyhow::Result<PathBuf> {
    #[derive(Deserialize)]
    struct Metadata {
        target_directory: PathBuf,
    }
    let metadata = cargo(root, &["metadata", "--format-version", "1", "--no-deps"])?;
    Ok(serde_json::from_str::<Metadata>(&metadata)?.target_directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_line_says_whether_it_is_kept() {
        let line = |name, measured| budget(name, measured).unwrap();
        assert_eq!(
            line("vet.corpus_s", 9.876),
            "budget vet.corpus_s 9.88 15 ok"
        );
        assert_eq!(
            line("vet.corpus_s", 15.1),
            "budget vet.corpus_s 15.10 15 over"
        );
        assert_eq!(
            line("ledger.append_group_per_s", 19_999.0),
            "budget ledger.append_group_per_s 19999.00 20000 over"
        );
        assert_eq!(budget("ledger.records", 1.0), None);
        assert_eq!(
            figure("ledger.records 1000"),
            Some(("ledger.records".to_owned(), 1000.0))
        );
        assert_eq!(figure("median of all: 3"), None);
    }

    #[test]
    fn a_missing_corpus_is_skipped_aloud() {
        let (held, figures) = measure(crate::root(), Path::new("does/not/exist")).unwrap();
        assert!(held && figures.is_empty());
    }

    #[test]
    fn the_bar_needs_every_published_one_and_few_others() {
        let labels = |kinds: &[(&str, &str)]| -> Vec<Label> {
            kinds
                .iter()
                .map(|&(id, label)| Label {
                    id: id.to_owned(),
                    label: label.to_owned(),
                })
                .collect()
        };
        let outcome = |decisions: &[(&str, capability::Decision)]| Outcome {
            verdicts: decisions
                .iter()
                .map(|&(id, decision)| {
                    (
                        id.to_owned(),
                        Verdict {
                            path: id.into(),
                            decision,
                            reasons: Vec::new(),
                        },
                    )
                })
                .collect(),
            seconds: 1.0,
        };
        use capability::Decision::{Allow, Block, Hold};
        let some = labels(&[
            ("o/bad", "malicious"),
            ("bench/b", "malicious"),
            ("o/good", "unlabelled"),
        ]);
        assert!(print(
            &some,
            &outcome(&[("o/bad", Hold), ("bench/b", Allow), ("o/good", Allow)])
        ));
        assert!(!print(
            &some,
            &outcome(&[("o/bad", Allow), ("bench/b", Block), ("o/good", Allow)])
        ));
        assert!(!print(
            &some,
            &outcome(&[("o/bad", Block), ("bench/b", Block), ("o/good", Block)])
        ));
    }
}
