//! The append-only, Merkle-hashed, signed record.
//!
//! A log is a directory that C2SP [tlog-tiles] clients can read: SHA-256 tiles and entry bundles
//! under `tile/`, and a signed `checkpoint`. Beside them, `journal/` holds what was acknowledged
//! since, each group with the checkpoint that signs it; `blob/` the bodies that don't fit a leaf;
//! and `index.sqlite` what makes queries fast, derived and never trusted.
//!
//! Several threads and several processes may append: [`Ledger`] commits in groups, one sync a
//! group, under a lock that the kernel frees when its holder dies. Reading ([`View`]), proving
//! ([`Proof`]) and verifying ([`verify`]) need the public key and no daemon.
//!
//! What it does not protect against: whoever holds the key can sign another history, and whoever
//! can write the files can cut the end off. Both show against a checkpoint kept elsewhere.
//!
//! [tlog-tiles]: https://c2sp.org/tlog-tiles

mod disk;
mod error;
mod event;
mod index;
mod journal;
mod merkle;
mod note;
mod proof;
#[cfg(test)]
mod tests;
mod tile;
mod tip;
mod verify;
mod view;
mod writer;

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
};

pub use disk::make_private_dir;
pub use error::{Error, NoteError, Result};
pub use event::{Event, MAX_BODY, Moment, kind};
pub use index::Filter;
pub use merkle::{check_consistency, check_inclusion, leaf_hash};
pub use note::{Checkpoint, SecretKey, Signer, VerifierKey};
pub use proof::Proof;
use serde::{Deserialize, Serialize};
pub use tile::MAX_LEAF;
pub use verify::{Fault, Verified, verify};
pub use view::{Position, Record, View};

use crate::{disk::Disk, event::Blob, writer::Writer};

/// The most that one batch, and so one group, may hold, in bytes of leaves.
pub const MAX_BATCH: usize = 8 * 1024 * 1024;

/// An acknowledgement: the record is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The record's number, from 0.
    pub index: u64,
    /// How many records the checkpoint covers that was signed with it.
    pub size: u64,
}

/// A log that is open for appending. Share it between threads.
pub struct Ledger {
    dir: PathBuf,
    disk: Arc<dyn Disk>,
    key: VerifierKey,
    writer: Mutex<Writer>,
    queue: Mutex<Queue>,
    /// Signalled when a group is done.
    done: Condvar,
}

/// Batches that wait for the next group.
#[derive(Default)]
struct Queue {
    jobs: VecDeque<Arc<Job>>,
    /// Whether a thread is committing a group.
    busy: bool,
}

/// One caller's batch, which is in one group as a whole.
struct Job {
    leaves: Vec<Vec<u8>>,
    bytes: usize,
    blobs: Vec<Blob>,
    result: OnceLock<Result<Receipt>>,
}

impl Ledger {
    /// Opens the log in a directory, making both if there are none (0700; files 0600).
    ///
    /// # Errors
    /// Others may enter the directory, the log is another key's, or its end is damaged.
    pub fn open(dir: &Path, signer: Arc<dyn Signer>) -> Result<Self> {
        let disk = disk::Directory::create(dir).map_err(error::io("open", dir.display()))?;
        Self::on(dir, Arc::new(disk), signer)
    }

    fn on(dir: &Path, disk: Arc<dyn Disk>, signer: Arc<dyn Signer>) -> Result<Self> {
        let key = signer.key().clone();
        let writer = Mutex::new(Writer::open(Arc::clone(&disk), signer)?);
        let (queue, done) = (Mutex::default(), Condvar::new());
        Ok(Self {
            dir: dir.to_owned(),
            disk,
            key,
            writer,
            queue,
            done,
        })
    }

    /// The key that checkpoints verify under.
    #[must_use]
    pub fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// The directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Records one event. When this returns, it survives a crash and a power cut.
    ///
    /// # Errors
    /// Nothing was acknowledged. (After a failure of the disk itself the record may still turn
    /// up: repeat it rather than assume that it did not happen.)
    pub fn append(&self, event: Event) -> Result<Receipt> {
        let receipts = self.append_batch([event])?;
        Ok(receipts[0])
    }

    /// Records events, all or none of them, next to each other.
    ///
    /// # Errors
    /// As [`Ledger::append`]; or the batch is over [`MAX_BATCH`].
    pub fn append_batch(&self, events: impl IntoIterator<Item = Event>) -> Result<Vec<Receipt>> {
        let (mut leaves, mut blobs) = (Vec::new(), Vec::new());
        for event in events {
            let (leaf, blob) = event.encode()?;
            leaves.push(leaf);
            blobs.extend(blob);
        }
        if leaves.is_empty() {
            return Ok(Vec::new());
        }
        let bytes = leaves.iter().map(Vec::len).sum();
        if bytes > MAX_BATCH {
            return Err(Error::TooLarge {
                what: "a batch of events",
                bytes,
                limit: MAX_BATCH,
            });
        }
        let count = leaves.len() as u64;
        let first = self.commit(&Arc::new(Job {
            leaves,
            bytes,
            blobs,
            result: OnceLock::new(),
        }))?;
        Ok((0..count)
            .map(|i| Receipt {
                index: first.index + i,
                ..first
            })
            .collect())
    }

