//! When a grant is in force, and that nothing but the ledger and the key can make it so.

use std::{fs, path::Path};

use authority::{
    Authority as _, DecideRequest, DecideResponse, Decider, Local,
    grants::{Draft, Grants, State, diff},
};
use capability::{CapabilitySet, Digest, SignedGrant, Timestamp};

const NOW: i64 = 1_800_000_000;

struct Undecided;

impl Decider for Undecided {
    fn decide(&self, request: DecideRequest) -> Result<DecideResponse, String> {
        Err(format!("no policy {:?}", request.policy))
    }
}

fn local(state: &Path) -> Local {
    Local::open(state, Box::new(Undecided)).expect("opened")
}

fn now() -> Timestamp {
    Timestamp::from_unix(NOW)
}

fn capabilities(texts: &[&str]) -> CapabilitySet {
    texts
        .iter()
        .map(|text| text.parse().expect("a capability"))
        .collect()
}

fn draft(artifact: &str) -> Draft {
    Draft {
        artifact: Digest::of(artifact.as_bytes()),
        name: artifact.to_owned(),
        capabilities: capabilities(&["fs.read $SKILL/**", "env LANG"]),
        evidence: Digest::of(b"inspection"),
    }
}

/// A state directory with one approved grant.
fn approved(state: &Path) -> (Local, SignedGrant) {
    let local = local(state);
    let grants = Grants::new(&local, &state.join("grants"));
    grants.draft(&draft("weather"), "ann").expect("drafted");
    let signed = grants
        .approve(draft("weather"), "ann", now(), now().plus(60))
        .expect("approved");
    (local, signed)
}

fn file(state: &Path) -> std::path::PathBuf {
    let mut files = fs::read_dir(state.join("grants")).expect("a list");
    let file = files.next().expect("a grant").expect("an entry").path();
    assert!(files.next().is_none());
    file
}

fn void(state: &State) -> &str {
    match state {
        State::Void { cause } => cause,
        other => panic!("expected a void grant, found {other:?}"),
    }
}

#[test]
fn an_approved_grant_is_in_force_for_its_artifact_until_it_expires() {
    let dir = tempfile::tempdir().expect("a directory");
    let (local, signed) = approved(dir.path());
    let grants = Grants::new(&local, &dir.path().join("grants"));
    let artifact = signed.grant.artifact;
    assert_eq!(
        grants.find_for(artifact, now()).expect("read"),
        Some(signed.clone())
    );
    assert_eq!(
        grants.find_for(artifact, now().plus(59)).expect("read"),
        Some(signed.clone())
    );
    assert_eq!(
        grants.find_for(artifact, now().plus(60)).expect("read"),
        None
    );
    assert_eq!(
        grants
            .find_for(Digest::of(b"changed"), now())
            .expect("read"),
        None
    );
    let entry = grants
        .show(signed.grant.id(), now().plus(60))
        .expect("known");
    assert_eq!((entry.state, entry.grant), (State::Expired, Some(signed)));
}

#[test]
fn a_draft_allows_nothing_and_a_grant_cannot_start_expired() {
    let dir = tempfile::tempdir().expect("a directory");
    let local = local(dir.path());
    let grants = Grants::new(&local, &dir.path().join("grants"));
    grants.draft(&draft("weather"), "ann").expect("drafted");
    assert!(grants.list(now()).expect("read").is_empty());
    assert_eq!(
        grants
            .find_for(draft("weather").artifact, now())
            .expect("read"),
        None
    );
    let error = grants
        .approve(draft("weather"), "ann", now(), now())
        .expect_err("expired");
    assert!(error.to_string().contains("give a later time"), "{error}");
    assert!(grants.list(now()).expect("read").is_empty());
}

#[test]
fn a_revoked_grant_stays_revoked_whatever_happens_to_its_file() {
    let dir = tempfile::tempdir().expect("a directory");
    let (local, signed) = approved(dir.path());
    let grants = Grants::new(&local, &dir.path().join("grants"));
    let (id, path) = (signed.grant.id(), file(dir.path()));
    let old = fs::read(&path).expect("a grant");
    grants.revoke(id, "bob", "it was sold").expect("revoked");
    for restored in [None, Some(&old)] {
        match restored {
            None => fs::remove_file(&path).expect("removed"),
            Some(bytes) => fs::write(&path, bytes).expect("put back"),
        }
        // A new process reads it all again.
        drop(Grants::new(&local, &dir.path().join("grants")));
        let grants = Grants::new(&local, &dir.path().join("grants"));
        assert_eq!(
            grants.find_for(signed.grant.artifact, now()).expect("read"),
            None
        );
        let entry = grants.show(id, now()).expect("known");
        let State::Revoked(revocation) = entry.state else {
            panic!("{:?}", entry.state)
        };
        assert_eq!(
            (revocation.by.as_str(), revocation.reason.as_str()),
            ("bob", "it was sold")
        );
    }
    assert!(
        grants
            .revoke(id, "bob", "again")
            .expect_err("twice")
            .to_string()
            .contains("already")
    );
    let unknown = grants
        .revoke(Digest::of(b"?"), "bob", "why")
        .expect_err("unknown");
    assert!(unknown.to_string().contains("grant list"), "{unknown}");
}

