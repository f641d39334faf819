//! Whatever is done to the files, `verify` finds it and says where.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use ledger::{Event, Fault, Filter, Ledger, NoteError, Proof, SecretKey, Signer, View, verify};

/// A log of 600 records: 560 in tiles (two full bundles and a part), 40 in the journal, in four
/// groups; record 3 has its body beside the tree.
struct Log {
    dir: tempfile::TempDir,
    key: Arc<SecretKey>,
}

const TILED: u64 = 560;
const SIZE: u64 = 600;

fn event(n: u64) -> Event {
    let body = if n == 3 {
        "y".repeat(70_000)
    } else {
        format!("body {n}")
    };
    Event::now(
        if n.is_multiple_of(2) {
            "vet"
        } else {
            "grant.draft"
        },
        "me",
        n,
        body.into(),
    )
}

impl Log {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let key = Arc::new(SecretKey::generate("tamper").expect("randomness"));
        let log = Self { dir, key };
        let ledger = log.ledger();
        ledger
            .append_batch((0..TILED).map(event))
            .expect("appended");
        ledger.publish().expect("published");
        for group in 0..4 {
            let first = TILED + group * 10;
            ledger
                .append_batch((first..first + 10).map(event))
                .expect("appended");
        }
        log
    }

    fn ledger(&self) -> Ledger {
        Ledger::open(&self.path(""), Arc::clone(&self.key) as _).expect("opened")
    }

    fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join("log").join(file)
    }

    fn faults(&self, kept: Option<&str>) -> Vec<Fault> {
        verify(&self.path(""), self.key.key(), kept)
            .err()
            .unwrap_or_default()
    }

    /// Changes a file, and asserts that this is found and that nothing is appended to what is
    /// known to be damaged. Gives back the faults; the file is as before.
    #[track_caller]
    fn with(&self, file: &str, change: impl FnOnce(&mut Vec<u8>)) -> Vec<Fault> {
        let path = self.path(file);
        let before = fs::read(&path).expect("a file");
        let mut after = before.clone();
        change(&mut after);
        assert_ne!(before, after, "{file}");
        fs::write(&path, after).expect("written");
        let faults = self.faults(None);
        fs::write(&path, before).expect("written");
        faults
    }

    fn checkpoint(&self) -> String {
        View::open(&self.path(""), self.key.key())
            .expect("opened")
            .checkpoint()
            .note
            .clone()
    }
}

fn flip(bytes: &mut [u8], at: usize) {
    bytes[at] ^= 0x01;
}

#[track_caller]
fn assert_names(faults: &[Fault], record: u64) {
    let named = faults
        .iter()
        .any(|f| f.records.as_ref().is_some_and(|r| r.contains(&record)));
    assert!(named, "record {record} isn't named: {faults:?}");
}

#[test]
fn an_untouched_log_verifies_and_continues_itself() {
    let log = Log::new();
    let kept = log.checkpoint();
    let verified = verify(&log.path(""), log.key.key(), Some(&kept)).expect("clean");
    assert_eq!((verified.size, verified.continues), (SIZE, Some(SIZE)));
    assert_eq!(verified.checkpoint, kept);
    assert_eq!((verified.torn_bytes, verified.indexed), (0, None));
}

#[test]
fn an_edited_record_is_named_wherever_it_is() {
    let log = Log::new();
    let bundle = fs::read(log.path("tile/entries/001")).expect("a bundle");
    let text = String::from_utf8_lossy(&bundle);
    let at = text.find("body 300").expect("record 300");
    let faults = log.with("tile/entries/001", |bytes| flip(bytes, at));
    assert_names(&faults, 300);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].to_string().contains("edited"), "{}", faults[0]);

    for at in (0..bundle.len()).step_by(997) {
        assert!(
            !log.with("tile/entries/001", |bytes| flip(bytes, at))
                .is_empty(),
            "byte {at}"
        );
    }
    let journal = fs::read(log.path("journal/560")).expect("a journal");
    for at in (0..journal.len())
        .step_by(211)
        .chain(journal.len() - 40..journal.len())
    {
        let faults = log.with("journal/560", |bytes| flip(bytes, at));
        assert!(!faults.is_empty(), "byte {at} of {}", journal.len());
    }
}

