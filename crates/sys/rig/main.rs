//! Confines itself as it is told and then attempts something, for the tests. Ends with
//! 42 where the attempt succeeded and with 43 where it failed.

#![expect(clippy::print_stdout, reason = "the tests read it")]

use std::fs;
use std::io;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, ExitCode};

use sys::{landlock, process, rlimit, seccomp};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["syscall", how, number] => {
            let number = number.parse().expect("a number");
            confine(how);
            result(call(number, [0; 6]))
        }
        ["attempt", how, name] => {
            let attempt = ATTEMPTS.iter().find(|(n, _)| *n == name).expect("known").1;
            let parent =
                libc::c_long::from(rustix::process::getppid().map_or(0, |p| p.as_raw_pid()));
            confine(how);
            result(attempt(parent))
        }
        ["landlock", allowed, access, what, target] => {
            let access = match access {
                "read" => landlock::PathAccess::Read,
                "execute" => landlock::PathAccess::Execute,
                _ => landlock::PathAccess::Write,
            };
            let paths = vec![(allowed.into(), access)];
            landlock::restrict(&landlock::Ruleset { paths }).expect("Landlock");
            verdict(reach(what, target))
        }
        ["reach", what, target] => verdict(reach(what, target)),
        ["file-size", how, path] => {
            if how == "confined" {
                let limits = rlimit::Limits {
                    file_size: Some(0),
                    ..rlimit::Limits::default()
                };
                rlimit::apply(&limits).expect("limits");
            }
            verdict(fs::write(path, "x"))
        }
        ["close-inherited"] => {
            process::close_inherited().expect("closed");
            // The three, and the one that reads the directory.
            let open = fs::read_dir("/proc/self/fd").expect("listed").count();
            assert_eq!(open, 4);
            ExitCode::SUCCESS
        }
        ["give-up"] => {
            process::set_undumpable().expect("undumpable");
            process::drop_privileges().expect("dropped");
            let status = fs::read_to_string("/proc/self/status").expect("readable: self");
            for line in [
                "CapPrm:\t0000000000000000",
                "CapEff:\t0000000000000000",
                "NoNewPrivs:\t1",
            ] {
                assert!(status.contains(line), "{line} is not in {status}");
            }
            let dumpable = rustix::process::dumpable_behavior().expect("known");
            assert_eq!(dumpable, rustix::process::DumpableBehavior::NotDumpable);
            ExitCode::SUCCESS
        }
        ["parent"] => {
            let own = std::env::current_exe().expect("known");
            let mut child = Command::new(own).arg("child").spawn().expect("started");
            println!("parent");
            child.wait().expect("it waits for its parent's end");
            ExitCode::FAILURE
        }
        ["child"] => {
            process::die_with_parent().expect("tied");
            println!("child");
            loop {
                std::thread::park();
            }
        }
        _ => panic!("{arguments:?}"),
    }
}

fn confine(how: &str) {
    if how == "confined" {
        seccomp::COMPUTE.apply().expect("seccomp");
    }
}

fn result(returned: libc::c_long) -> ExitCode {
    ExitCode::from(if returned >= 0 { 42 } else { 43 })
}

fn verdict(result: io::Result<()>) -> ExitCode {
    ExitCode::from(if result.is_ok() { 42 } else { 43 })
}

fn reach(what: &str, target: &str) -> io::Result<()> {
    match what {
        "read" => fs::read(target).map(drop),
        "list" => fs::read_dir(target).map(drop),
        "write" => fs::write(target, "x"),
        "truncate" => rustix::fs::open(target, rustix::fs::OFlags::RDWR, rustix::fs::Mode::empty())
            .and_then(|f| rustix::fs::ftruncate(f, 0))
            .map_err(Into::into),
        "execute" => Command::new(target).status().map(drop),
        "connect" => TcpStream::connect(target).map(drop),
        "abstract-socket" => {
            use std::os::linux::net::SocketAddrExt as _;
            let address = std::os::unix::net::SocketAddr::from_abstract_name(target)?;
            std::os::unix::net::UnixStream::connect_addr(&address).map(drop)
        }
        "signal-parent" => {
            let parent = rustix::process::getppid().ok_or(io::ErrorKind::NotFound)?;
            rustix::process::test_kill_process(parent).map_err(Into::into)
        }
        _ => panic!("{what} {}", Path::new(target).display()),
    }
}

fn call(number: libc::c_long, a: [libc::c_long; 6]) -> libc::c_long {
    // SAFETY: not safe in general. This is a test program that is about to end; without
    // confinement it is only given the calls below, whose pointers are null or to live statics.
    unsafe { libc::syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]) }
}

/// What code that has taken over a process would try; it is given its parent's number.
type Attempt = fn(libc::c_long) -> libc::c_long;

