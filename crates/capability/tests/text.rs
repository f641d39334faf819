//! The text form: what is read, how it is printed, and what errors say.

use capability::{
    Capability, CapabilitySet, Digest, Grant, GrantError, PathPattern, Root, Timestamp,
};
use proptest::prelude::*;

/// Each line, and its canonical form.
const READS: &[(&str, &str)] = &[
    ("fs.read $SKILL", "fs.read $SKILL"),
    ("  fs.read   $SKILL/**  # all of it", "fs.read $SKILL/**"),
    ("fs.read /", "fs.read /"),
    ("fs.read /etc//hosts/", "fs.read /etc/hosts"),
    ("fs.read $HOME/**/**/x", "fs.read $HOME/**/x"),
    ("fs.read $HOME/**/*", "fs.read $HOME/*/**"),
    (
        "fs.write \"$WORKSPACE/my notes/*.md\"",
        "fs.write \"$WORKSPACE/my notes/*.md\"",
    ),
    ("fs.write \"$TMP/x\"", "fs.write $TMP/x"),
    (r#"fs.read "/a b/\"c\\""#, r#"fs.read "/a b/\"c\\""#),
    ("fs.read /a#b", "fs.read /a#b"),
    ("net api.example.com", "net api.example.com:443"),
    ("net API.Example.COM.:443", "net api.example.com:443"),
    ("net bücher.example", "net xn--bcher-kva.example:443"),
    ("net *.example.co.uk:*", "net *.example.co.uk:*"),
    ("net localhost:8080", "net localhost:8080"),
    ("net any", "net any:443"),
    ("net 192.0.2.1:22", "net 192.0.2.1:22"),
    ("net [2001:DB8:0:0::1]", "net [2001:db8::1]:443"),
    ("net [::ffff:192.0.2.1]:80", "net 192.0.2.1:80"),
    (
        "net a.example POST,GET,GET /v1/**",
        "net a.example:443 GET,POST /v1/**",
    ),
    (
        "net a.example /%7euser/a%2fb/é",
        "net a.example:443 /~user/a%2Fb/%C3%A9",
    ),
    ("net a.example /x/", "net a.example:443 /x/"),
    ("net a.example up 1024KiB/h", "net a.example:443 up 1MiB/h"),
    (
        "net a.example down 1KiB/d up 1B/s up 100B/s",
        "net a.example:443 up 1B/s down 1KiB/d",
    ),
    (
        "secret K @ a.example header x-API-key",
        "secret K @ a.example:443 header X-Api-Key",
    ),
    (
        "secret K @ a.example:8443 query \"a b\"",
        "secret K @ a.example:8443 query \"a b\"",
    ),
    (
        "secret aws.key @ *.s3.example.com sigv4",
        "secret aws.key @ *.s3.example.com:443 sigv4",
    ),
    (
        "secret K @ a.example body data.token",
        "secret K @ a.example:443 body data.token",
    ),
    ("secret SIGNING_KEY release", "secret SIGNING_KEY release"),
    ("env LC_*", "env LC_*"),
    ("env! LD_PRELOAD", "env! LD_PRELOAD"),
    ("exec python3", "exec python3"),
    ("exec any", "exec any"),
    ("exec $SKILL/bin/*", "exec $SKILL/bin/*"),
    ("limit memory 1024KiB", "limit memory 1MiB"),
    ("limit cpu 150%", "limit cpu 150%"),
    ("limit cpu 120s", "limit cpu 2min"),
    ("limit pids 64", "limit pids 64"),
    ("limit wall 86400s", "limit wall 1d"),
    ("limit output 0B", "limit output 0B"),
    ("agent edit SOUL.md", "agent edit SOUL.md"),
    ("agent cron", "agent cron"),
];

#[test]
fn each_form_reads_and_prints_canonically() {
    for (text, canonical) in READS {
        let capability: Capability = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(capability.to_string(), *canonical);
        assert_eq!(canonical.parse::<Capability>().as_ref(), Ok(&capability));
    }
}

#[test]
fn a_pin_is_read_with_its_program() {
    let line = format!("exec /usr/bin/git {}", Digest::of(b"git"));
    let pinned: Capability = line.parse().unwrap();
    assert_eq!(pinned.to_string(), line);
    assert!(
        "exec /usr/bin/git"
            .parse::<Capability>()
            .unwrap()
            .covers(&pinned)
    );
    assert!(!pinned.covers(&"exec /usr/bin/git".parse().unwrap()));
}

/// Each line, what it is refused at, and a part of why.
const REFUSES: &[(&str, &str, &str)] = &[
    ("", "", "expected a capability, found the end"),
    ("fs.raed /x", "fs.raed", "did you mean `fs.read`?"),
    (
        "network x",
        "network",
        "expected one of fs.read, fs.write, net",
    ),
    ("fs.read", "", "expected a path, found the end"),
    ("fs.read x", "x", "starts with `/`"),
    ("fs.read $SKIL/x", "$SKIL/x", "did you mean `$SKILL`?"),
    ("fs.read $HOME/../x", "$HOME/../x", "`..` is no segment"),
    ("fs.read /a/./b", "/a/./b", "`.` is no segment"),
    ("fs.read /a**", "/a**", "`**` stands alone"),
    ("fs.read /*a*", "/*a*", "at most one `*`"),
    (
        "fs.read /**/a/**/b/**/c/**",
        "/**/a/**/b/**/c/**",
        "more than 3 `**`",
    ),
    ("fs.read /a /b", "/b", "expected the end, found `/b`"),
    ("fs.read \"/a", "\"/a", "never closed"),
    (
        "fs.read \"/a\"b",
        "\"/a\"b",
        "space after the closing quote",
    ),
    ("fs.read /a\u{202E}b", "/a\u{202E}b", "U+202E"),
    ("fs.read /a\u{0}b", "/a\u{0}b", "U+0000"),
    ("net *", "*", "the whole internet is `any`"),
    ("net *.com", "*.com", "public suffix list"),
    (
        "net *.co.uk",
        "*.co.uk",
        "anybody can register a name below `co.uk`",
    ),
    (
        "net *.github.io",
        "*.github.io",
        "name the registered domain",
    ),
    ("net *.internal", "*.internal", "public suffix list"),
    (
        "net a.*.example.com",
        "a.*.example.com",
        "whole names below another",
    ),
    ("net 0x7f.1", "0x7f.1", "an address like `192.0.2.1`"),
    ("net 127.1", "127.1", "an address like"),
    ("net 010.0.0.1", "010.0.0.1", "an address like"),
    ("net 2130706433", "2130706433", "an address like"),
    ("net ::1", "::1", "stands in brackets: `[::1]`"),
    ("net [::1", "[::1", "an IPv6 address in brackets"),
    (
        "net a_b!.example",
        "a_b!.example",
        "cannot be in a host name",
    ),
    ("net a..example", "a..example", "a host name or address"),
    ("net a.example:0", "a.example:0", "a port from 1 to 65535"),
    (
        "net a.example:99999",
        "a.example:99999",
        "a port from 1 to 65535",
    ),
    ("net a.example GET,get", "GET,get", "HTTP methods"),
    (
        "net a.example get",
        "get",
        "expected a method, a path, `up`, `down` or the end",
    ),
    ("net a.example /a?b", "/a?b", "the query is not part"),
    (
        "net a.example /a/%2e%2e/b",
        "/a/%2e%2e/b",
        "`..` is no segment",
    ),
    ("net a.example /a//b", "/a//b", "an empty segment"),
    ("net a.example /%zz", "/%zz", "two hex digits"),
    ("net a.example up", "", "expected a budget"),
    ("net a.example up 1MB/h", "1MB/h", "an amount like"),
    (
        "net a.example up 1MiB/w",
        "1MiB/w",
        "per `s`, `min`, `h` or `d`",
    ),
    (
        "net a.example up 99999999999TiB/h",
        "99999999999TiB/h",
        "an amount like",
    ),
    ("secret K", "", "`@ host` or `release`"),
    (
        "secret K @ any header X",
        "any",
        "a secret for everybody is none",
    ),
    (
        "secret K @ a.example:* header X",
        "a.example:*",
        "at one port",
    ),
    ("secret K @ a.example", "", "`header <name>`"),
    ("secret K @ a.example cookie x", "cookie", "`header <name>`"),
    (
        "secret K @ a.example header a:b",
        "a:b",
        "the name of a header",
    ),
    ("secret 1K release", "1K", "a secret's name"),
    ("env *", "*", "a variable like"),
    ("env L*", "L*", "a variable like"),
    ("env 1A", "1A", "a variable like"),
    (
        "env NODE_OPTIONS",
        "NODE_OPTIONS",
        "write `env! NODE_OPTIONS`",
    ),
    ("env LD_*", "LD_*", "reaches `LD_`"),
    ("env NODE_*", "NODE_*", "reaches `NODE_OPTIONS`"),
    ("env! LANG", "LANG", "write `env LANG`"),
    ("exec -c", "-c", "a program like"),
    ("exec bin/x", "bin/x", "starts with `/`"),
    (
        "exec git sha256:12",
        "sha256:12",
        "64 lower-case hex digits",
    ),
    ("limit memroy 1MiB", "memroy", "did you mean `memory`?"),
    ("limit memory 1MB", "1MB", "an amount like"),
    ("limit cpu 01%", "01%", "percent of one core"),
    (
        "agent edit notes.md",
        "notes.md",
        "expected one of AGENTS.md",
    ),
    ("agent croon", "croon", "did you mean `cron`?"),
    ("never fs.read /x", "never", "part of a set"),
];

#[test]
fn errors_name_the_place_and_the_cause() {
    for (text, at, why) in REFUSES {
        let error = text.parse::<Capability>().expect_err(text);
        assert_eq!(&text[error.span.clone()], *at, "{text}: {error}");
        assert!(error.message.contains(why), "{text}: {error}");
    }
}

#[test]
fn a_set_reads_comments_blank_lines_and_nevers() {
    let text = "# what it needs\nfs.read $SKILL/**\n\n  never net evil.example # no port: every port\r\n\
        never env LD_*\nnever secret K\n";
    let set = CapabilitySet::parse(text).unwrap();
    assert_eq!(
        set.to_string(),
        "fs.read $SKILL/**\nnever net evil.example:*\nnever secret K\nnever env LD_*"
    );
    assert_eq!(set.len(), 4);
}

#[test]
fn an_error_in_a_set_is_placed_in_the_whole_text() {
    let text = "env LANG\n\nnever limit pids 3\n";
    let error = CapabilitySet::parse(text).unwrap_err();
    assert_eq!(&text[error.span], "limit");
    for line in ["never net a.example up 1B/s", "never never env A", "never"] {
        CapabilitySet::parse(line).expect_err(line);
    }
    let many: String = (0..=CapabilitySet::MAX_LINES)
        .map(|n| format!("env A{n}\n"))
        .collect();
    assert!(
        CapabilitySet::parse(&many)
            .unwrap_err()
            .message
            .contains("more than 1024")
    );
}

#[test]
fn a_set_travels_as_a_list_of_lines() {
    let set: CapabilitySet =
        serde_json::from_str(r#"["never fs.read $HOME/.ssh/**","fs.read $HOME/**"]"#).unwrap();
    assert_eq!(
        serde_json::to_string(&set).unwrap(),
        r#"["fs.read $HOME/**","never fs.read $HOME/.ssh/**"]"#
    );
    let error = serde_json::from_str::<CapabilitySet>(r#"["fs.read x"]"#).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("in `fs.read x`: expected a path"),
        "{error}"
    );
}

#[test]
fn a_never_takes_away_and_is_seen_by_comparisons() {
    let read = |text| CapabilitySet::parse(text).unwrap();
    let home = read("fs.read $HOME/**");
    let careful = read("fs.read $HOME/**\nnever fs.read $HOME/.ssh/**");
    assert!(careful.is_subset(&home));
    assert!(!home.is_subset(&careful));
    assert!(read("fs.read $HOME/notes/**").is_subset(&careful));
    assert!(!read("fs.read $HOME/.ssh/id_rsa").is_subset(&careful));
    assert!(!careful.covers(&"fs.read $HOME/.ssh/id_rsa".parse().unwrap()));
    // A name may lead to the refused place.
    let git = read("exec git");
    assert!(!git.is_subset(&read("exec git\nnever exec /usr/bin/*")));
    assert!(git.is_subset(&read("exec git\nnever exec /usr/bin/curl")));
    // Put together, the never holds; in the union it gives way.
    let key = read("fs.read $HOME/.ssh/id_rsa");
    assert!(
        !careful
            .clone()
            .merge(&key)
            .covers(key.iter().next().unwrap())
    );
    assert!(key.is_subset(&careful.union(&key)));
}

#[test]
fn a_difference_names_only_what_is_missing() {
    let read = |text| CapabilitySet::parse(text).unwrap();
    let new = read("net a.example GET,POST /v1/x\nfs.read $SKILL/a\nenv LANG");
    let old = read("net a.example GET\nfs.read $SKILL/**");
    assert_eq!(
        new.difference(&old).to_string(),
        "net a.example:443 POST /v1/x\nenv LANG"
    );
    // What names no limit has the default.
    let small = read("limit memory 64MiB");
    assert_eq!(
        CapabilitySet::new().difference(&small).to_string(),
        "limit memory 512MiB"
    );
    assert!(small.is_subset(&CapabilitySet::new()));
}

#[test]
fn urls_as_programs_write_them() {
    for (method, url, line) in [
        (
            Some("get"),
            "https://api.example.com/v1/users?id=1",
            "net api.example.com:443 GET /v1/users",
        ),
        (None, "HTTP://user:pw@Example.com", "net example.com:80 /"),
        (
            None,
            "https://example.com@other.example/x",
            "net other.example:443 /x",
        ),
        (
            None,
            "https://a.example/users/*/posts",
            "net a.example:443 /users/*/posts",
        ),
        (None, "https://a.example/a//../b", "net a.example:443"),
        (None, "wss://a.example/feed", "net a.example:443"),
        (None, "http://[::1]:8080/x", "net [::1]:8080 /x"),
        (
            None,
            "postgres://u:p@db.example/main",
            "net db.example:5432",
        ),
    ] {
        assert_eq!(Capability::net(method, url).unwrap().to_string(), line);
    }
    for url in [
        "",
        "example.com",
        "https://",
        "https:///x",
        "https://a.example\\@b.example/",
        "https://a b/",
        "foo://a.example/",
        "https://a.example:0/",
        "https://0x7f.1/",
        "https://${HOST}/x",
        "javascript:alert(1)",
    ] {
        assert!(Capability::net(None, url).is_err(), "{url}");
    }
}

#[test]
fn places_as_programs_write_them() {
    for (raw, place) in [
        ("~/.ssh/id_rsa", "$HOME/.ssh/id_rsa"),
        ("${HOME}/.aws/../.ssh", "$HOME/.ssh"),
        ("/home/me/.env", "$HOME/.env"),
        ("/Users/me/Library", "$HOME/Library"),
        ("/root/.profile", "$HOME/.profile"),
        ("/home/me", "$HOME"),
        ("/tmp/x.sh", "$TMP/x.sh"),
        ("file:///etc/passwd", "/etc/passwd"),
        ("/../etc/./passwd", "/etc/passwd"),
        ("./out/", "$WORKSPACE/out"),
        ("my file.txt", "\"$WORKSPACE/my file.txt\""),
    ] {
        assert_eq!(
            PathPattern::infer(raw, Root::Workspace)
                .unwrap()
                .to_string(),
            place
        );
    }
    for raw in [
        "", "../x", "~/../x", "~bob/x", "$FOO/x", "a/$B/c", "C:\\x", "a\0b", "**/..",
    ] {
        assert!(PathPattern::infer(raw, Root::Workspace).is_err(), "{raw}");
    }
}

#[test]
fn a_grant_holds_for_its_artifact_and_its_time() {
    let digest = Digest::of(b"skill");
    let [from, until] = [1_000, 2_000].map(Timestamp::from_unix);
    let grant = Grant {
        artifact: digest,
        name: "weather".into(),
        capabilities: CapabilitySet::new(),
        approved_by: "ada".into(),
        approved_at: from,
        expires_at: until,
        evidence: digest,
    };
    let at = |seconds| grant.valid_at(Timestamp::from_unix(seconds), &digest);
    assert_eq!(at(1_000), Ok(()));
    assert_eq!(at(1_999), Ok(()));
    assert!(matches!(at(999), Err(GrantError::NotYet { .. })));
    assert!(matches!(at(2_000), Err(GrantError::Expired { .. })));
    let changed = grant.valid_at(from, &Digest::of(b"other"));
    assert!(matches!(changed, Err(GrantError::OtherArtifact { .. })));
}

#[test]
fn schemas_describe_the_text_form() {
    let schema = schemars::schema_for!(Grant);
    let text = serde_json::to_string(&schema).unwrap();
    assert!(
        text.contains("CapabilitySet") && text.contains("(never )?"),
        "{text}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(
        text in r#"((never|fs\.read|net|secret|env!?|exec|limit|agent|[@#"\\]|\PC{0,9}|[a-z.:/*$%\[\]0-9]{0,12})[ \n]?){0,9}"#
    ) {
        if let Ok(set) = CapabilitySet::parse(&text) {
            prop_assert_eq!(CapabilitySet::parse(&set.to_string()).unwrap(), set);
        }
    }

    #[test]
    fn any_found_text_is_answered(raw in r"(https?://|~|\$|[./*@:\\\[\]%]|\PC){0,12}") {
        for found in [
            Capability::fs_read(&raw),
            Capability::net(Some("GET"), &raw),
            Capability::env(&raw),
            Capability::exec(&raw),
        ].into_iter().flatten() {
            prop_assert_eq!(found.to_string().parse::<Capability>().unwrap(), found);
        }
    }
}
