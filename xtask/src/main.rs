//! `cargo xtask`: what is derived from the code, generated and checked.
fn main() {}
