//! What must stay true of the source tree. Each check names what it found and what to do.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};
use finding::RuleMeta;

use crate::read;

/// The crates from top to bottom; those of one layer do not know each other.
pub(crate) const LAYERS: &[&[&str]] = &[
    &["shellproof"],
    &["vet", "policy"],
    &["worker"],
    &["authority"],
    &["ledger"],
    &["facts"],
    &["skill"],
    &["report"],
    &["finding"],
    &["capability"],
    &["sys"],
];

/// No source file is longer.
const MAX_LINES: usize = 800;

/// Prints every violation; whether there is none.
pub(crate) fn run(root: &Path) -> anyhow::Result<bool> {
    let found = check(root)?;
    for violation in &found {
        println!("{violation}");
    }
    println!(
        "structure: {}",
        if found.is_empty() {
            "ok".to_owned()
        } else {
            format!("{} violations", found.len())
        }
    );
    Ok(found.is_empty())
}

fn check(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut out = Vec::new();
    arrows(root, &mut out)?;
    lints(root, &mut out)?;
    dependencies(&read(root, "Cargo.toml")?, &mut out);
    sources(&read(root, "Cargo.lock")?, &mut out)?;
    for path in tracked(root)? {
        // A link, a directory of another repository or a file that is gone has no text.
        if let Ok(text) = std::fs::read_to_string(root.join(&path)) {
            file(&path, &text, &mut out);
        }
    }
    for rule in shellproof::rules() {
        page(rule, &mut out);
    }
    Ok(out)
}

/// Where a crate is in [`LAYERS`].
fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&name))
}

/// A crate's manifest.
pub(crate) fn manifest(root: &Path, name: &str) -> anyhow::Result<toml::Table> {
    let path = format!("crates/{name}/Cargo.toml");
    read(root, &path)?
        .parse()
        .with_context(|| format!("{path} is not TOML"))
}

fn arrows(root: &Path, out: &mut Vec<String>) -> anyhow::Result<()> {
    let mut present = BTreeSet::new();
    for entry in std::fs::read_dir(root.join("crates"))? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").exists() {
            present.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    for missing in LAYERS
        .iter()
        .copied()
        .flatten()
        .filter(|name| !present.contains(**name))
    {
        out.push(format!(
            "crates/{missing}: is in the layers and does not exist"
        ));
    }
    for name in &present {
        let Some(from) = layer(name) else {
            out.push(format!(
                "crates/{name}: is in no layer; add it to LAYERS in xtask/src/structure.rs"
            ));
            continue;
        };
        let manifest = manifest(root, name)?;
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(table) = manifest.get(kind).and_then(toml::Value::as_table) else {
                continue;
            };
            for dependency in table.keys() {
                if layer(dependency).is_some_and(|to| to <= from) || dependency == "xtask" {
                    out.push(format!(
                        "crates/{name}: {kind} has {dependency}, which is not below it"
                    ));
                }
            }
        }
    }
    Ok(())
}

/// `unsafe` is forbidden by the workspace, and every crate but `sys` takes the workspace's lints.
fn lints(root: &Path, out: &mut Vec<String>) -> anyhow::Result<()> {
    let workspace: toml::Table = read(root, "Cargo.toml")?.parse()?;
    let level = workspace["workspace"]["lints"]["rust"]["unsafe_code"].as_str();
    if level != Some("forbid") {
        out.push("Cargo.toml: unsafe_code is not forbidden".to_owned());
    }
    for name in LAYERS
        .iter()
        .copied()
        .flatten()
        .filter(|name| **name != "sys")
    {
        let manifest = manifest(root, name)?;
        let inherits = manifest
            .get("lints")
            .and_then(|l| l.get("workspace"))
            .and_then(toml::Value::as_bool);
        if inherits != Some(true) {
            out.push(format!(
                "crates/{name}/Cargo.toml: does not say `[lints] workspace = true`"
            ));
        }
    }
    Ok(())
}

/// Every dependency says why it is here, at its own line or at the first of its family.
fn dependencies(manifest: &str, out: &mut Vec<String>) {
    let lines = manifest
        .lines()
        .skip_while(|line| *line != "[workspace.dependencies]")
        .skip(1);
    let mut explained = "";
    for line in lines.take_while(|line| !line.starts_with('[')) {
        let Some((name, value)) = line.split_once(" = ") else {
            continue;
        };
        let family = name.split(['-', '_']).next().unwrap_or(name);
        if value.contains(" # ") {
            explained = family;
        } else if !value.contains("path = ") && family != explained {
            out.push(format!(
                "Cargo.toml: {name} has no comment that says why it is here"
            ));
        }
    }
}

