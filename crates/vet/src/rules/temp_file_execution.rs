use facts::{Destination, Origination};
use finding::{Confidence, Finding, RuleMeta, Severity};

use crate::rule::declare_rule;
use crate::{Context, Rule, code};

declare_rule! {
    TempFileExecution = "temp-file-execution",
    summary: "runs code from a file that anybody can write",
    severity: Medium, confidence: Medium, reads: ["flows"],
    fix: "Keep code in the skill, where it is inspected and pinned.",
    since: "0.1.0",
}

impl Rule for TempFileExecution {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &Context<'_>, out: &mut Vec<Finding>) {
        for (_, source) in cx.sources() {
            for flow in &source.flows {
                let (Origination::File(path), Destination::Eval(_)) =
                    (&flow.from.what, &flow.to.what)
                else {
                    continue;
                };
                let shown = path.rendered();
                let Some(name) = ["/tmp/", "/var/tmp/", "/dev/shm/"]
                    .iter()
                    .find_map(|dir| shown.strip_prefix(dir))
                else {
                    continue;
                };
                // A file that hides is not one that the code above it made for its own use.
                let severity = if name.starts_with('.') {
                    Severity::High
                } else {
                    META.severity
                };
                let finding = Finding::new(&META, format!("runs as code whatever is in {shown}"))
                    .severity(severity)
                    .confidence(code::confidence(cx, source, Confidence::Medium));
                let steps = code::steps(flow, "it is read here");
                out.push(code::located(
                    cx,
                    source,
                    finding,
                    (flow.to.span, "it becomes code here"),
                    steps,
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
    fn a_hidden_file_that_becomes_code_is_high() {
        let found = findings(
            &TempFileExecution,
            &[(
                "a.py",
                "eval(compile(open('/tmp/.state').read(), '<x>', 'exec'))",
            )],
        );
        assert_eq!(found[0].severity, Severity::High);
    }

    #[test]
    fn the_skills_own_code_passes() {
        passes(
            &TempFileExecution,
            "```python\nexec(open('scripts/setup.py').read())\n```\n",
        );
    }
}
