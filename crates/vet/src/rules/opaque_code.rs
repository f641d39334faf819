use facts::{EffectKind, Value};
use finding::{Confidence, Finding, Location, RuleMeta, Severity};

use crate::rule::declare_rule;
use crate::{Context, Rule};

declare_rule! {
    OpaqueCode = "opaque-code",
    summary: "carries a program that nobody can read",
    severity: Medium, confidence: High, reads: ["files"],
    fix: "Ask for the source, or run it only under a grant that names what it may do.",
    since: "0.1.0",
}

impl Rule for OpaqueCode {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &Context<'_>, out: &mut Vec<Finding>) {
        for gap in cx.facts.gaps.iter().filter(|g| g.cause == META.id.as_str()) {
            let name = gap.path.rsplit('/').next().unwrap_or(&gap.path);
            let runs = cx
                .facts
                .sources
                .iter()
                .any(|s| s.effects.iter().any(|e| starts(&e.kind, name)));
            let (severity, confidence, message) = if runs {
                (
                    Severity::High,
                    Confidence::Medium,
                    format!("runs {}", gap.reason),
                )
            } else {
                (META.severity, META.confidence, gap.reason.clone())
            };
            let finding = Finding::new(&META, message)
                .severity(severity)
                .confidence(confidence);
            out.push(finding.at(Location::file(&gap.path, "the program")));
        }
    }
}

/// Whether an effect starts or loads a file of this name.
fn starts(kind: &EffectKind, name: &str) -> bool {
    let is = |v: &Value| v.rendered().split([' ', '/']).any(|word| word == name);
    match kind {
        EffectKind::Exec { program, args, .. } => is(program) || args.first().is_some_and(is),
        EffectKind::Load { what } => is(what),
        EffectKind::Permission { path, to } => {
            is(path) && (to.contains('x') || to.contains('7') || to.contains('5'))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, passes};

    #[test]
    fn a_program_that_is_run_is_high_and_one_that_lies_there_a_warning() {
        let program = format!("\u{7f}ELF{}", "\u{1}".repeat(200));
        let lies = findings(&OpaqueCode, &[("bin/tool", &program)]);
        assert_eq!(lies[0].severity, Severity::Medium);
        let runs = findings(
            &OpaqueCode,
            &[
                ("bin/tool", &program),
                ("SKILL.md", "```bash\n./bin/tool --all\n```\n"),
            ],
        );
        assert_eq!(runs[0].severity, Severity::High);
    }

    #[test]
    fn readable_code_passes() {
        passes(&OpaqueCode, "```bash\npython3 scripts/tool.py\n```\n");
    }
}
