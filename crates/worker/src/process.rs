//! One worker, from start to end, as its parent sees it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{MemfdFlags, SealFlags};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open};

use finding::RuleMeta;

use crate::wire::{self, Answer, Request};
use crate::{Budget, Confinement, check, rules};

/// How a worker is started.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// The binary.
    pub(crate) path: PathBuf,
    /// Its first argument.
    pub(crate) verb: OsString,
    /// What it may use up.
    pub(crate) budget: Budget,
}

/// Why there are no more answers.
#[derive(Debug, thiserror::Error)]
pub(crate) enum End {
    /// The worker cannot be confined.
    #[error("the process that was to read it cannot be confined: {0}")]
    Refused(String),
    /// The clock ran out.
    #[error("reading it took longer than allowed")]
    TimedOut,
    /// The worker ended, or could not be started.
    #[error("the process that read it ended: {0}")]
    Died(String),
    /// It said something that it cannot mean.
    #[error("the process that read it gave an answer that cannot be right: {0}")]
    Misbehaved(String),
}

impl End {
    /// An answer to another question.
    pub(crate) fn unasked() -> Self {
        Self::Misbehaved("it answers what was not asked".to_owned())
    }

    /// The rule that it is reported under.
    pub(crate) fn rule(&self) -> &'static RuleMeta {
        match self {
            Self::Refused(_) => &rules::NOT_CONFINED,
            Self::TimedOut => &rules::TIMED_OUT,
            Self::Died(_) => &rules::WORKER_DIED,
            Self::Misbehaved(_) => &rules::WORKER_MISBEHAVED,
        }
    }
}

/// A worker at work. Dropped, it is ended and reaped.
#[derive(Debug)]
pub(crate) struct Worker {
    child: Child,
    stdout: ChildStdout,
    stderr: Option<ChildStderr>,
    frames: wire::Frames,
    /// Bytes that it may still say.
    room: usize,
    last_words: Vec<u8>,
}

/// Bytes of standard error that are kept.
const LAST_WORDS: usize = 4096;

impl Worker {
    /// Starts a worker on a request, with no environment and in `/`, and hears what confines it:
    /// that it says before it reads a byte, so what it reads cannot have changed its mind.
    pub(crate) fn start(
        program: &Program,
        request: &Request<'_>,
        deadline: Instant,
    ) -> Result<(Self, Confinement), End> {
        let mut worker = Self::spawn(program, request)
            .map_err(|e| End::Died(format!("cannot start {}: {e}", program.path.display())))?;
        match worker.next(deadline)? {
            Answer::Confined(confinement) => {
                check::confinement(&confinement).map_err(End::Refused)?;
                Ok((worker, confinement))
            }
            Answer::Refused(reason) => Err(End::Refused(reason)),
            _ => Err(End::unasked()),
        }
    }

