use std::collections::BTreeMap;

use capability::{Decision, Digest};
use finding::RuleId;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::Complaint;

/// The data document: the bundle's, with a user's merged in.
#[derive(Clone, Default)]
pub(crate) struct Data(Map<String, Value>);

impl Data {
    /// Merges a JSON object in (RFC 7396): objects key by key, anything else replaced, null removed.
    pub(crate) fn merge(&mut self, file: &str, text: &str) -> Result<(), Complaint> {
        let patch = match serde_json::from_str(text) {
            Ok(Value::Object(patch)) => patch,
            Ok(_) => {
                return Err(Complaint::file(
                    file,
                    "not a JSON object",
                    "write {\"shellproof\": {\"settings\": …}} or data of your own under a name of its own",
                ));
            }
            Err(e) => {
                return Err(Complaint {
                    file: file.to_owned(),
                    line: u32::try_from(e.line()).unwrap_or(u32::MAX),
                    column: u32::try_from(e.column()).unwrap_or(u32::MAX),
                    message: format!("not JSON: {e}"),
                    fix: String::new(),
                });
            }
        };
        merge(&mut self.0, patch);
        self.check().map_err(|message| {
            Complaint::file(
                file,
                format!("data.shellproof.settings: {message}"),
                "see the policy guide for what each setting may be",
            )
        })
    }

    /// Refuses settings that the bundled rules would silently not find.
    fn check(&self) -> Result<(), String> {
        let shellproof = self.0.get("shellproof").and_then(Value::as_object);
        let settings = shellproof
            .and_then(|s| s.get("settings"))
            .ok_or("missing")?;
        if let Some(other) = shellproof
            .into_iter()
            .flatten()
            .map(|(k, _)| k)
            .find(|k| *k != "settings")
        {
            return Err(format!("data.shellproof.{other} is not a setting"));
        }
        let settings = Settings::deserialize(settings).map_err(|e| e.to_string())?;
        match settings
            .accepted
            .iter()
            .find(|a| a.because.trim().is_empty())
        {
            Some(a) => Err(format!(
                "accepted: {} for {} says no `because`",
                a.rule, a.digest
            )),
            None => Ok(()),
        }
    }

    /// The value at a path, and nothing where a part of it is missing.
    pub(crate) fn get(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter()
            .try_fold(self.0.get(*first)?, |value, key| value.get(key))
    }

    /// Whether data stands where a package of this path has its rules.
    pub(crate) fn hides(&self, package: &[&str]) -> bool {
        (1..=package.len()).any(|n| match self.get(&package[..n]) {
            Some(value) => n == package.len() || !value.is_object(),
            None => false,
        })
    }

    /// As compact JSON, keys in order.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(&self.0).expect("a JSON value has only string keys")
    }
}

/// Recursion ends: `serde_json` refuses to read more than 128 levels.
fn merge(into: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (key, value) in patch {
        match value {
            Value::Null => drop(into.remove(&key)),
            Value::Object(patch) => {
                let slot = into.entry(key).or_insert_with(|| Map::new().into());
                if !slot.is_object() {
                    *slot = Map::new().into();
                }
                if let Value::Object(into) = slot {
                    merge(into, patch);
                }
            }
            value => drop(into.insert(key, value)),
        }
    }
}

/// What `data.shellproof.settings` may be. Rego reads it; this only finds at load what would be
/// silently undefined there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read by Rego; here only its shape matters")]
struct Settings {
    matrix: BySeverity,
    audience: ByAudience,
    rules: BTreeMap<RuleId, Decision>,
    accepted: Vec<Accepted>,
    over_reach: OverReach,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "as above")]
struct BySeverity {
    critical: ByConfidence,
    high: ByConfidence,
    medium: ByConfidence,
    low: ByConfidence,
    info: ByConfidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "as above")]
struct ByConfidence {
    high: Decision,
    medium: Decision,
    low: Decision,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "as above")]
struct ByAudience {
    user: Decision,
    reviewer: Decision,
    author: Decision,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    rule: RuleId,
    digest: Digest,
    because: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "as above")]
struct OverReach {
    decision: Decision,
    dangerous_decision: Decision,
    dangerous: Vec<String>,
}
