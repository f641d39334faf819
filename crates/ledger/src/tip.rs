//! The end of the log: the checkpoint of what is in tiles, and the journal after it.

use std::io;

use capability::Digest;

use crate::{
    Checkpoint, Error, Result, VerifierKey,
    disk::Disk,
    error::io,
    journal::{self, Tail},
    merkle::{Frontier, leaf_hash},
    tile::{self, WIDTH},
};

/// The name of the checkpoint of what is in tiles.
pub(crate) const CHECKPOINT: &str = "checkpoint";

/// The journal of what follows the first `base` records. Its name ties it to one checkpoint, so
/// that renaming the checkpoint is the one step that moves records from a journal into tiles.
pub(crate) fn journal_path(base: u64) -> String {
    format!("journal/{base}")
}

/// What is known of the end of the log.
pub(crate) struct Tip {
    /// What is in tiles.
    pub(crate) base: Checkpoint,
    /// What was acknowledged: `base` and the journal.
    pub(crate) head: Checkpoint,
    pub(crate) frontier: Frontier,
    /// The leaves in the journal, and their hashes.
    pub(crate) tail: Vec<Vec<u8>>,
    pub(crate) hashes: Vec<Digest>,
    /// Where the last whole frame of the journal ends; 0 where there is no journal.
    pub(crate) end: u64,
    /// Bytes after `end` that a crash left and nobody was told of.
    pub(crate) torn: u64,
}

pub(crate) fn damaged(object: impl Into<String>, cause: impl Into<String>) -> Error {
    Error::Damaged {
        object: object.into(),
        cause: cause.into(),
    }
}

/// The contents of a file, or nothing where it does not exist.
pub(crate) fn read(disk: &dyn Disk, path: &str, offset: u64) -> Result<Option<Vec<u8>>> {
    match disk.read(path, offset) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some).map_err(io("read", path)),
    }
}

/// The bases of the journals that exist.
pub(crate) fn journals(disk: &dyn Disk) -> Result<Vec<u64>> {
    let names = disk.list("journal").map_err(io("list", "journal"))?;
    Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
}

impl Tip {
    /// Reads the end of the log, under a lock that the caller holds. Nothing where there is no
    /// log at all.
    pub(crate) fn load(disk: &dyn Disk, key: &VerifierKey) -> Result<Option<Self>> {
        let journals = journals(disk)?;
        let Some(note) = read(disk, CHECKPOINT, 0)? else {
            let tiles = disk.list("tile").map_err(io("list", "tile"))?;
            if journals.is_empty() && tiles.is_empty() {
                return Ok(None);
            }
            return Err(damaged(
                CHECKPOINT,
                "it is missing, though there are records",
            ));
        };
        let note = String::from_utf8(note).map_err(|_| damaged(CHECKPOINT, "it is not text"))?;
        let base = Checkpoint::open(&note, key).map_err(|source| Error::Note {
            object: CHECKPOINT.to_owned(),
            source,
        })?;
        if let Some(later) = journals.iter().find(|journal| **journal > base.size) {
            let cause = format!(
                "it says {} records, but {} follows {later}: an older checkpoint was put back",
                base.size,
                journal_path(*later)
            );
            return Err(damaged(CHECKPOINT, cause));
        }
        let frontier = frontier(disk, base.size)?;
        if frontier.root() != base.root {
            return Err(damaged(
                "tile",
                "the right edge of the tree is not what was signed",
            ));
        }
        let head = base.clone();
        let (tail, hashes) = (Vec::new(), Vec::new());
        let mut tip = Self {
            base,
            head,
            frontier,
            tail,
            hashes,
            end: 0,
            torn: 0,
        };
        if let Some(bytes) = read(disk, &journal_path(tip.base.size), 0)? {
            tip.advance(&bytes, key)?;
        }
        Ok(Some(tip))
    }

    /// Takes in what the journal holds from `end` on. The last frame's signature and root cover
    /// all before it.
    pub(crate) fn advance(&mut self, bytes: &[u8], key: &VerifierKey) -> Result<()> {
        let object = journal_path(self.base.size);
        let scan = journal::scan(bytes, self.end, self.frontier.size());
        if let Tail::Damaged(cause) = scan.tail {
            return Err(damaged(object, format!("{cause} (at byte {})", scan.end)));
        }
        let note = scan.frames.last().map(|frame| frame.note.clone());
        let mut frontier = self.frontier.clone();
        let leaves: Vec<_> = scan
            .frames
            .into_iter()
            .flat_map(|frame| frame.leaves)
            .collect();
        let hashes: Vec<_> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
        hashes.iter().for_each(|hash| frontier.push(*hash));
        if let Some(note) = note {
            let head = Checkpoint::open(&note, key).map_err(|source| Error::Note {
                object: object.clone(),
                source,
            })?;
            if (head.size, head.root) != (frontier.size(), frontier.root()) {
                return Err(damaged(
                    object,
                    "its records are not those that were signed",
                ));
            }
            self.head = head;
        }
        self.frontier = frontier;
        self.tail.extend(leaves);
        self.hashes.extend(hashes);
        self.end = scan.end;
        self.torn = if let Tail::Torn(bytes) = scan.tail {
            bytes
        } else {
            0
        };
        Ok(())
    }
}

/// The hashes of tile `n` of `level` in a log with `size` records in tiles: the partial tile,
/// or the full one that replaced it since.
pub(crate) fn read_tile(disk: &dyn Disk, level: u32, n: u64, size: u64) -> Result<Vec<Digest>> {
    let width = WIDTH.min((size >> (8 * level)) - n * WIDTH);
    let path = tile::tile_path(level, n, width);
    let (bytes, width) = widest(disk, &path, &tile::tile_path(level, n, WIDTH), width)?;
    tile::hashes(&bytes, width).ok_or_else(|| damaged(path, "it has the wrong length"))
}

/// The bytes of entry bundle `n`, likewise.
pub(crate) fn read_bundle(disk: &dyn Disk, n: u64, size: u64) -> Result<Vec<Vec<u8>>> {
    let width = WIDTH.min(size - n * WIDTH);
    let path = tile::bundle_path(n, width);
    let (bytes, width) = widest(disk, &path, &tile::bundle_path(n, WIDTH), width)?;
    match tile::entries(&bytes) {
        Some(entries) if entries.len() as u64 == width => {
            Ok(entries.into_iter().map(<[u8]>::to_vec).collect())
        }
        Some(entries) => Err(damaged(
            path,
            format!("it holds {} records, expected {width}", entries.len()),
        )),
        None => Err(damaged(path, "its records are cut short")),
    }
}

fn widest(disk: &dyn Disk, partial: &str, full: &str, width: u64) -> Result<(Vec<u8>, u64)> {
    if let Some(bytes) = read(disk, partial, 0)? {
        return Ok((bytes, width));
    }
    match read(disk, full, 0)? {
        Some(bytes) => Ok((bytes, WIDTH)),
        None => Err(damaged(partial, "it is missing")),
    }
}

/// The right edge of the tree of the first `size` records, from its partial tiles.
fn frontier(disk: &dyn Disk, size: u64) -> Result<Frontier> {
    let mut roots = Vec::new();
    for level in (0..8).rev() {
        let (n, width) = (
            size >> (8 * (level + 1)).min(63),
            (size >> (8 * level)) % WIDTH,
        );
        if width > 0 {
            let hashes = read_tile(disk, level, n, size)?;
            roots.extend_from_slice(Frontier::of(&hashes[..width as usize]).roots());
        }
    }
    Ok(Frontier::from_roots(size, roots))
}