    fn spawn(program: &Program, request: &Request<'_>) -> io::Result<Self> {
        let mut child = Command::new(&program.path)
            .arg(&program.verb)
            .arg(program.budget.address_space.to_string())
            .arg(program.budget.cpu_seconds.to_string())
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(sealed(request)?))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().expect("piped above");
        let stderr = child.stderr.take();
        Ok(Self {
            child,
            stdout,
            stderr,
            frames: wire::Frames::default(),
            room: wire::ANSWERS_CAP,
            last_words: Vec::new(),
        })
    }

    /// The next answer, waited for until `deadline`.
    pub(crate) fn next(&mut self, deadline: Instant) -> Result<Answer, End> {
        let mut chunk = [0; 64 << 10];
        loop {
            match self.frames.next(wire::ANSWER_CAP) {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => {}
                Err(error) => return Err(End::Misbehaved(error.to_string())),
            }
            if !self.wait_for_output(deadline)? {
                continue;
            }
            match self.stdout.read(&mut chunk) {
                Ok(0) => return Err(self.end(deadline)),
                Ok(n) => {
                    self.room = self.room.checked_sub(n).ok_or_else(|| {
                        End::Misbehaved(format!("more than {} bytes", wire::ANSWERS_CAP))
                    })?;
                    self.frames.push(&chunk[..n]);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(End::Died(e.to_string())),
            }
        }
    }

    /// Waits for either stream, keeps what is said on standard error, and tells whether there is
    /// something on standard output.
    fn wait_for_output(&mut self, deadline: Instant) -> Result<bool, End> {
        let mut fds = vec![PollFd::new(&self.stdout, PollFlags::IN)];
        fds.extend(
            self.stderr
                .iter()
                .map(|stderr| PollFd::new(stderr, PollFlags::IN)),
        );
        if !wait(&mut fds, deadline).map_err(|e| End::Died(e.to_string()))? {
            return Err(End::TimedOut);
        }
        let output = !fds[0].revents().is_empty();
        if fds.get(1).is_some_and(|fd| !fd.revents().is_empty()) {
            self.listen();
        }
        Ok(output)
    }

    /// Reads once from standard error, which is ready.
    fn listen(&mut self) {
        let Some(stderr) = &mut self.stderr else {
            return;
        };
        let mut chunk = [0; LAST_WORDS];
        match stderr.read(&mut chunk) {
            Ok(n @ 1..) => {
                let room = LAST_WORDS - self.last_words.len();
                self.last_words.extend_from_slice(&chunk[..n.min(room)]);
            }
            Ok(0) | Err(_) => self.stderr = None,
        }
    }

    /// Why standard output ended.
    fn end(&mut self, deadline: Instant) -> End {
        // What was said last is in the pipe by now. Whoever still holds it open is not waited for.
        while let Some(stderr) = &self.stderr {
            match wait(&mut [PollFd::new(stderr, PollFlags::IN)], Instant::now()) {
                Ok(true) => self.listen(),
                Ok(false) | Err(_) => break,
            }
        }
        let exited = pidfd_open(Pid::from_child(&self.child), PidfdFlags::empty())
            .and_then(|pidfd| wait(&mut [PollFd::new(&pidfd, PollFlags::IN)], deadline));
        if !matches!(exited, Ok(true)) {
            return End::TimedOut;
        }
        match self.child.wait() {
            Ok(status) => epitaph(status, &self.last_words),
            Err(error) => End::Died(error.to_string()),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Both fail only where the child has been waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The request as a file that nobody can change any more.
fn sealed(request: &Request<'_>) -> io::Result<File> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let fd = match rustix::fs::memfd_create("request", flags | MemfdFlags::NOEXEC_SEAL) {
        // Before Linux 6.3.
        Err(Errno::INVAL) => rustix::fs::memfd_create("request", flags)?,
        other => other?,
    };
    let mut file = File::from(fd);
    wire::write(&mut file, request, wire::REQUEST_CAP)?;
    file.flush()?;
    let all = SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL;
    rustix::fs::fcntl_add_seals(&file, all)?;
    rustix::fs::seek(&file, rustix::fs::SeekFrom::Start(0))?;
    Ok(file)
}

/// Waits until one is ready (true) or the deadline has passed (false).
fn wait(fds: &mut [PollFd<'_>], deadline: Instant) -> rustix::io::Result<bool> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match poll(fds, Some(&timespec(left))) {
            Ok(ready) => return Ok(ready > 0),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: duration.subsec_nanos().into(),
    }
}

/// What became of a worker; what it said itself is quoted, since it is not ours.
fn epitaph(status: ExitStatus, last_words: &[u8]) -> End {
    use std::os::unix::process::ExitStatusExt as _;

    let how = match status.signal() {
        Some(signal) if signal == Signal::XCPU.as_raw() => return End::TimedOut,
        Some(signal) if signal == Signal::SYS.as_raw() => {
            "it asked the kernel for something that no parser needs".to_owned()
        }
        _ => status.to_string(),
    };
    let said = String::from_utf8_lossy(last_words);
    End::Died(match said.trim() {
        "" => how,
        said => format!("{how}; it said {said:?}"),
    })
}
