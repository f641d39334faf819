//! The front ends, one a language.

pub(crate) mod javascript;
pub(crate) mod python;
pub(crate) mod shell;
mod tree;

pub(crate) use tree::Lowering;
