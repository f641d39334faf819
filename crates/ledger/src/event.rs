//! What is recorded: the event, and the canonical JSON envelope that becomes a leaf.

use capability::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Error, Result, tile::MAX_LEAF};

/// The largest body, in bytes of JSON; what doesn't fit a leaf lies beside the tree.
pub const MAX_BODY: usize = 16 * 1024 * 1024;

/// The kinds of event that are recorded so far. An older reader shows a kind it doesn't know.
pub mod kind {
    /// An artifact was inspected and judged.
    pub const VET: &str = "vet";
    /// A grant was proposed.
    pub const GRANT_DRAFT: &str = "grant.draft";
    /// A grant was approved and signed.
    pub const GRANT_APPROVE: &str = "grant.approve";
    /// A grant was taken back.
    pub const GRANT_REVOKE: &str = "grant.revoke";
    /// The policy that decides was changed.
    pub const POLICY: &str = "policy";
}

/// An instant with a resolution of one microsecond, written as RFC 3339 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Moment(i64);

impl Moment {
    /// The present, by the system's clock.
    #[must_use]
    pub fn now() -> Self {
        Self(jiff::Timestamp::now().as_microsecond())
    }

    /// Microseconds since the Unix epoch.
    #[must_use]
    pub const fn unix_micros(self) -> i64 {
        self.0
    }

    /// This instant without its fraction of a second.
    #[must_use]
    pub fn timestamp(self) -> capability::Timestamp {
        capability::Timestamp::from_unix(self.0.div_euclid(1_000_000))
    }
}

impl From<capability::Timestamp> for Moment {
    fn from(at: capability::Timestamp) -> Self {
        Self(at.unix() * 1_000_000)
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = jiff::Timestamp::from_microsecond(self.0).map_err(|_| std::fmt::Error)?;
        write!(f, "{at:.6}")
    }
}

impl std::str::FromStr for Moment {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        Ok(Self(text.parse::<jiff::Timestamp>()?.as_microsecond()))
    }
}

impl TryFrom<String> for Moment {
    type Error = jiff::Error;

    fn try_from(text: String) -> Result<Self, jiff::Error> {
        text.parse()
    }
}

impl From<Moment> for String {
    fn from(at: Moment) -> Self {
        at.to_string()
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// When.
    pub at: Moment,
    /// What, in a word or two: see [`kind`].
    pub kind: String,
    /// Who did it: a person, a daemon, a session.
    pub actor: String,
    /// To what: the digest of an artifact, the id of a grant.
    pub subject: String,
    /// The particulars.
    pub body: Value,
}

impl Event {
    /// An event of this moment.
    #[must_use]
    pub fn now(kind: &str, actor: &str, subject: impl std::fmt::Display, body: Value) -> Self {
        let (kind, actor) = (kind.to_owned(), actor.to_owned());
        Self {
            at: Moment::now(),
            kind,
            actor,
            subject: subject.to_string(),
            body,
        }
    }

    /// The leaf, and the body if it has to lie beside the tree.
    pub(crate) fn encode(mut self) -> Result<(Vec<u8>, Option<Blob>)> {
        // Canonical: fields in declaration order, the keys of objects sorted, no white space.
        self.body.sort_all_objects();
        let Self {
            at,
            kind,
            actor,
            subject,
            body,
        } = self;
        let mut envelope = Envelope {
            v: 1,
            at,
            kind,
            actor,
            subject,
            body: Some(body),
            blob: None,
        };
        let leaf = json(&envelope);
        if leaf.len() <= MAX_LEAF {
            return Ok((leaf, None));
        }
        let bytes = json(&envelope.body.take());
        if bytes.len() > MAX_BODY {
            return Err(Error::TooLarge {
                what: "the body of an event",
                bytes: bytes.len(),
                limit: MAX_BODY,
            });
        }
        let digest = Digest::of(&bytes);
        envelope.blob = Some(digest);
        let leaf = json(&envelope);
        if leaf.len() > MAX_LEAF {
            return Err(Error::TooLarge {
                what: "an event without its body",
                bytes: leaf.len(),
                limit: MAX_LEAF,
            });
        }
        Ok((leaf, Some(Blob { digest, bytes })))
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("these types have string keys and cannot fail")
}

/// A body that lies beside the tree, named by its digest.
#[derive(Debug, Clone)]
pub(crate) struct Blob {
    pub(crate) digest: Digest,
    pub(crate) bytes: Vec<u8>,
}

/// Where a blob lies.
pub(crate) fn blob_path(digest: &Digest) -> String {
    format!("blob/{}", data_encoding::HEXLOWER.encode(digest.as_bytes()))
}

/// What a leaf holds, as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    v: u8,
    at: Moment,
    kind: String,
    actor: String,
    subject: String,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    body: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blob: Option<Digest>,
}

/// A body of `null` is a body; only a missing one is none.
fn present<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(input).map(Some)
}