#[test]
fn an_edited_journal_is_not_appended_to() {
    let log = Log::new();
    let path = log.path("journal/560");
    let mut bytes = fs::read(&path).expect("a journal");
    let last = bytes.len() - 1;
    for at in [100, last] {
        flip(&mut bytes, at);
        fs::write(&path, &bytes).expect("written");
        let refused = Ledger::open(&log.path(""), Arc::clone(&log.key) as _);
        let error = refused.err().expect("refused").to_string();
        assert!(
            error.contains("journal/560") && error.contains("ledger verify"),
            "{error}"
        );
        assert_eq!(fs::read(&path).expect("still there"), bytes);
        flip(&mut bytes, at);
    }
}

#[test]
fn a_removed_record_is_found() {
    let log = Log::new();
    let faults = log.with("tile/entries/000", |bytes| {
        let length = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
        bytes.drain(..length + 2);
    });
    assert_names(&faults, 0);
    let path = log.path("tile/entries/001");
    let kept = fs::read(&path).expect("a bundle");
    fs::remove_file(&path).expect("removed");
    assert_names(&log.faults(None), 256);
    fs::write(&path, kept).expect("written");
    assert!(log.faults(None).is_empty());
}

#[test]
fn reordered_records_are_found_and_said_to_be_moved() {
    let log = Log::new();
    let faults = log.with("tile/entries/001", |bytes| {
        let entry = |bytes: &[u8]| 2 + usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
        let first = entry(bytes);
        let second = entry(&bytes[first..]);
        bytes[..first + second].rotate_left(first);
    });
    assert_names(&faults, 256);
    assert_names(&faults, 257);
    assert!(
        faults[0].to_string().contains("it was moved"),
        "{}",
        faults[0]
    );
}

#[test]
fn a_swapped_group_in_the_journal_is_found() {
    let log = Log::new();
    let faults = log.with("journal/560", |bytes| {
        let starts: Vec<_> = (0..bytes.len())
            .filter(|at| bytes[*at..].starts_with(b"SPJ1"))
            .collect();
        bytes[starts[1]..starts[3]].rotate_left(starts[2] - starts[1]);
    });
    assert_names(&faults, 570);
}

#[test]
fn a_cut_journal_shows_against_a_kept_checkpoint_only() {
    let log = Log::new();
    let kept = log.checkpoint();
    let path = log.path("journal/560");
    let bytes = fs::read(&path).expect("a journal");
    let last = (0..bytes.len())
        .rfind(|at| bytes[*at..].starts_with(b"SPJ1"))
        .expect("a frame");
    for cut in [last, last + 50] {
        fs::write(&path, &bytes[..cut]).expect("written");
        let verified = verify(&log.path(""), log.key.key(), None).expect("nothing to hold it to");
        assert_eq!(
            (verified.size, verified.torn_bytes),
            (590, (cut - last) as u64)
        );
        let faults = log.faults(Some(&kept));
        assert_names(&faults, 590);
        assert!(faults[0].to_string().contains("cut off"), "{}", faults[0]);
    }
    // What is appended now takes the place of what was cut, and is another history.
    log.ledger()
        .append_batch((0..10).map(event))
        .expect("appended");
    assert!(
        log.faults(Some(&kept))[0]
            .to_string()
            .contains("another history")
    );
}

#[test]
fn a_checkpoint_put_back_is_found() {
    let log = Log::new();
    let old = fs::read(log.path("checkpoint")).expect("a checkpoint");
    log.ledger().publish().expect("published");
    let kept = log.checkpoint();
    assert!(log.faults(Some(&kept)).is_empty());
    let now = fs::read(log.path("checkpoint")).expect("a checkpoint");
    fs::write(log.path("checkpoint"), &old).expect("written");
    // Even without a kept one: the bundles reach further than what is signed.
    assert!(
        log.faults(None)[0].to_string().contains("cut off"),
        "{:?}",
        log.faults(None)
    );
    assert_names(&log.faults(Some(&kept)), TILED);
    fs::write(log.path("checkpoint"), now).expect("written");

    log.ledger().append(event(0)).expect("appended");
    fs::write(log.path("checkpoint"), &old).expect("written");
    assert!(
        log.faults(None)
            .iter()
            .any(|f| f.to_string().contains("an older one, of 560"))
    );
    let refused = Ledger::open(&log.path(""), Arc::clone(&log.key) as _)
        .err()
        .expect("refused");
    assert!(
        refused
            .to_string()
            .contains("an older checkpoint was put back"),
        "{refused}"
    );

    // Nor does it help to remove the journal that gives it away.
    for base in [TILED, SIZE] {
        let _ = fs::remove_file(log.path(&format!("journal/{base}")));
    }
    let refused = Ledger::open(&log.path(""), Arc::clone(&log.key) as _)
        .err()
        .expect("refused");
    assert!(
        refused.to_string().contains("more records than are signed"),
        "{refused}"
    );
}

