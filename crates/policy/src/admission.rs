use std::fmt::Display;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use capability::{Decision, Digest, Status};
use finding::{Capabilities, Inspection, Verdict};
use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, Value};
use serde::Serialize;

use crate::bundle::{Bundle, Module};
use crate::error::{EvalError, PolicyError};
use crate::input::Input;
use crate::lint::{self, Index};

/// The rule that is asked.
pub(crate) const ENTRY: &str = "data.shellproof.admission.verdict";
/// Far above what any decision takes (see the example `speed`), so that a slow machine is no
/// reason to stop an artifact.
const TIME_LIMIT: Duration = Duration::from_secs(2);
/// Reasons that a verdict carries; the worst come first and the rest is counted.
const MAX_REASONS: usize = 100;
/// Characters of one reason.
const MAX_MESSAGE: usize = 600;

/// A policy, checked and compiled. Clones share what was compiled.
#[derive(Clone)]
pub struct Policy {
    bundle: Bundle,
    digest: Digest,
    engine: Engine,
    index: Index,
    time_limit: Duration,
}

/// What a policy answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evaluation {
    /// What happens.
    pub decision: Decision,
    /// What is known.
    pub status: Status,
    /// Why, worst first; never empty.
    pub reasons: Vec<Reason>,
    /// What the policy printed, each line with its place.
    pub prints: Vec<String>,
}

/// One reason of an [`Evaluation`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What it alone would lead to.
    pub decision: Decision,
    /// The rule that gave it: the `<name>` of its package `shellproof.rule.<name>`.
    pub rule: String,
    /// One sentence.
    pub message: String,
}

impl Policy {
    /// The policy that is compiled in.
    #[must_use]
    pub fn bundled() -> Self {
        Self::compile(Bundle::bundled()).expect("a test loads the bundled policy")
    }

    /// The bundled policy with these files and directories (`.rego`, `.json`) laid over it, in
    /// this order; the bundled one alone where there are none.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or everything that is wrong with the policy as a whole.
    pub fn load(paths: &[PathBuf]) -> Result<Self, PolicyError> {
        Self::compile(Bundle::overlaid(paths)?)
    }

    fn compile(mut bundle: Bundle) -> Result<Self, PolicyError> {
        let index = lint::check(&mut bundle).map_err(PolicyError::Refused)?;
        let mut engine = lint::engine(&bundle, |m| !m.is_test()).map_err(PolicyError::Refused)?;
        engine
            .compile_with_entrypoint(&ENTRY.into())
            .map_err(|e| PolicyError::Refused(vec![lint::complaint(&bundle.name, &e)]))?;
        let policy = Self {
            digest: bundle.digest(),
            bundle,
            engine,
            index,
            time_limit: TIME_LIMIT,
        };
        // Recursion and contradictions are found by evaluating, not by parsing.
        match policy.evaluate(&nothing()) {
            Err(EvalError::Engine(complaint)) => Err(PolicyError::Refused(vec![complaint])),
            _ => Ok(policy),
        }
    }

    /// The same policy with another limit on the time of one evaluation (default: 2 s).
    #[must_use]
    pub fn with_time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Its name and digest, as they stand in every verdict: `bundled@sha256:…`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}@{}", self.bundle.name, self.digest)
    }

    /// Pins its modules (not its tests) and its data.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// What it is made of, after replacement.
    pub fn modules(&self) -> impl Iterator<Item = &Module> {
        self.bundle.modules.iter()
    }

    /// Decides. A policy that gives no usable answer blocks: nothing goes ahead, nor to a person
    /// for approval, before the policy is mended. The status is then `unreviewed`, since nothing
    /// is known against the artifact.
    #[must_use]
    pub fn admission(&self, inspection: &Inspection) -> Verdict {
        match self.evaluate(inspection) {
            Ok(evaluation) => Verdict {
                decision: evaluation.decision,
                status: evaluation.status,
                reasons: evaluation.reasons.into_iter().map(|r| r.message).collect(),
                policy: self.id(),
            },
            Err(e) => Verdict {
                decision: Decision::Block,
                status: Status::Unreviewed,
                reasons: vec![format!("policy {} failed: {e}", self.bundle.name)],
                policy: self.id(),
            },
        }
    }

    /// Decides, and says which rule gave which reason.
    ///
    /// # Errors
    ///
    /// Any that [`Policy::admission`] answers with a block.
    pub fn evaluate(&self, inspection: &Inspection) -> Result<Evaluation, EvalError> {
        self.evaluate_in(&mut self.engine.clone(), inspection)
    }

    pub(crate) fn evaluate_in(
        &self,
        engine: &mut Engine,
        inspection: &Inspection,
    ) -> Result<Evaluation, EvalError> {
        let input = serde_json::to_string(&Input::from(inspection))
            .expect("an inspection has only string keys");
        engine.set_execution_timer_config(timer(self.time_limit));
        let answer = Value::from_json_str(&input)
            .and_then(|input| {
                engine.set_input(input);
                engine.eval_rule(ENTRY.to_owned())
            })
            .map_err(|e| self.failure(&e))?;
        let mut evaluation = parse(&answer)?;
        evaluation.prints = engine.take_prints().unwrap_or_default();
        sound(&evaluation, inspection)?;
        Ok(evaluation)
    }

    pub(crate) fn failure(&self, error: &dyn Display) -> EvalError {
        // The engine's error for an exceeded limit, wherever it surfaced.
        if error.to_string().contains("execution exceeded time limit") {
            return EvalError::Timeout {
                limit: self.time_limit,
            };
        }
        EvalError::Engine(lint::complaint(&self.bundle.name, error))
    }

    pub(crate) fn engine(&self) -> Engine {
        self.engine.clone()
    }

    pub(crate) fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    pub(crate) fn time_limit(&self) -> Duration {
        self.time_limit
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }
}

