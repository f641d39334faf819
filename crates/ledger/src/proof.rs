//! Proof that one record is in the log, as C2SP tlog-proof text: self-contained, checked
//! offline with the public key alone.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use capability::Digest;

use crate::{
    Checkpoint, NoteError, VerifierKey,
    merkle::{check_inclusion, leaf_hash},
};

const TYPE: &str = "c2sp.org/tlog-proof@v1";
const MALFORMED: NoteError = NoteError::Malformed {
    what: "proof",
    expected: "tlog-proof@v1: `extra` with the record, `index`, at most 63 hashes, a checkpoint",
};

/// A record, its path to the root and the checkpoint that signs it. Displays and parses as
/// tlog-proof text, with the leaf in its `extra` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The record's number.
    pub index: u64,
    /// The leaf: the event as canonical JSON.
    pub leaf: Vec<u8>,
    /// The audit path, from the leaf up (RFC 6962, section 2.1.1).
    pub path: Vec<Digest>,
    /// The signed checkpoint.
    pub checkpoint: String,
}

impl Proof {
    /// Checks that the log of this key holds the record, and gives back the signed head.
    ///
    /// # Errors
    /// The checkpoint isn't signed by this key, or the path does not lead to its root.
    pub fn check(&self, key: &VerifierKey) -> Result<Checkpoint, NoteError> {
        let head = Checkpoint::open(&self.checkpoint, key)?;
        let leaf = leaf_hash(&self.leaf);
        check_inclusion(self.index, head.size, leaf, &self.path, head.root)
            .then_some(head)
            .ok_or(NoteError::Path)
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{TYPE}\nextra {}\nindex {}",
            BASE64.encode(&self.leaf),
            self.index
        )?;
        self.path
            .iter()
            .try_for_each(|hash| writeln!(f, "{}", BASE64.encode(hash.as_bytes())))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for Proof {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let (head, checkpoint) = text.split_once("\n\n").ok_or(MALFORMED)?;
        let mut lines = head.split('\n');
        let mut field = |name| {
            lines
                .next()
                .and_then(|line| line.strip_prefix(name))
                .ok_or(MALFORMED)
        };
        field(TYPE)?.is_empty().then_some(()).ok_or(MALFORMED)?;
        let leaf = BASE64.decode(field("extra ")?).map_err(|_| MALFORMED)?;
        let index = field("index ")?.parse().map_err(|_| MALFORMED)?;
        let path: Vec<_> = lines
            .take(64)
            .map(|line| {
                Some(Digest::from_bytes(
                    BASE64.decode(line).ok()?.try_into().ok()?,
                ))
            })
            .collect::<Option<_>>()
            .filter(|path: &Vec<_>| path.len() < 64)
            .ok_or(MALFORMED)?;
        Ok(Self {
            index,
            leaf,
            path,
            checkpoint: checkpoint.to_owned(),
        })
    }
}