#[test]
fn a_log_signed_by_another_key_is_refused() {
    let (log, other) = (Log::new(), Log::new());
    let faults = verify(&log.path(""), other.key.key(), None).expect_err("not its key");
    assert!(
        faults[0].to_string().contains("not signed by"),
        "{}",
        faults[0]
    );
    let foreign = other.checkpoint();
    assert!(!log.faults(Some(&foreign)).is_empty());
    fs::copy(other.path("checkpoint"), log.path("checkpoint")).expect("copied");
    assert!(!log.faults(None).is_empty());
    assert!(Ledger::open(&log.path(""), Arc::clone(&log.key) as _).is_err());
}

#[test]
fn a_changed_byte_of_the_checkpoint_is_found() {
    let log = Log::new();
    let length = fs::read(log.path("checkpoint"))
        .expect("a checkpoint")
        .len();
    for at in (0..length).step_by(7) {
        assert!(
            !log.with("checkpoint", |bytes| flip(bytes, at)).is_empty(),
            "byte {at}"
        );
    }
}

#[test]
fn changed_tiles_and_bodies_are_found() {
    let log = Log::new();
    for tile in [
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/48",
        "tile/1/000.p/2",
    ] {
        for at in [0, 31, 32] {
            let faults = log.with(tile, |bytes| flip(bytes, at));
            assert!(
                faults.iter().any(|f| f.object == tile),
                "{tile} byte {at}: {faults:?}"
            );
        }
        assert!(
            !log.with(tile, |bytes| bytes.truncate(33)).is_empty(),
            "{tile} cut"
        );
    }
    let blob = fs::read_dir(log.path("blob"))
        .expect("a list")
        .next()
        .expect("a body");
    let name = format!("blob/{}", blob.expect("a body").file_name().display());
    assert_names(&log.with(&name, |bytes| flip(bytes, 100)), 3);
    fs::remove_file(log.path(&name)).expect("removed");
    assert_names(&log.faults(None), 3);
    assert!(log.ledger().view().expect("a view").read(3).is_err());
}

#[test]
fn an_edited_index_is_found_and_made_again() {
    let log = Log::new();
    let ledger = log.ledger();
    let filter = Filter {
        kind: Some("grant.".into()),
        limit: Some(5),
        ..Filter::default()
    };
    let right = ledger.query_blocking(&filter).expect("found");
    let numbers = |records: &[ledger::Record]| records.iter().map(|r| r.index).collect::<Vec<_>>();
    assert_eq!(numbers(&right), [591, 593, 595, 597, 599]);
    let verified = verify(&log.path(""), log.key.key(), None).expect("clean");
    assert_eq!(verified.indexed, Some(SIZE));

    for (sql, record) in [
        ("UPDATE events SET kind = 'vet' WHERE record = 597", 597),
        ("DELETE FROM events WHERE record = 300", 300),
        (
            "UPDATE events SET hash = zeroblob(32) WHERE record = 599",
            599,
        ),
        (
            "INSERT INTO events VALUES (600, 0, 'vet', 'me', 'it', zeroblob(32))",
            600,
        ),
    ] {
        edit(&log.path("index.sqlite"), sql);
        let faults = log.faults(None);
        assert_names(&faults, record);
        assert!(
            faults.iter().all(|f| f.object == "index.sqlite"),
            "{faults:?}"
        );
        fs::remove_file(log.path("index.sqlite")).expect("removed");
        assert_eq!(ledger.query_blocking(&filter).expect("made again"), right);
        assert!(log.faults(None).is_empty());
    }
    // What a query comes across is repaired without being asked.
    edit(
        &log.path("index.sqlite"),
        "UPDATE events SET hash = zeroblob(32) WHERE record = 599",
    );
    assert_eq!(ledger.query_blocking(&filter).expect("made again"), right);
    fs::write(log.path("index.sqlite"), "not a database").expect("written");
    assert!(!log.faults(None).is_empty());
    assert_eq!(ledger.query_blocking(&filter).expect("made again"), right);
    assert!(log.faults(None).is_empty());
}

