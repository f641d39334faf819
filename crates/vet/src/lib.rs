//! What an artifact does, judged: rules over facts.
//!
//! A rule is one file under [`rules`]; it sees [`facts::Facts`] and the artifact's own words, never
//! a syntax tree, and reports [`finding::Finding`]s. What follows from them is policy.

mod code;
mod context;
mod infer;
mod inspector;
mod lists;
mod place;
mod rule;
pub mod rules;
mod said;

pub use context::{Artifact, Context, Settings};
pub use inspector::{ENGINE, Inspector};
pub use rule::Rule;
