use std::collections::BTreeSet;

use finding::Inspection;
use serde::Serialize;

use crate::admission::{ENTRY, Evaluation, Policy, Reason};
use crate::error::EvalError;

/// Why a policy decided as it did, with the places in the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The policy's name and digest.
    pub policy: String,
    /// What it answered.
    #[serde(flatten)]
    pub evaluation: Evaluation,
    /// One for each reason, in its order.
    pub steps: Vec<Step>,
}

/// Where one reason comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The reason.
    #[serde(flatten)]
    pub reason: Reason,
    /// The path of the policy rule: `data.shellproof.rule.<name>.reasons`, or admission's own
    /// where no such rule is there.
    pub path: String,
    /// The heads of that rule that gave reasons; empty for admission's own.
    pub places: Vec<Place>,
}

/// A line of a policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The file.
    pub file: String,
    /// Line from 1.
    pub line: u32,
}

impl Policy {
    /// Decides as [`Policy::evaluate`] does, and says which lines of the policy did it.
    ///
    /// # Errors
    ///
    /// As [`Policy::evaluate`].
    pub fn explain(&self, inspection: &Inspection) -> Result<Explanation, EvalError> {
        let mut engine = self.engine();
        engine.set_enable_coverage(true);
        let evaluation = self.evaluate_in(&mut engine, inspection)?;
        let coverage = engine.get_coverage_report().map_err(|e| self.failure(&e))?;
        let covered: BTreeSet<(&str, u32)> = coverage
            .files
            .iter()
            .flat_map(|f| f.covered.iter().map(|line| (f.path.as_str(), *line)))
            .collect();
        let step = |reason: &Reason| {
            let sites = || self.index().sites.iter().filter(|s| s.rule == reason.rule);
            let path = match sites().next() {
                Some(_) => format!("data.shellproof.rule.{}.reasons", reason.rule),
                None => ENTRY.to_owned(),
            };
            let places = sites()
                .filter(|s| covered.contains(&(s.file.as_str(), s.value_line)))
                .map(|s| Place {
                    file: s.file.clone(),
                    line: s.line,
                })
                .collect();
            Step {
                reason: reason.clone(),
                path,
                places,
            }
        };
        let steps = evaluation.reasons.iter().map(step).collect();
        Ok(Explanation {
            policy: self.id(),
            evaluation,
            steps,
        })
    }
}
