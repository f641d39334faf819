//! Inspections and policies for the tests.

#![allow(dead_code, reason = "each test file uses some")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::fs;
use std::path::PathBuf;

use capability::Digest;
use finding::{
    Audience, Capabilities, Confidence, Finding, Incomplete, Inspection, Location, RuleId, Severity,
};
use policy::{Complaint, Policy, PolicyError};

/// An inspection that found nothing.
pub(crate) fn clean() -> Inspection {
    Inspection {
        path: "skills/weather".to_owned(),
        name: "weather".to_owned(),
        digest: Some(Digest::of(b"weather")),
        findings: Vec::new(),
        incomplete: Vec::new(),
        capabilities: Capabilities::default(),
        tested: vec!["static:prose".to_owned(), "static:shell".to_owned()],
        not_tested: vec!["dynamic".to_owned()],
        engine: "test".to_owned(),
        elapsed_us: 1,
    }
}

/// A finding in `SKILL.md`, line 14.
pub(crate) fn finding(rule: &'static str, severity: Severity, confidence: Confidence) -> Finding {
    let mut location = Location::file("SKILL.md", "here");
    location.line = Some(14);
    Finding {
        rule: RuleId::new(rule),
        severity,
        confidence,
        audience: Audience::User,
        message: format!("does what {rule} is about"),
        locations: vec![location],
        fix: None,
    }
}

/// One that steals and could not be read as a whole.
pub(crate) fn malicious() -> Inspection {
    Inspection {
        findings: vec![
            finding("credentials-sent-out", Severity::Critical, Confidence::High),
            finding("install-lure", Severity::High, Confidence::Medium),
            finding("install-lure", Severity::High, Confidence::Medium),
            finding("raw-address", Severity::Medium, Confidence::High),
            finding("long-line", Severity::Info, Confidence::High),
        ],
        incomplete: vec![Incomplete {
            rule: RuleId::new("oversized-file"),
            path: Some("setup.bin".to_owned()),
            reason: "80 MiB, more than 64 MiB; inspect it by hand".to_owned(),
        }],
        ..clean()
    }
}

/// One that was seen to need more than it declares.
pub(crate) fn over_reaching() -> Inspection {
    let over_reach = ["fs.read $HOME/.ssh/id_ed25519", "net api.example.com:443"];
    Inspection {
        capabilities: Capabilities {
            over_reach: over_reach.into_iter().map(|c| c.parse().unwrap()).collect(),
            declares: true,
            ..Capabilities::default()
        },
        ..clean()
    }
}

/// A directory of policy files, gone when dropped.
pub(crate) struct Files(tempfile::TempDir);

impl Files {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::Builder::new().prefix("site").tempdir().unwrap();
        for (name, text) in files {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(directory)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().to_owned()
    }

    pub(crate) fn load(&self) -> Result<Policy, PolicyError> {
        Policy::load(&[self.path()])
    }

    /// What is wrong with them, by file name without its directory.
    pub(crate) fn complaints(&self) -> Vec<Complaint> {
        match self.load() {
            Err(PolicyError::Refused(complaints)) => complaints
                .into_iter()
                .map(|mut c| {
                    let directory = format!("{}/", self.path().display());
                    c.file = c.file.replace(&directory, "");
                    c.message = c.message.replace(&directory, "");
                    c
                })
                .collect(),
            Err(other) => panic!("{other}"),
            Ok(policy) => panic!("was loaded: {:#?}", policy.modules().last()),
        }
    }
}

/// A policy with one rule `site`, whose body is this.
pub(crate) fn rule(body: &str) -> String {
    format!("package shellproof.rule.site\n\n{body}\n")
}

/// A policy that replaces admission with this verdict.
pub(crate) fn verdict(value: &str) -> String {
    format!("package shellproof.admission\n\nverdict := {value}\n")
}
