use facts::{Language, LiteralKind};
use finding::Finding;

use crate::{Context, Rule, place::Place, rule::declare_rule};

declare_rule! {
    AgentImpersonation = "agent-impersonation",
    summary: "sends to a host that poses as the agent's makers",
    severity: High, confidence: Medium, reads: ["prose"],
    fix: "Do not open it. The agent and its tools come from its makers, by the way in which you installed it.",
    since: "0.1.0",
}

impl Rule for AgentImpersonation {
    fn meta(&self) -> &'static finding::RuleMeta {
        &META
    }

    fn check(&self, cx: &Context<'_>, out: &mut Vec<Finding>) {
        for source in cx
            .facts
            .sources
            .iter()
            .filter(|s| s.language == Language::Prose)
        {
            let posing = source
                .literals
                .iter()
                .filter(|l| matches!(l.kind, LiteralKind::Url | LiteralKind::Host))
                .find(|l| {
                    Place::parse(&l.text)
                        .is_some_and(|p| p.poses_as_agents() && !p.is_home_of(cx.artifact))
                });
            if let Some(url) = posing {
                out.push(Finding::new(&META, format!("sends to {}, which is named like a part of the agent and is not its makers'", url.text)).at(cx.location(source, url.span, "not the agent's makers")));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AgentImpersonation;
    use crate::rules::testing::{finds, passes};

    #[test]
    fn a_host_that_poses_as_the_agents_is_found() {
        finds(
            &AgentImpersonation,
            "# Notes\n\n## Overview\n\nhttps://openclaw-cli.example/\nTakes notes.\n",
        );
        finds(
            &AgentImpersonation,
            "# Notes\n\n[Setup](https://clawhubcli.vercel.app/get)\n",
        );
    }

    #[test]
    fn the_makers_and_what_is_made_for_the_agent_pass() {
        passes(
            &AgentImpersonation,
            "# Notes\n\nSee https://docs.openclaw.ai/cli, https://github.com/openclaw/openclaw and https://openclaw-dashboard.example/.\n",
        );
    }
}
