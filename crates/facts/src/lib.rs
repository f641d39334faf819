//! Source code and prose to facts: the language front ends.
//!
//! A front end lowers one file to a small, owned set of facts; rules see facts only and know no
//! syntax tree. A new language adds no rule; a new rule touches no language.
//!
//! [`extract`] is pure. It is meant to run in a confined worker on a thread with a large stack: the
//! parsers below recurse over hostile input, and one of them aborts the process when it runs out.

pub mod model;

mod extract;
mod oddity;
mod prose;

pub use extract::{File, Limits, extract, extract_observed};
pub use model::*;
