//! The confined process in which hostile bytes are parsed.
//!
//! A parser never runs in the process that decides. [`Host::inspect`] hands an artifact's bytes to
//! a new process of the same binary, which confines itself ([`confine`]), reads them ([`serve()`])
//! and answers with values. A file that ends its worker is reported as such and the rest is read
//! by another one; what was not read is never passed over.

mod check;
pub mod confine;
mod host;
mod process;
mod rules;
mod serve;
mod wire;

use facts::Facts;
use serde::{Deserialize, Serialize};

pub use confine::{Budget, Confinement, Guarantee, Layer};
pub use host::{Host, Limits, Outcome};
pub use rules::rules;
pub use serve::{VERB, serve, serve_with};

/// What one file holds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Reading {
    /// What it does and says. Every path is the file's own.
    pub facts: Facts,
}
