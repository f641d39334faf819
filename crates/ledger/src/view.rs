//! Reading: the log as it was at one moment. Takes no part in appending and changes nothing.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use capability::Digest;
use serde::{Deserialize, Serialize};

use crate::{
    Checkpoint, Error, Event, Proof, Result, VerifierKey,
    disk::{Directory, Disk},
    error::io,
    event,
    merkle::{self, Frontier, leaf_hash, node_hash},
    tile::WIDTH,
    tip::{self, Tip},
};

/// One record: an event, where it stands and what the tree commits to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its number, from 0.
    pub index: u64,
    /// Its leaf hash (RFC 6962).
    pub hash: Digest,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// A log at one moment, whose head is signed. Records are checked against it by
/// [`View::since`] and by [`verify`](crate::verify); [`View::read`] trusts the files.
pub struct View {
    disk: Arc<dyn Disk>,
    tip: Tip,
    tiles: Mutex<Tiles>,
}

/// Tiles that were read, by level and number.
type Tiles = HashMap<(u32, u64), Arc<[Digest]>>;

/// How far a reader has checked a log: give it back to [`View::since`].
#[derive(Debug, Clone, Default)]
pub struct Position(Frontier);

impl Position {
    /// How many records were seen.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.0.size()
    }
}

impl View {
    /// Opens the log in a directory for reading. Needs no daemon and no secret key.
    ///
    /// # Errors
    /// There is none, it is signed by another key, or its end is damaged.
    pub fn open(dir: &Path, key: &VerifierKey) -> Result<Self> {
        let disk = Directory::open(dir).map_err(io("open", dir.display()))?;
        Self::load(Arc::new(disk), key)
    }

    pub(crate) fn load(disk: Arc<dyn Disk>, key: &VerifierKey) -> Result<Self> {
        let guard = disk.lock(false).map_err(io("take", "the lock"))?;
        let tip = Tip::load(&*disk, key)?
            .ok_or_else(|| tip::damaged(tip::CHECKPOINT, "there is no log in this directory"))?;
        drop(guard);
        Ok(Self {
            disk,
            tip,
            tiles: Mutex::default(),
        })
    }