    /// The signed head of what is durable: keep it elsewhere.
    ///
    /// # Errors
    /// The log is damaged or cannot be read.
    pub fn checkpoint(&self) -> Result<Checkpoint> {
        lock(&self.writer).checkpoint()
    }

    /// Moves the journal into tiles, after which the directory without `journal/` is a complete
    /// tlog-tiles log. Happens by itself every few thousand records.
    ///
    /// # Errors
    /// A file could not be written; nothing is lost, and it can be repeated.
    pub fn publish(&self) -> Result<Checkpoint> {
        lock(&self.writer).integrate()
    }

    /// The log as it is now, for reading.
    ///
    /// # Errors
    /// It is damaged or cannot be read.
    pub fn view(&self) -> Result<View> {
        View::load(Arc::clone(&self.disk), &self.key)
    }

    /// The records that match, oldest first, found through the index and read from the tree. An
    /// index that is missing is made, one that lags follows, one that disagrees is made again.
    ///
    /// # Errors
    /// The log or the index cannot be read, or not even a new index agrees.
    pub async fn query(&self, filter: &Filter) -> Result<Vec<Record>> {
        // The index may hold only what is durable, or it would know more than the log does
        // after a power cut.
        self.checkpoint()?;
        index::query(&self.dir, &self.view()?, filter).await
    }

    /// As [`Ledger::query`], for callers that drive no tokio runtime.
    ///
    /// # Errors
    /// As there.
    pub fn query_blocking(&self, filter: &Filter) -> Result<Vec<Record>> {
        index::block_on(self.query(filter))
    }

    /// Group commit: the first to come commits, for itself and for all who queued meanwhile.
    fn commit(&self, job: &Arc<Job>) -> Result<Receipt> {
        let mut queue = lock(&self.queue);
        queue.jobs.push_back(Arc::clone(job));
        loop {
            if let Some(result) = job.result.get() {
                return result.clone();
            }
            if queue.busy {
                queue = self
                    .done
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            queue.busy = true;
            let turn = Turn {
                ledger: self,
                group: take_group(&mut queue.jobs),
            };
            drop(queue);
            let mut writer = lock(&self.writer);
            settle(&mut writer, &turn.group);
            self.done.notify_all();
            if writer.is_due() {
                // The group is acknowledged. If there is no room for tiles now, the journal
                // keeps its records, and `publish` says why.
                let _ = writer.integrate();
            }
            drop(writer);
            drop(turn);
            queue = lock(&self.queue);
        }
    }
}

/// One thread's turn to commit. However it ends, nobody waits for it afterwards.
struct Turn<'a> {
    ledger: &'a Ledger,
    group: Vec<Arc<Job>>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        for job in &self.group {
            // Does nothing to a job that is settled, as all are unless its thread panicked.
            let _ = job.result.set(Err(Error::Poisoned(
                "the committing thread panicked".into(),
            )));
        }
        lock(&self.ledger.queue).busy = false;
        self.ledger.done.notify_all();
    }
}

/// As many whole batches as fit one group.
fn take_group(jobs: &mut VecDeque<Arc<Job>>) -> Vec<Arc<Job>> {
    let mut bytes = 0;
    let fits = jobs.iter().take_while(|job| {
        bytes += job.bytes;
        bytes <= MAX_BATCH
    });
    let count = fits.count().max(1).min(jobs.len());
    jobs.drain(..count).collect()
}

/// Commits a group and tells each of its callers.
fn settle(writer: &mut Writer, group: &[Arc<Job>]) {
    let leaves: Vec<_> = group
        .iter()
        .flat_map(|job| job.leaves.iter().cloned())
        .collect();
    let blobs: Vec<_> = group
        .iter()
        .flat_map(|job| job.blobs.iter().cloned())
        .collect();
    let head = writer.append(&leaves, &blobs);
    let mut index = head
        .as_ref()
        .map_or(0, |head| head.size - leaves.len() as u64);
    for job in group {
        let result = head.as_ref().map(|head| Receipt {
            index,
            size: head.size,
        });
        index += job.leaves.len() as u64;
        // Nobody else settles this job.
        let _ = job.result.set(result.map_err(Clone::clone));
    }
}

/// A panic elsewhere leaves values that are read again from disk before they are used.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
