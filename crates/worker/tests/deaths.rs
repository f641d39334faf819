//! Whatever a file does to its worker, the parent lives, says so about that file, and reads the
//! rest.

use std::path::Path;
use std::time::Duration;

use skill::{Bundle, Caps};
use worker::{Budget, Host, Limits, Outcome};

const RIG: &str = env!("CARGO_BIN_EXE_worker-rig");

fn limits() -> Limits {
    let budget = Budget {
        address_space: 1 << 30,
        ..Budget::default()
    };
    Limits {
        artifact: Duration::from_secs(60),
        file: Duration::from_secs(20),
        budget,
        ..Limits::default()
    }
}

fn bundle(files: &[(&str, &str)]) -> Bundle {
    let dir = tempfile::tempdir().expect("a directory");
    for (name, content) in files {
        std::fs::write(dir.path().join(name), content).expect("written");
    }
    skill::dir::read(dir.path(), &Caps::default()).expect("read")
}

/// What an obedient worker says of these files.
fn obey(files: &[(&str, &str)], limits: Limits) -> Outcome {
    Host::of(RIG, "obey", limits).inspect(bundle(files), &Caps::default())
}

/// Asserts that the file in the middle is reported under `rule`, and that its neighbours are read.
fn only_middle_is_lost(what: &str, rule: &str, limits: Limits) -> String {
    let outcome = obey(&[("a", "first"), ("b", what), ("c", "last")], limits);
    let read: Vec<_> = outcome
        .facts
        .gaps
        .iter()
        .map(|g| g.reason.as_str())
        .collect();
    assert_eq!(read, ["first", "last"], "{:?}", outcome.incomplete);
    let [lost] = &outcome.incomplete[..] else {
        panic!("{:?}", outcome.incomplete)
    };
    assert_eq!(
        (lost.rule.as_str(), lost.path.as_deref()),
        (rule, Some("b")),
        "{}",
        lost.reason
    );
    lost.reason.clone()
}

#[test]
fn a_file_that_aborts_its_worker_is_reported_and_the_rest_is_read() {
    let reason = only_middle_is_lost("abort", "worker-died", limits());
    assert!(reason.contains("SIGABRT"), "{reason}");
}

#[test]
fn a_panic_is_reported_with_its_message() {
    let reason = only_middle_is_lost("panic", "worker-died", limits());
    assert!(reason.contains("as told"), "{reason}");
}

#[test]
fn an_early_exit_is_not_an_answer() {
    only_middle_is_lost("exit", "worker-died", limits());
}

#[test]
fn a_forbidden_system_call_ends_the_worker() {
    for what in ["socket", "kill"] {
        let reason = only_middle_is_lost(what, "worker-died", limits());
        assert!(reason.contains("no parser needs"), "{reason}");
    }
}

#[test]
fn a_stack_overflow_is_reported() {
    let reason = only_middle_is_lost("overflow", "worker-died", limits());
    assert!(reason.contains("overflowed its stack"), "{reason}");
}

#[test]
fn memory_without_end_is_refused() {
    let reason = only_middle_is_lost("balloon", "worker-died", limits());
    assert!(reason.contains("memory allocation"), "{reason}");
}

#[test]
fn an_answer_without_end_is_refused() {
    only_middle_is_lost("flood", "worker-died", limits());
}

#[test]
fn an_answer_about_another_file_is_not_believed() {
    only_middle_is_lost("speak-of-others", "worker-misbehaved", limits());
}

#[test]
fn a_file_without_end_runs_into_its_limit() {
    let limits = Limits {
        file: Duration::from_millis(300),
        ..limits()
    };
    only_middle_is_lost("spin", "timed-out", limits);
}

#[test]
fn processor_time_is_limited_without_the_clock() {
    let budget = Budget {
        cpu_seconds: 1,
        ..limits().budget
    };
    only_middle_is_lost("spin", "timed-out", Limits { budget, ..limits() });
}

#[test]
fn an_artifact_of_killers_ends_after_so_many_deaths() {
    let names: Vec<_> = (0..20).map(|n| format!("{n:02}")).collect();
    let files: Vec<_> = names.iter().map(|n| (n.as_str(), "abort")).collect();
    let outcome = obey(
        &files,
        Limits {
            deaths: 3,
            ..limits()
        },
    );
    let paths: Vec<_> = outcome
        .incomplete
        .iter()
        .map(|i| i.path.as_deref())
        .collect();
    assert_eq!(paths, [Some("00"), Some("01"), Some("02"), None]);
    assert!(outcome.facts.gaps.is_empty());
}

#[test]
fn an_artifact_ends_with_its_time() {
    let limits = Limits {
        artifact: Duration::from_millis(300),
        ..limits()
    };
    let outcome = obey(&[("a", "spin"), ("b", "fine")], limits);
    let rules: Vec<_> = outcome
        .incomplete
        .iter()
        .map(|i| (i.rule.as_str(), i.path.as_deref()))
        .collect();
    assert_eq!(rules, [("timed-out", Some("a")), ("timed-out", None)]);
}

#[test]
fn a_binary_that_is_no_worker_is_not_believed() {
    for (program, verb, rule) in [
        ("/usr/bin/yes", "y", "worker-misbehaved"),
        ("/bin/false", "", "worker-died"),
        ("/bin/sleep", "60", "timed-out"),
        ("/nowhere", "", "worker-died"),
    ] {
        let limits = Limits {
            file: Duration::from_millis(300),
            ..limits()
        };
        let host = Host::of(program, verb, limits);
        let outcome = host.inspect(bundle(&[("a", "b")]), &Caps::default());
        assert_eq!(
            outcome.incomplete[0].rule.as_str(),
            rule,
            "{}",
            outcome.incomplete[0].reason
        );
        assert!(outcome.confinement.is_none());
        host.probe().expect_err(program);
    }
}

#[test]
fn no_process_is_left_behind() {
    let limits = Limits {
        artifact: Duration::from_millis(300),
        ..limits()
    };
    let _ = obey(&[("a", "spin"), ("b", "abort")], limits);
    // Only this test's children are looked for: others run beside it.
    let own = std::process::id().to_string();
    for entry in Path::new("/proc").read_dir().expect("listed").flatten() {
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else {
            continue;
        };
        let fields: Vec<_> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split(' ')
            .collect();
        assert!(
            !(fields.get(2) == Some(&own.as_str()) && fields.get(1) == Some(&"Z")),
            "a zombie: {stat}"
        );
    }
}
