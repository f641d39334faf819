//! What a policy answers: the bundled one, a user's over it, and hostile ones.

mod support;

use std::time::Duration;

use capability::{Decision, Status};
use finding::{Confidence, Severity};
use policy::{EvalError, Policy};
use support::{Files, clean, finding, malicious, over_reaching, rule, verdict};

#[test]
fn reasons_read_as_sentences_that_name_rule_and_object() {
    let policy = Policy::bundled();
    let said: Vec<_> = [clean(), over_reaching(), malicious()]
        .iter()
        .map(|inspection| {
            let verdict = policy.admission(inspection);
            format!(
                "{} {}\n  {}",
                verdict.decision,
                verdict.status,
                verdict.reasons.join("\n  ")
            )
        })
        .collect();
    insta::assert_snapshot!(said.join("\n\n"));
}

#[test]
fn an_explanation_names_the_lines_of_the_policy() {
    let explanation = Policy::bundled().explain(&malicious()).unwrap();
    let steps: Vec<_> = explanation
        .steps
        .iter()
        .map(|s| {
            let places: Vec<_> = s
                .places
                .iter()
                .map(|p| format!("{}:{}", p.file, p.line))
                .collect();
            format!(
                "{} by {} at {}",
                s.reason.decision,
                s.path,
                places.join(", ")
            )
        })
        .collect();
    insta::assert_snapshot!(steps.join("\n"));
    assert_eq!(
        explanation.evaluation,
        Policy::bundled().evaluate(&malicious()).unwrap()
    );
}

#[test]
fn the_same_policy_answers_the_same_from_every_thread_and_clone() {
    let policy = Policy::bundled();
    let expected = policy.admission(&malicious());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let policy = policy.clone();
            let expected = &expected;
            scope.spawn(move || {
                for _ in 0..5 {
                    assert_eq!(policy.admission(&malicious()), *expected);
                    assert_eq!(policy.admission(&clean()).decision, Decision::Allow);
                }
            });
        }
    });
    assert_eq!(Policy::bundled().admission(&malicious()), expected);
}

#[test]
fn the_order_of_findings_changes_neither_decision_nor_status() {
    let policy = Policy::bundled();
    let mut reversed = malicious();
    reversed.findings.reverse();
    let (a, b) = (policy.admission(&malicious()), policy.admission(&reversed));
    assert_eq!(
        (a.decision, a.status, a.reasons),
        (b.decision, b.status, b.reasons)
    );
}

#[test]
fn another_finding_never_makes_a_verdict_laxer() {
    let policy = Policy::bundled();
    let severities = [
        Severity::Info,
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ];
    let confidences = [Confidence::Low, Confidence::Medium, Confidence::High];
    let all: Vec<_> = severities
        .iter()
        .flat_map(|s| confidences.iter().map(|c| (*s, *c)))
        .collect();
    let decide = |findings: &[(Severity, Confidence)]| {
        let mut inspection = clean();
        inspection.findings = findings
            .iter()
            .map(|(s, c)| finding("a-rule", *s, *c))
            .collect();
        policy.evaluate(&inspection).unwrap().decision
    };
    for (i, one) in all.iter().enumerate() {
        let alone = decide(&[*one]);
        // Stricter with severity and with confidence.
        for worse in all.iter().filter(|w| w.0 >= one.0 && w.1 >= one.1) {
            assert!(decide(&[*worse]) >= alone, "{worse:?} {one:?}");
        }
        let other = all[(i * 7 + 3) % all.len()];
        assert_eq!(decide(&[*one, other]), alone.max(decide(&[other])));
    }
}

#[test]
fn settings_change_a_verdict_without_rego() {
    let files = Files::new(&[(
        "data.json",
        r#"{"shellproof": {"settings": {
            "matrix": {"medium": {"high": "block"}},
            "rules": {"install-lure": "allow", "credentials-sent-out": "warn"}
        }}}"#,
    )]);
    let policy = files.load().unwrap();
    let mut inspection = malicious();
    inspection.incomplete.clear();
    let evaluation = policy.evaluate(&inspection).unwrap();
    let by: Vec<_> = evaluation
        .reasons
        .iter()
        .map(|r| (r.decision, r.message.split(':').next().unwrap()))
        .collect();
    assert_eq!(
        by,
        [
            (Decision::Block, "raw-address"),
            (Decision::Warn, "credentials-sent-out"),
            (Decision::Allow, "noted, and stopping nothing"),
        ]
    );
    assert_ne!(policy.digest(), Policy::bundled().digest());
}

