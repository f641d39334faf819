//! The exit codes: a contract, documented in the book's table.

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Nothing to object to.
    Clean = 0,
    /// A decision at the threshold, or a fault in what was verified.
    Found = 1,
    /// The command line was wrong.
    Usage = 2,
    /// Something could not be completed, so the answer is the safe one.
    Incomplete = 3,
    /// What was asked for is refused.
    Refused = 4,
    /// A defect of ours.
    Internal = 70,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
