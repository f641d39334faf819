use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest, written `sha256:` and 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Digest([u8; 32]);

/// Why a text is not a [`Digest`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a digest: expected `sha256:` and 64 lower-case hex digits, found {0:?}")]
pub struct DigestParseError(pub String);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// A digest computed elsewhere.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 12 hex digits, for people; never accepted as input.
    #[must_use]
    pub fn short(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.0[..6])
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "sha256:{}", data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::str::FromStr for Digest {
    type Err = DigestParseError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let fail = || DigestParseError(s.chars().take(80).collect());
        let hex = s.strip_prefix("sha256:").ok_or_else(fail)?;
        let bytes = data_encoding::HEXLOWER
            .decode(hex.as_bytes())
            .map_err(|_| fail())?;
        Ok(Self(bytes.try_into().map_err(|_| fail())?))
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestParseError;

    fn try_from(s: String) -> Result<Self, Self::Error> {
        s.parse()
    }
}

impl From<Digest> for String {
    fn from(d: Digest) -> Self {
        d.to_string()
    }
}

/// Builds the digest of an artifact: SHA-256 over its sorted list of
/// (path, mode, content digest).
///
/// Each entry is hashed as `<mode in octal> <length of path in bytes> <path> <content digest>\n`,
/// so that no two different trees share a byte string.
#[derive(Default)]
pub struct TreeHasher(std::collections::BTreeMap<String, (u32, Digest)>);

impl TreeHasher {
    /// Adds one file. `mode` is normalised to whether anyone may execute it (`755` or `644`),
    /// or `120000` for a symbolic link, whose content is its target.
    pub fn file(&mut self, path: &str, mode: u32, content: Digest) {
        self.0.insert(path.to_owned(), (mode, content));
    }

    /// The digest of the tree.
    #[must_use]
    pub fn finish(&self) -> Digest {
        let mut hasher = Sha256::new();
        hasher.update(b"shellproof tree v1\n");
        for (path, (mode, content)) in &self.0 {
            hasher.update(format!("{mode:o} {} {path} {content}\n", path.len()));
        }
        Digest(hasher.finalize().into())
    }
}