#[test]
fn an_acceptance_holds_for_its_digest_only() {
    let mut inspection = malicious();
    inspection.incomplete.clear();
    inspection.findings.truncate(1);
    let settings = format!(
        r#"{{"shellproof": {{"settings": {{"accepted": [{{"rule": "credentials-sent-out", "digest": "{}", "because": "read by Ada"}}]}}}}}}"#,
        inspection.digest.unwrap()
    );
    let policy = Files::new(&[("data.json", &settings)]).load().unwrap();
    let accepted = policy.admission(&inspection);
    assert_eq!(accepted.decision, Decision::Allow);
    assert_eq!(
        accepted.reasons,
        ["credentials-sent-out: accepted for this digest: read by Ada"]
    );
    inspection.digest = None;
    assert_eq!(policy.admission(&inspection).decision, Decision::Block);
}

#[test]
fn a_rule_of_the_same_name_replaces_the_bundled_one_and_others_stay() {
    let files = Files::new(&[(
        "over_reach.rego",
        "package shellproof.rule.over_reach\n\nreasons := set()\n",
    )]);
    let policy = files.load().unwrap();
    assert_eq!(policy.admission(&over_reaching()).decision, Decision::Allow);
    assert_eq!(policy.admission(&malicious()).decision, Decision::Block);
    let replaced = policy
        .modules()
        .filter(|m| m.package == "shellproof.rule.over_reach");
    assert_eq!(replaced.count(), 1);
}

