//! C2SP signed notes and checkpoints, and the Ed25519 keys that sign them.

use std::{fmt, io, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use capability::Digest;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::{Error, NoteError, Result};

/// Ed25519 in the signed-note registry of algorithms.
const ED25519: u8 = 1;
/// The longest text that is looked at, in bytes: a checkpoint with many cosignatures is shorter.
const MAX_NOTE: usize = 64 * 1024;

/// A public key and the name it signs under, which is also the origin of its log. Its text is a
/// C2SP verifier key: `name+hash+base64`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: VerifyingKey,
}

impl VerifierKey {
    /// A name (without spaces or `+`) and a key.
    ///
    /// # Errors
    /// The name cannot be written in a note.
    pub fn new(name: &str, key: VerifyingKey) -> Result<Self, NoteError> {
        if name.is_empty() || name.contains(|c: char| c == '+' || c.is_whitespace()) {
            return Err(malformed("key name", "a name without spaces and `+`"));
        }
        Ok(Self {
            name: name.to_owned(),
            key,
        })
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// The four bytes by which a signature line names its key.
    fn hash(&self) -> [u8; 4] {
        let digest = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', ED25519])
            .chain_update(self.key.as_bytes())
            .finalize();
        [digest[0], digest[1], digest[2], digest[3]]
    }

    /// Checks that `note` is signed by this key, and gives back the text that was.
    fn open<'a>(&self, note: &'a str) -> Result<&'a str, NoteError> {
        const SHAPE: NoteError = malformed("signed note", "a text, an empty line, signature lines");
        if note.len() > MAX_NOTE {
            return Err(malformed("signed note", "at most 64 KiB"));
        }
        let (text, signatures) = note.rsplit_once("\n\n").ok_or(SHAPE)?;
        let text = &note[..=text.len()];
        let signatures = signatures.strip_suffix('\n').ok_or(SHAPE)?;
        for line in signatures.split('\n') {
            let (name, blob) = line
                .strip_prefix("— ")
                .and_then(|l| l.split_once(' '))
                .ok_or(SHAPE)?;
            let blob = BASE64.decode(blob).map_err(|_| SHAPE)?;
            let (hash, signature) = blob.split_first_chunk::<4>().ok_or(SHAPE)?;
            if name != self.name || *hash != self.hash() {
                continue; // a witness, or another key of this log
            }
            let bad = || NoteError::BadSignature(self.name.clone());
            let signature = Signature::from_slice(signature).map_err(|_| bad())?;
            self.key
                .verify_strict(text.as_bytes(), &signature)
                .map_err(|_| bad())?;
            return Ok(text);
        }
        Err(NoteError::Unsigned(self.name.clone()))
    }
}

const fn malformed(what: &'static str, expected: &'static str) -> NoteError {
    NoteError::Malformed { what, expected }
}

fn key_text(name: &str, hash: [u8; 4], key: &[u8; 32]) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([ED25519; 33]);
    bytes[1..].copy_from_slice(key);
    let hash = data_encoding::HEXLOWER.encode(&hash);
    Zeroizing::new(format!(
        "{name}+{hash}+{}",
        Zeroizing::new(BASE64.encode(*bytes)).as_str()
    ))
}

/// Takes `name+hash+base64` apart; the hash is the caller's to check.
fn parse_key(
    text: &str,
    what: &'static str,
) -> Result<(String, String, Zeroizing<[u8; 32]>), NoteError> {
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(hash), Some(blob)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(malformed(what, "name+hash+base64"));
    };
    let blob = BASE64
        .decode(blob)
        .map(Zeroizing::new)
        .map_err(|_| malformed(what, "base64"))?;
    let Some((&ED25519, key)) = blob.split_first() else {
        return Err(malformed(what, "an Ed25519 key (type 1)"));
    };
    let key = key
        .try_into()
        .map_err(|_| malformed(what, "32 bytes of key"))?;
    Ok((name.to_owned(), hash.to_owned(), Zeroizing::new(key)))
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&key_text(&self.name, self.hash(), self.key.as_bytes()))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        const WHAT: &str = "verifier key";
        let (name, hash, key) = parse_key(text, WHAT)?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| malformed(WHAT, "a curve point"))?;
        let key = Self::new(&name, key)?;
        if data_encoding::HEXLOWER.encode(&key.hash()) != hash {
            return Err(malformed(WHAT, "the hash of its name and key"));
        }
        Ok(key)
    }
}

/// What signs checkpoints: a key in memory, later one behind a socket or in hardware.
pub trait Signer: Send + Sync {
    /// The key that its signatures verify under; its name is the log's origin.
    fn key(&self) -> &VerifierKey;

    /// An Ed25519 signature (RFC 8032).
    ///
    /// # Errors
    /// Whatever keeps the key from being used.
    fn sign(&self, message: &[u8]) -> io::Result<[u8; 64]>;
}

/// A key in memory, cleared when it is dropped.
pub struct SecretKey {
    public: VerifierKey,
    key: SigningKey,
}

