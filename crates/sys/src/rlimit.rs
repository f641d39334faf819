//! Resource limits of this process and all that it starts.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Hard and soft limits; nothing leaves a resource as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Address space, bytes.
    pub address_space: Option<u64>,
    /// Processor time, seconds: `SIGXCPU` there, `SIGKILL` a second later.
    pub cpu_seconds: Option<u64>,
    /// Size of any file written, bytes (pipes and sockets are no files).
    pub file_size: Option<u64>,
    /// One more than the highest descriptor number.
    pub descriptors: Option<u64>,
    /// Size of a core dump, bytes.
    pub core: Option<u64>,
}

/// A limit that could not be set.
#[derive(Debug, thiserror::Error)]
#[error("cannot limit {resource} to {value}: {source}")]
pub struct Error {
    /// Which.
    pub resource: &'static str,
    /// To what.
    pub value: u64,
    /// Why.
    pub source: rustix::io::Errno,
}

/// Sets the limits. A limit is never raised: where the present hard limit is lower, that stays.
///
/// # Errors
/// The first one that the kernel refuses; those before it hold.
pub fn apply(limits: &Limits) -> Result<(), Error> {
    let table = [
        (Resource::As, "address space", limits.address_space, 0),
        (Resource::Cpu, "processor time", limits.cpu_seconds, 1),
        (Resource::Fsize, "file size", limits.file_size, 0),
        (Resource::Nofile, "descriptors", limits.descriptors, 0),
        (Resource::Core, "core dumps", limits.core, 0),
    ];
    for (resource, name, value, grace) in table {
        let Some(value) = value else { continue };
        let hard = getrlimit(resource)
            .maximum
            .unwrap_or(u64::MAX)
            .min(value + grace);
        let limit = Rlimit {
            current: Some(value.min(hard)),
            maximum: Some(hard),
        };
        setrlimit(resource, limit).map_err(|source| Error {
            resource: name,
            value,
            source,
        })?;
    }
    Ok(())
}
