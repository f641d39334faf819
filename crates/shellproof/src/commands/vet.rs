//! `shellproof vet`: inspects artifacts side by side, records each verdict, and writes it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use anyhow::{Context as _, Result};
use capability::Decision;
use finding::Report;

use super::Setting;
use super::inspect::Inspector;
use crate::Exit;
use crate::cli::{FailOn, Format, Vet};

pub(super) fn run(setting: &Setting, args: &Vet) -> Result<Exit> {
    let inspector = Inspector::new(&args.inspecting)?;
    let recorder = if args.no_record {
        None
    } else {
        Some(inspector.recorder(&setting.state()?)?)
    };
    let mut style = setting.out.style;
    style.detail = match (args.verbose, args.paths.len()) {
        (true, _) => report::Detail::Full,
        (false, 1) => report::Detail::Normal,
        (false, _) => report::Detail::Line,
    };

    let mut summary = report::Summary::default();
    let mut kept = Vec::new();
    let mut worst = None;
    let mut incomplete = false;
    let started = std::time::Instant::now();
    in_order(args, &inspector, |batch| {
        if let Some(recorder) = &recorder {
            recorder
                .vets(&batch)
                .context("the verdict is not recorded")?;
        }
        for report in batch {
            worst = worst.max(Some(report.verdict.decision));
            incomplete |= !report.inspection.incomplete.is_empty();
            summary.add(&report);
            match args.format {
                Format::Human => setting
                    .out
                    .write(&report::terminal::artifact(&report, style))?,
                Format::Jsonl => setting.out.write(&report::jsonl::line(&report))?,
                Format::Json | Format::Sarif => kept.push(report),
            }
        }
        Ok(())
    })?;

    match args.format {
        Format::Human if args.paths.len() > 1 => {
            setting
                .out
                .write(&report::terminal::summary(&summary, style))?;
            setting
                .out
                .line(&format!("in {:.1} s", started.elapsed().as_secs_f64()))?;
        }
        Format::Human | Format::Jsonl => {}
        Format::Json => setting.out.write(&report::json::render(&kept))?,
        Format::Sarif => setting
            .out
            .write(&report::sarif::render(&kept, &crate::rules()))?,
    }
    if args.format == Format::Human && recorder.is_none() {
        setting.out.line("Not recorded (--no-record).")?;
    }
    Ok(exit(args.fail_on, worst, incomplete))
}

/// What could not be inspected weighs more than what was found: the answer is not whole.
fn exit(fail_on: FailOn, worst: Option<Decision>, incomplete: bool) -> Exit {
    let threshold = match fail_on {
        FailOn::Warn => Some(Decision::Warn),
        FailOn::Hold => Some(Decision::Hold),
        FailOn::Block => Some(Decision::Block),
        FailOn::Never => None,
    };
    if incomplete {
        Exit::Incomplete
    } else if threshold.is_some_and(|t| worst >= Some(t)) {
        Exit::Found
    } else {
        Exit::Clean
    }
}

/// Inspects all paths side by side and hands the reports over in the order of the paths, as many
/// at a time as are there: one durable append to the ledger serves them all.
fn in_order(
    args: &Vet,
    inspector: &Inspector,
    mut sink: impl FnMut(Vec<Report>) -> Result<()>,
) -> Result<()> {
    let jobs = args.jobs.map_or_else(
        || std::thread::available_parallelism().map_or(1, usize::from),
        usize::from,
    );
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let (to_sink, reports) = mpsc::channel();
        for _ in 0..jobs.min(args.paths.len()) {
            let (to_sink, next) = (to_sink.clone(), &next);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(path) = args.paths.get(index) else {
                        break;
                    };
                    if to_sink.send((index, inspector.report(path))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(to_sink);

        let mut waiting = BTreeMap::new();
        let mut due = 0;
        let handed = loop {
            let Ok((index, report)) = reports.recv() else {
                break Ok(());
            };
            waiting.insert(index, report);
            waiting.extend(reports.try_iter());
            let mut batch = Vec::new();
            while let Some(report) = waiting.remove(&due) {
                batch.push(report);
                due += 1;
            }
            if !batch.is_empty()
                && let Err(error) = sink(batch)
            {
                break Err(error);
            }
        };
        // The threads end with what they have in hand: nobody takes more from them.
        next.store(args.paths.len(), Ordering::Relaxed);
        handed
    })
}