/// An inspection that neither tested nor found anything.
fn nothing() -> Inspection {
    Inspection {
        path: String::new(),
        name: String::new(),
        digest: None,
        findings: Vec::new(),
        incomplete: Vec::new(),
        capabilities: Capabilities::default(),
        tested: Vec::new(),
        not_tested: Vec::new(),
        engine: String::new(),
        elapsed_us: 0,
    }
}

/// Looks at the clock often enough for milliseconds, seldom enough not to cost them.
pub(crate) fn timer(limit: Duration) -> ExecutionTimerConfig {
    ExecutionTimerConfig {
        limit,
        check_interval: CHECK_INTERVAL,
    }
}
const CHECK_INTERVAL: NonZeroU32 = NonZeroU32::new(64).expect("not zero");

fn parse(answer: &Value) -> Result<Evaluation, EvalError> {
    if *answer == Value::Undefined {
        return Err(EvalError::Undefined { entry: ENTRY });
    }
    let answered = answer["reasons"]
        .as_array()
        .map_err(|_| EvalError::Shape("`reasons` is not an array".to_owned()))?;
    let mut reasons = answered
        .iter()
        .take(MAX_REASONS)
        .map(|r| {
            Ok(Reason {
                decision: word(r, "decision", &DECISIONS, Decision::as_str)?,
                rule: text(r, "rule")?.chars().take(MAX_MESSAGE).collect(),
                message: cut(text(r, "message")?),
            })
        })
        .collect::<Result<Vec<_>, EvalError>>()?;
    let more = answered.iter().count() - reasons.len();
    if let Some(last) = reasons.last().filter(|_| more > 0).cloned() {
        reasons.push(Reason {
            message: format!("and {more} more reasons"),
            ..last
        });
    }
    Ok(Evaluation {
        decision: word(answer, "decision", &DECISIONS, Decision::as_str)?,
        status: word(answer, "status", &STATUSES, Status::as_str)?,
        reasons,
        prints: Vec::new(),
    })
}

const DECISIONS: [Decision; 4] = [
    Decision::Allow,
    Decision::Warn,
    Decision::Hold,
    Decision::Block,
];
const STATUSES: [Status; 4] = [
    Status::Rejected,
    Status::Unreviewed,
    Status::Community,
    Status::Verified,
];

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str, EvalError> {
    match value[key].as_string() {
        Ok(text) => Ok(text),
        Err(_) => Err(EvalError::Shape(format!("`{key}` is not a string"))),
    }
}

fn word<T: Copy>(
    value: &Value,
    key: &str,
    words: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<T, EvalError> {
    let found = text(value, key)?;
    words
        .iter()
        .copied()
        .find(|w| name(*w) == found)
        .ok_or_else(|| {
            let known: Vec<_> = words.iter().map(|w| name(*w)).collect();
            EvalError::Shape(format!(
                "`{key}` is {:?}, not one of {}",
                cut(found),
                known.join(", ")
            ))
        })
}

fn cut(message: &str) -> String {
    match message.char_indices().nth(MAX_MESSAGE) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message.to_owned(),
    }
}

/// What no policy may decide otherwise.
fn sound(evaluation: &Evaluation, inspection: &Inspection) -> Result<(), EvalError> {
    let rejected = evaluation.status == Status::Rejected;
    let broken = if evaluation.reasons.is_empty() {
        "a verdict has at least one reason"
    } else if !inspection.incomplete.is_empty() && !evaluation.decision.stops() {
        "an artifact that could not be inspected as a whole is held or blocked"
    } else if evaluation.status == Status::Verified {
        "`verified` takes a dynamic trial and a person, and admission has neither"
    } else if rejected != (evaluation.decision == Decision::Block) {
        "`rejected` goes with `block`, and only with it"
    } else {
        return Ok(());
    };
    Err(EvalError::Unsound(broken))
}
