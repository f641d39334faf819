//! What a worker cannot do, each beside a run without confinement in which the same succeeds; as
//! root and as nobody.

use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use worker::{Guarantee, Host, Layer, Limits};

const RIG: &str = env!("CARGO_BIN_EXE_worker-rig");

/// The rig's attempt in and out of confinement; it ends with 42 where the attempt succeeded.
fn attempt(name: &str, target: &str, confined: bool) -> ExitStatus {
    Command::new(RIG)
        .args([name, target])
        .args(confined.then_some("confined"))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("started")
}

#[test]
fn nothing_leaves_a_worker() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = |name: &str| dir.path().join(name).to_str().expect("UTF-8").to_owned();
    let (file, socket) = (path("file"), path("socket"));
    std::fs::write(&file, "x").expect("written");
    let _unix = std::os::unix::net::UnixListener::bind(&socket).expect("bound");
    let tcp = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
    let address = tcp.local_addr().expect("bound").to_string();

    for (name, target) in [
        ("read-file", file.as_str()),
        ("write-file", &file),
        ("list-directory", ""),
        ("stat", &file),
        ("read-environment", ""),
        ("reopen-input", ""),
        ("connect", &address),
        ("send-datagram", &address),
        ("unix-socket", &socket),
        ("run-program", ""),
        ("start-thread", ""),
        ("signal-parent", ""),
    ] {
        assert_eq!(
            attempt(name, target, false).code(),
            Some(42),
            "{name} without confinement"
        );
        let status = attempt(name, target, true);
        // Opening a file is refused; everything else ends the process.
        let refused = status.code() == Some(43) || status.signal() == Some(31);
        assert!(refused, "{name} in confinement: {status}");
    }
}

#[test]
fn a_worker_says_what_holds_it() {
    let confinement = Host::of(RIG, worker::VERB, Limits::default())
        .probe()
        .expect("workers can be confined");
    for guarantee in Guarantee::ALL {
        assert!(confinement.holds(guarantee), "{guarantee:?}");
    }
    for guarantee in [Guarantee::Files, Guarantee::Network, Guarantee::Programs] {
        assert!(
            confinement
                .guarantees
                .contains(&(guarantee, Layer::Seccomp))
        );
    }
}

/// Runs everything above again as nobody, where this is root.
#[test]
fn all_of_it_holds_for_an_unprivileged_user() {
    const NOBODY: u32 = 65_534;
    if !rustix::process::geteuid().is_root() {
        return; // it just did
    }
    let own = std::env::current_exe().expect("known");
    for program in [&own, Path::new(RIG)] {
        let reachable = Command::new("/usr/bin/test")
            .arg("-x")
            .arg(program)
            .uid(NOBODY)
            .gid(NOBODY)
            .status();
        if !reachable.is_ok_and(|status| status.success()) {
            eprintln!(
                "SKIPPED: an unprivileged user cannot reach {}",
                program.display()
            );
            return;
        }
    }
    let status = Command::new(own)
        .args(["--skip", "unprivileged"])
        .uid(NOBODY)
        .gid(NOBODY)
        .current_dir("/")
        .status()
        .expect("started");
    assert!(status.success());
}
