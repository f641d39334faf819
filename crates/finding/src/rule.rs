use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A rule's name: kebab-case, reads well after "allow". Renaming one is a breaking change.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct RuleId(Cow<'static, str>);

impl RuleId {
    /// An id known at compile time.
    #[must_use]
    pub const fn new(id: &'static str) -> Self {
        Self(Cow::Borrowed(id))
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for RuleId {
    fn from(id: String) -> Self {
        Self(Cow::Owned(id))
    }
}

impl std::fmt::Display for RuleId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// How bad a finding is if it is true.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; harms nobody.
    Info,
    /// Weakens something.
    Low,
    /// Could harm with something else.
    Medium,
    /// Harms.
    High,
    /// Harms at once and badly: keys, money, control of the machine.
    Critical,
}

impl Severity {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// How likely a finding is to be true.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A pattern that benign artifacts share.
    Low,
    /// More likely true than not.
    Medium,
    /// The evidence shows it.
    High,
}

impl Confidence {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// Who wants to see a finding: how many that turn out not to matter the reader tolerates.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Everybody.
    User,
    /// Somebody who reviews the artifact line by line.
    Reviewer,
    /// The artifact's author.
    Author,
}

/// What a rule declares about itself, once; the reference pages, `explain` and SARIF are made
/// from it.
#[derive(Debug, Clone, Serialize)]
pub struct RuleMeta {
    /// Its name.
    pub id: RuleId,
    /// One line: what it finds.
    pub summary: &'static str,
    /// Severity of a finding that does not say otherwise.
    pub severity: Severity,
    /// Confidence of a finding that does not say otherwise.
    pub confidence: Confidence,
    /// What it reads: `prose`, `code`, `flows`, `metadata`, `files`, …
    pub reads: &'static [&'static str],
    /// The page in Markdown: what it does, why it matters, an example that it finds, one that it
    /// does not, and how to fix it.
    pub docs: &'static str,
    /// One line: what to do about a finding.
    pub fix: &'static str,
    /// The version that first had it.
    pub since: &'static str,
    /// The source file that declares it.
    pub file: &'static str,
}
