//! Source code and prose to facts: the language front ends.
//!
//! A front end lowers one file to a small, owned set of facts; rules see facts only and know no
//! syntax tree. A new language adds no rule; a new rule touches no language.
//!
//! JavaScript, TypeScript and Python are lowered to one small program form ([`ir`]) that one
//! abstract interpreter walks ([`interpret`]) by tables of what library functions do ([`models`]);
//! shell is walked by itself, with tables of what commands do. All syntax trees are tree-sitter's:
//! its parsers recover from errors and don't recurse, so that hostile nesting can't end the
//! process, and one front end reads broken files as well as whole ones.
//!
//! [`extract`] is pure. It recurses over nested code to fixed depths and wants a stack of 64 MiB
//! for the deepest.

pub mod model;

mod data;
mod decode;
mod extract;
mod interpret;
mod ir;
mod lang;
mod language;
mod literal;
mod models;
mod oddity;
mod out;
mod prose;
mod value;

pub use extract::{File, Limits, extract, extract_observed};
pub use model::*;
