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

use capability::CapabilitySet;
use facts::Facts;
use finding::{Finding, Incomplete};
use serde::{Deserialize, Serialize};
use skill::manifest::{self, Manifest};
use skill::skill_md::SkillMd;

pub use confine::{Budget, Confinement, Guarantee, Layer};
pub use host::{Host, Limits, Outcome};
pub use rules::rules;
pub use serve::{VERB, serve, serve_with};

/// What one file holds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Reading {
    /// What it does and says. Every path is the file's own.
    pub facts: Facts,
    /// What it declares, where it is a file that an agent loads.
    #[serde(with = "wire::json")]
    pub words: Option<Words>,
    /// What was odd about reading it.
    #[serde(with = "wire::json")]
    pub findings: Vec<Finding>,
    /// What of it could not be read.
    #[serde(with = "wire::json")]
    pub incomplete: Vec<Incomplete>,
}

/// What a file says of the artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Words {
    /// A SKILL.md.
    Skill {
        /// As OpenClaw reads it. Its findings are the reading's.
        skill: Box<SkillMd>,
        /// What it declares to need.
        declared: CapabilitySet,
        /// Whether it declares any need at all.
        declares: bool,
    },
    /// The manifest of a plugin, a package or MCP servers.
    Manifest {
        /// Whose.
        kind: manifest::Kind,
        /// What it says.
        manifest: Box<Manifest>,
    },
}
