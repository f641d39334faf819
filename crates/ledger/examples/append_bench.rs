//! Measures durable appends: `cargo run --release -p ledger --example append_bench [DIR]`.
//!
//! Prints one figure a line, `<name> <value>`; the directory decides which disk is measured.
#![expect(clippy::print_stdout, reason = "a program")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ledger::{Event, Ledger, SecretKey, verify};

const BODY: usize = 400; // with its envelope a leaf of about 512 bytes
const THREADS: usize = 256;

fn event(n: usize) -> Event {
    Event::now("bench", "bench", n, "x".repeat(BODY).into())
}

fn percentile(sorted: &[Duration], percent: usize) -> u128 {
    sorted[(sorted.len() - 1) * percent / 100].as_micros()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let parent = std::env::args_os()
        .nth(1)
        .map_or_else(std::env::temp_dir, Into::into);
    let dir = tempfile::tempdir_in(parent)?;
    let key = Arc::new(SecretKey::generate("bench")?);
    let log = dir.path().join("log");
    let ledger = Ledger::open(&log, Arc::clone(&key) as _)?;

    let mut one: Vec<Duration> = (0..300)
        .map(|n| {
            let start = Instant::now();
            ledger.append(event(n)).map(|_| start.elapsed())
        })
        .collect::<Result<_, _>>()?;
    one.sort();
    println!("ledger.append_one_p50_us {}", percentile(&one, 50));
    println!("ledger.append_one_p99_us {}", percentile(&one, 99));

    let start = Instant::now();
    let mut group: Vec<Duration> = std::thread::scope(|scope| {
        let run = || {
            let mut acks = Vec::new();
            while start.elapsed() < Duration::from_secs(3) {
                let start = Instant::now();
                ledger.append(event(acks.len()))?;
                acks.push(start.elapsed());
            }
            Ok::<_, ledger::Error>(acks)
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(run)).collect();
        let acks = threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"));
        acks.collect::<Result<Vec<_>, _>>()
            .map(|acks| acks.concat())
    })?;
    let rate = group.len() as f64 / start.elapsed().as_secs_f64();
    group.sort();
    println!("ledger.append_group_per_s {rate:.0}");
    println!("ledger.append_group_p50_us {}", percentile(&group, 50));
    println!("ledger.append_group_p99_us {}", percentile(&group, 99));

    let start = Instant::now();
    let batches = 100_000 / 256;
    for batch in 0..batches {
        ledger.append_batch((0..256).map(|n| event(batch * 256 + n)))?;
    }
    println!(
        "ledger.append_batch_per_s {:.0}",
        f64::from(batches as u32 * 256) / start.elapsed().as_secs_f64()
    );
    drop(ledger);

    let start = Instant::now();
    let ledger = Ledger::open(&log, Arc::clone(&key) as _)?;
    println!("ledger.open_us {}", start.elapsed().as_micros());
    let view = ledger.view()?;
    println!("ledger.records {}", view.size());
    let start = Instant::now();
    let proof = view.prove(view.size() / 2)?;
    println!("ledger.prove_us {}", start.elapsed().as_micros());
    proof.check(ledger.key())?;
    let start = Instant::now();
    let verified = verify(&log, ledger.key(), None).map_err(|faults| faults[0].to_string())?;
    println!(
        "ledger.verify_per_s {:.0}",
        verified.size as f64 / start.elapsed().as_secs_f64()
    );
    Ok(())
}