impl SecretKey {
    /// A new key from the kernel's generator, named `<prefix>/<first 8 bytes of the SHA-256 of
    /// the public key, in hex>`, so that no two logs share an origin.
    ///
    /// # Errors
    /// The kernel has no randomness to give, or the prefix cannot be part of a name.
    pub fn generate(prefix: &str) -> io::Result<Self> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *seed).map_err(io::Error::other)?;
        let key = SigningKey::from_bytes(&seed);
        let id = Digest::of(key.verifying_key().as_bytes());
        let id = data_encoding::HEXLOWER.encode(&id.as_bytes()[..8]);
        let public = VerifierKey::new(&format!("{prefix}/{id}"), key.verifying_key());
        Ok(Self {
            public: public.map_err(io::Error::other)?,
            key,
        })
    }

    /// The text of a signed-note private key, `PRIVATE+KEY+name+hash+base64`, which
    /// [`FromStr`] reads. The hash makes damage visible.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let seed = Zeroizing::new(self.key.to_bytes());
        let text = key_text(&self.public.name, self.public.hash(), &seed);
        Zeroizing::new(format!("PRIVATE+KEY+{}", text.as_str()))
    }
}

impl Signer for SecretKey {
    fn key(&self) -> &VerifierKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> io::Result<[u8; 64]> {
        Ok(self.key.sign(message).to_bytes())
    }
}

impl FromStr for SecretKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        const WHAT: &str = "signing key";
        let text = text
            .strip_prefix("PRIVATE+KEY+")
            .ok_or(malformed(WHAT, "`PRIVATE+KEY+` in front"))?;
        let (name, hash, seed) = parse_key(text, WHAT)?;
        let key = SigningKey::from_bytes(&seed);
        let public = VerifierKey::new(&name, key.verifying_key())?;
        if data_encoding::HEXLOWER.encode(&public.hash()) != hash {
            return Err(malformed(WHAT, "the hash of its name and key"));
        }
        Ok(Self { public, key })
    }
}

/// A signed tree head: this log held these records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// How many records.
    pub size: u64,
    /// The Merkle root over them.
    pub root: Digest,
    /// The signed note, as it is kept elsewhere and handed to witnesses.
    pub note: String,
}

impl Checkpoint {
    pub(crate) fn sign(size: u64, root: Digest, signer: &dyn Signer) -> Result<Self> {
        let key = signer.key();
        let text = format!("{}\n{size}\n{}\n", key.name, BASE64.encode(root.as_bytes()));
        let signature = signer
            .sign(text.as_bytes())
            .map_err(|e| Error::Signer(std::sync::Arc::new(e)))?;
        let blob = BASE64.encode([&key.hash()[..], &signature].concat());
        Ok(Self {
            size,
            root,
            note: format!("{text}\n— {} {blob}\n", key.name),
        })
    }

    /// Reads a checkpoint that must be signed by this key.
    ///
    /// # Errors
    /// It is not one, it is signed by another key or it was changed.
    pub fn open(note: &str, key: &VerifierKey) -> Result<Self, NoteError> {
        const WHAT: &str = "signed checkpoint";
        let mut lines = key.open(note)?.split('\n');
        let (origin, size, root) = (lines.next(), lines.next(), lines.next());
        if origin != Some(key.name()) {
            let found = origin.unwrap_or_default().chars().take(200).collect();
            return Err(NoteError::Origin {
                expected: key.name.clone(),
                found,
            });
        }
        let size = size
            .filter(|digits| {
                *digits == "0" || digits.starts_with(|c: char| ('1'..='9').contains(&c))
            })
            .and_then(|digits| digits.parse().ok())
            .ok_or(malformed(WHAT, "the size in its second line"))?;
        let root = root
            .and_then(|root| BASE64.decode(root).ok())
            .and_then(|root| <[u8; 32]>::try_from(root).ok())
            .ok_or(malformed(WHAT, "the root hash in its third line"))?;
        Ok(Self {
            size,
            root: Digest::from_bytes(root),
            note: note.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of golang.org/x/mod/sumdb/note, which the specification was taken from.
    #[test]
    fn the_go_implementations_example_opens() {
        let key: VerifierKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
            .parse()
            .expect("a key");
        let note = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n\n\
                    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        assert!(
            key.open(note)
                .expect("signed")
                .ends_with("your problem is.\n")
        );
        assert_eq!(
            key.open(&note.replace("answer", "Answer")),
            Err(NoteError::BadSignature("PeterNeumann".into()))
        );
        assert_eq!(key.to_string().parse(), Ok(key));
    }

    #[test]
    fn a_secret_key_survives_its_text_and_damage_to_it_is_seen() {
        let key = SecretKey::generate("test").expect("randomness");
        let text = key.to_text();
        assert_eq!(
            text.parse::<SecretKey>().expect("the same").key(),
            key.key()
        );
        for i in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[i] ^= 1;
            let damaged = String::from_utf8(bytes).expect("ASCII");
            assert!(damaged.parse::<SecretKey>().is_err(), "byte {i}");
        }
    }

    #[test]
    fn a_checkpoint_opens_under_its_own_key_only() {
        let (ours, other) = (SecretKey::generate("a"), SecretKey::generate("b"));
        let (ours, other) = (ours.expect("a key"), other.expect("a key"));
        let signed = Checkpoint::sign(7, Digest::of(b"root"), &ours).expect("signed");
        assert_eq!(
            Checkpoint::open(&signed.note, ours.key()),
            Ok(signed.clone())
        );
        assert!(matches!(
            Checkpoint::open(&signed.note, other.key()),
            Err(NoteError::Unsigned(_))
        ));
        for i in 0..signed.note.len() {
            let mut bytes = signed.note.clone().into_bytes();
            bytes[i] ^= 1;
            let Ok(note) = String::from_utf8(bytes) else {
                continue;
            };
            assert!(Checkpoint::open(&note, ours.key()).is_err(), "byte {i}");
        }
    }
}
