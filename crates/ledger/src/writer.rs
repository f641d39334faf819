//! Appending: one group of records at a time, under the lock that all processes share.
//!
//! 1. take in what others appended, and sync it before anything is built on it;
//! 2. write and sync one journal frame: **this acknowledges the group**;
//! 3. once the journal is long enough, write tiles, then rename the checkpoint.
//!
//! A crash before the end of 2 leaves a torn frame that the next writer cuts off. A crash in 3
//! leaves tiles that no checkpoint refers to, and they are written again.

use std::sync::Arc;

use crate::{
    Checkpoint, Error, Result, Signer,
    disk::{self, Disk},
    error::io,
    event::{Blob, blob_path},
    journal,
    merkle::{Frontier, leaf_hash},
    tile::{self, WIDTH},
    tip::{CHECKPOINT, Tip, journal_path, journals, read, read_bundle, read_tile},
};

/// The journal is moved into tiles when it holds this many records …
const JOURNAL_RECORDS: usize = 4096;
/// … or this many bytes.
const JOURNAL_BYTES: u64 = 4 * 1024 * 1024;

pub(crate) struct Writer {
    disk: Arc<dyn Disk>,
    signer: Arc<dyn Signer>,
    tip: Tip,
    /// Journal length at which to try again to move it into tiles, after that failed.
    retry_at: u64,
    /// Why this handle no longer knows what is on disk.
    poisoned: Option<String>,
}

impl Writer {
    /// Opens the log for appending, making it if there is none.
    pub(crate) fn open(disk: Arc<dyn Disk>, signer: Arc<dyn Signer>) -> Result<Self> {
        let guard = disk.lock(true).map_err(io("take", "the lock"))?;
        let tip = open_tip(&*disk, &*signer)?;
        drop(guard);
        Ok(Self {
            disk,
            signer,
            tip,
            retry_at: 0,
            poisoned: None,
        })
    }

    /// Appends a group. When this returns a checkpoint, the group is durable, and so is all
    /// before it. On an error nothing of it was acknowledged.
    pub(crate) fn append(&mut self, leaves: &[Vec<u8>], blobs: &[Blob]) -> Result<Checkpoint> {
        let _guard = self.enter()?;
        for blob in blobs {
            self.keep(blob)?;
        }
        let first = self.tip.frontier.size();
        let hashes: Vec<_> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
        let mut frontier = self.tip.frontier.clone();
        hashes.iter().for_each(|hash| frontier.push(*hash));
        let head = Checkpoint::sign(frontier.size(), frontier.root(), &*self.signer)?;
        let frame = journal::encode(first, leaves, &head.note);

        let (path, end) = (journal_path(self.tip.base.size), self.tip.end);
        if let Err(error) = self.write_frame(&path, end, &frame) {
            // Take it back, or the next group would be built on what may not be on disk.
            let undone = self
                .disk
                .truncate(&path, end)
                .and_then(|()| self.disk.sync(&path));
            if let (Err(undo), true) = (undone, self.disk.size(&path).is_ok()) {
                self.poisoned = Some(format!("{path}: {undo}"));
            }
            return Err(io("append to", &path)(error));
        }
        self.tip.end = end + frame.len() as u64;
        self.tip.frontier = frontier;
        self.tip.head = head.clone();
        self.tip.tail.extend_from_slice(leaves);
        self.tip.hashes.extend(hashes);
        Ok(head)
    }

    fn write_frame(&self, path: &str, end: u64, frame: &[u8]) -> std::io::Result<()> {
        self.disk.write(path, end, frame)?;
        self.disk.sync(path)?;
        if end == 0 {
            self.disk.sync_dir("journal")?;
        }
        Ok(())
    }

    /// Whether the journal has grown enough to be moved into tiles.
    pub(crate) fn is_due(&self) -> bool {
        let long = self.tip.tail.len() >= JOURNAL_RECORDS || self.tip.end >= JOURNAL_BYTES;
        long && self.tip.end >= self.retry_at
    }

    /// Moves the journal into tiles, so that the directory is a complete static log.
    pub(crate) fn integrate(&mut self) -> Result<Checkpoint> {
        let _guard = self.enter()?;
        if self.tip.tail.is_empty() {
            return Ok(self.tip.base.clone());
        }
        self.retry_at = self.tip.end + JOURNAL_BYTES;
        let files = self.tiles()?;
        disk::create(&*self.disk, &files).map_err(io("write", "tile"))?;
        let replaced = disk::replace(&*self.disk, CHECKPOINT, self.tip.head.note.as_bytes());
        replaced.map_err(io("replace", CHECKPOINT))?;

        let old = self.tip.base.size;
        self.tip.base = self.tip.head.clone();
        (self.tip.tail, self.tip.hashes) = (Vec::new(), Vec::new());
        (self.tip.end, self.retry_at) = (0, 0);
        // Nothing refers to these any more; if they cannot be removed they only take room.
        let _ = self.disk.remove(&journal_path(old));
        for (path, _) in files.iter().filter(|(path, _)| !path.contains(".p/")) {
            let partial = format!("{path}.p");
            for width in self.disk.list(&partial).unwrap_or_default() {
                let _ = self.disk.remove(&format!("{partial}/{width}"));
            }
        }
        Ok(self.tip.head.clone())
    }

    /// The head, durable.
    pub(crate) fn checkpoint(&mut self) -> Result<Checkpoint> {
        let _guard = self.enter()?;
        Ok(self.tip.head.clone())
    }

