//! What every rule, check, probe and detector reports.
//!
//! A finding is a fact with evidence. It carries severity, confidence and audience as three
//! fields, never one score; what follows from findings is policy.

mod inspection;
mod location;
mod rule;

pub use inspection::{Capabilities, Incomplete, Inspection, Report, Verdict};
pub use location::{Excerpt, Location, LocationKind, Span, is_invisible};
pub use rule::{Audience, Confidence, RuleId, RuleMeta, Severity};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One thing that a rule, check, probe or detector found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Which rule found it.
    pub rule: RuleId,
    /// How bad it is if it is true.
    pub severity: Severity,
    /// How likely it is to be true.
    pub confidence: Confidence,
    /// Who wants to see it.
    pub audience: Audience,
    /// One sentence that names the object and what it does.
    pub message: String,
    /// Where to look, in the order in which a reader should; the first is the primary one.
    pub locations: Vec<Location>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

impl Finding {
    /// A finding of this rule, with the rule's own severity, confidence, audience and fix.
    #[must_use]
    pub fn new(rule: &RuleMeta, message: impl Into<String>) -> Self {
        Self {
            rule: rule.id.clone(),
            severity: rule.severity,
            confidence: rule.confidence,
            audience: Audience::User,
            message: message.into(),
            locations: Vec::new(),
            fix: (!rule.fix.is_empty()).then(|| rule.fix.to_owned()),
        }
    }

    /// Adds where to look.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.locations.push(location);
        self
    }

    /// Says how bad this instance is.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Says how likely this instance is to be true.
    #[must_use]
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// Says who wants to see this instance.
    #[must_use]
    pub fn audience(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }
}
