//! Source code and prose to facts: the language front ends.
//!
//! A front end lowers one file to a small, owned set of facts; rules see facts only and know no
//! syntax tree. A new language adds no rule; a new rule touches no language.

pub mod model;

pub use model::*;
