//! Real processes, killed at random while several of them append: no acknowledged record is
//! lost, and the log verifies after each.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use ledger::{Event, Ledger, SecretKey, Signer, verify};

const KILLS: usize = 200;
const WRITERS: usize = 3;
/// Set for the copies of this test that write.
const ROLE: &str = "LEDGER_KILL_TEST_WRITER";

/// Not a test of its own: what a writer process runs. Prints each acknowledged record.
#[test]
fn a_writer_process_appends_until_it_is_killed() {
    let Some(dir) = std::env::var_os(ROLE) else {
        return;
    };
    let dir = Path::new(&dir);
    let key: SecretKey = std::fs::read_to_string(dir.join("key"))
        .expect("a key")
        .parse()
        .expect("a key");
    let ledger = Ledger::open(&dir.join("log"), Arc::new(key)).expect("opened");
    let me = std::process::id();
    for n in 0_u64.. {
        let count = n % 40 + 1; // now and then enough to fill tiles
        let events = (0..count).map(|i| {
            Event::now(
                "test",
                "kill",
                format!("{me}-{n}-{i}"),
                "x".repeat(300).into(),
            )
        });
        let receipts = ledger.append_batch(events).expect("appended");
        if n % 16 == 15 {
            ledger.publish().expect("published");
        }
        let mut acknowledged = String::new();
        for (i, receipt) in receipts.iter().enumerate() {
            acknowledged.push_str(&format!("ack {} {me}-{n}-{i}\n", receipt.index));
        }
        let mut out = std::io::stdout().lock();
        if out
            .write_all(acknowledged.as_bytes())
            .and_then(|()| out.flush())
            .is_err()
        {
            return;
        }
    }
}

/// A writer, killed when it goes out of scope.
struct Writer(Child);

impl Writer {
    fn start(dir: &Path) -> Self {
        let name = "a_writer_process_appends_until_it_is_killed";
        let child = Command::new(std::env::current_exe().expect("this test"))
            .args([name, "--exact", "--nocapture", "--test-threads=1"])
            .env(ROLE, dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        Self(child)
    }

    /// Kills it and gives back what it had been told.
    fn kill(mut self) -> Vec<(u64, String)> {
        self.0.kill().expect("killed");
        let out = self.0.stdout.take().expect("a pipe");
        let lines = BufReader::new(out).split(b'\n').map_while(Result::ok);
        let acks = lines.filter_map(|line| {
            let line = String::from_utf8(line).ok()?;
            let (index, subject) = line.strip_prefix("ack ")?.split_once(' ')?;
            Some((index.parse().ok()?, subject.to_owned()))
        });
        let mut acks: Vec<(u64, String)> = acks.collect();
        acks.pop(); // the kill may have cut its line
        acks
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn two_hundred_kills_lose_nothing_acknowledged() {
    let dir = tempfile::tempdir().expect("a directory");
    let key = SecretKey::generate("kill").expect("randomness");
    std::fs::write(dir.path().join("key"), key.to_text().as_bytes()).expect("written");
    let public = key.key().clone();
    let log = dir.path().join("log");
    drop(Ledger::open(&log, Arc::new(key)).expect("made"));

    let mut acknowledged: Vec<(u64, String)> = Vec::new();
    let mut kept: Option<String> = None;
    let mut writers: Vec<Writer> = (0..WRITERS).map(|_| Writer::start(dir.path())).collect();
    for round in 0..KILLS {
        // Anything from the middle of a start to the middle of many appends.
        let mut random = [0_u8; 2];
        getrandom::fill(&mut random).expect("randomness");
        std::thread::sleep(Duration::from_millis(u64::from(random[0]) % 60));
        let victim = usize::from(random[1]) % WRITERS;
        let dead = std::mem::replace(&mut writers[victim], Writer::start(dir.path()));
        acknowledged.extend(dead.kill());
        // The others go on while this one looks; every record is looked at in the end.
        if round % 20 == 19 {
            let verified = verify(&log, &public, kept.as_deref());
            kept = Some(
                verified
                    .unwrap_or_else(|f| panic!("round {round}: {}", f[0]))
                    .checkpoint,
            );
        }
    }
    for writer in writers {
        acknowledged.extend(writer.kill());
    }
    let verified = verify(&log, &public, kept.as_deref()).unwrap_or_else(|f| panic!("{}", f[0]));
    assert!(
        acknowledged.len() > KILLS,
        "only {} acknowledged",
        acknowledged.len()
    );

    let view = ledger::View::open(&log, &public).expect("opened");
    assert_eq!(view.size(), verified.size);
    let records: Vec<String> = view
        .iter(0)
        .map(|record| record.expect("a record").event.subject)
        .collect();
    for (index, subject) in &acknowledged {
        assert_eq!(
            records.get(*index as usize),
            Some(subject),
            "record {index}"
        );
    }
}
