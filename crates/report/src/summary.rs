use capability::Decision;
use finding::Report;
use schemars::JsonSchema;
use serde::Serialize;

/// How many artifacts got which decision.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    /// Artifacts that go ahead.
    pub allow: usize,
    /// Artifacts that go ahead with a warning.
    pub warn: usize,
    /// Artifacts that wait for a person or for an inspection.
    pub hold: usize,
    /// Artifacts that do not go ahead.
    pub block: usize,
    /// Artifacts of any decision that could not be looked at in full.
    pub incomplete: usize,
}

impl Summary {
    /// Counts one more.
    pub fn add(&mut self, report: &Report) {
        *match report.verdict.decision {
            Decision::Allow => &mut self.allow,
            Decision::Warn => &mut self.warn,
            Decision::Hold => &mut self.hold,
            Decision::Block => &mut self.block,
        } += 1;
        self.incomplete += usize::from(!report.inspection.incomplete.is_empty());
    }

    /// How many artifacts there are.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.allow + self.warn + self.hold + self.block
    }

    /// How many are held or blocked.
    #[must_use]
    pub const fn stopped(&self) -> usize {
        self.hold + self.block
    }
}

impl<'a> FromIterator<&'a Report> for Summary {
    fn from_iter<I: IntoIterator<Item = &'a Report>>(reports: I) -> Self {
        let mut summary = Self::default();
        reports.into_iter().for_each(|report| summary.add(report));
        summary
    }
}
