//! The store of grants.
//!
//! A grant is a signed file, and what became of it is in the ledger. It is in force only while
//! all of this is true: its file is there and unchanged, its signature verifies under the
//! authority's key, it hasn't expired, and the ledger holds its approval and no revocation. So
//! neither deleting a file nor putting an old one back gives anybody anything.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use capability::{CapabilitySet, Digest, Grant, SignedGrant, Timestamp};
use ledger::{Event, Receipt, kind};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Authority, Result, key_id};

/// No grant is longer, in bytes of JSON.
const MAX_GRANT: u64 = 1024 * 1024;

/// Why a grant cannot be drafted, approved or revoked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The ledger holds no approval of it.
    #[error("there is no grant {0}: `shellproof grant list` shows those there are")]
    Unknown(Digest),
    /// It was taken back before.
    #[error("the grant {id} was revoked already, at {}", .revocation.at)]
    Revoked {
        /// The grant.
        id: Digest,
        /// By whom, when and why.
        revocation: Revocation,
    },
    /// It would be over before it began.
    #[error("the grant would expire at {0}, which is past: give a later time")]
    Expired(Timestamp),
    /// A file could not be read or written.
    #[error("cannot write {path}: {source}; nothing was approved")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
}

/// A proposal: the least grant that an inspection suggests. Signed by nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The artifact as it was inspected.
    pub artifact: Digest,
    /// The name it goes by, for people.
    pub name: String,
    /// What it would be allowed.
    pub capabilities: CapabilitySet,
    /// Digest of the inspection.
    pub evidence: Digest,
}

/// By whom, when and why a grant was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// Who took it back.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// The record.
    pub record: u64,
}

/// What a grant is worth now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum State {
    /// In force.
    Active,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked(Revocation),
    /// It never was in force, or its file is not what was approved.
    Void {
        /// Why.
        cause: String,
    },
}

/// One grant, or one file that should be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its identity; nothing where the file cannot be read as a grant.
    pub id: Option<Digest>,
    /// The file, whether it is there or not.
    pub path: PathBuf,
    /// What it says; nothing where that cannot be read.
    pub grant: Option<SignedGrant>,
    /// What it is worth.
    #[serde(flatten)]
    pub state: State,
}

/// How what an artifact needs now differs from what it was granted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diff {
    /// Needed and not granted.
    pub added: CapabilitySet,
    /// Granted and no longer needed.
    pub removed: CapabilitySet,
}

/// Compares a grant with what an inspection of the artifact infers now.
#[must_use]
pub fn diff(old: &Grant, new: &CapabilitySet) -> Diff {
    Diff {
        added: new.difference(&old.capabilities),
        removed: old.capabilities.difference(new),
    }
}

/// The grants in a directory, under one authority.
pub struct Grants<'a> {
    authority: &'a dyn Authority,
    dir: PathBuf,
    history: Mutex<History>,
}

/// What the ledger says of grants, as far as it was read.
#[derive(Clone, Default)]
struct History {
    next: u64,
    approved: BTreeMap<Digest, Approval>,
    revoked: BTreeMap<Digest, Revocation>,
}

#[derive(Clone)]
struct Approval {
    record: u64,
    grant: Option<SignedGrant>,
}

impl<'a> Grants<'a> {
    /// The grants kept in `dir`, which is made when there is something to keep.
    #[must_use]
    pub fn new(authority: &'a dyn Authority, dir: &Path) -> Self {
        Self {
            authority,
            dir: dir.to_owned(),
            history: Mutex::default(),
        }
    }

    /// Records a proposal. It allows nothing.
    ///
    /// # Errors
    /// The ledger refused.
    pub fn draft(&self, draft: &Draft, by: &str) -> Result<Receipt> {
        self.record(kind::GRANT_DRAFT, by, draft.artifact, json!(draft))
    }