fn edit(index: &Path, sql: &'static str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        use sqlx::{ConnectOptions as _, Connection as _};
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(index);
        let mut connection = options.connect().await.expect("opened");
        sqlx::raw_sql(sql)
            .execute(&mut connection)
            .await
            .expect("edited");
        connection.close().await.expect("closed");
    });
}

#[test]
fn queries_narrow_by_each_field_and_page() {
    let log = Log::new();
    let ledger = log.ledger();
    let count = |filter: Filter| ledger.query_blocking(&filter).expect("found").len() as u64;
    assert_eq!(count(Filter::default()), SIZE);
    assert_eq!(
        count(Filter {
            kind: Some("vet".into()),
            ..Filter::default()
        }),
        SIZE / 2
    );
    assert_eq!(
        count(Filter {
            kind: Some("v%".into()),
            ..Filter::default()
        }),
        0
    );
    assert_eq!(
        count(Filter {
            subject: Some("7".into()),
            actor: Some("me".into()),
            ..Filter::default()
        }),
        1
    );
    assert_eq!(
        count(Filter {
            actor: Some("' OR 1=1 --".into()),
            ..Filter::default()
        }),
        0
    );
    let at = ledger
        .view()
        .expect("a view")
        .read(570)
        .expect("a record")
        .event
        .at;
    assert!(
        count(Filter {
            since: Some(at),
            ..Filter::default()
        }) >= 1
    );
    let both = count(Filter {
        since: Some(at),
        ..Filter::default()
    }) + count(Filter {
        until: Some(at),
        ..Filter::default()
    });
    assert_eq!(both, SIZE);
    let page = Filter {
        before: Some(100),
        limit: Some(2),
        ..Filter::default()
    };
    let page: Vec<_> = ledger
        .query_blocking(&page)
        .expect("found")
        .iter()
        .map(|r| r.index)
        .collect();
    assert_eq!(page, [98, 99]);
}

#[test]
fn a_proof_of_any_record_checks_offline_and_a_changed_one_does_not() {
    let log = Log::new();
    let view = log.ledger().view().expect("a view");
    for index in [0, 3, 255, 256, 511, 512, 559, 560, 575, SIZE - 1] {
        let proof = view.prove(index).expect("proved");
        let text = proof.to_string();
        let read: Proof = text.parse().expect("a proof");
        assert_eq!(read, proof);
        assert_eq!(read.check(log.key.key()).expect("it holds").size, SIZE);
        let mut moved = proof.clone();
        moved.index += 1;
        assert_eq!(moved.check(log.key.key()), Err(NoteError::Path));
        let mut edited = proof;
        edited.leaf[10] ^= 1;
        assert_eq!(edited.check(log.key.key()), Err(NoteError::Path));
        for at in (0..text.len()).step_by(7) {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let holds = String::from_utf8(bytes)
                .ok()
                .and_then(|text| text.parse::<Proof>().ok())
                .is_some_and(|proof| proof.check(log.key.key()).is_ok());
            assert!(!holds, "byte {at} of the proof of {index}");
        }
    }
    assert!(view.prove(SIZE).is_err());
}

#[test]
fn a_log_proves_to_a_keeper_that_it_only_grew() {
    let log = Log::new();
    let ledger = log.ledger();
    let old = ledger.checkpoint().expect("signed");
    ledger.append_batch((0..700).map(event)).expect("appended");
    let view = ledger.view().expect("a view");
    let (new, path) = (
        view.checkpoint(),
        view.prove_consistency(old.size).expect("proved"),
    );
    assert!(ledger::check_consistency(
        old.size, old.root, new.size, new.root, &path
    ));
    assert!(!ledger::check_consistency(
        old.size, new.root, new.size, new.root, &path
    ));
    assert!(view.prove_consistency(new.size + 1).is_err());
}

#[test]
fn verifying_changes_nothing_and_works_on_a_copy_without_its_lock() {
    let log = Log::new();
    log.ledger()
        .query_blocking(&Filter::default())
        .expect("an index");
    fs::remove_file(log.path("lock")).expect("removed");
    let list = || {
        let mut files: Vec<_> = walk(&log.path(""))
            .into_iter()
            .map(|p| (fs::read(&p).expect("a file"), p))
            .collect();
        files.sort();
        files
    };
    let before = list();
    assert!(log.faults(None).is_empty());
    assert!(before == list(), "a file changed");
}

fn walk(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir)
        .expect("a list")
        .map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                walk(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}
