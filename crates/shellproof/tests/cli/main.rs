//! The binary as its users see it.

mod bad_input;
mod story;
mod support;