    /// Signs what was drafted and puts it in force until `expires`.
    ///
    /// # Errors
    /// `expires` is not after `now`, or it could not be signed, kept or recorded; then nothing
    /// is in force.
    pub fn approve(
        &self,
        draft: Draft,
        by: &str,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<SignedGrant> {
        if expires <= now {
            return Err(Error::Expired(expires).into());
        }
        let Draft {
            artifact,
            name,
            capabilities,
            evidence,
        } = draft;
        let signed = self.authority.sign(Grant {
            artifact,
            name,
            capabilities,
            approved_by: by.to_owned(),
            approved_at: now,
            expires_at: expires,
            evidence,
        })?;
        // The file first: without its record it is void, so a crash in between grants nothing.
        let id = signed.grant.id();
        let path = self.path(&id);
        self.keep(&path, &signed).map_err(|source| Error::Io {
            path: path.display().to_string(),
            source,
        })?;
        if let Err(error) = self.record(kind::GRANT_APPROVE, by, id, json!(signed)) {
            let _ = fs::remove_file(&path); // void anyway
            return Err(error);
        }
        Ok(signed)
    }

    /// Takes a grant back, at once and for good.
    ///
    /// # Errors
    /// There is no such grant, it was revoked before, or the ledger refused.
    pub fn revoke(&self, id: Digest, by: &str, reason: &str) -> Result<Receipt> {
        let history = self.history()?;
        if !history.approved.contains_key(&id) {
            return Err(Error::Unknown(id).into());
        }
        if let Some(revocation) = history.revoked.get(&id) {
            return Err(Error::Revoked {
                id,
                revocation: revocation.clone(),
            }
            .into());
        }
        self.record(kind::GRANT_REVOKE, by, id, json!({ "reason": reason }))
    }

    /// Every grant that was ever approved and every file in the directory, with what it is
    /// worth at `now`; in order of approval, what was never approved last.
    ///
    /// # Errors
    /// The ledger or the directory cannot be read.
    pub fn list(&self, now: Timestamp) -> Result<Vec<Entry>> {
        let history = self.history()?;
        let mut entries: Vec<(u64, Entry)> = history
            .approved
            .iter()
            .map(|(id, approval)| (approval.record, self.judge(&history, *id, now)))
            .collect();
        for path in self.files()? {
            let known = entries.iter().any(|(_, entry)| entry.path == path);
            if !known {
                entries.push((u64::MAX, self.stray(path)));
            }
        }
        entries.sort_by(|(a, x), (b, y)| (a, &x.path).cmp(&(b, &y.path)));
        Ok(entries.into_iter().map(|(_, entry)| entry).collect())
    }

    /// One grant, whatever it is worth.
    ///
    /// # Errors
    /// The ledger holds no approval of it, or cannot be read.
    pub fn show(&self, id: Digest, now: Timestamp) -> Result<Entry> {
        let history = self.history()?;
        if !history.approved.contains_key(&id) {
            return Err(Error::Unknown(id).into());
        }
        Ok(self.judge(&history, id, now))
    }

    /// The grant in force for exactly this artifact; of several the one approved last.
    ///
    /// # Errors
    /// The ledger cannot be read: then nothing is in force.
    pub fn find_for(&self, artifact: Digest, now: Timestamp) -> Result<Option<SignedGrant>> {
        let history = self.history()?;
        let mut of_artifact: Vec<_> = history
            .approved
            .iter()
            .filter(|(_, approval)| {
                approval
                    .grant
                    .as_ref()
                    .is_some_and(|signed| signed.grant.artifact == artifact)
            })
            .collect();
        of_artifact.sort_by_key(|(_, approval)| std::cmp::Reverse(approval.record));
        Ok(of_artifact.into_iter().find_map(|(id, _)| {
            let entry = self.judge(&history, *id, now);
            entry.grant.filter(|_| entry.state == State::Active)
        }))
    }

    /// What an approved grant is worth.
    fn judge(&self, history: &History, id: Digest, now: Timestamp) -> Entry {
        let path = self.path(&id);
        let (grant, cause) = match self.read(&path) {
            Ok(signed) if signed.grant.id() == id => (Some(signed), None),
            Ok(_) => (None, Some("its file holds another grant".to_owned())),
            Err(cause) => (None, Some(cause)),
        };
        let grant = grant.or_else(|| history.approved.get(&id).and_then(|a| a.grant.clone()));
        let state = if let Some(revocation) = history.revoked.get(&id) {
            State::Revoked(revocation.clone())
        } else if let Some(cause) = cause {
            State::Void { cause }
        } else if grant
            .as_ref()
            .is_none_or(|signed| signed.grant.expires_at <= now)
        {
            State::Expired
        } else {
            State::Active
        };
        Entry {
            id: Some(id),
            path,
            grant,
            state,
        }
    }

    /// A file that no approval belongs to.
    fn stray(&self, path: PathBuf) -> Entry {
        let void = |cause: &str| State::Void {
            cause: cause.to_owned(),
        };
        match self.read(&path) {
            Err(cause) => Entry {
                id: None,
                path,
                grant: None,
                state: State::Void { cause },
            },
            Ok(signed) => {
                let id = signed.grant.id();
                let state = if self.path(&id) == path {
                    void("the ledger holds no approval of it")
                } else {
                    void("its name is not its identity: it is a copy")
                };
                Entry {
                    id: Some(id),
                    path,
                    grant: Some(signed),
                    state,
                }
            }
        }
    }

    /// A signed grant whose signature verifies, or why there is none.
    fn read(&self, path: &Path) -> Result<SignedGrant, String> {
        let meta = fs::symlink_metadata(path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => "its file is missing: approve it again".to_owned(),
            _ => e.to_string(),
        })?;
        if !meta.is_file() || meta.len() > MAX_GRANT {
            return Err("not a regular file of at most 1 MiB".to_owned());
        }
        let bytes = fs::read(path).map_err(|e| e.to_string())?;
        let signed: SignedGrant =
            serde_json::from_slice(&bytes).map_err(|e| format!("not a signed grant: {e}"))?;
        let ours = key_id(self.authority.key());
        if signed.key != ours {
            return Err(format!(
                "signed by the key {:?}, ours is {:?}",
                signed.key.0, ours.0
            ));
        }
        let verifies = BASE64
            .decode(&signed.signature)
            .ok()
            .and_then(|bytes| ed25519_dalek::Signature::from_slice(&bytes).ok())
            .is_some_and(|signature| {
                let key = self.authority.key().key();
                key.verify_strict(&signed.grant.signing_bytes(), &signature)
                    .is_ok()
            });
        if verifies {
            Ok(signed)
        } else {
            Err("its signature does not verify".to_owned())
        }
    }

