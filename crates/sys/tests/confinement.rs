//! What the mechanisms refuse, each beside a run without them in which the same succeeds.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use sys::{landlock, seccomp};

const RIG: &str = env!("CARGO_BIN_EXE_sys-rig");
const SIGSYS: i32 = 31;

fn rig(arguments: &[&str]) -> ExitStatus {
    // A file, so that mapping the input can succeed; readable, so that reading it can.
    let input = std::fs::File::open("/proc/self/exe").expect("open");
    let errors = std::fs::File::options()
        .read(true)
        .write(true)
        .open("/dev/null")
        .expect("open");
    Command::new(RIG)
        .args(arguments)
        .stdin(input)
        .stderr(errors)
        .status()
        .expect("started")
}

fn succeeds(arguments: &[&str]) -> bool {
    rig(arguments).code() == Some(42)
}

fn fails(arguments: &[&str]) -> bool {
    rig(arguments).code() == Some(43)
}

fn killed(arguments: &[&str]) -> bool {
    rig(arguments).signal() == Some(SIGSYS)
}

/// Numbers of both architectures end well below this.
const NUMBERS: std::ops::Range<i64> = 0..600;
const X32: i64 = 0x4000_0000;

#[test]
fn every_system_call_that_is_not_listed_ends_the_process() {
    let listed: BTreeSet<i64> = (seccomp::COMPUTE.allow.iter().chain(seccomp::COMPUTE.refuse))
        .map(|c| c.number)
        .collect();
    for number in NUMBERS.filter(|number| !listed.contains(number)) {
        let status = rig(&["syscall", "confined", &number.to_string()]);
        // Newer kernels let these two, `uretprobe` and `uprobe`, past every filter: they serve
        // trampolines that the kernel itself has put there, and called from elsewhere do nothing.
        if cfg!(target_arch = "x86_64") && matches!(number, 335 | 336) {
            assert_ne!(status.code(), Some(42), "system call {number}");
        } else {
            assert_eq!(
                status.signal(),
                Some(SIGSYS),
                "system call {number}: {status}"
            );
        }
    }
}

#[test]
fn calls_of_the_x32_table_end_the_process() {
    for call in seccomp::COMPUTE.allow {
        let number = call.number + X32;
        assert!(
            killed(&["syscall", "confined", &number.to_string()]),
            "system call {number:#x}"
        );
    }
}

#[test]
fn what_the_profile_refuses_quietly_fails() {
    for call in seccomp::COMPUTE.refuse {
        assert!(
            fails(&["syscall", "confined", &call.number.to_string()]),
            "{}",
            call.why
        );
    }
}

/// Each succeeds without the filter and ends the process with it.
const ATTEMPTS: &[&str] = &[
    "stat",
    "read-other-descriptor",
    "socket",
    "unix-socket",
    "netlink-socket",
    "clone",
    "ptrace",
    "kill-parent",
    "tgkill-parent",
    "pidfd-of-parent",
    "unshare-user",
    "keyctl",
    "io-uring",
    "memfd",
    "duplicate-descriptor",
    "executable-memory",
    "make-memory-executable",
    "map-input",
    "timer",
    "raise-limit",
    "host-name",
];

#[test]
fn every_attempt_succeeds_without_the_filter_and_none_with_it() {
    for name in ATTEMPTS {
        assert!(
            succeeds(&["attempt", "free", name]),
            "{name} without the filter"
        );
        assert!(
            killed(&["attempt", "confined", name]),
            "{name} with the filter"
        );
    }
    assert!(succeeds(&["attempt", "free", "open"]));
    assert!(fails(&["attempt", "confined", "open"]));
    // Input is open for reading only, so this one fails without the filter too.
    assert!(killed(&["attempt", "confined", "write-other-descriptor"]));
}

#[cfg(target_arch = "x86_64")]
#[test]
fn calls_of_the_32_bit_table_end_the_process() {
    if succeeds(&["attempt", "free", "i386"]) {
        assert!(killed(&["attempt", "confined", "i386"]));
    } else {
        eprintln!("skipped: this kernel has no 32-bit system calls");
    }
}

#[test]
fn landlock_refuses_what_it_is_not_told_to_allow() {
    let Ok(enforced) = landlock::available() else {
        eprintln!("skipped: this kernel has no Landlock");
        return;
    };
    let dir = tempfile::tempdir().expect("a directory");
    let path = |name: &str| dir.path().join(name).to_str().expect("UTF-8").to_owned();
    let (inside, file, outside) = (path("in"), path("in/file"), path("out"));
    std::fs::create_dir(&inside).expect("made");
    std::fs::write(&file, "x").expect("written");
    std::fs::write(&outside, "x").expect("written");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
    let address = listener.local_addr().expect("bound").to_string();
    let name = format!("shellproof-test-{}", std::process::id());
    let _abstract = {
        use std::os::linux::net::SocketAddrExt as _;
        let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).expect("a name");
        std::os::unix::net::UnixListener::bind_addr(&address).expect("bound")
    };

    assert!(succeeds(&["landlock", &inside, "read", "read", &file]));
    assert!(succeeds(&["landlock", &inside, "read", "list", &inside]));
    assert!(succeeds(&["landlock", &inside, "write", "write", &file]));
    assert!(
        succeeds(&["landlock", &file, "read", "read", &file]),
        "a rule for one file"
    );
    assert!(succeeds(&[
        "landlock",
        "/",
        "execute",
        "execute",
        "/bin/true"
    ]));

    let refused = [
        ("read", outside.as_str(), true),
        ("list", dir.path().to_str().expect("UTF-8"), true),
        ("write", &file, true),
        ("execute", "/bin/true", true),
        ("connect", &address, enforced.tcp()),
        ("abstract-socket", &name, enforced.scope()),
        ("signal-parent", "", enforced.scope()),
    ];
    for (what, target, held) in refused {
        assert!(
            succeeds(&["reach", what, target]),
            "{what} without Landlock"
        );
        assert_eq!(
            fails(&["landlock", &inside, "read", what, target]),
            held,
            "{what}"
        );
    }
}

#[test]
fn a_file_grows_no_further_than_its_limit() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("file");
    let path = path.to_str().expect("UTF-8");
    assert!(succeeds(&["file-size", "free", path]));
    assert!(!succeeds(&["file-size", "confined", path]));
}

#[test]
fn inherited_descriptors_are_closed() {
    let leaked = std::fs::File::open("/").expect("open");
    rustix::io::fcntl_setfd(&leaked, rustix::io::FdFlags::empty()).expect("set");
    assert!(rig(&["close-inherited"]).success());
}

#[test]
fn capabilities_are_given_up() {
    assert!(rig(&["give-up"]).success());
}

#[test]
fn a_child_dies_with_its_parent() {
    let mut parent = Command::new(RIG)
        .arg("parent")
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let mut lines = BufReader::new(parent.stdout.take().expect("piped")).lines();
    let mut said = [(); 2].map(|()| lines.next().expect("a line").expect("UTF-8"));
    said.sort();
    assert_eq!(said, ["child", "parent"]);
    parent.kill().expect("killed");
    parent.wait().expect("reaped");
    // Both held the pipe: its end is theirs.
    assert!(lines.next().is_none());
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
