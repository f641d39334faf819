//! A worker that misbehaves as the files it reads say, and attempts to get out of confinement, for
//! the tests beside it.

#![expect(
    clippy::exit,
    clippy::needless_pass_by_value,
    reason = "a worker that behaves badly"
)]

use std::fs::{self, File};
use std::io;
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::process::{Command, ExitCode};

use facts::{Facts, Gap};
use rustix::process::{Signal, getppid, kill_process, test_kill_process};
use worker::{Budget, Reading, confine};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let verb = arguments.next().expect("a verb");
    match verb.to_str().expect("UTF-8") {
        worker::VERB => worker::serve(arguments),
        "obey" => worker::serve_with(arguments, obey),
        attempt => {
            let attempt = ATTEMPTS
                .iter()
                .find(|(name, _)| *name == attempt)
                .expect("known")
                .1;
            let target = arguments
                .next()
                .expect("a target")
                .into_string()
                .expect("UTF-8");
            match arguments.next() {
                Some(_) => confine::enter(Budget::default(), move |confined| {
                    confined.expect("confined");
                    verdict(&attempt(&target))
                }),
                None => verdict(&attempt(&target)),
            }
        }
    }
}

/// What [`ATTEMPTS`] end with.
fn verdict(result: &io::Result<()>) -> ExitCode {
    ExitCode::from(if result.is_ok() { 42 } else { 43 })
}

type Attempt = fn(&str) -> io::Result<()>;

/// Ways out that need no `unsafe`; the others are tried on the filter itself, in `sys`.
const ATTEMPTS: [(&str, Attempt); 12] = [
    ("read-file", |path| fs::read(path).map(drop)),
    ("write-file", |path| fs::write(path, "x")),
    ("list-directory", |_| fs::read_dir("/").map(drop)),
    ("stat", |path| fs::metadata(path).map(drop)),
    ("read-environment", |_| {
        fs::read("/proc/self/environ").map(drop)
    }),
    ("reopen-input", |_| File::open("/dev/stdin").map(drop)),
    ("connect", |address| TcpStream::connect(address).map(drop)),
    ("send-datagram", |address| {
        UdpSocket::bind("127.0.0.1:0")?
            .send_to(b"x", address)
            .map(drop)
    }),
    ("unix-socket", |path| UnixStream::connect(path).map(drop)),
    ("run-program", |_| {
        Command::new("/bin/true").status().map(drop)
    }),
    ("start-thread", |_| {
        std::thread::Builder::new()
            .spawn(|| ())
            .map(|thread| thread.join().expect("joins"))
    }),
    ("signal-parent", |_| {
        Ok(test_kill_process(
            getppid().ok_or(io::ErrorKind::NotFound)?,
        )?)
    }),
];

/// Does what a file says.
fn obey(file: facts::File) -> Reading {
    let text = String::from_utf8_lossy(&file.bytes).into_owned();
    let gap = |path: &str, reason: String| Reading {
        facts: Facts {
            gaps: vec![Gap {
                path: path.to_owned(),
                cause: "read".to_owned(),
                reason,
            }],
            ..Facts::default()
        },
        ..Reading::default()
    };
    match text.as_str() {
        "abort" => std::process::abort(),
        "panic" => panic!("as told"),
        "exit" => std::process::exit(0),
        "kill" => {
            let own = rustix::process::getpid();
            kill_process(own, Signal::KILL).expect("the filter ends it first");
            unreachable!("no signal but by abort")
        }
        "socket" => {
            let _ = TcpStream::connect("127.0.0.1:9");
            unreachable!("the filter ends it")
        }
        "spin" => loop {
            std::hint::spin_loop();
        },
        "overflow" => gap(&file.path, deeper(0).to_string()),
        "balloon" => {
            let mut held = Vec::new();
            loop {
                held.push(vec![1_u8; 16 << 20]);
            }
        }
        "flood" => gap(&file.path, "x".repeat(64 << 20)),
        "speak-of-others" => gap("another/file", String::new()),
        _ => gap(&file.path, text),
    }
}

#[expect(unconditional_recursion, reason = "to run out of stack")]
fn deeper(n: u64) -> u64 {
    std::hint::black_box([n; 64])[0] + deeper(std::hint::black_box(n + 1))
}
