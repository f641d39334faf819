//! The authority of this process, put together from key, ledger and policy; and what is recorded
//! through it.

use std::path::Path;

use anyhow::{Context as _, Result};
use authority::{Authority as _, DecideRequest, DecideResponse, Decider, Local};
use finding::{Inspection, Report};
use ledger::{Event, kind};
use policy::Policy;

/// Answers the authority's questions by policy.
struct ByPolicy(Policy);

impl Decider for ByPolicy {
    fn decide(&self, request: DecideRequest) -> Result<DecideResponse, String> {
        if request.policy != "admission" {
            return Err(format!(
                "there is no policy {:?}, only \"admission\"",
                request.policy
            ));
        }
        let inspection: Inspection = serde_json::from_value(request.input)
            .map_err(|error| format!("the input is not an inspection: {error}"))?;
        let verdict = self.0.admission(&inspection);
        Ok(DecideResponse {
            decision: verdict.decision,
            status: verdict.status,
            reasons: verdict.reasons,
            policy: verdict.policy,
        })
    }
}

/// Whoever holds the keys, as far as the command line needs it.
pub(super) struct Recorder {
    pub(super) authority: Local,
}

impl Recorder {
    /// The authority whose state is in this directory, made on first use.
    pub(super) fn open(state: &Path, policy: Policy) -> Result<Self> {
        let authority = Local::open(state, Box::new(ByPolicy(policy)))
            .with_context(|| format!("the state in {} cannot be used", state.display()))?;
        Ok(Self { authority })
    }

    /// Records verdicts; when this returns, they are durable.
    pub(super) fn vets(&self, reports: &[Report]) -> Result<()> {
        let actor = actor();
        let events = reports.iter().map(|report| vet(report, &actor)).collect();
        self.authority.append(events)?;
        Ok(())
    }
}

fn vet(report: &Report, actor: &str) -> Event {
    let Report {
        inspection,
        verdict,
    } = report;
    let mut rules: Vec<_> = inspection
        .findings
        .iter()
        .map(|f| f.rule.as_str())
        .collect();
    rules.dedup();
    let subject = inspection
        .digest
        .map_or_else(|| inspection.path.clone(), |d| d.to_string());
    let body = serde_json::json!({
        "name": inspection.name,
        "path": inspection.path,
        "decision": verdict.decision,
        "status": verdict.status,
        "reasons": verdict.reasons,
        "policy": verdict.policy,
        "rules": rules,
        "incomplete": inspection.incomplete,
        "evidence": inspection.evidence(),
        "engine": inspection.engine,
    });
    Event::now(kind::VET, actor, subject, body)
}

/// Who runs this: the name of the effective user, or its number where it has none.
pub(super) fn actor() -> String {
    let uid = rustix::process::geteuid().as_raw();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid.to_string()).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| format!("uid {uid}"))
}
