//! The command line: arguments in, library calls, rendering out.
fn main() {}
