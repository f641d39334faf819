//! Tests that need the inside: a simulated disk under the log, an oracle for the tree.

mod crash;
mod oracle;
mod sim;
