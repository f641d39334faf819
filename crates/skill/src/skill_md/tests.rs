use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> SkillMd {
    super::parse("SKILL.md", text.as_bytes())
}

fn front(yaml: &str) -> SkillMd {
    parse(&format!("---\n{yaml}\n---\nbody\n"))
}

fn found(skill: &SkillMd) -> Vec<&str> {
    skill.findings.iter().map(|f| f.rule.as_str()).collect()
}

#[test]
fn strict_yaml_is_read_as_yaml() {
    let skill = front(
        "name: weather\ndescription: >\n  Tells the\n  weather.\nuser-invocable: false\nmetadata:\n  openclaw:\n    always: true\n    requires: {bins: [curl], env: [KEY]}",
    );
    assert_eq!(skill.mode, Mode::Strict);
    assert_eq!(skill.name.as_deref(), Some("weather"));
    assert_eq!(skill.description.as_deref(), Some("Tells the weather."));
    assert!(!skill.user_invocable && skill.metadata.always);
    assert_eq!(skill.metadata.requires.bins, ["curl"]);
    assert_eq!(skill.metadata.requires.env, ["KEY"]);
    assert_eq!(found(&skill), [""; 0]);
}

#[test]
fn what_yaml_refuses_is_read_line_by_line() {
    let skill = front("name: weather\ndescription: Use when: it rains\n  - broken");
    assert_eq!(skill.mode, Mode::Lenient);
    assert_eq!(skill.description.as_deref(), Some("Use when: it rains"));
    assert_eq!(found(&skill), ["malformed-front-matter"]);
    assert!(skill.findings[0].locations[0].line > Some(1));
}

#[test]
fn metadata_is_json5_however_it_is_written() {
    for yaml in [
        r#"metadata: {"clawdbot":{"primaryEnv":"K","requires":{"anyBins":["a","b"]}}}"#,
        "metadata: '{clawdbot: {primaryEnv: \"K\", requires: {anyBins: [\"a\", \"b\",]}}}'",
        "metadata:\n  {\n    \"clawdbot\": { \"primaryEnv\": \"K\", \"requires\": { \"anyBins\": [\"a\", \"b\"], }, },\n  }",
        "metadata:\n  clawdbot:\n    primaryEnv: K\n    requires:\n      anyBins: a, b",
    ] {
        let skill = front(yaml);
        assert_eq!(skill.metadata.key.as_deref(), Some("clawdbot"), "{yaml}");
        assert_eq!(skill.metadata.primary_env.as_deref(), Some("K"));
        assert_eq!(skill.metadata.requires.any_bins, ["a", "b"]);
        assert_eq!(found(&skill), [""; 0], "{yaml}");
    }
}

#[test]
fn the_first_known_key_of_the_metadata_counts() {
    let skill = front(
        "metadata: {clawdis: {skillKey: 'c'}, openclaw: {skillKey: 'a'}, clawdbot: {skillKey: 'b'}}",
    );
    assert_eq!(skill.metadata.skill_key.as_deref(), Some("a"));
}

#[test]
fn metadata_under_other_names_is_noted() {
    let skill = front("metadata: {moltbot: {requires: {bins: ['x']}}}");
    assert_eq!(found(&skill), ["unread-metadata"]);
    assert!(!skill.metadata.requires.present);
}

#[test]
fn installers_keep_every_field() {
    let skill = front(
        r#"metadata: {openclaw: {install: [{kind: "download", url: "https://x.example/t.zip", sha256: "ab", stripComponents: 1}, {kind: "shell", command: "sh x"}, {type: "Brew", cask: "f"}]}}"#,
    );
    let [download, shell, brew] = &skill.metadata.install[..] else {
        panic!("three")
    };
    assert_eq!(download.url.as_deref(), Some("https://x.example/t.zip"));
    assert_eq!(
        download.other,
        [("stripComponents".to_owned(), "1".to_owned())]
    );
    assert!(download.known && !shell.known && brew.known);
    assert_eq!(shell.other, [("command".to_owned(), "sh x".to_owned())]);
    assert_eq!(brew.formula.as_deref(), Some("f"));
    assert_eq!(found(&skill), ["unread-metadata"]);
}

#[test]
fn permissions_are_a_list_or_a_map() {
    let list = |yaml: &str| {
        front(&format!("metadata: {{openclaw: {{permissions: {yaml}}}}}"))
            .metadata
            .permissions
    };
    let listed =
        |items: &[&str]| Permissions::Listed(items.iter().map(|s| (*s).to_owned()).collect());
    assert_eq!(
        list("[\"net a.example\", \"exec git\"]"),
        listed(&["net a.example", "exec git"])
    );
    assert_eq!(
        list("{net: ['a.example'], fs: {read: ['x', 'y']}}"),
        listed(&["fs.read x", "fs.read y", "net a.example"])
    );
    assert_eq!(list("{exec: 'git'}"), listed(&["exec git"]));
    assert!(matches!(list("[[1]]"), Permissions::Unreadable(_)));
    assert!(matches!(list("7"), Permissions::Unreadable(_)));
    assert_eq!(
        found(&front("metadata: {openclaw: {permissions: 7}}")),
        ["malformed-permissions"]
    );
}

