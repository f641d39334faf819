//! How a worker is confined, and what holds that.
//!
//! The worker confines itself, first thing and before it has read a byte: it is our own binary,
//! so until then it does nothing that we did not write, and no code need run between `fork` and
//! `exec`. Everything it needs comes through three descriptors, so the seccomp filter can refuse
//! every other way out of the process; Landlock, the limits and the lack of privileges stand
//! behind it.

use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use sys::{landlock, process, rlimit, seccomp};

/// Bytes of stack for the thread that parses: 128,000 nested brackets fit. It is mapped, not
/// used, until a parser recurses.
const STACK: usize = 256 << 20;

/// What a worker may use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Bytes of address space, the stack of 256 MiB included.
    pub address_space: u64,
    /// Seconds of processor time; a fallback for the parent's clock.
    pub cpu_seconds: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            address_space: 2 << 30,
            cpu_seconds: 30,
        }
    }
}

/// What a confined process cannot do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guarantee {
    /// Open, change or remove a file, or find one.
    Files,
    /// Make a socket of any family.
    Network,
    /// Execute a program, or make memory executable.
    Programs,
    /// Start, signal or trace a process.
    Processes,
    /// Use or gain a privilege.
    Privileges,
    /// Use what its parent had open, or had in its environment.
    Inheritance,
    /// Have its memory read by others of the same user, or dumped.
    Disclosure,
    /// Use more memory than its budget.
    Memory,
    /// Use more processor time than its budget.
    Processor,
    /// Outlive its parent.
    Lifetime,
}

impl Guarantee {
    /// Every one. A worker without one of them does not start.
    pub const ALL: [Self; 10] = [
        Self::Files,
        Self::Network,
        Self::Programs,
        Self::Processes,
        Self::Privileges,
        Self::Inheritance,
        Self::Disclosure,
        Self::Memory,
        Self::Processor,
        Self::Lifetime,
    ];
}

/// What holds a [`Guarantee`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// A seccomp filter that ends the process at any other system call.
    Seccomp,
    /// Landlock with nothing granted, at this ABI.
    Landlock(u8),
    /// No capabilities and `no_new_privs`.
    NoPrivileges,
    /// Every inherited descriptor but the three closed.
    ClosedDescriptors,
    /// Not dumpable.
    Undumpable,
    /// Resource limits.
    Limits,
    /// `SIGKILL` at the parent's death.
    DeathSignal,
}

/// What is in force in a worker, each guarantee once for each layer that holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// Guarantee and layer, sorted.
    pub guarantees: Vec<(Guarantee, Layer)>,
}

impl Confinement {
    /// Whether some layer holds this.
    #[must_use]
    pub fn holds(&self, guarantee: Guarantee) -> bool {
        self.guarantees.iter().any(|(held, _)| *held == guarantee)
    }
}

/// Why a process could not be confined. It must not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A step of `close_range`, `prctl` or `capset`.
    #[error("cannot {step}: {source}")]
    Step {
        /// What was to be done.
        step: &'static str,
        /// Why it was not.
        source: std::io::Error,
    },
    /// A limit.
    #[error(transparent)]
    Limit(#[from] rlimit::Error),
    /// Landlock is there and failed.
    #[error(transparent)]
    Landlock(#[from] landlock::Error),
    /// The filter.
    #[error(transparent)]
    Seccomp(#[from] seccomp::Error),
}

/// Confines this process and calls `body` on a thread with a large stack, with what is in force
/// or why it is not. To be called first thing in `main`, while there is one thread and nothing is
/// open.
///
/// The thread is made before the filter, so that the filter need allow none, and the filter is
/// put on both threads at once.
#[must_use]
pub fn enter(
    budget: Budget,
    body: impl FnOnce(Result<Confinement, Error>) -> ExitCode + Send + 'static,
) -> ExitCode {
    let prepared = prepare(budget);
    let thread = std::thread::Builder::new()
        .name("parse".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            body(prepared.and_then(|landlock| {
                seccomp::COMPUTE.apply()?;
                Ok(confinement(landlock))
            }))
        });
    match thread.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        // No thread: the parent sees an end without an answer. A panic: it has the message.
        Err(_) | Ok(Err(_)) => ExitCode::FAILURE,
    }
}

/// Everything that a thread made later inherits. Returns Landlock's ABI where the kernel has it.
fn prepare(budget: Budget) -> Result<Option<u8>, Error> {
    let step = |step| move |source| Error::Step { step, source };
    process::close_inherited().map_err(step("close inherited descriptors"))?;
    process::die_with_parent().map_err(step("tie this process to its parent"))?;
    process::set_undumpable().map_err(step("make this process undumpable"))?;
    process::drop_privileges().map_err(step("drop privileges"))?;
    let landlock = match landlock::restrict(&landlock::Ruleset::default()) {
        Ok(enforced) => Some(enforced.abi),
        // Then the filter holds its guarantees alone.
        Err(landlock::Error::NotBuilt | landlock::Error::NotEnabled) => None,
        Err(error) => return Err(error.into()),
    };
    // Last: Landlock's ruleset takes a descriptor.
    rlimit::apply(&rlimit::Limits {
        address_space: Some(budget.address_space),
        cpu_seconds: Some(budget.cpu_seconds),
        file_size: Some(0),
        descriptors: Some(3),
        core: Some(0),
    })?;
    Ok(landlock)
}

fn confinement(landlock: Option<u8>) -> Confinement {
    use Guarantee as G;
    let mut guarantees = vec![
        (G::Files, Layer::Seccomp),
        (G::Network, Layer::Seccomp),
        (G::Programs, Layer::Seccomp),
        (G::Processes, Layer::Seccomp),
        (G::Privileges, Layer::NoPrivileges),
        (G::Inheritance, Layer::ClosedDescriptors),
        (G::Disclosure, Layer::Undumpable),
        (G::Memory, Layer::Limits),
        (G::Processor, Layer::Limits),
        (G::Lifetime, Layer::DeathSignal),
    ];
    if let Some(abi) = landlock {
        let by_abi = [
            (G::Files, 1),
            (G::Programs, 1),
            (G::Network, 4),
            (G::Processes, 6),
        ];
        let held = by_abi.into_iter().filter(|(_, since)| abi >= *since);
        guarantees.extend(held.map(|(guarantee, _)| (guarantee, Layer::Landlock(abi))));
    }
    guarantees.sort_unstable();
    Confinement { guarantees }
}