    /// The signed head: keep it elsewhere, and a log that was cut or rolled back gives itself
    /// away.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.tip.head
    }

    /// How many records there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.tip.head.size
    }

    /// One record.
    ///
    /// # Errors
    /// There is no such record, or its files are damaged.
    pub fn read(&self, index: u64) -> Result<Record> {
        self.record(index, &self.leaf(index)?)
    }

    /// The records from this number on, in order.
    pub fn iter(&self, from: u64) -> impl Iterator<Item = Result<Record>> + '_ {
        let mut bundle = (u64::MAX, Vec::new());
        (from..self.size()).map(move |index| {
            let Some(at) = index.checked_sub(self.tip.base.size) else {
                if bundle.0 != index / WIDTH {
                    bundle = (index / WIDTH, self.bundle(index / WIDTH)?);
                }
                return self.record(index, &bundle.1[(index % WIDTH) as usize]);
            };
            self.record(index, &self.tip.tail[at as usize])
        })
    }

    /// The records after `seen` whose kind starts with `prefix`, checked against the signed
    /// head; `seen` then stands at it. For decisions that must not rest on an edited record.
    ///
    /// # Errors
    /// A file is damaged, or the records are not those that were signed; `seen` stays.
    pub fn since(&self, seen: &mut Position, prefix: &str) -> Result<Vec<Record>> {
        #[derive(Deserialize)]
        struct Kind<'a> {
            #[serde(borrow)]
            kind: std::borrow::Cow<'a, str>,
        }
        let mut frontier = seen.0.clone();
        if frontier.size() > self.size() {
            let cause = format!(
                "it ends at {}, but {} were seen",
                self.size(),
                frontier.size()
            );
            return Err(tip::damaged("the log", cause));
        }
        let mut found = Vec::new();
        let mut take = |leaf: &[u8]| -> Result<()> {
            let index = frontier.size();
            frontier.push(leaf_hash(leaf));
            let kind: Kind<'_> = serde_json::from_slice(leaf).map_err(|e| Error::NotAnEvent {
                index,
                cause: e.to_string(),
            })?;
            if kind.kind.starts_with(prefix) {
                found.push(self.record(index, leaf)?);
            }
            Ok(())
        };
        let (from, base) = (seen.0.size(), self.tip.base.size);
        for n in from / WIDTH..base.div_ceil(WIDTH) {
            let skip = from.saturating_sub(n * WIDTH) as usize;
            self.bundle(n)?
                .iter()
                .skip(skip)
                .try_for_each(|leaf| take(leaf))?;
        }
        let skip = from.saturating_sub(base) as usize;
        self.tip
            .tail
            .iter()
            .skip(skip)
            .try_for_each(|leaf| take(leaf))?;
        if frontier.root() != self.tip.head.root {
            return Err(tip::damaged(
                "the log",
                "its records are not those that were signed",
            ));
        }
        seen.0 = frontier;
        Ok(found)
    }

    /// Proves that a record is in the log, to whoever has the public key.
    ///
    /// # Errors
    /// There is no such record, or its files are damaged.
    pub fn prove(&self, index: u64) -> Result<Proof> {
        let leaf = self.leaf(index)?;
        let path = merkle::inclusion_path(index, self.size(), &mut |level, i| self.node(level, i))?;
        Ok(Proof {
            index,
            leaf,
            path,
            checkpoint: self.tip.head.note.clone(),
        })
    }

    /// Proves to whoever kept a checkpoint of `old` records that they are still the first ones;
    /// checked by [`check_consistency`](crate::check_consistency).
    ///
    /// # Errors
    /// The log is shorter than that, or its files are damaged.
    pub fn prove_consistency(&self, old: u64) -> Result<Vec<Digest>> {
        if old > self.size() {
            return Err(Error::NoRecord {
                index: old - 1,
                size: self.size(),
            });
        }
        merkle::consistency_path(old, self.size(), &mut |level, i| self.node(level, i))
    }

    fn leaf(&self, index: u64) -> Result<Vec<u8>> {
        if index >= self.size() {
            return Err(Error::NoRecord {
                index,
                size: self.size(),
            });
        }
        match index.checked_sub(self.tip.base.size) {
            Some(at) => Ok(self.tip.tail[at as usize].clone()),
            None => Ok(self
                .bundle(index / WIDTH)?
                .swap_remove((index % WIDTH) as usize)),
        }
    }

    /// The entries of a bundle that are before the journal.
    fn bundle(&self, n: u64) -> Result<Vec<Vec<u8>>> {
        let mut entries = tip::read_bundle(&*self.disk, n, self.tip.base.size)?;
        entries.truncate((self.tip.base.size - n * WIDTH) as usize);
        Ok(entries)
    }

    fn record(&self, index: u64, leaf: &[u8]) -> Result<Record> {
        let event = event::decode(index, leaf, |digest| fetch(&*self.disk, index, digest))?;
        Ok(Record {
            index,
            hash: leaf_hash(leaf),
            event,
        })
    }

    /// The root of the complete subtree over leaves `i << level .. (i + 1) << level`.
    fn node(&self, level: u32, i: u64) -> Result<Digest> {
        if ((i + 1) << level) > self.tip.base.size {
            // Not in tiles yet. At most 64 deep, and only as wide as the journal.
            return match level.checked_sub(1) {
                None => Ok(self.tip.hashes[(i - self.tip.base.size) as usize]),
                Some(below) => Ok(node_hash(
                    &self.node(below, 2 * i)?,
                    &self.node(below, 2 * i + 1)?,
                )),
            };
        }
        let (tile_level, height) = (level / 8, level % 8);
        let first = i << height;
        let tile = self.tile(tile_level, first / WIDTH)?;
        Ok(Frontier::of(&tile[(first % WIDTH) as usize..][..1 << height]).root())
    }

    fn tile(&self, level: u32, n: u64) -> Result<Arc<[Digest]>> {
        let mut tiles = self.tiles.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tile) = tiles.get(&(level, n)) {
            return Ok(Arc::clone(tile));
        }
        let tile: Arc<[Digest]> = tip::read_tile(&*self.disk, level, n, self.tip.base.size)?.into();
        tiles.insert((level, n), Arc::clone(&tile));
        Ok(tile)
    }
}

/// A body that lies beside the tree, checked against its digest.
pub(crate) fn fetch(disk: &dyn Disk, index: u64, digest: &Digest) -> Result<Vec<u8>> {
    let fail = |cause: &str| Error::Blob {
        index,
        digest: *digest,
        cause: cause.to_owned(),
    };
    let bytes = tip::read(disk, &event::blob_path(digest), 0)?.ok_or_else(|| fail("is missing"))?;
    if Digest::of(&bytes) != *digest {
        return Err(fail("was changed"));
    }
    Ok(bytes)
}
