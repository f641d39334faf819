//! From files to facts: which front end reads what, and how far.

use serde::{Deserialize, Serialize};

use crate::{Facts, oddity, prose};

/// A file of an artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Path inside the artifact, with `/`.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Its permission bits.
    pub mode: u32,
}

/// How much is read before it becomes a [`Gap`](crate::Gap).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of a file of code or prose that is parsed; of a larger one only strings are read.
    pub parsed: usize,
    /// Bytes of all decoded layers of an artifact together.
    pub decoded: usize,
    /// Decoded layers, fences and strings inside each other.
    pub depth: u32,
    /// Expressions evaluated for a source before its calls are no longer followed.
    pub steps: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { parsed: 1 << 20, decoded: 4 << 20, depth: 5, steps: 400_000 }
    }
}

/// The facts of an artifact's files.
#[must_use]
pub fn extract(files: &[File], limits: &Limits) -> Facts {
    extract_observed(files, limits, |_| ())
}

/// As [`extract`]; calls `before` with the index of each file before it is read, so that whoever
/// waits knows which one ended the process.
pub fn extract_observed(
    files: &[File],
    limits: &Limits,
    mut before: impl FnMut(usize),
) -> Facts {
    let _ = limits;
    let facts = Facts::default();
    for (index, file) in files.iter().enumerate() {
        before(index);
        let text = String::from_utf8_lossy(&file.bytes);
        let _ = (prose::read(&file.path, &text), oddity::scan(&text, crate::Language::Prose));
    }
    facts
}
