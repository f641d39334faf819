use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The one decision type: admission, run, egress and approval all answer with it.
///
/// Ordered by strictness, so that `max` of several decisions is the one that holds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Goes ahead.
    Allow,
    /// Goes ahead, and a person is told why they might mind.
    Warn,
    /// Waits for a person, or for an inspection that could not be completed.
    Hold,
    /// Does not go ahead.
    Block,
}

impl Decision {
    /// The word used in every output: `allow`, `warn`, `hold` or `block`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Hold => "hold",
            Self::Block => "block",
        }
    }

    /// Whether the artifact is stopped: held or blocked.
    #[must_use]
    pub fn stops(self) -> bool {
        self >= Self::Hold
    }
}

impl std::fmt::Display for Decision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// What is known about an artifact, as a badge: never better than what was tested.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// A gate failed.
    Rejected,
    /// A gate could not be completed, or none ran.
    Unreviewed,
    /// The automatic gates passed.
    Community,
    /// Static and dynamic gates passed and a named person reviewed it.
    Verified,
}

impl Status {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Unreviewed => "unreviewed",
            Self::Community => "community",
            Self::Verified => "verified",
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
