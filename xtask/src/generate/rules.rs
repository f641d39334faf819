//! A page for each rule, from what it says of itself.

use std::fmt::Write as _;
use std::path::Path;

use finding::RuleMeta;

use super::Files;
use crate::read;

const SUMMARY: &str = "docs/src/SUMMARY.md";

pub(super) fn add(root: &Path, files: &mut Files) -> anyhow::Result<()> {
    let rules = shellproof::rules();
    for rule in &rules {
        files.insert(
            format!("docs/src/reference/rules/{}.md", rule.id).into(),
            page(rule).into_bytes(),
        );
    }
    files.insert(
        "docs/src/reference/rules/index.md".into(),
        index(&rules).into_bytes(),
    );
    files.insert(
        SUMMARY.into(),
        contents(&read(root, SUMMARY)?, &rules).into_bytes(),
    );
    Ok(())
}

fn page(rule: &RuleMeta) -> String {
    let mut page = format!("# {}\n\n{}\n\n", rule.id, sentence(rule.summary));
    page += "| severity | confidence | reads | since | declared in |\n|---|---|---|---|---|\n";
    let _ = writeln!(
        page,
        "| {} | {} | {} | {} | `{}` |\n\n{}",
        rule.severity.as_str(),
        rule.confidence.as_str(),
        rule.reads.join(", "),
        rule.since,
        rule.file,
        report::page(rule).trim_end(),
    );
    page
}

fn index(rules: &[&RuleMeta]) -> String {
    let mut page = "# Rules\n\nEvery rule, by name; `shellproof explain <rule>` prints the same pages. Severity and \
                    confidence are what a finding has that does not say otherwise.\n\n\
                    | rule | finds | severity | confidence |\n|---|---|---|---|\n"
        .to_owned();
    for rule in rules {
        let _ = writeln!(
            page,
            "| [`{id}`]({id}.md) | {} | {} | {} |",
            rule.summary,
            rule.severity.as_str(),
            rule.confidence.as_str(),
            id = rule.id,
        );
    }
    page
}

/// The book's table of contents with the rules below their index.
fn contents(summary: &str, rules: &[&RuleMeta]) -> String {
    let mut out = String::new();
    for line in summary.lines() {
        if line.contains("(reference/rules/") && !line.contains("index.md") {
            continue;
        }
        let _ = writeln!(out, "{line}");
        if line.contains("(reference/rules/index.md)") {
            let indent = line.len() - line.trim_start().len() + 2;
            for rule in rules {
                let _ = writeln!(
                    out,
                    "{:indent$}- [{id}](reference/rules/{id}.md)",
                    "",
                    id = rule.id
                );
            }
        }
    }
    out
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase);
    let rest = chars.as_str().trim_end_matches('.');
    format!(
        "{}{rest}.",
        first.map(String::from_iter).unwrap_or_default()
    )
}