#[test]
fn a_key_given_twice_is_ambiguous() {
    let skill = front("name: weather\ndescription: a\nname: shell");
    assert_eq!(found(&skill), ["ambiguous-front-matter"]);
    assert_eq!(skill.name.as_deref(), Some("shell"));
    let skill = front(r#"metadata: {"openclaw": {"always": false, "always": true}}"#);
    assert_eq!(found(&skill), ["ambiguous-front-matter"]);
    assert!(skill.metadata.always);
}

#[test]
fn what_openclaw_reads_otherwise_than_yaml_is_ambiguous() {
    // A comment to YAML, part of the value to OpenClaw, whose JSON5 reader then drops the metadata.
    let skill = front(r#"metadata: {"openclaw": {"requires": {"bins": ["git"]}}} # note"#);
    assert_eq!(found(&skill), ["malformed-front-matter"]);
    assert!(!skill.metadata.requires.present);
    // A list to YAML, text to OpenClaw.
    let skill = front("description: [a: b]");
    assert_eq!(found(&skill), ["ambiguous-front-matter"]);
    assert_eq!(skill.description.as_deref(), Some("[a: b]"));
    // Nothing to YAML, a word to OpenClaw.
    let skill = front("name: null");
    assert_eq!(found(&skill), ["ambiguous-front-matter"]);
    assert_eq!(skill.name.as_deref(), Some("null"));
}

#[test]
fn tags_numbers_and_flags_are_as_yaml_1_2_has_them() {
    let skill = front("name: 1.0\ndescription: yes\nversion: 010");
    assert_eq!(skill.name.as_deref(), Some("1"));
    assert_eq!(skill.description.as_deref(), Some("yes"));
    assert_eq!(found(&skill), [""; 0]);
}

#[test]
fn line_ends_and_a_byte_order_mark_make_no_difference() {
    let plain = front("name: a\ndescription: b: c");
    for ends in ["\r\n", "\r"] {
        let text = "\u{feff}---\nname: a\ndescription: b: c\n---\nbody\n".replace('\n', ends);
        let skill = parse(&text);
        assert_eq!(
            (&skill.name, &skill.description),
            (&plain.name, &plain.description)
        );
        assert_eq!(&text[skill.body as usize..], format!("body{ends}"));
    }
}

#[test]
fn without_both_fences_there_is_no_front_matter() {
    for text in [
        "",
        "# Title",
        "---\nname: a\n",
        "\n---\nname: a\n---\n",
        "----\nname: a\n----\n",
        "---",
    ] {
        let skill = parse(text);
        assert_eq!(
            (skill.mode, skill.body, skill.name),
            (Mode::None, 0, None),
            "{text:?}"
        );
    }
    assert_eq!(parse("\u{feff}body").body, 3);
    assert_eq!(parse("---  \nname: a\n--- \nb").name.as_deref(), Some("a"));
    assert_eq!(parse("---\n---\nb").body, 8);
}

#[test]
fn allowed_tools_are_split_outside_of_parentheses() {
    assert_eq!(
        front("allowed-tools: Bash(git add:*, git log:*), Read").allowed_tools,
        ["Bash(git add:*, git log:*)", "Read"]
    );
    assert_eq!(
        front("allowed-tools: Bash(gno:*) Read").allowed_tools,
        ["Bash(gno:*)", "Read"]
    );
    assert_eq!(
        front("allowed-tools: [Read, \"Bash(x)\"]").allowed_tools,
        ["Read", "Bash(x)"]
    );
    assert_eq!(
        front("allowed-tools:\n  - Read\n  - Write").allowed_tools,
        ["Read", "Write"]
    );
}

#[test]
fn hostile_sizes_end() {
    assert_eq!(parse(&"\n".repeat(100_000)).mode, Mode::None);
    assert_eq!(
        parse(&format!("---\n{}---\n", "\n".repeat(100_000))).mode,
        Mode::Lenient
    );
    for open in ["[", "{a: ", "{\"a\":"] {
        let skill = front(&format!(
            "name: x\nmetadata: {}",
            open.repeat(256_000 / open.len())
        ));
        assert_eq!(skill.mode, Mode::Lenient);
        assert_eq!(skill.name.as_deref(), Some("x"));
        assert!(found(&skill).contains(&"malformed-front-matter"));
    }
    let skill = front(&"x: y\n".repeat(100_000));
    assert_eq!(skill.incomplete[0].rule.as_str(), "oversized-file");
}

#[test]
fn bytes_that_are_not_utf8_are_replaced() {
    let skill = super::parse("SKILL.md", b"---\nname: a\xffb\n---\n");
    assert_eq!(skill.name.as_deref(), Some("a\u{fffd}b"));
}

proptest! {
    #[test]
    fn arbitrary_front_matter_never_panics(text in "[ -~\n\r\t\u{2028}é]{0,200}") {
        let whole = format!("---\n{text}\n---\nbody");
        let skill = parse(&whole);
        prop_assert!(whole.is_char_boundary(skill.body as usize));
        if let Some(span) = skill.front_matter {
            prop_assert!(span.start <= span.end && span.end <= skill.body);
        }
    }

    #[test]
    fn yaml_like_front_matter_never_panics(
        lines in proptest::collection::vec("(name|metadata|  a|description)?:? ?[\\[\\]{}|>\"'&*#,:-]{0,4}[a-z]{0,3}", 0..12)
    ) {
        let _ = front(&lines.join("\n"));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
        let _ = super::parse("SKILL.md", &bytes);
    }
}
