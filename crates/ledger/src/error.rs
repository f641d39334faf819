use std::{io, sync::Arc};

use capability::Digest;

/// Why the ledger could not do something. Each message names the object, the cause and a fix.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The operating system refused.
    #[error("cannot {action} {path}: {source}{}", hint(source))]
    Io {
        /// The verb.
        action: &'static str,
        /// The file, by its path in the ledger's directory.
        path: String,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// A file is not what was written.
    #[error(
        "the ledger is damaged at {object}: {cause}; nothing is appended to it: \
         run `shellproof ledger verify`, then restore it from a copy or start another directory"
    )]
    Damaged {
        /// The file.
        object: String,
        /// What is wrong with it.
        cause: String,
    },
    /// A text is not a signed note by the expected key.
    #[error("{object}: {source}")]
    Note {
        /// Which text.
        object: String,
        /// What is wrong with it.
        source: NoteError,
    },
    /// A record that isn't there was asked for.
    #[error("there is no record {index}: the ledger holds {size}, numbered from 0")]
    NoRecord {
        /// The one asked for.
        index: u64,
        /// How many there are.
        size: u64,
    },
    /// An event or a batch over the limit.
    #[error("{what} is {bytes} bytes; at most {limit} fit: record less, or refer to it by digest")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// How large.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A leaf isn't an event that this version knows.
    #[error("record {index} is not an event: {cause}; a newer shellproof may have written it")]
    NotAnEvent {
        /// Its number.
        index: u64,
        /// What is wrong with it.
        cause: String,
    },
    /// The body of a record lies beside the tree, and is missing or has been changed.
    #[error("the body of record {index} ({digest}) {cause}; restore the file blob/ from a copy")]
    Blob {
        /// The record.
        index: u64,
        /// What its leaf commits to.
        digest: Digest,
        /// What is wrong.
        cause: String,
    },
    /// A failed write could not be undone, so that this handle no longer knows what is on disk.
    #[error("an earlier write to the ledger failed and could not be undone ({0}); open it again")]
    Poisoned(String),
    /// The signer could not sign.
    #[error("cannot sign the checkpoint: {0}")]
    Signer(Arc<io::Error>),
    /// The query index failed; the record itself is not affected.
    #[error("the query index {path} failed: {source}; remove it, and it is made again")]
    Index {
        /// The SQLite file.
        path: String,
        /// What SQLite said.
        source: Arc<sqlx::Error>,
    },
}

/// Why a text is not a checkpoint, a proof or a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It isn't written as it should be.
    #[error("not a {what}: {expected}")]
    Malformed {
        /// `signed checkpoint`, `verifier key`, …
        what: &'static str,
        /// What was expected and isn't there.
        expected: &'static str,
    },
    /// It carries no signature of this key.
    #[error("it is not signed by {0}")]
    Unsigned(String),
    /// The signature is wrong: the text or the signature was changed.
    #[error("the signature by {0} does not verify")]
    BadSignature(String),
    /// It speaks of another log.
    #[error("it is of the log {found:?}, expected {expected:?}")]
    Origin {
        /// The one that the key belongs to.
        expected: String,
        /// The one named.
        found: String,
    },
    /// The proof's path does not lead from the record to the signed root.
    #[error("the path does not lead from the record to the root that was signed")]
    Path,
}

/// Shorthand.
pub type Result<T, E = Error> = std::result::Result<T, E>;

pub(crate) fn io(
    action: &'static str,
    path: impl std::fmt::Display,
) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Io {
        action,
        path: path.to_string(),
        source: Arc::new(source),
    }
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; nothing was recorded: free some space and repeat"
        }
        io::ErrorKind::PermissionDenied => "; run as the owner of the ledger",
        io::ErrorKind::ReadOnlyFilesystem => "; the ledger must be on a writable file system",
        _ => "",
    }
}
