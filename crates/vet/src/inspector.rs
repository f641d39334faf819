//! From a path to an inspection.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use capability::CapabilitySet;
use facts::{Language, Origin, Role};
use finding::{Capabilities, Finding, Incomplete, Inspection, RuleId};
use skill::dir::ReadError;
use skill::{Bundle, Caps, Kind};
use worker::{Host, Outcome, Words};

use crate::{Artifact, Context, Settings, infer, rules};

/// The version of the engine and its rules, as inspections name it.
pub const ENGINE: &str = concat!("shellproof ", env!("CARGO_PKG_VERSION"));

/// The cause of a gap that is judged by a rule of its own, and so is not simply incomplete.
const OPAQUE: &str = "opaque-code";

/// Inspects artifacts. Share it between threads.
#[derive(Debug, Clone)]
pub struct Inspector {
    host: Host,
    caps: Caps,
    settings: Settings,
}

impl Inspector {
    /// An inspector whose hostile bytes are parsed by this host's workers.
    #[must_use]
    pub fn new(host: Host, settings: Settings) -> Self {
        Self {
            host,
            caps: Caps::default(),
            settings,
        }
    }

    /// Inspects the artifact at a path. Always answers: what could not be read is in
    /// [`Inspection::incomplete`], and a path that is not there is an inspection of nothing.
    #[must_use]
    pub fn inspect(&self, path: &Path) -> Inspection {
        let started = Instant::now();
        let mut inspection = match skill::dir::read(path, &self.caps) {
            Ok(bundle) => self.inspect_bundle(bundle),
            Err(error) => unreadable(path, &error),
        };
        inspection.path = path.display().to_string();
        inspection.elapsed_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        inspection
    }

    fn inspect_bundle(&self, bundle: Bundle) -> Inspection {
        let mut outcome = self.host.inspect(bundle, &self.caps);
        outcome.bundle.expect_skill();
        outcome.incomplete.append(&mut outcome.bundle.incomplete);

        let artifact = describe(&outcome);
        let cx = Context {
            artifact: &artifact,
            facts: &outcome.facts,
            settings: &self.settings,
        };
        let mut findings = std::mem::take(&mut outcome.findings);
        for rule in rules::all() {
            rule.check(&cx, &mut findings);
        }
        sort(&mut findings);

        let capabilities = compare(&outcome, &artifact);
        let (tested, not_tested) = coverage(&outcome);
        let gaps = outcome.facts.gaps.iter().filter(|gap| gap.cause != OPAQUE);
        outcome.incomplete.extend(gaps.map(|gap| Incomplete {
            rule: RuleId::from(gap.cause.clone()),
            path: Some(gap.path.clone()),
            reason: gap.reason.clone(),
        }));
        Inspection {
            path: String::new(),
            name: artifact.name,
            digest: outcome.bundle.digest(),
            findings,
            incomplete: outcome.incomplete,
            capabilities,
            tested,
            not_tested,
            engine: ENGINE.to_owned(),
            elapsed_us: 0,
        }
    }
}

/// Worst first, then by place; the same finding twice is one.
fn sort(findings: &mut Vec<Finding>) {
    let place = |f: &Finding| f.locations.first().map(|l| (l.path.clone(), l.span));
    findings.sort_by(|a, b| {
        (b.severity, b.confidence)
            .cmp(&(a.severity, a.confidence))
            .then_with(|| (&a.rule, place(a), &a.message).cmp(&(&b.rule, place(b), &b.message)))
    });
    findings.dedup();
}

/// An inspection of what could not be read at all.
fn unreadable(path: &Path, error: &ReadError) -> Inspection {
    Inspection {
        path: String::new(),
        name: path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned(),
        digest: None,
        findings: Vec::new(),
        incomplete: vec![Incomplete {
            rule: RuleId::new("unreadable-file"),
            path: None,
            reason: error.to_string(),
        }],
        capabilities: Capabilities::default(),
        tested: Vec::new(),
        not_tested: vec!["everything".to_owned()],
        engine: ENGINE.to_owned(),
        elapsed_us: 0,
    }
}

/// What the artifact says of itself: the SKILL.md nearest to its root speaks for it.
fn describe(outcome: &Outcome) -> Artifact {
    let mut artifact = Artifact {
        name: outcome.bundle.root_name.clone(),
        ..Artifact::default()
    };
    let mut skills: Vec<_> = outcome
        .words
        .iter()
        .filter_map(|(path, words)| match words {
            Words::Skill {
                skill, declared, ..
            } => Some((path, skill, declared)),
            Words::Manifest { .. } => None,
        })
        .collect();
    skills.sort_by_key(|(path, ..)| (path.matches('/').count(), path.as_str()));
    if let Some((_, skill, _)) = skills.first() {
        artifact.name = skill.name.clone().unwrap_or(artifact.name);
        artifact.description = skill.description.clone().unwrap_or_default();
        artifact.homepage.clone_from(&skill.homepage);
    }
    artifact.declared = skills
        .iter()
        .fold(CapabilitySet::new(), |all, (.., set)| all.union(set));
    artifact.texts = outcome
        .bundle
        .entries
        .iter()
        .chain(&outcome.nested)
        .filter(|entry| entry.kind == Kind::File)
        .map(|entry| {
            (
                entry.path.clone(),
                String::from_utf8_lossy(&entry.bytes).into_owned(),
            )
        })
        .collect();
    artifact
}

fn compare(outcome: &Outcome, artifact: &Artifact) -> Capabilities {
    let inferred = infer::infer(&outcome.facts);
    let declares = outcome
        .words
        .iter()
        .any(|(_, words)| matches!(words, Words::Skill { declares: true, .. }));
    let over_reach = if declares {
        // Nobody has to declare that a skill may read itself.
        let own = "fs.read $SKILL/**".parse().into_iter().collect();
        inferred
            .capabilities
            .difference(&artifact.declared.union(&own))
    } else {
        CapabilitySet::new()
    };
    Capabilities {
        declared: artifact.declared.clone(),
        inferred: inferred.capabilities,
        over_reach,
        declares,
        unresolved: inferred.unresolved.into_iter().collect(),
    }
}

/// What was looked at and what was not.
fn coverage(outcome: &Outcome) -> (Vec<String>, Vec<String>) {
    let tested: BTreeSet<_> = outcome
        .facts
        .sources
        .iter()
        .filter_map(|source| match source.language {
            Language::Prose => Some("static:prose"),
            Language::Shell => Some("static:shell"),
            Language::Python => Some("static:python"),
            Language::JavaScript | Language::TypeScript => Some("static:javascript"),
            Language::Data => Some("static:data"),
            Language::Other | Language::Binary => None,
        })
        .collect();
    let mut not_tested = vec!["dynamic".to_owned(), "provenance".to_owned()];
    let unread = outcome.facts.sources.iter().filter(|source| {
        source.language == Language::Other
            && source.origin == Origin::File
            && source.role == Role::Operative
    });
    not_tested.extend(unread.map(|source| format!("no front end reads {}", source.path)));
    let opaque = outcome.facts.gaps.iter().filter(|gap| gap.cause == OPAQUE);
    not_tested.extend(opaque.map(|gap| format!("{}: {}", gap.path, gap.reason)));
    (tested.into_iter().map(str::to_owned).collect(), not_tested)
}
