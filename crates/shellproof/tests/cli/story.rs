//! The line from a skill to a signed, recorded grant, through the binary.

use std::fs;

use crate::support::Place;

#[test]
fn the_demo_tells_its_story_and_leaves_nothing() {
    let place = Place::new();
    let tmp = place.path("tmp");
    fs::create_dir(&tmp).unwrap();
    let output = place
        .command(&["demo"])
        .env("TMPDIR", &tmp)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for part in ["block: invoice-reader", "granted: sha256:", "NOT intact"] {
        assert!(said.contains(part), "{part:?} is not in\n{said}");
    }
    assert_eq!(fs::read_dir(&tmp).unwrap().count(), 0);
    assert!(!place.path("state").exists());
}

#[test]
fn a_grant_is_for_one_digest_and_ends_when_revoked() {
    let place = Place::new();
    place.demo("weather");
    place.expect(4, &["grant", "approve", "weather"]);
    let said = place.expect(
        0,
        &[
            "grant",
            "approve",
            "weather",
            "--yes",
            "--without",
            "env LANG",
        ],
    );
    let id = said
        .out
        .lines()
        .find_map(|l| l.strip_prefix("granted: "))
        .unwrap()
        .to_owned();
    let shown = place.expect(0, &["grant", "show", "weather"]);
    assert!(
        shown.out.contains(&id) && !shown.out.contains("env LANG"),
        "{}",
        shown.out
    );

    place.write("weather/extra.sh", "curl -s https://more.example/x\n");
    let shown = place.expect(1, &["grant", "show", "weather"]);
    assert!(
        shown.out.contains("+ net more.example:443"),
        "{}",
        shown.out
    );
    fs::remove_file(place.path("weather/extra.sh")).unwrap();
    place.expect(0, &["grant", "show", "weather"]);

    place.expect(0, &["grant", "revoke", &id[..20], "--reason", "test"]);
    place.expect(1, &["grant", "show", "weather"]);
    let listed = place.expect(0, &["grant", "list"]);
    assert!(listed.out.contains("revoked"), "{}", listed.out);
    let tail = place.expect(0, &["ledger", "tail", "--kind", "grant.", "--json"]);
    let kinds: Vec<_> = tail
        .out
        .lines()
        .map(|l| {
            let record: serde_json::Value = serde_json::from_str(l).unwrap();
            record["kind"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(kinds, ["grant.approve", "grant.revoke"]);
}

#[test]
fn what_policy_blocks_gets_no_grant() {
    let place = Place::new();
    place.demo("invoice-reader");
    let said = place.expect(
        4,
        &[
            "grant",
            "approve",
            "invoice-reader",
            "--yes",
            "--reason",
            "I insist",
        ],
    );
    assert!(said.err.contains("blocked"), "{}", said.err);
    place.expect(0, &["grant", "list"]);
    assert!(!place.path("state/grants").exists());
}

#[test]
fn a_record_can_be_proved_without_the_ledger() {
    let place = Place::new();
    place.demo("weather");
    place.expect(0, &["vet", "weather"]);
    let key = place.expect(0, &["ledger", "key"]).out;
    let proof = place.expect(0, &["ledger", "prove", "0"]).out;
    place.write("proof", &proof);
    fs::remove_dir_all(place.path("state")).unwrap();
    let said = place.expect(0, &["ledger", "check-proof", "proof", "--key", key.trim()]);
    assert!(said.out.contains("proved: record 0"), "{}", said.out);
    place.write("proof", proof.replacen("index 0", "index 1", 1));
    place.expect(1, &["ledger", "check-proof", "proof", "--key", key.trim()]);
}

#[test]
fn a_ledger_cut_back_shows_against_a_kept_checkpoint() {
    let place = Place::new();
    place.demo("weather");
    place.expect(0, &["vet", "weather"]);
    let earlier = place.path("earlier");
    copy(&place.path("state/ledger"), &earlier);
    place.expect(0, &["vet", "weather"]);
    place.write("kept", place.expect(0, &["ledger", "checkpoint"]).out);
    place.expect(0, &["ledger", "verify", "--against", "kept"]);
    place.expect(0, &["ledger", "verify", "--dir", "earlier"]);
    place.expect(
        1,
        &["ledger", "verify", "--dir", "earlier", "--against", "kept"],
    );
}

#[test]
fn verdicts_come_in_the_order_of_the_paths() {
    let place = Place::new();
    let names: Vec<_> = (0..12).map(|i| format!("s{i:02}")).collect();
    for name in &names {
        place.write(
            &format!("{name}/SKILL.md"),
            format!("---\nname: {name}\ndescription: d\n---\n\nSay hello.\n"),
        );
    }
    let mut arguments = vec!["vet", "--format", "jsonl", "--jobs", "4"];
    arguments.extend(names.iter().map(String::as_str));
    let said = place.expect(0, &arguments);
    let paths: Vec<String> = said
        .out
        .lines()
        .map(|line| {
            let report: serde_json::Value = serde_json::from_str(line).unwrap();
            for field in [
                "digest",
                "decision",
                "status",
                "findings",
                "incomplete",
                "capabilities",
                "elapsed_us",
            ] {
                assert!(!report[field].is_null(), "{field} in {report:#}");
            }
            report["path"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(paths, names);
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    assert!(
        std::process::Command::new("cp")
            .arg("-a")
            .args([from, to])
            .status()
            .unwrap()
            .success()
    );
}