#[test]
fn a_rule_of_another_name_adds_to_the_bundled_ones() {
    let text = rule(
        "reasons contains {\"decision\": \"hold\", \"message\": \"nobody knows its name\"} if {\n\tnot input.artifact.name in data.acme.known\n}",
    );
    let files = Files::new(&[
        ("site.rego", &text),
        ("known.json", r#"{"acme": {"known": ["calendar"]}}"#),
    ]);
    let policy = files.load().unwrap();
    let verdict = policy.admission(&clean());
    assert_eq!(
        (verdict.decision, verdict.status),
        (Decision::Hold, Status::Unreviewed)
    );
    assert_eq!(verdict.reasons[0], "nobody knows its name");
    let step = &policy.explain(&clean()).unwrap().steps[0];
    assert_eq!(step.path, "data.shellproof.rule.site.reasons");
    assert_eq!(step.places[0].line, 3);
}

#[test]
fn the_digest_is_of_what_decides_wherever_it_lies() {
    let text = rule("reasons := set()");
    let a = Files::new(&[("site.rego", &text)]).load().unwrap();
    let b = Files::new(&[("deeper/site.rego", &text)]).load().unwrap();
    let tested = Files::new(&[
        ("site.rego", &text),
        ("x_test.rego", "package x\n\ntest_a if true\n"),
    ]);
    assert_eq!(a.digest(), b.digest());
    assert_eq!(a.digest(), tested.load().unwrap().digest());
    let other = Files::new(&[("site.rego", &format!("{text}#\n"))])
        .load()
        .unwrap();
    assert_ne!(a.digest(), other.digest());
    assert_eq!(Policy::load(&[]).unwrap().id(), Policy::bundled().id());
    assert!(a.id().starts_with("bundled+site"), "{}", a.id());
}

#[test]
fn nonsense_from_one_rule_holds_and_names_it() {
    for body in [
        r#"reasons contains {"decision": "blok", "message": "a typo"}"#,
        r#"reasons contains {"decision": "allow"}"#,
        r#"reasons contains "a text""#,
        r#"reasons := "a text""#,
        r#"reasons := [{"decision": "allow", "message": "in an array"}]"#,
        "reasons := null",
    ] {
        let verdict = Files::new(&[("site.rego", &rule(body))])
            .load()
            .unwrap()
            .admission(&clean());
        assert_eq!(verdict.decision, Decision::Hold, "{body}: {verdict:?}");
        assert!(
            verdict.reasons[0].starts_with("rule site "),
            "{body}: {verdict:?}"
        );
    }
}

#[test]
fn an_answer_that_is_no_verdict_blocks_and_says_why() {
    let reason = r#"[{"decision": "allow", "rule": "r", "message": "m"}]"#;
    for (answer, why) in [
        (r#""allow""#.to_owned(), "`reasons` is not an array"),
        ("true".to_owned(), "`reasons` is not an array"),
        ("{}".to_owned(), "`reasons` is not an array"),
        (
            format!(r#"{{"status": "community", "reasons": {reason}}}"#),
            "`decision` is not a string",
        ),
        (
            format!(r#"{{"decision": "Allow", "status": "community", "reasons": {reason}}}"#),
            "`decision` is \"Allow\", not one of allow, warn, hold, block",
        ),
        (
            format!(r#"{{"decision": "allow", "status": "safe", "reasons": {reason}}}"#),
            "`status` is \"safe\"",
        ),
        (
            r#"{"decision": "allow", "status": "community", "reasons": ["fine"]}"#.to_owned(),
            "`decision` is not a string",
        ),
        (
            r#"{"decision": "allow", "status": "community", "reasons": []}"#.to_owned(),
            "at least one reason",
        ),
        (
            format!(r#"{{"decision": "allow", "status": "verified", "reasons": {reason}}}"#),
            "a dynamic trial and a person",
        ),
        (
            format!(r#"{{"decision": "block", "status": "community", "reasons": {reason}}}"#),
            "`rejected` goes with `block`",
        ),
        (
            format!(r#"{{"decision": "allow", "status": "rejected", "reasons": {reason}}}"#),
            "`rejected` goes with `block`",
        ),
    ] {
        let policy = Files::new(&[("site.rego", &verdict(&answer))])
            .load()
            .unwrap();
        let verdict = policy.admission(&clean());
        assert_eq!(verdict.decision, Decision::Block, "{answer}");
        assert_eq!(verdict.status, Status::Unreviewed, "{answer}");
        assert!(verdict.reasons[0].contains(why), "{answer}: {verdict:?}");
        assert!(
            verdict.reasons[0].starts_with("policy bundled+site"),
            "{verdict:?}"
        );
    }
}

#[test]
fn no_policy_passes_what_could_not_be_inspected() {
    let text = verdict(
        r#"{"decision": "allow", "status": "community", "reasons": [{"decision": "allow", "rule": "r", "message": "m"}]}"#,
    );
    let policy = Files::new(&[("site.rego", &text)]).load().unwrap();
    assert_eq!(policy.admission(&clean()).decision, Decision::Allow);
    assert_eq!(policy.admission(&malicious()).decision, Decision::Block);
    assert!(matches!(
        policy.evaluate(&malicious()),
        Err(EvalError::Unsound(_))
    ));
}

#[test]
fn an_undefined_answer_blocks() {
    let text =
        "package shellproof.admission\n\nverdict := 1 if input.artifact.name == \"another\"\n";
    let policy = Files::new(&[("site.rego", text)]).load().unwrap();
    assert!(matches!(
        policy.evaluate(&clean()),
        Err(EvalError::Undefined { .. })
    ));
    let verdict = policy.admission(&clean());
    assert_eq!(verdict.decision, Decision::Block);
    assert!(verdict.reasons[0].contains("`data.shellproof.admission.verdict` is undefined"));
}

#[test]
fn an_error_while_evaluating_blocks_and_names_file_and_line() {
    for condition in [
        "to_number(input.artifact.name) > 0",
        "1 / count(input.findings) > 0",
        "regex.match(\"(\", input.artifact.name)",
        "concat(input.findings, [])",
    ] {
        let body = format!(
            "reasons contains 1 if {{\n\tinput.artifact.name == \"weather\"\n\t{condition}\n}}"
        );
        let body = body.as_str();
        let files = Files::new(&[("site.rego", &rule(body))]);
        let policy = files.load().unwrap();
        let verdict = policy.admission(&clean());
        assert_eq!(verdict.decision, Decision::Block, "{body}: {verdict:?}");
        assert!(
            verdict.reasons[0].contains("site.rego:"),
            "{body}: {verdict:?}"
        );
    }
}

#[test]
fn an_endless_rule_is_stopped_by_the_clock() {
    let loops: String = ('a'..='j')
        .map(|v| format!("\tsome {v} in digits\n"))
        .collect();
    let body = format!(
        "digits := [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n\nreasons contains 1 if {{\n{loops}\ta + j == 99\n}}"
    );
    let policy = Files::new(&[("site.rego", &rule(&body))]).load().unwrap();
    let policy = policy.with_time_limit(Duration::from_millis(50));
    assert!(matches!(
        policy.evaluate(&clean()),
        Err(EvalError::Timeout { .. })
    ));
    let verdict = policy.admission(&clean());
    assert_eq!(verdict.decision, Decision::Block);
    assert!(
        verdict.reasons[0].contains("exceeded its limit of 50ms"),
        "{verdict:?}"
    );
}

#[test]
fn many_and_long_reasons_are_cut_and_counted() {
    let body = "reasons contains {\"decision\": \"warn\", \"message\": concat(\"\", [m | some i in input.tested; m := input.artifact.name])} if true

reasons contains {\"decision\": \"hold\", \"message\": sprintf(\"gap %s\", [t])} if some t in input.tested";
    let policy = Files::new(&[("site.rego", &rule(body))]).load().unwrap();
    let mut inspection = clean();
    inspection.tested = (0..300).map(|i| format!("{i:03}")).collect();
    let evaluation = policy.evaluate(&inspection).unwrap();
    assert_eq!(evaluation.decision, Decision::Hold);
    assert_eq!(evaluation.reasons.len(), 101);
    assert_eq!(evaluation.reasons[0].message, "gap 000");
    assert_eq!(evaluation.reasons[100].message, "and 201 more reasons");

    let body = "reasons contains {\"decision\": \"warn\", \"message\": input.artifact.name}";
    let policy = Files::new(&[("site.rego", &rule(body))]).load().unwrap();
    inspection.name = "ä".repeat(5_000);
    let reason = &policy.evaluate(&inspection).unwrap().reasons[0];
    assert_eq!(reason.message.chars().count(), 601);
    assert!(reason.message.ends_with('…'));
}

#[test]
fn prints_are_kept_with_their_places_and_change_nothing() {
    let body = "reasons contains {\"decision\": \"warn\", \"message\": \"seen\"} if print(\"name is\", input.artifact.name)";
    let evaluation = Files::new(&[("site.rego", &rule(body))])
        .load()
        .unwrap()
        .evaluate(&clean())
        .unwrap();
    assert_eq!(evaluation.decision, Decision::Warn);
    assert_eq!(evaluation.prints.len(), 1);
    assert!(
        evaluation.prints[0].ends_with("site.rego:3: name is weather"),
        "{evaluation:?}"
    );
}

#[test]
fn tests_report_what_passed_failed_and_went_wrong() {
    let files = Files::new(&[
        (
            "site.rego",
            &rule(
                "reasons contains {\"decision\": \"warn\", \"message\": \"m\"} if {\n\tinput.artifact.name == \"weather\"\n}\n\nunused := 1 if {\n\tinput.artifact.name == \"x\"\n}",
            ),
        ),
        (
            "site_test.rego",
            "package site_test

import data.shellproof.rule.site.reasons

test_passes if count(reasons) == 1 with input.artifact.name as \"weather\"

test_fails if {
	print(\"got\", 7)
	count(reasons) == 7 with input.artifact.name as \"weather\"
}

test_errs if to_number(\"x\") == 1

not_a_test if false
",
        ),
    ]);
    let report = files.load().unwrap().test().unwrap();
    assert!(!report.passed());
    let outcomes: Vec<_> = report
        .tests
        .iter()
        .map(|t| {
            let outcome = match &t.outcome {
                policy::Outcome::Error(_) => "error",
                policy::Outcome::Fail => "fail",
                policy::Outcome::Pass => "pass",
            };
            (t.name.as_str(), t.line, outcome)
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            ("data.site_test.test_passes", 5, "pass"),
            ("data.site_test.test_fails", 7, "fail"),
            ("data.site_test.test_errs", 12, "error"),
        ]
    );
    assert!(report.tests[1].prints[0].ends_with("site_test.rego:8: got 7"));
    assert_eq!(report.coverage.len(), 1);
    assert_eq!(report.coverage[0].missed, [7, 8]);
    assert!(
        (report.percent() - 50.0).abs() < 0.1,
        "{}",
        report.percent()
    );
}

#[test]
fn a_policy_without_tests_has_not_passed_them() {
    let report = Files::new(&[("site.rego", &rule("reasons := set()"))])
        .load()
        .unwrap()
        .test()
        .unwrap();
    assert!(report.tests.is_empty());
    assert!(!report.passed());
}
