//! Artifacts: bundles, SKILL.md in both of OpenClaw's parsing modes, declared capabilities.
//!
//! Bytes in, values out. [`dir`] alone touches the file system, and only reads it; everything else
//! is pure, bounded by [`Caps`], and made to run inside the worker on hostile bytes. What cannot be
//! read is never skipped in silence: it is a [`finding::Incomplete`] that names cause and object.

pub mod archive;
mod bundle;
pub mod declared;
pub mod dir;
mod links;
pub mod manifest;
mod names;
mod rules;
pub mod skill_md;
mod value;

pub use bundle::{Bundle, Caps, Entry, Kind};
pub use rules::rules;