const ATTEMPTS: &[(&str, Attempt)] = &[
    ("open", |_| {
        call(
            libc::SYS_openat,
            [
                libc::AT_FDCWD.into(),
                c"/dev/null".as_ptr() as libc::c_long,
                0,
                0,
                0,
                0,
            ],
        )
    }),
    ("stat", |_| {
        let mut stat = [0_u64; 64];
        let path = c"/".as_ptr() as libc::c_long;
        call(
            libc::SYS_newfstatat,
            [
                libc::AT_FDCWD.into(),
                path,
                stat.as_mut_ptr() as libc::c_long,
                0,
                0,
                0,
            ],
        )
    }),
    ("read-other-descriptor", |_| {
        let mut byte = 0_u8;
        call(
            libc::SYS_read,
            [2, &raw mut byte as libc::c_long, 0, 0, 0, 0],
        )
    }),
    ("write-other-descriptor", |_| {
        call(
            libc::SYS_write,
            [0, c"".as_ptr() as libc::c_long, 0, 0, 0, 0],
        )
    }),
    ("socket", |_| {
        call(
            libc::SYS_socket,
            [libc::AF_INET.into(), libc::SOCK_STREAM.into(), 0, 0, 0, 0],
        )
    }),
    ("unix-socket", |_| {
        call(
            libc::SYS_socket,
            [libc::AF_UNIX.into(), libc::SOCK_STREAM.into(), 0, 0, 0, 0],
        )
    }),
    ("netlink-socket", |_| {
        call(
            libc::SYS_socket,
            [libc::AF_NETLINK.into(), libc::SOCK_RAW.into(), 0, 0, 0, 0],
        )
    }),
    ("clone", |_| {
        match call(libc::SYS_clone, [libc::SIGCHLD.into(), 0, 0, 0, 0, 0]) {
            0 => std::process::exit(0),
            child => child,
        }
    }),
    ("ptrace", |_| {
        call(
            libc::SYS_ptrace,
            [libc::PTRACE_TRACEME.into(), 0, 0, 0, 0, 0],
        )
    }),
    ("kill-parent", |parent| {
        call(libc::SYS_kill, [parent, 0, 0, 0, 0, 0])
    }),
    ("tgkill-parent", |parent| {
        call(libc::SYS_tgkill, [parent, parent, 0, 0, 0, 0])
    }),
    ("pidfd-of-parent", |parent| {
        call(libc::SYS_pidfd_open, [parent, 0, 0, 0, 0, 0])
    }),
    ("unshare-user", |_| {
        call(
            libc::SYS_unshare,
            [libc::CLONE_NEWUSER.into(), 0, 0, 0, 0, 0],
        )
    }),
    ("keyctl", |_| call(libc::SYS_keyctl, [0, -3, 0, 0, 0, 0])),
    ("io-uring", |_| {
        let mut parameters = [0_u8; 256];
        call(
            libc::SYS_io_uring_setup,
            [1, parameters.as_mut_ptr() as libc::c_long, 0, 0, 0, 0],
        )
    }),
    ("memfd", |_| {
        call(
            libc::SYS_memfd_create,
            [c"x".as_ptr() as libc::c_long, 0, 0, 0, 0, 0],
        )
    }),
    ("duplicate-descriptor", |_| {
        call(libc::SYS_dup, [1, 0, 0, 0, 0, 0])
    }),
    ("executable-memory", |_| {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let rights = libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC;
        call(
            libc::SYS_mmap,
            [0, 4096, rights.into(), flags.into(), -1, 0],
        )
    }),
    ("make-memory-executable", |_| {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let page = call(
            libc::SYS_mmap,
            [0, 4096, libc::PROT_READ.into(), flags.into(), -1, 0],
        );
        let rights = libc::PROT_READ | libc::PROT_EXEC;
        call(libc::SYS_mprotect, [page, 4096, rights.into(), 0, 0, 0])
    }),
    ("map-input", |_| {
        call(
            libc::SYS_mmap,
            [
                0,
                4096,
                libc::PROT_READ.into(),
                libc::MAP_PRIVATE.into(),
                0,
                0,
            ],
        )
    }),
    ("timer", |_| {
        call(
            libc::SYS_setitimer,
            [libc::ITIMER_REAL.into(), 0, 0, 0, 0, 0],
        )
    }),
    ("raise-limit", |_| {
        call(libc::SYS_prlimit64, [0, libc::RLIMIT_AS.into(), 0, 0, 0, 0])
    }),
    ("host-name", |_| {
        let mut name = [0_u8; 512];
        call(
            libc::SYS_uname,
            [name.as_mut_ptr() as libc::c_long, 0, 0, 0, 0, 0],
        )
    }),
    #[cfg(target_arch = "x86_64")]
    ("i386", |_| {
        let number: u64;
        // SAFETY: `getpid` of the 32-bit table takes nothing and touches no memory. On a kernel
        // without that table the trap ends this test process.
        unsafe {
            std::arch::asm!("int 0x80", inlateout("rax") 20_u64 => number, out("r8") _, out("r9") _, out("r10") _, out("r11") _)
        };
        number as libc::c_long
    }),
];