#[test]
fn a_grant_without_its_file_or_with_an_edited_one_is_void() {
    let dir = tempfile::tempdir().expect("a directory");
    let (local, signed) = approved(dir.path());
    let grants = Grants::new(&local, &dir.path().join("grants"));
    let (id, path) = (signed.grant.id(), file(dir.path()));
    let text = fs::read_to_string(&path).expect("a grant");
    let (_, sample) = text.split_once("\"signature\": \"").expect("a signature");
    let forged = text.replace(&sample[..4], "AAAA");
    let more = text.replace("env LANG", "env HOME");
    for (damaged, expected) in [
        ("", "not a signed grant"),
        (
            text.replace("\"weather\"", "\"wether\"").as_str(),
            "signature does not verify",
        ),
        (&more, "signature does not verify"),
        (&forged, "signature does not verify"),
        (
            &text.replace(&signed.key.0, "0000000000000000"),
            "signed by the key",
        ),
    ] {
        fs::write(&path, damaged).expect("written");
        let entry = grants.show(id, now()).expect("known");
        assert!(void(&entry.state).contains(expected), "{:?}", entry.state);
        assert_eq!(
            grants.find_for(signed.grant.artifact, now()).expect("read"),
            None
        );
        assert_eq!(grants.list(now()).expect("read").len(), 1);
    }
    fs::remove_file(&path).expect("removed");
    assert!(void(&grants.show(id, now()).expect("known").state).contains("missing"));
    fs::write(&path, text).expect("restored");
    assert_eq!(grants.show(id, now()).expect("known").state, State::Active);
}

#[test]
fn foreign_and_corrupt_files_are_listed_and_never_honoured() {
    let (dir, elsewhere) = (
        tempfile::tempdir().expect("a directory"),
        tempfile::tempdir().expect("another"),
    );
    let (local, signed) = approved(dir.path());
    let foreign = approved(elsewhere.path()).1;
    let grants = Grants::new(&local, &dir.path().join("grants"));

    // Signed by our key and never recorded: what a thief of the key file would make.
    let stolen = local
        .sign(capability::Grant {
            name: "stolen".into(),
            ..signed.grant.clone()
        })
        .expect("signed");
    let name = stolen.grant.id().to_string().replace("sha256:", "");
    let write = |name: &str, bytes: &[u8]| {
        fs::write(dir.path().join("grants").join(name), bytes).expect("written");
    };
    write(
        &format!("{name}.json"),
        &serde_json::to_vec(&stolen).expect("JSON"),
    );
    write("foreign.json", &serde_json::to_vec(&foreign).expect("JSON"));
    write(
        "copy.json",
        &fs::read(grants.show(signed.grant.id(), now()).expect("known").path).expect("a grant"),
    );
    write("junk.json", b"\xff\x00");
    fs::create_dir(dir.path().join("grants/directory")).expect("made");

    let entries = grants.list(now()).expect("read");
    let (first, rest) = entries.split_first().expect("entries");
    assert_eq!(first.state, State::Active);
    let cause = |part: &str| {
        let of = |e: &&authority::grants::Entry| e.path.display().to_string().contains(part);
        void(&rest.iter().find(of).expect("listed").state)
    };
    assert_eq!(rest.len(), 5);
    assert!(cause(&name).contains("holds no approval"));
    assert!(cause("foreign").contains("signed by the key"));
    assert!(cause("copy").contains("it is a copy"));
    assert!(cause("junk").contains("not a signed grant"));
    assert!(cause("directory").contains("not a regular file"));
    assert_eq!(
        grants.find_for(signed.grant.artifact, now()).expect("read"),
        Some(signed)
    );
}

#[test]
fn of_two_grants_the_later_approval_holds() {
    let dir = tempfile::tempdir().expect("a directory");
    let (local, first) = approved(dir.path());
    let grants = Grants::new(&local, &dir.path().join("grants"));
    let less = Draft {
        capabilities: capabilities(&["env LANG"]),
        ..draft("weather")
    };
    let second = grants
        .approve(less, "bob", now(), now().plus(30))
        .expect("approved");
    let found = grants.find_for(first.grant.artifact, now()).expect("read");
    assert_eq!(found.as_ref(), Some(&second));
    grants
        .revoke(second.grant.id(), "bob", "too little")
        .expect("revoked");
    assert_eq!(
        grants.find_for(first.grant.artifact, now()).expect("read"),
        Some(first)
    );
}

#[test]
fn a_tampered_ledger_puts_nothing_in_force() {
    let dir = tempfile::tempdir().expect("a directory");
    let (local, signed) = approved(dir.path());
    local.ledger().publish().expect("published");
    let bundle = dir.path().join("ledger/tile/entries/000.p/2");
    let mut bytes = fs::read(&bundle).expect("a bundle");
    let at = bytes
        .windows(5)
        .position(|w| w == b"\"ann\"")
        .expect("an actor");
    bytes[at + 1] = b'b';
    fs::write(&bundle, bytes).expect("written");
    let grants = Grants::new(&local, &dir.path().join("grants"));
    let error = grants
        .find_for(signed.grant.artifact, now())
        .expect_err("tampered");
    assert!(error.to_string().contains("ledger verify"), "{error}");
}

#[test]
fn the_difference_is_what_an_update_asks_for_and_no_longer_needs() {
    let dir = tempfile::tempdir().expect("a directory");
    let (_, signed) = approved(dir.path());
    let diff = diff(&signed.grant, &capabilities(&["env LANG", "exec python3"]));
    assert_eq!(diff.added, capabilities(&["exec python3"]));
    assert_eq!(diff.removed, capabilities(&["fs.read $SKILL/**"]));
}

#[test]
fn the_local_authority_says_what_it_does_not_protect_against() {
    let dir = tempfile::tempdir().expect("a directory");
    let local = local(dir.path());
    assert!(local.guarantee().contains("same user"));
    let request = DecideRequest {
        policy: "admission".into(),
        input: ().into(),
    };
    let error = local.decide(request).expect_err("no policy").to_string();
    assert_eq!(error, "no decision: no policy \"admission\"");
}
