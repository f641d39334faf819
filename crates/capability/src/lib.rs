//! The vocabulary: capability, grant, digest, decision, and the set algebra over them.
//! No I/O, no async.
//!
//! One text form serves manifests, policies, reports and the command line:
//!
//! ```text
//! fs.read $SKILL/**
//! fs.write $WORKSPACE/out/**
//! never fs.read $HOME/.ssh/**
//! net api.openweathermap.org:443 GET /data/** up 1MiB/h
//! secret OPENWEATHER_API_KEY @ api.openweathermap.org:443 header X-Api-Key
//! env LANG
//! exec python3
//! limit memory 256MiB
//! agent edit MEMORY.md
//! ```

mod decision;
mod digest;
mod grant;
mod set;
mod time;

pub use decision::{Decision, Status};
pub use digest::{Digest, DigestParseError, TreeHasher};
pub use grant::{Grant, KeyId, SignedGrant};
pub use set::{Capability, CapabilitySet, ParseError};
pub use time::Timestamp;