    /// Takes the lock and takes in what other processes appended.
    fn enter(&mut self) -> Result<disk::Guard> {
        if let Some(why) = &self.poisoned {
            return Err(Error::Poisoned(why.clone()));
        }
        let guard = self.disk.lock(true).map_err(io("take", "the lock"))?;
        if read(&*self.disk, CHECKPOINT, 0)?.as_deref() != Some(self.tip.base.note.as_bytes()) {
            self.tip = open_tip(&*self.disk, &*self.signer)?;
            return Ok(guard);
        }
        let path = journal_path(self.tip.base.size);
        let size = match self.disk.size(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => 0,
            size => size.map_err(io("read", &path))?,
        };
        if size < self.tip.end {
            let cause = format!("it was cut from {} bytes to {size}", self.tip.end);
            return Err(crate::tip::damaged(path, cause));
        }
        if size > self.tip.end {
            let bytes = read(&*self.disk, &path, self.tip.end)?.unwrap_or_default();
            self.tip.advance(&bytes, self.signer.key())?;
            settle(&*self.disk, &mut self.tip)?;
        }
        Ok(guard)
    }

    fn keep(&self, blob: &Blob) -> Result<()> {
        let path = blob_path(&blob.digest);
        if read(&*self.disk, &path, 0)?.is_some_and(|bytes| bytes == blob.bytes) {
            return self
                .disk
                .sync(&path)
                .and_then(|()| self.disk.sync_dir("blob"))
                .map_err(io("sync", &path));
        }
        disk::create(&*self.disk, &[(path.clone(), blob.bytes.clone())]).map_err(io("write", path))
    }

    /// The files by which tiles and bundles of the base become those of the head.
    fn tiles(&self) -> Result<Vec<(String, Vec<u8>)>> {
        let base = self.tip.base.size;
        let mut files = Vec::new();

        let mut entries = match base % WIDTH {
            0 => Vec::new(),
            width => {
                let mut entries = read_bundle(&*self.disk, base / WIDTH, base)?;
                entries.truncate(width as usize);
                entries
            }
        };
        entries.extend_from_slice(&self.tip.tail);
        for (n, chunk) in (base / WIDTH..).zip(entries.chunks(WIDTH as usize)) {
            let mut bundle = Vec::new();
            chunk
                .iter()
                .for_each(|leaf| tile::push_entry(&mut bundle, leaf));
            files.push((tile::bundle_path(n, chunk.len() as u64), bundle));
        }

        let mut new = self.tip.hashes.clone();
        for level in 0.. {
            if new.is_empty() {
                break;
            }
            let before = base >> (8 * level);
            let mut hashes = match before % WIDTH {
                0 => Vec::new(),
                width => {
                    let mut hashes = read_tile(&*self.disk, level, before / WIDTH, base)?;
                    hashes.truncate(width as usize);
                    hashes
                }
            };
            hashes.append(&mut new);
            for (n, chunk) in (before / WIDTH..).zip(hashes.chunks(WIDTH as usize)) {
                let bytes = chunk.iter().flat_map(|hash| *hash.as_bytes()).collect();
                files.push((tile::tile_path(level, n, chunk.len() as u64), bytes));
                if chunk.len() as u64 == WIDTH {
                    new.push(Frontier::of(chunk).root());
                }
            }
        }
        Ok(files)
    }
}

/// Reads or makes the log, and makes durable whatever of it was found: a writer may have died
/// between writing and syncing.
fn open_tip(disk: &dyn Disk, signer: &dyn Signer) -> Result<Tip> {
    let mut tip = match Tip::load(disk, signer.key())? {
        Some(tip) => tip,
        None => {
            disk.make_dir("journal").map_err(io("make", "journal"))?;
            let empty = Checkpoint::sign(0, Frontier::default().root(), signer)?;
            disk::replace(disk, CHECKPOINT, empty.note.as_bytes())
                .map_err(io("write", CHECKPOINT))?;
            Tip::load(disk, signer.key())?
                .ok_or_else(|| crate::tip::damaged(CHECKPOINT, "it vanished while it was made"))?
        }
    };
    refuse_rollback(disk, tip.head.size)?;
    disk.sync_dir(".").map_err(io("sync", "."))?;
    settle(disk, &mut tip)?;
    for stale in journals(disk)?
        .into_iter()
        .filter(|base| *base < tip.base.size)
    {
        let path = journal_path(stale);
        disk.remove(&path).map_err(io("remove", path))?;
    }
    Ok(tip)
}

/// Bundles are written only for what is signed and durable. If they reach beyond the end, an end
/// was put back, and appending would write over what is left of the truth.
fn refuse_rollback(disk: &dyn Disk, size: u64) -> Result<()> {
    let full = tile::bundle_path(size / WIDTH, WIDTH);
    let partial = format!("{full}.p");
    let widths = disk.list(&partial).map_err(io("list", &partial))?;
    let beyond = |width: &String| width.parse::<u64>().is_ok_and(|width| width > size % WIDTH);
    if disk.size(&full).is_ok() || widths.iter().any(beyond) {
        let cause = format!("it holds more records than are signed, which are {size}");
        return Err(crate::tip::damaged(full, cause));
    }
    Ok(())
}

/// Makes what was found in the journal durable and cuts off what a crash tore.
fn settle(disk: &dyn Disk, tip: &mut Tip) -> Result<()> {
    let path = journal_path(tip.base.size);
    if tip.torn > 0 {
        disk.truncate(&path, tip.end).map_err(io("cut", &path))?;
        tip.torn = 0;
    }
    match disk.sync(&path).and_then(|()| disk.sync_dir("journal")) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && tip.end == 0 => Ok(()),
        result => result.map_err(io("sync", path)),
    }
}