    /// What the ledger says, up to now.
    fn history(&self) -> Result<History> {
        let mut kept = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        let mut history = kept.clone();
        let events = self.authority.events(history.next, "grant.")?;
        for record in events.records {
            let event = record.event;
            let Ok(id) = event.subject.parse::<Digest>() else {
                continue;
            };
            match event.kind.as_str() {
                kind::GRANT_APPROVE => {
                    let grant = serde_json::from_value::<SignedGrant>(event.body).ok();
                    let grant = grant.filter(|signed| signed.grant.id() == id);
                    history.approved.insert(
                        id,
                        Approval {
                            record: record.index,
                            grant,
                        },
                    );
                }
                kind::GRANT_REVOKE => {
                    let reason = event.body["reason"].as_str().unwrap_or_default().to_owned();
                    let (by, at) = (event.actor, event.at.timestamp());
                    let revocation = Revocation {
                        by,
                        at,
                        reason,
                        record: record.index,
                    };
                    history.revoked.entry(id).or_insert(revocation);
                }
                _ => {}
            }
        }
        history.next = events.next;
        *kept = history.clone();
        Ok(history)
    }

    fn record(
        &self,
        kind: &str,
        by: &str,
        subject: Digest,
        body: serde_json::Value,
    ) -> Result<Receipt> {
        let receipts = self
            .authority
            .append(vec![Event::now(kind, by, subject, body)])?;
        receipts.first().copied().ok_or_else(|| {
            crate::Error::Refused("it gave no receipt for what it was to record".to_owned())
        })
    }

    fn path(&self, id: &Digest) -> PathBuf {
        self.dir.join(format!(
            "{}.json",
            data_encoding::HEXLOWER.encode(id.as_bytes())
        ))
    }

    fn files(&self) -> Result<Vec<PathBuf>> {
        let fail = |source| Error::Io {
            path: self.dir.display().to_string(),
            source,
        };
        let entries = match fs::read_dir(&self.dir) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(fail)?,
        };
        let paths = entries
            .map(|entry| Ok(entry?.path()))
            .collect::<io::Result<_>>();
        Ok(paths.map_err(fail)?)
    }

    /// Writes a file that is there as a whole or not at all.
    fn keep(&self, path: &Path, signed: &SignedGrant) -> io::Result<()> {
        use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
        ledger::make_private_dir(&self.dir)?;
        let new = path.with_extension(format!("{}.new", std::process::id()));
        let write = || {
            let mut options = fs::File::options();
            let mut file = options
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&new)?;
            file.write_all(&serde_json::to_vec_pretty(signed).map_err(io::Error::other)?)?;
            file.sync_all()?;
            fs::rename(&new, path)?;
            fs::File::open(&self.dir)?.sync_all()
        };
        write().inspect_err(|_| {
            let _ = fs::remove_file(&new);
        })
    }
}
