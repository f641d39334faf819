//! `shellproof policy`: test, check, explain.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::Setting;
use super::inspect::load_policy;
use crate::cli::Policy;
use crate::{Exit, Failure};

pub(super) fn run(setting: &Setting, args: Policy) -> Result<Exit> {
    match args {
        Policy::Test { policy, json } => test(setting, policy.as_deref(), json),
        Policy::Check { policy } => {
            let policy = load_policy(policy.as_deref())?;
            setting.out.line(&format!("ok: {}", policy.id()))?;
            Ok(Exit::Clean)
        }
        Policy::Explain {
            inspection,
            policy,
            json,
        } => explain(setting, &inspection, policy.as_deref(), json),
    }
}

fn test(setting: &Setting, policy: Option<&Path>, json: bool) -> Result<Exit> {
    let tested = load_policy(policy)?.test()?;
    let exit = if tested.passed() {
        Exit::Clean
    } else {
        Exit::Found
    };
    if json {
        setting.out.json(&tested)?;
        return Ok(exit);
    }
    for test in &tested.tests {
        let (word, cause) = match &test.outcome {
            policy::Outcome::Pass => ("pass", String::new()),
            policy::Outcome::Fail => ("FAIL", format!("  ({}:{})", test.file, test.line)),
            policy::Outcome::Error(cause) => ("ERROR", format!("  ({cause})")),
        };
        setting
            .out
            .line(&format!("{word:5} {}{cause}", test.name))?;
        for print in &test.prints {
            setting
                .out
                .line(&format!("      {}", report::escape(print)))?;
        }
    }
    for file in tested
        .coverage
        .iter()
        .filter(|file| !file.missed.is_empty())
    {
        let lines: Vec<_> = file.missed.iter().map(u32::to_string).collect();
        setting.out.line(&format!(
            "not covered: {} lines {}",
            file.file,
            lines.join(", ")
        ))?;
    }
    let passed = tested
        .tests
        .iter()
        .filter(|t| t.outcome == policy::Outcome::Pass)
        .count();
    let failed = tested.tests.len() - passed;
    let percent = tested.percent();
    setting.out.line(&format!(
        "{passed} passed, {failed} failed; {percent:.1} % of lines covered"
    ))?;
    if tested.tests.is_empty() {
        return Err(Failure::usage(
            "the policy has no tests: write rules named test_… in a file named *_test.rego",
        ));
    }
    Ok(exit)
}

fn explain(setting: &Setting, file: &Path, policy: Option<&Path>, json: bool) -> Result<Exit> {
    let policy = load_policy(policy)?;
    for inspection in read_inspections(file)? {
        let explanation = policy.explain(&inspection)?;
        if json {
            setting.out.json(&explanation)?;
            continue;
        }
        let evaluation = &explanation.evaluation;
        setting.out.line(&format!(
            "{}: {} ({}), by {}",
            report::escape(&inspection.path),
            evaluation.decision,
            evaluation.status,
            explanation.policy
        ))?;
        for step in &explanation.steps {
            setting
                .out
                .line(&format!("  {}", report::escape(&step.reason.message)))?;
            for place in &step.places {
                setting.out.line(&format!(
                    "    {} at {}:{}",
                    step.path, place.file, place.line
                ))?;
            }
        }
    }
    Ok(Exit::Clean)
}

/// The inspections in what `vet` wrote as JSON or JSON lines.
fn read_inspections(file: &Path) -> Result<Vec<finding::Inspection>> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Written {
        Document { artifacts: Vec<finding::Inspection> },
        One(Box<finding::Inspection>),
    }
    let mut text = String::new();
    if file.as_os_str() == "-" {
        std::io::stdin()
            .read_to_string(&mut text)
            .context("standard input")?;
    } else {
        text = std::fs::read_to_string(file).with_context(|| format!("{}", file.display()))?;
    }
    let mut inspections = Vec::new();
    for written in serde_json::Deserializer::from_str(&text).into_iter() {
        match written {
            Ok(Written::Document { artifacts }) => inspections.extend(artifacts),
            Ok(Written::One(one)) => inspections.push(*one),
            Err(error) => {
                return Err(Failure::usage(format!(
                    "{}: not what `vet --format json` or `jsonl` writes: {error}",
                    file.display()
                )));
            }
        }
    }
    Ok(inspections)
}
