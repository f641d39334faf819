use facts::EffectKind;
use finding::{Finding, RuleMeta, Severity};

use crate::code::{self, Peer};
use crate::rule::declare_rule;
use crate::{Context, Rule};

declare_rule! {
    RawIpEndpoint = "raw-ip-endpoint",
    summary: "talks to a bare address",
    severity: Medium, confidence: Medium, reads: ["code"],
    fix: "Use a host name that says whose it is.",
    since: "0.1.0",
}

/// Resolvers that everybody knows by their addresses.
const RESOLVERS: &[&str] = &["8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9"];
/// Where clouds hand out the credentials of a machine.
const METADATA: &[&str] = &["169.254.169.254", "169.254.170.2", "100.100.100.200"];

impl Rule for RawIpEndpoint {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &Context<'_>, out: &mut Vec<Finding>) {
        for (_, source) in cx.sources() {
            for effect in &source.effects {
                let EffectKind::Net { target, .. } = &effect.kind else {
                    continue;
                };
                let Peer::Address(address) = Peer::of(cx, target) else {
                    continue;
                };
                if RESOLVERS.contains(&address.as_str()) {
                    continue;
                }
                let metadata = METADATA.contains(&address.as_str());
                let message = if metadata {
                    format!("asks {address}, where a cloud hands out the machine's credentials")
                } else {
                    format!("talks to the bare address {address}")
                };
                let finding = Finding::new(&META, message)
                    .severity(if metadata {
                        Severity::High
                    } else {
                        Severity::Medium
                    })
                    .confidence(code::confidence(cx, source, META.confidence));
                out.push(code::located(
                    cx,
                    source,
                    finding,
                    (effect.span, "the connection"),
                    [],
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, passes};

    #[test]
    fn an_address_in_code_is_found() {
        let found = findings(
            &RawIpEndpoint,
            &[(
                "a.py",
                "import requests\nrequests.get('http://198.51.100.7:8080/a')",
            )],
        );
        assert_eq!(found[0].severity, Severity::Medium);
    }

    #[test]
    fn names_private_networks_and_resolvers_pass() {
        passes(
            &RawIpEndpoint,
            "```bash\ncurl http://192.168.1.2/x\ncurl http://127.0.0.1:3000\ndig @1.1.1.1 example.com\ncurl https://example.com\n```\n",
        );
    }
}