/// Every dependency comes from the public registry, under that registry's own name.
fn sources(lock: &str, out: &mut Vec<String>) -> anyhow::Result<()> {
    let lock: toml::Table = lock.parse().context("Cargo.lock is not TOML")?;
    let packages = lock
        .get("package")
        .and_then(toml::Value::as_array)
        .context("Cargo.lock lists no package")?;
    for package in packages {
        let source = package.get("source").and_then(toml::Value::as_str);
        if source.is_some_and(|s| s != "registry+https://github.com/rust-lang/crates.io-index") {
            out.push(format!(
                "Cargo.lock: {} is not from crates.io",
                package["name"]
            ));
        }
    }
    Ok(())
}

/// The files of the repository.
fn tracked(root: &Path) -> anyhow::Result<Vec<String>> {
    // A clone may belong to another user than the one who tests it.
    let git = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z"])
        .current_dir(root)
        .output()
        .context("cannot run git; install it")?;
    ensure!(
        git.status.success(),
        "git ls-files: {}",
        String::from_utf8_lossy(&git.stderr).trim()
    );
    let list = String::from_utf8(git.stdout).context("a file name is not UTF-8")?;
    Ok(list.split_terminator('\0').map(str::to_owned).collect())
}

fn file(path: &str, text: &str, out: &mut Vec<String>) {
    let source = [".rs", ".rego", ".sh"]
        .iter()
        .any(|end| path.ends_with(end));
    if source && text.lines().count() > MAX_LINES {
        out.push(format!("{path}: more than {MAX_LINES} lines; split it"));
    }
    // Written in two parts, so that this file does not hold them.
    let unfinished = [
        ("TO", "DO"),
        ("FIX", "ME"),
        ("unimpl", "emented!"),
        ("to", "do!("),
        ("phase", " 1"),
    ]
    .map(|(a, b)| format!("{a}{b}"));
    let machine = [
        ("/wo", "rk/"),
        ("/tmp/", "corpus"),
        ("/tmp/", "brief"),
        ("/roo", "t/.cargo"),
        ("/home/", "user/.cargo"),
    ]
    .map(|(a, b)| format!("{a}{b}"));
    for (number, line) in text.lines().enumerate() {
        let mut complain = |why: &str| out.push(format!("{path}:{}: {why}", number + 1));
        if source && unfinished.iter().any(|word| line.contains(word)) {
            complain("is not finished");
        }
        if machine.iter().any(|place| line.contains(place)) {
            complain("names a path of the machine that it was written on");
        }
    }
}

/// A rule's page shows what it finds and what it does not.
fn page(rule: &RuleMeta, out: &mut Vec<String>) {
    for heading in ["## Finds", "## Passes"] {
        let example = rule
            .docs
            .split_once(heading)
            .map(|(_, rest)| rest.split("\n## ").next().unwrap_or(rest));
        if example.is_none_or(|text| text.trim().is_empty()) {
            out.push(format!(
                "{} ({}): its page has no example under `{heading}`",
                rule.id, rule.file
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_as_it_should_be() {
        assert_eq!(check(crate::root()).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let mut out = Vec::new();
        let manifest = "[workspace.dependencies]\nours = { path = \"x\" }\na-one = \"1\" # why\na-two = \"1\"\nb = \"2\"\n\n[profile]\nc = 3\n";
        dependencies(manifest, &mut out);
        assert_eq!(
            out,
            ["Cargo.toml: b has no comment that says why it is here"]
        );
    }

    #[test]
    fn what_is_left_over_is_found() {
        let mut out = Vec::new();
        file("a.rs", concat!("fine\n// TO", "DO: more\n"), &mut out);
        file("b.md", concat!("see /wo", "rk/x\n"), &mut out);
        file("c.rs", &"\n".repeat(801), &mut out);
        assert_eq!(
            out,
            [
                "a.rs:2: is not finished",
                "b.md:1: names a path of the machine that it was written on",
                "c.rs: more than 800 lines; split it",
            ]
        );
    }

    #[test]
    fn a_foreign_source_is_found() {
        let mut out = Vec::new();
        sources(
            "[[package]]\nname = \"x\"\nsource = \"git+https://example.com/x\"\n",
            &mut out,
        )
        .unwrap();
        assert_eq!(out.len(), 1);
    }
}
