//! What is refused when a policy is loaded, and what is said then.

mod support;

use policy::{Policy, PolicyError};
use support::{Files, rule, verdict};

fn refused(files: &[(&str, &str)]) -> String {
    let complaints = Files::new(files).complaints();
    complaints
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

fn refused_rule(body: &str) -> String {
    refused(&[("site.rego", &rule(body))])
}

#[test]
fn a_builtin_that_the_engine_lacks_or_a_verdict_may_not_rest_on_is_refused() {
    for call in [
        "http.send({\"method\": \"get\", \"url\": \"https://example.com\"})",
        "opa.runtime()",
        "io.jwt.decode(\"a.b.c\")",
        "crypto.sha256(\"a\")",
        "crypto.x509.parse_certificates(\"a\")",
        "net.lookup_ip_addr(\"example.com\")",
        "net.cidr_expand(\"10.0.0.0/8\")",
        "net.cidr_intersects(\"10.0.0.0/8\", \"10.1.0.0/16\")",
        "regex.globs_match(\"a*\", \"ab\")",
        "rego.metadata.rule()",
        "strings.render_template(\"a\", {})",
        "time.now_ns()",
        "rand.intn(\"seed\", 6)",
        "uuid.rfc4122(\"seed\")",
        "numbers.range(0, 10)",
        "graph.reachable({}, [])",
        "yaml.unmarshal(\"a: 1\")",
        "walk(input.findings)",
        "trace(\"a\")",
        "test.sleep(\"1s\")",
        "no_such_function(1)",
        "data.shellproof.decision.no_such_function(1)",
    ] {
        let name = call.split('(').next().unwrap();
        let said = refused_rule(&format!("reasons contains 1 if {call}"));
        assert!(
            said.starts_with(&format!("site.rego:3:23: `{name}` ")),
            "{call}: {said}"
        );
        assert!(said.contains("; "), "says what to do instead: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn a_builtin_is_found_wherever_it_hides() {
    for body in [
        "reasons := {http.send({})}",
        "reasons := {x | x := http.send({})}",
        "reasons := {x: 1 | x := http.send({})}",
        "reasons := [x | x := [http.send({})]]",
        "reasons := 1 if { count(http.send({})) > 0 }",
        "reasons := 1 if { not http.send({}) }",
        "reasons := 1 if { every x in [1] { http.send({}) } }",
        "reasons := 1 if { some x in http.send({}) }",
        "reasons := 1 if { input.findings[http.send({})] }",
        "reasons := 1 if { x := 1 + http.send({}) }",
        "reasons := 1 if { x := -http.send({}) }",
        "reasons := 1 if { x := {} | http.send({}) }",
        "reasons := 1 if { http.send({}) in [1] }",
        "reasons := 1 if { true with input as http.send({}) }",
        "reasons := 1 if { false } else := http.send({})",
        "reasons := 1 if { false } else := 2 if { http.send({}) }",
        "default reasons := 1\nf(x) := http.send(x)",
        "reasons[x] := http.send({}) if { x := 1 }",
        "reasons := 1\nimport_me := data.shellproof.decision.at_most(http.send({}), \"warn\")",
        "reasons := 1 if { `a` == json.marshal({\"a\": {http.send({})}}) }",
    ] {
        let said = refused_rule(body);
        assert!(
            said.contains("`http.send` reaches the network"),
            "{body}: {said}"
        );
    }
    let said = refused_rule("reasons := 1 if { count([]) == 0 with count as time.now_ns }");
    assert!(
        said.contains("`time.now_ns` gives another answer each time"),
        "{said}"
    );
    let imported = "package shellproof.rule.site\nimport data.http\nreasons := http.send({})";
    assert!(refused(&[("site.rego", imported)]).contains("`http.send`"));
}

#[test]
fn functions_of_the_policy_may_be_called_by_every_name_that_they_have() {
    let lib = "package acme.lib\n\nis_shell(f) if endswith(f, \".sh\")\n";
    let site = "package shellproof.rule.site
import data.acme.lib
import data.acme.lib as helpers
import data.acme.lib.is_shell

mine(f) if lib.is_shell(f)

reasons contains {\"decision\": \"warn\", \"message\": \"shell\"} if {
	mine(\"a.sh\")
	helpers.is_shell(\"a.sh\")
	is_shell(\"a.sh\")
	data.acme.lib.is_shell(\"a.sh\")
}
";
    let policy = Files::new(&[("lib.rego", lib), ("site.rego", site)])
        .load()
        .unwrap();
    let verdict = policy.admission(&support::clean());
    assert_eq!(verdict.reasons[0], "shell");
}

#[test]
fn each_mistake_is_named_with_its_place_and_its_fix() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        (
            "v0",
            &[(
                "site.rego",
                "package shellproof.rule.site\n\nreasons[x] { x := 1 }\n",
            )],
        ),
        (
            "syntax",
            &[(
                "site.rego",
                "package shellproof.rule.site\n\nreasons := {\n",
            )],
        ),
        ("not Rego", &[("site.rego", "\u{0}\u{1}\u{2}")]),
        ("empty", &[("site.rego", "")]),
        (
            "input typo",
            &[(
                "site.rego",
                &rule("reasons contains 1 if count(input.findngs) > 0"),
            )],
        ),
        (
            "data typo",
            &[(
                "site.rego",
                &rule("reasons contains 1 if data.acme.hosts[_]"),
            )],
        ),
        (
            "setting typo",
            &[(
                "site.rego",
                &rule("reasons contains 1 if data.shellproof.settings.mtrix"),
            )],
        ),
        (
            "no reasons",
            &[("site.rego", &rule("reason contains 1 if true"))],
        ),
        (
            "nobody asks",
            &[(
                "site.rego",
                "package shellproof.rules.site\n\nreasons := set()\n",
            )],
        ),
        (
            "no entry",
            &[(
                "site.rego",
                "package shellproof.admission\n\nallow := true\n",
            )],
        ),
        (
            "unsafe variable",
            &[("site.rego", &rule("reasons contains x if not x"))],
        ),
        (
            "recursion",
            &[(
                "site.rego",
                &rule("reasons contains 1 if a\n\na if b\n\nb if a\n"),
            )],
        ),
        (
            "contradiction",
            &[("site.rego", &rule("reasons := 1\n\nreasons := 2"))],
        ),
        (
            "package is a rule",
            &[
                ("a.rego", "package a\n\nb := 1\n"),
                ("b.rego", "package a.b\n\nc := 1\n"),
            ],
        ),
        (
            "data hides a package",
            &[
                ("data.json", "{\"acme\": {\"lib\": {}}}"),
                ("lib.rego", "package acme.lib\n\nx := 1\n"),
            ],
        ),
        ("not JSON", &[("data.json", "{\n  \"a\": tru\n}")]),
        ("not an object", &[("data.json", "[]")]),
        (
            "unknown setting",
            &[(
                "data.json",
                r#"{"shellproof": {"settings": {"matrx": {}}}}"#,
            )],
        ),
        (
            "unknown decision",
            &[(
                "data.json",
                r#"{"shellproof": {"settings": {"rules": {"raw-address": "blok"}}}}"#,
            )],
        ),
        (
            "removed setting",
            &[(
                "data.json",
                r#"{"shellproof": {"settings": {"matrix": {"high": null}}}}"#,
            )],
        ),
        (
            "unknown key",
            &[("data.json", r#"{"shellproof": {"setting": {}}}"#)],
        ),
        (
            "accepted without a digest",
            &[(
                "data.json",
                r#"{"shellproof": {"settings": {"accepted": [{"rule": "raw-address", "because": "x"}]}}}"#,
            )],
        ),
        (
            "accepted without a reason",
            &[(
                "data.json",
                r#"{"shellproof": {"settings": {"accepted": [{"rule": "raw-address", "digest": "sha256:0000000000000000000000000000000000000000000000000000000000000001", "because": " "}]}}}"#,
            )],
        ),
        (
            "two at once",
            &[("a.rego", "package"), ("b.rego", "package b\n\nc := \n")],
        ),
    ];
    let said: Vec<_> = cases
        .iter()
        .map(|(name, files)| format!("{name}\n{}\n", refused(files)))
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_file_that_is_too_large_not_text_or_not_a_file_is_refused() {
    let large = format!("package a\n# {}\n", "x\n# ".repeat(70_000));
    assert!(refused(&[("site.rego", &large)]).contains("more than 262144"));

    let files = Files::new(&[]);
    std::fs::write(files.path().join("site.rego"), b"package a\n\xff").unwrap();
    assert!(
        files.complaints()[0]
            .message
            .contains("not UTF-8 at byte 10")
    );

    assert!(refused(&[]).contains("no .rego or .json file"));

    let missing = Policy::load(&[files.path().join("nothing")]);
    assert!(matches!(missing, Err(PolicyError::Read { .. })));

    let files = Files::new(&[]);
    std::os::unix::fs::symlink("/dev/zero", files.path().join("site.rego")).unwrap();
    assert!(files.complaints()[0].message.contains("not a regular file"));
}

#[test]
fn too_many_files_or_levels_are_refused() {
    let many: Vec<_> = (0..300)
        .map(|i| (format!("{i}.rego"), format!("package p{i}\n")))
        .collect();
    let many: Vec<_> = many.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert!(refused(&many).contains("more than 256 files"));
    let deep = format!("{}a.rego", "d/".repeat(12));
    assert!(refused(&[(&deep, "package a\n")]).contains("more than 8 levels"));
}

#[test]
fn deep_nesting_and_long_chains_are_refused_not_fatal() {
    let brackets = rule(&format!(
        "reasons := {}1{}",
        "[".repeat(400),
        "]".repeat(400)
    ));
    assert!(refused(&[("site.rego", &brackets)]).contains("nested more than 12 levels"));
    // As long as a file may be.
    let chain = rule(&format!("reasons := 1{}", " +\n1".repeat(19_000)));
    assert!(refused(&[("site.rego", &chain)]).contains("more than 100 levels"));
    let chain = rule(&format!("reasons := 1{}", "+1".repeat(400)));
    assert!(refused(&[("site.rego", &chain)]).contains("more than 100 levels"));
    let data = format!("{}1{}", "{\"a\":".repeat(2_000), "}".repeat(2_000));
    assert!(refused(&[("data.json", &data)]).contains("not JSON"));
}

#[test]
fn a_mistake_in_a_test_file_is_found_too() {
    let said = refused(&[
        ("site.rego", &rule("reasons := set()")),
        (
            "site_test.rego",
            "package site_test\n\ntest_x if http.send({})\n",
        ),
    ]);
    assert!(
        said.starts_with("site_test.rego:3:11: `http.send`"),
        "{said}"
    );
}

#[test]
fn a_replaced_admission_that_answers_is_accepted() {
    let text = verdict(
        r#"{"decision": "hold", "status": "unreviewed", "reasons": [{"decision": "hold", "rule": "all", "message": "everything waits"}]}"#,
    );
    let policy = Files::new(&[("site.rego", &text)]).load().unwrap();
    assert_eq!(
        policy.admission(&support::clean()).reasons,
        ["everything waits"]
    );
}
