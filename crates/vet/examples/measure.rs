//! What the rules find in a corpus of skills: `measure <corpus> [labels.jsonl]`, where the corpus
//! holds skills at any depth. Prints each artifact that would be stopped, and the shares.
#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use finding::{Confidence, Finding, Severity};
use vet::{Artifact, Context, Settings};

fn main() {
    let mut args = std::env::args().skip(1);
    let root = PathBuf::from(args.next().expect("usage: measure <corpus> [labels.jsonl]"));
    let labels = args
        .next()
        .map(|p| labels(Path::new(&p)))
        .unwrap_or_default();
    let verbose = std::env::var_os("ALL").is_some();
    let mut ids: Vec<String> = labels.keys().cloned().collect();
    ids.sort();
    let mut totals: BTreeMap<String, (usize, usize, usize)> = BTreeMap::new();
    for id in &ids {
        let dir = if id.starts_with("bench/") {
            root.join(id)
        } else {
            root.join("skills").join(id)
        };
        let found = vet_dir(&dir);
        let label = if id.starts_with("bench/") {
            "bench"
        } else {
            labels[id].as_str()
        };
        let stopped = found.iter().any(stops);
        let warned = found
            .iter()
            .any(|f| f.severity >= Severity::Medium && f.confidence >= Confidence::Medium);
        let total = totals.entry(label.to_owned()).or_default();
        total.0 += 1;
        total.1 += usize::from(stopped);
        total.2 += usize::from(warned && !stopped);
        if (label == "unlabelled") == stopped || verbose {
            println!("{} {label} {id}", if stopped { "STOP" } else { "pass" });
            for f in found
                .iter()
                .filter(|f| verbose || label != "unlabelled" || stops(f))
            {
                let at = f.locations.first();
                println!(
                    "    {}/{} {}: {} @ {}:{}",
                    f.severity.as_str(),
                    f.confidence.as_str(),
                    f.rule,
                    f.message,
                    at.map_or("", |l| &l.path),
                    at.and_then(|l| l.line).unwrap_or_default()
                );
            }
        }
    }
    for (label, (all, stopped, warned)) in totals {
        println!("{label}: {stopped} of {all} stopped, {warned} warned");
    }
}

fn stops(f: &Finding) -> bool {
    f.severity >= Severity::High && f.confidence >= Confidence::Medium
}

fn labels(path: &Path) -> HashMap<String, String> {
    let text = std::fs::read_to_string(path).expect("labels can be read");
    text.lines()
        .filter_map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).ok()?;
            Some((
                value["id"].as_str()?.to_owned(),
                value["label"].as_str()?.to_owned(),
            ))
        })
        .collect()
}

fn vet_dir(dir: &Path) -> Vec<Finding> {
    let mut files = Vec::new();
    collect(dir, dir, &mut files);
    let facts = facts::extract(&files, &facts::Limits::default());
    let texts: BTreeMap<_, _> = files
        .iter()
        .map(|f| {
            (
                f.path.clone(),
                String::from_utf8_lossy(&f.bytes).into_owned(),
            )
        })
        .collect();
    let front = texts
        .iter()
        .find(|(p, _)| p.ends_with("SKILL.md"))
        .map(|(_, t)| t.as_str())
        .unwrap_or_default();
    let field = |key: &str| {
        let head = front.split("\n---").next().unwrap_or_default();
        let at = head
            .find(&format!("{key}:"))
            .map(|i| i + key.len() + 1)
            .or_else(|| head.find(&format!("\"{key}\":")).map(|i| i + key.len() + 3))?;
        head[at..].lines().next().map(|v| {
            v.trim()
                .trim_matches(['"', '\'', ',', '}'])
                .split('"')
                .next()
                .unwrap_or_default()
                .to_owned()
        })
    };
    let artifact = Artifact {
        name: field("name").unwrap_or_default(),
        description: field("description").unwrap_or_default(),
        homepage: field("homepage"),
        texts,
        ..Artifact::default()
    };
    let settings = Settings { known_lists: false };
    let cx = Context {
        artifact: &artifact,
        facts: &facts,
        settings: &settings,
    };
    let mut found = Vec::new();
    for rule in vet::rules::all() {
        rule.check(&cx, &mut found);
    }
    found.sort_by_key(|f| std::cmp::Reverse((f.severity, f.confidence)));
    found
}

fn collect(root: &Path, dir: &Path, files: &mut Vec<facts::File>) {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_dir() {
            collect(root, &path, files);
        } else if kind.is_file() {
            let bytes = std::fs::read(&path).unwrap_or_default();
            let name = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .to_string_lossy()
                .into_owned();
            files.push(facts::File {
                path: name,
                bytes,
                mode: 0o644,
            });
        }
    }
}
