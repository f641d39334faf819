//! Real artifacts through real workers: what comes back is what was sent in, read.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use skill::{Bundle, Caps};
use worker::{Host, Limits, Outcome, Words};

fn inspect(bundle: Bundle) -> Outcome {
    let limits = Limits {
        artifact: Duration::from_secs(100),
        file: Duration::from_secs(50),
        ..Limits::default()
    };
    Host::of(env!("CARGO_BIN_EXE_worker-rig"), worker::VERB, limits)
        .inspect(bundle, &Caps::default())
}

fn read(path: &Path) -> Bundle {
    skill::dir::read(path, &Caps::default()).expect("read")
}

const SKILL: &str = "---\nname: weather\ndescription: Tells the weather.\n\
    metadata: {\"openclaw\": {\"permissions\": [\"env LANG\"]}}\n---\n\n# Weather\n\nAsk.\n";

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        writer
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .expect("started");
        writer.write_all(content).expect("written");
    }
    writer.finish().expect("finished").into_inner()
}

fn assert_is_weather(outcome: &Outcome) {
    assert_eq!(outcome.incomplete, []);
    let [
        (
            path,
            Words::Skill {
                skill,
                declared,
                declares,
            },
        ),
    ] = &outcome.words[..]
    else {
        panic!("{:?}", outcome.words)
    };
    assert_eq!(
        (path.as_str(), skill.name.as_deref()),
        ("SKILL.md", Some("weather"))
    );
    assert_eq!((declared.to_string().trim(), *declares), ("env LANG", true));
    assert!(outcome.confinement.is_some());
}

#[test]
fn a_directory_is_read() {
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::write(dir.path().join("SKILL.md"), SKILL).expect("written");
    let bundle = read(dir.path());
    let digest = bundle.digest();
    let outcome = inspect(bundle);
    assert_is_weather(&outcome);
    assert_eq!(outcome.bundle.digest(), digest);
    assert!(digest.is_some());
}

#[test]
fn an_archive_is_the_artifact_that_it_holds() {
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::write(dir.path().join("SKILL.md"), SKILL).expect("written");
    let digest = read(dir.path()).digest();

    let file = dir.path().join("weather.zip");
    std::fs::write(&file, zip(&[("weather/SKILL.md", SKILL.as_bytes())])).expect("written");
    let outcome = inspect(read(&file));
    assert_is_weather(&outcome);
    assert_eq!(outcome.bundle.digest(), digest);
}

#[test]
fn archives_in_archives_are_read_and_have_no_part_in_the_digest() {
    let dir = tempfile::tempdir().expect("a directory");
    let inner = zip(&[(
        "package.json",
        br#"{"name": "x", "scripts": {"postinstall": "./x"}}"#,
    )]);
    let outer = zip(&[("inner.zip", &inner)]);
    std::fs::write(dir.path().join("SKILL.md"), SKILL).expect("written");
    std::fs::write(dir.path().join("outer.zip"), outer).expect("written");
    let bundle = read(dir.path());
    let digest = bundle.digest();
    let outcome = inspect(bundle);
    assert_eq!(outcome.incomplete, []);
    assert_eq!(outcome.bundle.digest(), digest);
    let paths: Vec<_> = outcome
        .nested
        .iter()
        .map(|entry| entry.path.as_str())
        .collect();
    assert_eq!(
        paths,
        ["outer.zip!inner.zip", "outer.zip!inner.zip!package.json"]
    );
    assert!(
        outcome
            .words
            .iter()
            .any(|(path, _)| path == "outer.zip!inner.zip!package.json"),
        "{:?}",
        outcome.words
    );
}

/// Deep enough to end any parser that recurses without a limit, on any stack.
#[test]
fn deep_nesting_ends_nothing_but_its_own_file() {
    const DEPTH: usize = 256_000;
    let dir = tempfile::tempdir().expect("a directory");
    let open = "[(".repeat(DEPTH / 2);
    for name in [
        "a.js",
        "b.ts",
        "c.py",
        "d.sh",
        "e.json",
        "f.yaml",
        "g.md",
        "package.json",
    ] {
        std::fs::write(dir.path().join(name), &open).expect("written");
    }
    let mut front = String::from("---\nname: x\nmetadata: ");
    front
        .write_str(&"{\"a\":[".repeat(20_000))
        .expect("written");
    std::fs::write(dir.path().join("SKILL.md"), front + "\n---\n").expect("written");
    let last = "z.sh";
    std::fs::write(dir.path().join(last), "curl https://example.com/x\n").expect("written");

    let outcome = inspect(read(dir.path()));
    let lost: Vec<_> = outcome
        .incomplete
        .iter()
        .map(|i| (i.rule.as_str(), i.path.as_deref()))
        .collect();
    assert!(
        !lost
            .iter()
            .any(|(rule, path)| *rule == "not-confined" || path.is_none()),
        "{lost:?}"
    );
    assert!(!lost.contains(&("worker-died", Some(last))), "{lost:?}");
    assert!(
        outcome
            .facts
            .sources
            .iter()
            .any(|source| source.path == last),
        "{lost:?}"
    );
}

#[test]
fn what_cannot_be_opened_is_said() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("broken.zip");
    std::fs::write(&file, b"PK\x03\x04 and nothing more").expect("written");
    let outcome = inspect(read(&file));
    assert!(!outcome.incomplete.is_empty());
    assert_eq!(outcome.bundle.digest(), None);
}

/// Otherwise a few bytes at its end would keep a script from being read.
#[test]
fn a_script_with_an_archive_at_its_end_is_read_as_both() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut skill = SKILL.as_bytes().to_vec();
    skill.extend(zip(&[("package.json", b"{}")]));
    std::fs::write(dir.path().join("SKILL.md"), skill).expect("written");
    let outcome = inspect(read(&dir.path().join("SKILL.md")));
    let paths: Vec<_> = outcome
        .words
        .iter()
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(paths, ["SKILL.md", "SKILL.md!package.json"]);
}
