use capability::{CapabilitySet, Decision, Digest, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Finding, RuleId};

/// Something that could not be looked at. Policy never lets an artifact pass over one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Incomplete {
    /// The rule that names the cause: `unreadable-file`, `oversized-file`, `worker-died`, …
    pub rule: RuleId,
    /// Path inside the artifact; nothing where it concerns the artifact as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The cause, the object and the fix.
    pub reason: String,
}

/// What an artifact says it needs, what was inferred from its contents, and the over-reach.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Capabilities {
    /// By its own manifest.
    pub declared: CapabilitySet,
    /// By static analysis: the least that covers what was seen.
    pub inferred: CapabilitySet,
    /// Inferred and not declared. Empty where nothing is declared at all: see `declares`.
    pub over_reach: CapabilitySet,
    /// Whether the artifact declares permissions at all (few do).
    pub declares: bool,
    /// Effects whose object is known only when they happen, in words: no inferred set covers them.
    #[serde(default)]
    pub unresolved: Vec<String>,
}

/// What an artifact was found to be, before anybody judged it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Inspection {
    /// The path as it was given.
    pub path: String,
    /// The name that the artifact gives itself, or its directory's.
    pub name: String,
    /// What it is pinned by. Nothing where it could not be read as a whole.
    pub digest: Option<Digest>,
    /// What was found, worst first.
    pub findings: Vec<Finding>,
    /// What could not be looked at.
    pub incomplete: Vec<Incomplete>,
    /// Declared, inferred, over-reach.
    pub capabilities: Capabilities,
    /// What was tested: `static:shell`, `static:prose`, …
    pub tested: Vec<String>,
    /// What was not: `dynamic`, …
    pub not_tested: Vec<String>,
    /// Version of the engine and of its rules.
    pub engine: String,
    /// How long it took, in microseconds.
    pub elapsed_us: u64,
}

impl Inspection {
    /// What a verdict or a grant rests on: the digest of the inspection without what differs from
    /// one run to the next over the same bytes (the path and the time it took).
    #[must_use]
    pub fn evidence(&self) -> Digest {
        let same = Self {
            path: String::new(),
            elapsed_us: 0,
            ..self.clone()
        };
        Digest::of(&serde_json::to_vec(&same).expect("an inspection has only string keys"))
    }
}

/// A decision over an inspection, with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// What happens.
    pub decision: Decision,
    /// What is known.
    pub status: Status,
    /// Why, one sentence each, naming the rule or the cause; never empty.
    pub reasons: Vec<String>,
    /// Which policy decided: its name and digest.
    pub policy: String,
}

/// One artifact in every machine-readable output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// What was found.
    #[serde(flatten)]
    pub inspection: Inspection,
    /// What follows from it.
    #[serde(flatten)]
    pub verdict: Verdict,
}
