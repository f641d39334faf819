//! The seam through which callers sign, append and decide.
//!
//! Whoever holds the keys is behind [`Authority`]: in one process it is [`Local`]; with the
//! daemon it is a socket that carries [`wire`] frames. Callers cannot tell, except that
//! [`Authority::guarantee`] says what each does not protect against.

pub mod grants;
pub mod keyfile;
mod local;
pub mod wire;

use capability::{Grant, KeyId, SignedGrant};
use ledger::{Event, Receipt, Record, VerifierKey};
use serde::{Deserialize, Serialize};

pub use local::Local;

/// A question to whoever decides: a named policy and its input. What the names and the input
/// mean is between the asker and the policy; the authority carries them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecideRequest {
    /// Which decision: `admission`, …
    pub policy: String,
    /// What it is about.
    pub input: serde_json::Value,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecideResponse {
    /// What happens.
    pub decision: capability::Decision,
    /// What is known.
    pub status: capability::Status,
    /// Why, one sentence each; never empty.
    pub reasons: Vec<String>,
    /// Which policy decided: its name and digest.
    pub policy: String,
}

/// Records, and where to go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// Those asked for, in order.
    pub records: Vec<Record>,
    /// The number of the first record that was not looked at.
    pub next: u64,
}

/// What decides, given at the top where policy is known.
pub trait Decider: Send + Sync {
    /// Answers a question. A question that cannot be answered is an error, never a pass.
    ///
    /// # Errors
    /// Says what could not be decided and why.
    fn decide(&self, request: DecideRequest) -> Result<DecideResponse, String>;
}

/// Why an authority did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key file cannot be used.
    #[error(transparent)]
    Key(#[from] keyfile::Error),
    /// The ledger refused, so nothing was done.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
    /// The signer refused.
    #[error("cannot sign: {0}")]
    Sign(std::io::Error),
    /// The policy gave no answer.
    #[error("no decision: {0}")]
    Undecided(String),
    /// A grant cannot be drafted, approved or revoked.
    #[error(transparent)]
    Grant(#[from] grants::Error),
    /// The connection to the authority failed.
    #[error("the connection to the authority failed: {0}")]
    Stream(std::io::Error),
    /// An authority on the other side of a socket refused.
    #[error("the authority refused: {0}")]
    Refused(String),
}

/// Shorthand.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Holds the keys: signs grants, appends to the ledger, decides.
pub trait Authority: Send + Sync {
    /// The key that its grants and its log verify under.
    fn key(&self) -> &VerifierKey;

    /// Signs a grant. That alone puts nothing in force: see [`grants`].
    ///
    /// # Errors
    /// The key cannot be used.
    fn sign(&self, grant: Grant) -> Result<SignedGrant>;

    /// Records events, all or none; when it returns, they are durable.
    ///
    /// # Errors
    /// Nothing was acknowledged.
    fn append(&self, events: Vec<Event>) -> Result<Vec<Receipt>>;

    /// The records from `from` on whose kind starts with `prefix`, checked against the signed
    /// head of the ledger, never out of its index.
    ///
    /// # Errors
    /// The ledger is damaged, shorter than `from` or cannot be read.
    fn events(&self, from: u64, prefix: &str) -> Result<Events>;

    /// Asks the policy.
    ///
    /// # Errors
    /// There is no answer; the caller holds or blocks.
    fn decide(&self, request: DecideRequest) -> Result<DecideResponse>;

    /// What this authority does *not* protect against, in a sentence that output shows.
    fn guarantee(&self) -> &str;
}

/// The short name of a key: the first 8 bytes of the SHA-256 of its public half, in hex.
#[must_use]
pub fn key_id(key: &VerifierKey) -> KeyId {
    let digest = capability::Digest::of(key.key().as_bytes());
    KeyId(data_encoding::HEXLOWER.encode(&digest.as_bytes()[..8]))
}
