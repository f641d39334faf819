//! What was acknowledged survives: a power cut and a full disk at every operation.

use std::{path::Path, sync::Arc};

use serde_json::json;

use super::sim::{Loss, Sim, Trouble};
use crate::{
    Checkpoint, Event, Ledger, Receipt, Result, SecretKey, Signer, disk::Disk, verify::verify_disk,
};

fn event(n: usize) -> Event {
    Event::now("test", "crash", n, json!("x".repeat(n * 97 % 700)))
}

fn open(disk: &Arc<Sim>, key: &Arc<SecretKey>) -> Result<Ledger> {
    let disk = Arc::clone(disk) as Arc<dyn Disk>;
    Ledger::on(
        Path::new("simulated"),
        disk,
        Arc::clone(key) as Arc<dyn Signer>,
    )
}

/// What a run was told.
#[derive(Default)]
struct Acknowledged {
    /// Numbers of events, and where they are.
    events: Vec<(usize, Receipt)>,
    kept: Option<Checkpoint>,
    /// The number of the next event.
    next: usize,
}

impl Acknowledged {
    fn append(&mut self, ledger: &Ledger, count: usize) -> Result<()> {
        let numbers = self.next..self.next + count;
        self.next += count;
        let receipts = ledger.append_batch(numbers.clone().map(event))?;
        self.events.extend(numbers.zip(receipts));
        Ok(())
    }
}

/// A workload that goes through every path: first use, single records, batches, a body beside
/// the tree, partial and full tiles, reopening. `step` says what to do about an error.
fn workload(disk: &Arc<Sim>, key: &Arc<SecretKey>, told: &mut Acknowledged) -> Result<()> {
    let ledger = open(disk, key)?;
    for _ in 0..3 {
        told.append(&ledger, 1)?;
    }
    told.append(&ledger, 5)?;
    ledger.publish()?;
    told.append(&ledger, 1)?;
    let body = json!("y".repeat(66_000));
    ledger.append(Event::now("test", "crash", "blob", body))?;
    told.append(&ledger, 244)?; // one short of a full tile
    ledger.publish()?;
    drop(ledger);

    let ledger = open(disk, key)?;
    told.append(&ledger, 2)?;
    told.kept = Some(ledger.publish()?);
    let other = open(disk, key)?;
    told.append(&other, 2)?;
    told.append(&ledger, 9)?; // takes in what the other appended
    ledger.publish()?;
    told.append(&other, 1)?; // finds the tiles that the first wrote
    told.kept = Some(other.checkpoint()?);
    Ok(())
}

/// All that was acknowledged is there, the log is clean, continues what was kept, and goes on.
fn assert_intact(disk: &Arc<Sim>, key: &Arc<SecretKey>, told: &Acknowledged, when: &str) {
    let kept = told.kept.as_ref().map(|kept| kept.note.as_str());
    let is_log = disk.size("checkpoint").is_ok();
    assert!(is_log || told.events.is_empty(), "{when}: no log");
    if is_log {
        let verified = verify_disk(&**disk, key.key(), kept, None);
        verified.unwrap_or_else(|faults| panic!("{when}, before reopening: {}", faults[0]));
    }
    let ledger = open(disk, key).unwrap_or_else(|e| panic!("{when}, reopening: {e}"));
    let receipt = ledger
        .append(event(0))
        .unwrap_or_else(|e| panic!("{when}, going on: {e}"));
    let verified = verify_disk(&**disk, key.key(), kept, None)
        .unwrap_or_else(|faults| panic!("{when}, after reopening: {}", faults[0]));
    assert_eq!(verified.size, receipt.index + 1, "{when}");
    assert_eq!(verified.torn_bytes, 0, "{when}");
    let view = ledger.view().unwrap_or_else(|e| panic!("{when}: {e}"));
    let subjects: Vec<String> = view
        .iter(0)
        .map(|r| r.unwrap_or_else(|e| panic!("{when}: {e}")).event.subject)
        .collect();
    for (number, receipt) in &told.events {
        let found = subjects.get(receipt.index as usize);
        assert_eq!(found, Some(&number.to_string()), "{when}: {receipt:?}");
    }
}

fn losses(seed: usize) -> impl Iterator<Item = Loss> {
    // That all of it arrives is what a killed process leaves: see `tests/kill.rs`.
    [
        Loss::All,
        Loss::Some(seed as u64),
        Loss::Some(!(seed as u64)),
    ]
    .into_iter()
}

fn key() -> Arc<SecretKey> {
    Arc::new(SecretKey::generate("crash").expect("randomness"))
}

/// How many changes the workload makes when all goes well.
fn operations(key: &Arc<SecretKey>) -> usize {
    let disk = Arc::new(Sim::new(Trouble::Never));
    let mut told = Acknowledged::default();
    workload(&disk, key, &mut told).expect("nothing goes wrong");
    assert_intact(&disk, key, &told, "untroubled");
    disk.operations()
}

