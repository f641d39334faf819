//! The kernel interface: Landlock, seccomp, resource limits, privileges, processes. The only
//! `unsafe` code.
//!
//! A module is one mechanism. Each applies to the calling thread or process, reports what the
//! kernel really did, and decides nothing.

pub mod landlock;
pub mod process;
pub mod rlimit;
pub mod seccomp;
