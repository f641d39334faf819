use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CapabilitySet, Digest, Timestamp};

/// What a person allowed one artifact to do, pinned to the artifact's digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The artifact, as it was when it was approved; any change voids the grant.
    pub artifact: Digest,
    /// The name it was known by, for people; decides nothing.
    pub name: String,
    /// What it may do; all else is refused.
    pub capabilities: CapabilitySet,
    /// Who approved it.
    pub approved_by: String,
    /// When.
    pub approved_at: Timestamp,
    /// Until when it holds.
    pub expires_at: Timestamp,
    /// Digest of the inspection on which the approval rests.
    pub evidence: Digest,
}

impl Grant {
    /// The bytes that are signed: a domain line, then the grant as JSON with its fields in
    /// declaration order.
    #[must_use]
    pub fn signing_bytes(&self) -> Vec<u8> {
        let mut bytes = b"shellproof grant v1\n".to_vec();
        bytes.extend(serde_json::to_vec(self).expect("a grant has only string keys"));
        bytes
    }

    /// The grant's identity: the digest of what is signed.
    #[must_use]
    pub fn id(&self) -> Digest {
        Digest::of(&self.signing_bytes())
    }

    /// Whether the grant holds for this artifact at this instant. Who signed it, and whether it was
    /// revoked, is not asked here.
    ///
    /// # Errors
    /// Why it does not hold.
    pub fn valid_at(&self, now: Timestamp, artifact: &Digest) -> Result<(), GrantError> {
        if self.artifact != *artifact {
            return Err(GrantError::OtherArtifact {
                granted: self.artifact,
                found: *artifact,
            });
        }
        if now < self.approved_at {
            return Err(GrantError::NotYet {
                from: self.approved_at,
                now,
            });
        }
        if now >= self.expires_at {
            return Err(GrantError::Expired {
                at: self.expires_at,
                now,
            });
        }
        Ok(())
    }
}

/// Why a grant does not hold.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum GrantError {
    /// The artifact changed, or is another one.
    #[error(
        "the grant is for {granted}, and this is {found}: review the change and approve it anew"
    )]
    OtherArtifact {
        /// What was approved.
        granted: Digest,
        /// What is there.
        found: Digest,
    },
    /// It was approved in what is the future by this clock.
    #[error("the grant holds from {from} on, and it is {now}: set the clock, or wait")]
    NotYet {
        /// When it begins to hold.
        from: Timestamp,
        /// The time asked about.
        now: Timestamp,
    },
    /// Its time is over.
    #[error("the grant expired at {at}, and it is {now}: approve it anew")]
    Expired {
        /// When it ended; at that very second it holds no more.
        at: Timestamp,
        /// The time asked about.
        now: Timestamp,
    },
}

/// Identifies a signing key: the first 8 bytes of the SHA-256 of its public key, in hex.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct KeyId(pub String);

/// A grant and the signature over [`Grant::signing_bytes`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignedGrant {
    /// What was signed.
    pub grant: Grant,
    /// Which key signed it.
    pub key: KeyId,
    /// Ed25519 (RFC 8032) signature, 64 bytes in base64.
    pub signature: String,
}
