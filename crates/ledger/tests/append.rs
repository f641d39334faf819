//! Appending from many threads and handles, and what a directory must be like.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, sync::Arc};

use ledger::{Event, Ledger, Position, SecretKey, Signer, View, verify};

fn key() -> Arc<SecretKey> {
    Arc::new(SecretKey::generate("append").expect("randomness"))
}

fn open(dir: &Path, key: &Arc<SecretKey>) -> Ledger {
    Ledger::open(dir, Arc::clone(key) as _).expect("opened")
}

#[test]
fn threads_and_handles_append_side_by_side_and_each_gets_its_own_number() {
    let (dir, key) = (tempfile::tempdir().expect("a directory"), key());
    let log = dir.path().join("log");
    let handles = [open(&log, &key), open(&log, &key)];
    let mut told: Vec<(u64, String)> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|writer: usize| {
                let ledger = &handles[writer % 2];
                scope.spawn(move || {
                    let append = |n| {
                        let subject = format!("{writer}-{n}");
                        let event = Event::now("test", "me", &subject, ().into());
                        (ledger.append(event).expect("appended").index, subject)
                    };
                    (0..40).map(append).collect::<Vec<_>>()
                })
            })
            .collect();
        writers
            .into_iter()
            .flat_map(|writer| writer.join().expect("no panic"))
            .collect()
    });
    told.sort();
    let view = View::open(&log, key.key()).expect("opened");
    let held: Vec<(u64, String)> = view
        .iter(0)
        .map(|r| r.expect("a record"))
        .map(|r| (r.index, r.event.subject))
        .collect();
    assert_eq!(held, told);
    assert_eq!(verify(&log, key.key(), None).expect("clean").size, 320);
}

#[test]
fn long_journals_move_into_tiles_by_themselves() {
    let (dir, key) = (tempfile::tempdir().expect("a directory"), key());
    let ledger = open(dir.path().join("log").as_path(), &key);
    for batch in 0..9 {
        let events = (0..500).map(|n| Event::now("test", "me", batch * 500 + n, ().into()));
        ledger.append_batch(events).expect("appended");
    }
    assert!(dir.path().join("log/tile/0/015").exists());
    assert_eq!(
        ledger
            .view()
            .expect("a view")
            .read(4321)
            .expect("a record")
            .event
            .subject,
        "4321"
    );
    assert_eq!(
        verify(ledger.dir(), key.key(), None).expect("clean").size,
        4500
    );
}

#[test]
fn what_follows_a_position_is_checked_and_filtered_by_kind() {
    let (dir, key) = (tempfile::tempdir().expect("a directory"), key());
    let ledger = open(dir.path().join("log").as_path(), &key);
    let mut seen = Position::default();
    for round in 0..3_u64 {
        let kind = |n: u64| {
            if n.is_multiple_of(100) {
                "grant.approve"
            } else {
                "vet"
            }
        };
        ledger
            .append_batch((0..300).map(|n| Event::now(kind(n), "me", n, ().into())))
            .expect("appended");
        if round == 1 {
            ledger.publish().expect("published");
        }
        let found = ledger
            .view()
            .expect("a view")
            .since(&mut seen, "grant.")
            .expect("checked");
        let numbers: Vec<_> = found.iter().map(|record| record.index).collect();
        assert_eq!(numbers, [round * 300, round * 300 + 100, round * 300 + 200]);
        assert_eq!(seen.size(), (round + 1) * 300);
    }
    let bundle = dir.path().join("log/tile/entries/000");
    let mut bytes = fs::read(&bundle).expect("a bundle");
    let at = bytes
        .windows(5)
        .position(|w| w == b"\"me\",")
        .expect("an actor");
    bytes[at + 1] = b'y';
    fs::write(&bundle, bytes).expect("written");
    let error = ledger
        .view()
        .expect("a view")
        .since(&mut Position::default(), "grant.");
    assert!(
        error
            .expect_err("edited")
            .to_string()
            .contains("not those that were signed")
    );
}

#[test]
fn a_batch_is_recorded_as_a_whole_or_refused() {
    let (dir, key) = (tempfile::tempdir().expect("a directory"), key());
    let ledger = open(dir.path().join("log").as_path(), &key);
    assert_eq!(ledger.append_batch([]).expect("nothing"), []);
    let large = (0..200).map(|n| Event::now("test", "me", n, "x".repeat(60_000).into()));
    let error = ledger
        .append_batch(large)
        .expect_err("too large")
        .to_string();
    assert!(
        error.contains("12") && error.contains("at most 8388608"),
        "{error}"
    );
    assert_eq!(ledger.view().expect("a view").size(), 0);
}

#[test]
fn files_are_for_their_owner_and_a_loose_directory_is_refused() {
    let (dir, key) = (tempfile::tempdir().expect("a directory"), key());
    let log = dir.path().join("state/log");
    let ledger = open(&log, &key);
    ledger
        .append(Event::now("test", "me", "it", ().into()))
        .expect("appended");
    ledger.publish().expect("published");
    ledger
        .query_blocking(&ledger::Filter::default())
        .expect("an index");
    for (file, mode) in [
        ("", 0o700),
        ("tile/0", 0o700),
        ("checkpoint", 0o600),
        ("index.sqlite", 0o600),
    ] {
        let found = fs::metadata(log.join(file))
            .expect(file)
            .permissions()
            .mode()
            & 0o777;
        assert_eq!(found, mode, "{file}");
    }
    fs::set_permissions(&log, fs::Permissions::from_mode(0o755)).expect("chmod");
    let error = Ledger::open(&log, key).err().expect("refused").to_string();
    assert!(
        error.contains("mode 755") && error.contains("chmod 700"),
        "{error}"
    );
}

#[test]
fn a_fifo_or_a_missing_log_is_an_error_and_not_a_wait() {
    let (dir, key) = (tempfile::tempdir().expect("a directory"), key());
    let log = dir.path().join("log");
    assert!(View::open(&log, key.key()).is_err());
    drop(open(&log, &key));
    fs::remove_file(log.join("checkpoint")).expect("removed");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        log.join("checkpoint"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .expect("a FIFO");
    let error = View::open(&log, key.key())
        .err()
        .expect("refused")
        .to_string();
    assert!(
        error.contains("checkpoint") && error.contains("not a regular file"),
        "{error}"
    );
    assert!(verify(&log, key.key(), None).is_err());
}
