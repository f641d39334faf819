use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use regorus::Value;
use serde::Serialize;

use crate::admission::{Policy, timer};
use crate::bundle::Origin;
use crate::error::PolicyError;
use crate::lint;

/// What one test came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "outcome", content = "cause")]
pub enum Outcome {
    /// It is true.
    Pass,
    /// It is undefined, or anything but true.
    Fail,
    /// It could not be evaluated.
    Error(String),
}

/// One `test_*` rule of a `*_test.rego` file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TestResult {
    /// Its full path: `data.<package>.test_…`.
    pub name: String,
    /// Its file.
    pub file: String,
    /// Line of its head.
    pub line: u32,
    /// What it came to.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// How long it took.
    pub elapsed: Duration,
    /// What it printed, each line with its place.
    pub prints: Vec<String>,
}

/// Which lines of a file the tests evaluated. Lines without an expression count neither way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The file.
    pub file: String,
    /// How many lines were evaluated.
    pub covered: usize,
    /// Those that were not.
    pub missed: Vec<u32>,
}

/// What the tests of a policy came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TestReport {
    /// In the order of their files and lines.
    pub tests: Vec<TestResult>,
    /// Of every file that is not a test.
    pub coverage: Vec<Coverage>,
}

impl TestReport {
    /// Whether there are tests and all passed.
    #[must_use]
    pub fn passed(&self) -> bool {
        !self.tests.is_empty() && self.tests.iter().all(|t| t.outcome == Outcome::Pass)
    }

    /// Share of the lines that the tests evaluated, from 0 to 100; 100 where there are none.
    #[must_use]
    pub fn percent(&self) -> f64 {
        let covered: usize = self.coverage.iter().map(|c| c.covered).sum();
        let missed: usize = self.coverage.iter().map(|c| c.missed.len()).sum();
        if covered + missed == 0 {
            return 100.0;
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "a policy has far fewer than 2^52 lines"
        )]
        let percent = covered as f64 * 100.0 / (covered + missed) as f64;
        percent
    }
}

impl Policy {
    /// Runs the tests beside the policy: a user's own, or the bundle's where it is the bundled one.
    /// Each runs alone, under the time limit of an evaluation.
    ///
    /// # Errors
    ///
    /// What [`Policy::load`] would refuse, were it to load the tests too.
    pub fn test(&self) -> Result<TestReport, PolicyError> {
        let mut engine = lint::engine(self.bundle(), |_| true).map_err(PolicyError::Refused)?;
        engine.set_execution_timer_config(timer(self.time_limit()));
        engine.set_enable_coverage(true);

        let mut tests = Vec::new();
        let mut covered: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
        for ((file, line), name) in &self.index().tests {
            let mut engine = engine.clone();
            let start = Instant::now();
            let outcome = match engine.eval_rule(name.clone()) {
                Ok(value) if value == Value::from(true) => Outcome::Pass,
                Ok(_) => Outcome::Fail,
                Err(e) => Outcome::Error(self.failure(&e).to_string()),
            };
            let elapsed = start.elapsed();
            for file in engine
                .get_coverage_report()
                .map(|r| r.files)
                .unwrap_or_default()
            {
                covered.entry(file.path).or_default().extend(file.covered);
            }
            tests.push(TestResult {
                name: name.clone(),
                file: file.clone(),
                line: *line,
                outcome,
                elapsed,
                prints: engine.take_prints().unwrap_or_default(),
            });
        }
        let measured =
            self.bundle().modules.iter().filter(|m| {
                !m.is_test() && (m.origin == Origin::User || self.bundle().is_bundled())
            });
        let coverage = measured
            .map(|m| {
                let all = self.index().lines.get(&m.file).cloned().unwrap_or_default();
                let covered = covered.remove(&m.file).unwrap_or_default();
                let missed: Vec<u32> = all.difference(&covered).copied().collect();
                Coverage {
                    file: m.file.clone(),
                    covered: all.len() - missed.len(),
                    missed,
                }
            })
            .collect();
        Ok(TestReport { tests, coverage })
    }
}
