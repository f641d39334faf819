//! What a process gives up about itself.

use std::io;

use rustix::process::{DumpableBehavior, Signal};
use rustix::thread::{CapabilitySet, CapabilitySets};

/// Ends this process (`SIGKILL`) when the thread that started it does.
///
/// A parent that is gone already sends nothing: the caller sees the end of its input instead.
///
/// # Errors
/// Those of `prctl(2)`.
pub fn die_with_parent() -> io::Result<()> {
    Ok(rustix::process::set_parent_process_death_signal(Some(
        Signal::KILL,
    ))?)
}

/// Forbids other processes of the same user to trace this one or to read its memory, and core
/// dumps of it.
///
/// # Errors
/// Those of `prctl(2)`.
pub fn set_undumpable() -> io::Result<()> {
    Ok(rustix::process::set_dumpable_behavior(
        DumpableBehavior::NotDumpable,
    )?)
}

/// Gives up, for the calling thread and all that it starts, every capability and the chance to
/// gain any by executing a program.
///
/// # Errors
/// Those of `prctl(2)` and `capset(2)`.
pub fn drop_privileges() -> io::Result<()> {
    let none = CapabilitySet::empty();
    rustix::thread::set_no_new_privs(true)?;
    rustix::thread::set_capabilities(
        None,
        CapabilitySets {
            effective: none,
            permitted: none,
            inheritable: none,
        },
    )?;
    Ok(())
}

/// Closes every descriptor above standard error: whatever a careless parent left open.
///
/// To be called first thing in `main`, before anything here owns a descriptor: it closes them all.
///
/// # Errors
/// Those of `close_range(2)` (Linux 5.9).
pub fn close_inherited() -> io::Result<()> {
    // SAFETY: `close_range` touches no memory. By the contract above, no descriptor in its range
    // has an owner in this process yet.
    let done = unsafe { libc::syscall(libc::SYS_close_range, 3u32, u32::MAX, 0u32) };
    if done == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
