use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

/// One thing that is wrong with a policy, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Complaint {
    /// The file, as it was given or found.
    pub file: String,
    /// Line from 1; 0 where it concerns the whole file.
    pub line: u32,
    /// Column from 1; 0 where it concerns the whole line or file.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What to do about it; may be empty.
    pub fix: String,
}

impl Complaint {
    /// About a file as a whole.
    pub(crate) fn file(
        file: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            file: file.into(),
            line: 0,
            column: 0,
            message: message.into(),
            fix: fix.into(),
        }
    }
}

impl std::fmt::Display for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.file)?;
        for position in [self.line, self.column] {
            if position > 0 {
                write!(f, ":{position}")?;
            }
        }
        write!(f, ": {}", self.message)?;
        if !self.fix.is_empty() {
            write!(f, "; {}", self.fix)?;
        }
        Ok(())
    }
}

/// Why a policy was not loaded. None of it is used then.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A file or directory could not be read.
    #[error("cannot read policy {}: {source}", path.display())]
    Read {
        /// What was being read.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// Everything that is wrong with it, in the order of files and lines; never empty.
    #[error("policy refused:\n{}", list(.0))]
    Refused(Vec<Complaint>),
}

fn list(complaints: &[Complaint]) -> String {
    complaints
        .iter()
        .map(|c| format!("  {c}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Why a policy that was loaded gave no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// It took too long.
    #[error(
        "evaluation exceeded its limit of {limit:?}; make the policy do less, or look for a loop over large collections"
    )]
    Timeout {
        /// The limit.
        limit: Duration,
    },
    /// Nothing was the answer.
    #[error(
        "`{entry}` is undefined for this input; give every part of it a default, or write its conditions so that one always holds"
    )]
    Undefined {
        /// The rule that was asked.
        entry: &'static str,
    },
    /// The answer is not a verdict.
    #[error(
        "the answer is not a verdict: {0}; it is {{\"decision\", \"status\", \"reasons\": [{{\"decision\", \"rule\", \"message\"}}]}}"
    )]
    Shape(String),
    /// The answer contradicts what no policy may decide.
    #[error("the answer breaks a rule that holds for every policy: {0}")]
    Unsound(&'static str),
    /// The engine stopped with an error of the policy's.
    #[error("{0}")]
    Engine(Complaint),
}
