use capability::Digest;
use finding::{Audience, Capabilities, Confidence, Incomplete, Inspection, RuleId, Severity};
use serde::Serialize;

/// The fields of the input document: what a policy may name after `input.`.
pub(crate) const FIELDS: &[&str] = &[
    "artifact",
    "capabilities",
    "engine",
    "findings",
    "incomplete",
    "not_tested",
    "tested",
];

/// Locations of one finding that a policy sees.
const MAX_LOCATIONS: usize = 8;

/// What a policy sees of an inspection: all that a decision may rest on. No excerpts, no times.
#[derive(Serialize)]
pub(crate) struct Input<'a> {
    artifact: Artifact<'a>,
    findings: Vec<Finding<'a>>,
    incomplete: &'a [Incomplete],
    capabilities: &'a Capabilities,
    tested: &'a [String],
    not_tested: &'a [String],
    engine: &'a str,
}

#[derive(Serialize)]
struct Artifact<'a> {
    path: &'a str,
    name: &'a str,
    digest: Option<Digest>,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a RuleId,
    severity: Severity,
    confidence: Confidence,
    audience: Audience,
    message: &'a str,
    locations: Vec<Location<'a>>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

impl<'a> From<&'a Inspection> for Input<'a> {
    fn from(inspection: &'a Inspection) -> Self {
        Self {
            artifact: Artifact {
                path: &inspection.path,
                name: &inspection.name,
                digest: inspection.digest,
            },
            findings: inspection.findings.iter().map(Finding::from).collect(),
            incomplete: &inspection.incomplete,
            capabilities: &inspection.capabilities,
            tested: &inspection.tested,
            not_tested: &inspection.not_tested,
            engine: &inspection.engine,
        }
    }
}

impl<'a> From<&'a finding::Finding> for Finding<'a> {
    fn from(f: &'a finding::Finding) -> Self {
        let locations = f.locations.iter().take(MAX_LOCATIONS);
        Self {
            rule: &f.rule,
            severity: f.severity,
            confidence: f.confidence,
            audience: f.audience,
            message: &f.message,
            locations: locations
                .map(|l| Location {
                    path: &l.path,
                    line: l.line,
                })
                .collect(),
        }
    }
}