/// Reads a leaf. `fetch` answers the bytes of a body that lies beside the tree.
pub(crate) fn decode(
    index: u64,
    leaf: &[u8],
    fetch: impl FnOnce(&Digest) -> Result<Vec<u8>>,
) -> Result<Event> {
    let not = |cause: String| Error::NotAnEvent { index, cause };
    let envelope: Envelope = serde_json::from_slice(leaf).map_err(|e| not(e.to_string()))?;
    let Envelope {
        v: 1,
        at,
        kind,
        actor,
        subject,
        body,
        blob,
    } = envelope
    else {
        return Err(not(format!("its version is {}", envelope.v)));
    };
    let body = match (body, blob) {
        (Some(body), None) => body,
        (None, Some(digest)) => {
            let bytes = fetch(&digest)?;
            serde_json::from_slice(&bytes).map_err(|e| not(format!("its body: {e}")))?
        }
        _ => return Err(not("it has not exactly one of `body` and `blob`".to_owned())),
    };
    Ok(Event {
        at,
        kind,
        actor,
        subject,
        body,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(body: Value) -> Event {
        Event {
            at: "2026-01-02T03:04:05.000006Z".parse().expect("a time"),
            ..Event::now("vet", "me", "it", body)
        }
    }

    #[test]
    fn a_leaf_is_canonical_json() {
        let (leaf, blob) = event(json!({"b": {"z": 1, "a": 2}, "a": null}))
            .encode()
            .expect("small");
        assert!(blob.is_none());
        assert_eq!(
            String::from_utf8(leaf).expect("UTF-8"),
            r#"{"v":1,"at":"2026-01-02T03:04:05.000006Z","kind":"vet","actor":"me","subject":"it","body":{"a":null,"b":{"a":2,"z":1}}}"#
        );
    }

    #[test]
    fn a_large_body_lies_beside_the_tree() {
        let original = event(json!("x".repeat(70_000)));
        let (leaf, blob) = original.clone().encode().expect("it fits");
        let blob = blob.expect("too large for a leaf");
        assert!(leaf.len() < 300);
        assert_eq!(
            decode(0, &leaf, |_| Ok(blob.bytes.clone())).expect("an event"),
            original
        );
        assert!(event(json!("x".repeat(MAX_BODY))).encode().is_err());
        assert!(
            Event::now("vet", &"x".repeat(70_000), "it", Value::Null)
                .encode()
                .is_err()
        );
    }

    #[test]
    fn an_empty_body_is_a_body() {
        let (leaf, _) = event(Value::Null).encode().expect("small");
        assert_eq!(
            decode(0, &leaf, |_| panic!("no blob")).expect("an event"),
            event(Value::Null)
        );
    }

    #[test]
    fn a_newer_version_is_not_guessed_at() {
        let leaf =
            br#"{"v":2,"at":"2026-01-02T03:04:05Z","kind":"k","actor":"a","subject":"s","body":1}"#;
        assert!(matches!(
            decode(9, leaf, |_| panic!("no blob")),
            Err(Error::NotAnEvent { index: 9, .. })
        ));
    }
}