#[test]
fn a_power_cut_at_any_operation_loses_nothing_acknowledged() {
    let key = key();
    for at in 0..operations(&key) {
        let disk = Arc::new(Sim::new(Trouble::PowerCut(at)));
        let mut told = Acknowledged::default();
        let _ = workload(&disk, &key, &mut told);
        for loss in losses(at) {
            let after = Arc::new(disk.after_power_cut(loss));
            assert_intact(
                &after,
                &key,
                &told,
                &format!("power cut at {at}, losing {loss:?}"),
            );
        }
    }
}

#[test]
fn a_second_power_cut_while_recovering_loses_nothing_either() {
    let key = key();
    for at in (0..operations(&key)).step_by(11) {
        let disk = Arc::new(Sim::new(Trouble::PowerCut(at)));
        let mut told = Acknowledged::default();
        let _ = workload(&disk, &key, &mut told);
        for again in 0..12 {
            let recovering = Arc::new(disk.after_power_cut(Loss::Some(at as u64)));
            recovering.set_trouble(Trouble::PowerCut(again));
            let second = open(&recovering, &key).and_then(|ledger| {
                ledger.append(event(0))?;
                ledger.publish()
            });
            let after = Arc::new(recovering.after_power_cut(Loss::Some(again as u64)));
            let when = format!(
                "power cuts at {at} and {again} ({:?})",
                second.map(|head| head.size)
            );
            assert_intact(&after, &key, &told, &when);
        }
    }
}

#[test]
fn a_full_disk_at_any_operation_is_an_error_and_the_log_goes_on_when_there_is_room() {
    let key = key();
    for at in 0..operations(&key) {
        // For one operation, or for good.
        let length = if at % 2 == 0 { 1 } else { 1000 };
        let disk = Arc::new(Sim::new(Trouble::Full(at, at + length)));
        let mut told = Acknowledged::default();
        let result = workload(&disk, &key, &mut told);
        disk.set_trouble(Trouble::Never);
        if let Err(error) = result.map_err(|error| error.to_string()) {
            assert!(
                error.contains("cannot") || error.contains("open it again"),
                "{error}"
            );
        }
        let when = format!("full for {length} at {at}");
        // What was acknowledged doesn't only look durable.
        let after = Arc::new(disk.after_power_cut(Loss::All));
        assert_intact(&after, &key, &told, &format!("{when}, then a power cut"));
        assert_intact(&disk, &key, &told, &when);
    }
}

#[test]
fn a_handle_goes_on_by_itself_after_the_disk_was_full() {
    let (key, disk) = (key(), Arc::new(Sim::new(Trouble::Never)));
    let ledger = open(&disk, &key).expect("opened");
    ledger.append(event(1)).expect("appended");
    disk.set_trouble(Trouble::Full(disk.operations(), disk.operations() + 1));
    let error = ledger.append(event(2)).expect_err("no room").to_string();
    assert!(
        error.contains("journal/0") && error.contains("nothing was recorded"),
        "{error}"
    );
    let receipt = ledger.append(event(3)).expect("room again");
    assert_eq!(receipt.index, 1);
    let told = Acknowledged {
        events: vec![(1, Receipt { index: 0, size: 1 }), (3, receipt)],
        ..Acknowledged::default()
    };
    assert_intact(
        &Arc::new(disk.after_power_cut(Loss::All)),
        &key,
        &told,
        "after room came back",
    );
}

#[test]
fn what_a_dead_writer_left_is_settled_before_another_builds_on_it() {
    let key = key();
    for (dies, cut) in (0..4).flat_map(|dies| (0..6).map(move |cut| (dies, cut))) {
        for loss in losses(dies * 6 + cut) {
            let disk = Arc::new(Sim::new(Trouble::Never));
            let (first, second) = (open(&disk, &key), open(&disk, &key));
            let (first, second) = (first.expect("opened"), second.expect("opened"));
            let mut told = Acknowledged::default();
            told.append(&first, 3).expect("appended");
            // Its process is killed; what it wrote is still there, synced or not.
            disk.set_trouble(Trouble::PowerCut(disk.operations() + dies));
            let _ = told.append(&first, 20);
            disk.set_trouble(Trouble::PowerCut(disk.operations() + cut));
            let _ = told.append(&second, 1);
            let after = Arc::new(disk.after_power_cut(loss));
            let when = format!("dead at {dies}, power cut at {cut}, losing {loss:?}");
            assert_intact(&after, &key, &told, &when);
        }
    }
}

#[test]
fn what_a_full_disk_left_is_cut_off_by_the_next_writer() {
    let (key, disk) = (key(), Arc::new(Sim::new(Trouble::Never)));
    let (first, second) = (open(&disk, &key), open(&disk, &key));
    let (first, second) = (first.expect("opened"), second.expect("opened"));
    let mut told = Acknowledged::default();
    told.append(&first, 3).expect("appended");
    // Half a frame is written, and it cannot even be taken back.
    disk.set_trouble(Trouble::Full(disk.operations(), usize::MAX));
    told.append(&first, 20).expect_err("full");
    disk.set_trouble(Trouble::Never);
    assert!(matches!(
        told.append(&first, 1),
        Err(crate::Error::Poisoned(_))
    ));
    told.append(&second, 1).expect("room again");
    assert_intact(&disk, &key, &told, "room again");
}
