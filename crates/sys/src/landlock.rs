//! Landlock: what a process may still open, execute, connect to and signal.
//!
//! Landlock only adds: a right that is handled and not granted is refused, and nothing can be
//! carved out of what is granted. It does not mediate `stat`, `chmod`, extended attributes, UDP,
//! or (before ABI 9) Unix sockets by path; what must not reach those needs another layer.

use std::path::PathBuf;

use ::landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd,
    Ruleset as Builder, RulesetAttr, RulesetCreatedAttr, RulesetStatus, Scope,
};
use serde::{Deserialize, Serialize};

/// What may be done below a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathAccess {
    /// Read files and list directories.
    Read,
    /// Read, list and execute.
    Execute,
    /// Everything that the kernel's ABI knows, except to execute.
    Write,
}

/// What remains allowed. The default allows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ruleset {
    /// Paths (with all below them) and what may be done there.
    pub paths: Vec<(PathBuf, PathAccess)>,
}

/// What the kernel enforces from now on, for this thread and all that it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enforced {
    /// The ABI in force: the lower of the kernel's and this program's.
    pub abi: u8,
}

impl Enforced {
    /// Whether `truncate` is refused (ABI 3).
    #[must_use]
    pub const fn truncate(self) -> bool {
        self.abi >= 3
    }

    /// Whether TCP connections and listening are refused (ABI 4).
    #[must_use]
    pub const fn tcp(self) -> bool {
        self.abi >= 4
    }

    /// Whether device `ioctl`s are refused (ABI 5).
    #[must_use]
    pub const fn ioctl(self) -> bool {
        self.abi >= 5
    }

    /// Whether abstract Unix sockets of, and signals to, processes outside are refused (ABI 6).
    #[must_use]
    pub const fn scope(self) -> bool {
        self.abi >= 6
    }
}

/// Why Landlock does not hold.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The kernel was built without it.
    #[error(
        "this kernel has no Landlock; it needs Linux 5.13 or later with CONFIG_SECURITY_LANDLOCK=y"
    )]
    NotBuilt,
    /// The kernel has it, and it was not switched on at boot.
    #[error(
        "Landlock is built into this kernel and not enabled; add `landlock` to the `lsm=` boot \
         parameter (the current list is in /sys/kernel/security/lsm)"
    )]
    NotEnabled,
    /// A path of the ruleset cannot be opened.
    #[error("Landlock rule for {path}: {source}")]
    Path {
        /// Which.
        path: PathBuf,
        /// Why.
        source: ::landlock::PathFdError,
    },
    /// The kernel refused the ruleset.
    #[error(
        "the kernel refused the Landlock ruleset: {0} (a container's seccomp profile may forbid it)"
    )]
    Refused(#[from] ::landlock::RulesetError),
    /// The kernel took the ruleset and does not enforce all of it.
    #[error("the kernel enforces only a part of the Landlock ruleset")]
    Partial,
}

/// The ABI that [`restrict`] would enforce.
///
/// # Errors
/// [`Error::NotBuilt`] and [`Error::NotEnabled`].
pub fn available() -> Result<Enforced, Error> {
    let version = match kernel_abi() {
        Ok(version) => version,
        Err(e) if e.raw_os_error() == Some(libc::EOPNOTSUPP) => return Err(Error::NotEnabled),
        Err(_) => return Err(Error::NotBuilt),
    };
    Ok(Enforced {
        abi: version.min(ABI::V9 as u8),
    })
}

/// Restricts the calling thread, and all that it starts, to the ruleset: every right that the
/// kernel's ABI knows is handled, so what the ruleset does not grant is refused. Sets
/// `no_new_privs`.
///
/// # Errors
/// Nothing is restricted when this fails.
pub fn restrict(ruleset: &Ruleset) -> Result<Enforced, Error> {
    let enforced = available()?;
    let abi = match enforced.abi {
        ..=1 => ABI::V1,
        2 => ABI::V2,
        3 => ABI::V3,
        4 => ABI::V4,
        5 => ABI::V5,
        6 => ABI::V6,
        7 => ABI::V7,
        8 => ABI::V8,
        9.. => ABI::V9,
    };
    // The rights handled are exactly those of the kernel's ABI, so each is a hard requirement: a
    // right that silently falls away would be a hole that the report calls closed.
    let mut builder = Builder::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(abi))?;
    if enforced.tcp() {
        builder = builder.handle_access(AccessNet::from_all(abi))?;
    }
    if enforced.scope() {
        builder = builder.scope(Scope::from_all(abi))?;
    }
    let mut created = builder.create()?;
    for (path, access) in &ruleset.paths {
        let mut access = match access {
            PathAccess::Read => AccessFs::ReadFile | AccessFs::ReadDir,
            PathAccess::Execute => AccessFs::from_read(abi),
            PathAccess::Write => AccessFs::from_all(abi) & !AccessFs::Execute,
        };
        if !path.is_dir() {
            access &= AccessFs::from_file(abi);
        }
        let below = PathFd::new(path).map_err(|source| Error::Path {
            path: path.clone(),
            source,
        })?;
        created = created.add_rule(PathBeneath::new(below, access))?;
    }
    match created.restrict_self()?.ruleset {
        RulesetStatus::FullyEnforced => Ok(enforced),
        RulesetStatus::PartiallyEnforced | RulesetStatus::NotEnforced => Err(Error::Partial),
    }
}

fn kernel_abi() -> std::io::Result<u8> {
    // linux/landlock.h; `libc` has the system call's number only.
    const LANDLOCK_CREATE_RULESET_VERSION: libc::c_uint = 1;
    // SAFETY: with this flag the kernel wants no attributes (null, size 0), touches no memory and
    // returns a version or an error.
    let version = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::null::<libc::c_void>(),
            0usize,
            LANDLOCK_CREATE_RULESET_VERSION,
        )
    };
    u8::try_from(version).map_err(|_| std::io::Error::last_os_error())
}
