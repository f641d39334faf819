//! Verifying: every record, tile, signature, body and index row of a log, without a daemon and
//! without changing anything.

use std::{collections::HashMap, ops::Range, path::Path};

use capability::Digest;
use serde::Serialize;

use crate::{
    Checkpoint, Error, Result, VerifierKey,
    disk::{Directory, Disk},
    error::io,
    event,
    index::{INDEX, Index, block_on},
    journal::{self, Tail},
    merkle::{Frontier, leaf_hash},
    tile::{WIDTH, bundle_path, tile_path},
    tip::{CHECKPOINT, journal_path, journals, read, read_bundle, read_tile},
};

/// No more faults are told apart: whoever has this many needs a copy, not a longer list.
const MAX_FAULTS: usize = 1000;
/// Index rows that are compared at a time.
const ROWS: u32 = 4096;

/// One thing that is not as it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The file, or the record.
    pub object: String,
    /// The records that are concerned, where that can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<Range<u64>>,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: expected {}, found {}",
            self.object, self.expected, self.found
        )
    }
}

/// A log in which nothing was found amiss.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// How many records.
    pub size: u64,
    /// The root over them, in the signed head.
    pub root: Digest,
    /// The signed head: keep it elsewhere and give it to the next `verify`.
    pub checkpoint: String,
    /// The size of the kept checkpoint that the log was found to continue.
    pub continues: Option<u64>,
    /// Bytes at the end that a crash left of a write that nobody was told of; the next append
    /// removes them.
    pub torn_bytes: u64,
    /// How many records the query index knows; nothing where there is none.
    pub indexed: Option<u64>,
}

/// Verifies the log in a directory; with `kept`, also that it continues that checkpoint, which
/// alone shows that nothing was cut off its end.
///
/// # Errors
/// Everything that is amiss, at least one fault.
pub fn verify(dir: &Path, key: &VerifierKey, kept: Option<&str>) -> Result<Verified, Vec<Fault>> {
    let fail = |e: Error| vec![fault(dir.display(), None, "a log that can be read", e)];
    let disk = Directory::open(dir)
        .map_err(io("open", dir.display()))
        .map_err(fail)?;
    let index = dir.join(INDEX).exists().then_some(dir);
    verify_disk(&disk, key, kept, index)
}

pub(crate) fn verify_disk(
    disk: &dyn Disk,
    key: &VerifierKey,
    kept: Option<&str>,
    index: Option<&Path>,
) -> Result<Verified, Vec<Fault>> {
    let mut check = Check {
        disk,
        key,
        faults: Vec::new(),
        leaves: Vec::new(),
    };
    let verified = check.run(kept, index);
    match verified {
        Ok(verified) if check.faults.is_empty() => Ok(verified),
        Ok(_) => Err(check.faults),
        Err(error) => {
            check
                .faults
                .push(fault("the log", None, "files that can be read", error));
            Err(check.faults)
        }
    }
}

fn fault(
    object: impl std::fmt::Display,
    records: Option<Range<u64>>,
    expected: impl std::fmt::Display,
    found: impl std::fmt::Display,
) -> Fault {
    Fault {
        object: object.to_string(),
        records,
        expected: expected.to_string(),
        found: found.to_string(),
    }
}

/// A leaf as far as the index repeats it.
struct Leaf {
    hash: Digest,
    row: Option<(i64, String, String, String)>,
}

struct Check<'a> {
    disk: &'a dyn Disk,
    key: &'a VerifierKey,
    faults: Vec<Fault>,
    /// Every leaf found, in order.
    leaves: Vec<Leaf>,
}

impl Check<'_> {
    fn report(&mut self, fault: Fault) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(fault);
        }
    }

    fn run(&mut self, kept: Option<&str>, index: Option<&Path>) -> Result<Verified> {
        // The lock covers what one commit changes together; tiles never change.
        let guard = self.disk.lock(false).map_err(io("take", "the lock"))?;
        let note = read(self.disk, CHECKPOINT, 0)?;
        let journals = journals(self.disk)?;
        let base = note
            .as_ref()
            .and_then(|note| self.open(CHECKPOINT, None, note));
        let size = base.as_ref().map_or_else(
            || journals.iter().copied().max().unwrap_or(0),
            |base| base.size,
        );
        let journal = read(self.disk, &journal_path(size), 0)?.unwrap_or_default();
        let (bundle, end) = self.furthest()?;
        drop(guard);
        if note.is_none() {
            self.report(fault(
                CHECKPOINT,
                None,
                "a signed checkpoint",
                "no such file",
            ));
        }
        for later in journals.into_iter().filter(|later| *later > size) {
            let expected = format!(
                "at least {later} records, because {} follows them",
                journal_path(later)
            );
            self.report(fault(
                CHECKPOINT,
                Some(size..later),
                expected,
                format!("an older one, of {size}"),
            ));
        }

        let kept = kept.and_then(|note| self.open("the kept checkpoint", None, note.as_bytes()));
        let mut marks = Marks {
            at: kept.as_ref().map(|kept| kept.size),
            ..Marks::default()
        };
        marks.note();
        self.tiles(size, base.as_ref(), &mut marks);
        let (head, torn_bytes) = self.journal(size, &journal, base, &mut marks);
        let size = marks.frontier.size();
        if end > size {
            // Bundles are written only for what is signed and durable.
            let expected = format!("records up to {size}, where the signed head ends");
            let found = format!("records up to {end}: the end of the log was cut off");
            self.report(fault(bundle, Some(size..end), expected, found));
        }
        if let Some(kept) = &kept {
            self.continues(kept, &marks);
        }
        let indexed = match index {
            Some(dir) => block_on(self.index(dir))?,
            None => None,
        };
        Ok(Verified {
            size,
            root: marks.frontier.root(),
            checkpoint: head.map(|head| head.note).unwrap_or_default(),
            continues: kept.map(|kept| kept.size),
            torn_bytes,
            indexed,
        })
    }

    fn open(
        &mut self,
        object: &str,
        records: Option<Range<u64>>,
        note: &[u8],
    ) -> Option<Checkpoint> {
        let opened = std::str::from_utf8(note)
            .map_err(|e| e.to_string())
            .and_then(|note| Checkpoint::open(note, self.key).map_err(|e| e.to_string()));
        let expected = format!("a checkpoint signed by {}", self.key.name());
        opened
            .map_err(|found| self.report(fault(object, records, expected, found)))
            .ok()
    }

    /// The records in bundles, against the tiles, against the checkpoint.
    fn tiles(&mut self, size: u64, base: Option<&Checkpoint>, marks: &mut Marks) {
        let (mut by_tiles, mut edited) = (
            Marks {
                at: marks.at,
                ..Marks::default()
            },
            Vec::new(),
        );
        let mut above: Vec<Digest> = Vec::new();
        for n in 0..size.div_ceil(WIDTH) {
            let width = WIDTH.min(size - n * WIDTH);
            let records = n * WIDTH..n * WIDTH + width;
            let hashes = read_tile(self.disk, 0, n, size).map(|mut hashes| {
                hashes.truncate(width as usize);
                hashes
            });
            let entries = read_bundle(self.disk, n, size).map(|mut entries| {
                entries.truncate(width as usize);
                entries
            });
            let mut found = Vec::new();
            match &entries {
                Ok(entries) => {
                    for (index, leaf) in records.clone().zip(entries) {
                        found.push(self.leaf(index, leaf));
                    }
                }
                Err(e) => {
                    let expected = format!("records {} to {}", records.start, records.end - 1);
                    self.report(fault(
                        bundle_path(n, width),
                        Some(records.clone()),
                        expected,
                        e,
                    ));
                }
            }
            let tile = match hashes {
                Ok(hashes) => hashes,
                Err(e) => {
                    let object = tile_path(0, n, width);
                    self.report(fault(
                        object,
                        Some(records.clone()),
                        format!("{width} hashes"),
                        e,
                    ));
                    found.clone()
                }
            };
            if entries.is_err() {
                found.clone_from(&tile); // reported: don't let it hide what else is wrong
                self.leaves.extend(tile.iter().map(|hash| Leaf {
                    hash: *hash,
                    row: None,
                }));
            }
            for ((index, found), expected) in records.clone().zip(&found).zip(&tile) {
                if found != expected {
                    edited.push((index, *found, *expected));
                }
                marks.push(*found);
                by_tiles.push(*expected);
            }
            if tile.len() as u64 == WIDTH {
                above.push(Frontier::of(&tile).root());
            }
        }
        self.upper_tiles(size, above);
        self.judge(base, marks, &by_tiles, &edited);
    }

    /// One record: its hash, its envelope and its body.
    fn leaf(&mut self, index: u64, leaf: &[u8]) -> Digest {
        let hash = leaf_hash(leaf);
        let decoded = event::decode(index, leaf, |digest| {
            crate::view::fetch(self.disk, index, digest)
        });
        let row = match decoded {
            Ok(event) => Some((
                event.at.unix_micros(),
                event.kind,
                event.actor,
                event.subject,
            )),
            Err(e) => {
                let object = format!("record {index}");
                self.report(fault(
                    object,
                    Some(index..index + 1),
                    "an event and its body",
                    e,
                ));
                None
            }
        };
        self.leaves.push(Leaf { hash, row });
        hash
    }

    /// Tiles of level 1 and up repeat the roots of those below.
    fn upper_tiles(&mut self, size: u64, mut hashes: Vec<Digest>) {
        for level in 1.. {
            if hashes.is_empty() {
                break;
            }
            let mut above = Vec::new();
            for (n, chunk) in (0..).zip(hashes.chunks(WIDTH as usize)) {
                let found = read_tile(self.disk, level, n, size);
                let right = found
                    .as_ref()
                    .is_ok_and(|found| found.get(..chunk.len()) == Some(chunk));
                if !right {
                    let records =
                        (n * WIDTH) << (8 * level)..(n * WIDTH + chunk.len() as u64) << (8 * level);
                    let found = found
                        .err()
                        .map_or_else(|| "others".to_owned(), |e| e.to_string());
                    let object = tile_path(level, n, chunk.len() as u64);
                    self.report(fault(
                        object,
                        Some(records),
                        "the roots of the tiles below",
                        found,
                    ));
                }
                if chunk.len() as u64 == WIDTH {
                    above.push(Frontier::of(chunk).root());
                }
            }
            hashes = above;
        }
    }

    /// Says which side of a disagreement between records and tiles was signed.
    fn judge(
        &mut self,
        base: Option<&Checkpoint>,
        marks: &mut Marks,
        by_tiles: &Marks,
        edited: &[(u64, Digest, Digest)],
    ) {
        let Some(base) = base else { return };
        let records_right = marks.frontier.root() == base.root;
        let tiles_right = by_tiles.frontier.root() == base.root;
        if !records_right && !tiles_right {
            let expected = format!("the root {}", base.root);
            let found = format!(
                "{}: the records are not those that were signed",
                marks.frontier.root()
            );
            self.report(fault("the tree", Some(0..base.size), expected, found));
        }
        let places: HashMap<_, _> = edited
            .iter()
            .map(|(index, _, tile)| (tile, index))
            .collect();
        for (index, found, expected) in edited {
            let (object, records) = (format!("record {index}"), Some(*index..index + 1));
            self.report(if records_right {
                let object = tile_path(
                    0,
                    index / WIDTH,
                    WIDTH.min(base.size - index / WIDTH * WIDTH),
                );
                fault(
                    object,
                    records,
                    format!("{found} for record {index}"),
                    expected,
                )
            } else if let Some(from) = places.get(found) {
                fault(
                    object,
                    records,
                    expected,
                    format!("what is record {from}: it was moved"),
                )
            } else {
                fault(object, records, expected, format!("{found}: it was edited"))
            });
        }
        if tiles_right && !records_right {
            // What follows is to be measured against what was signed.
            *marks = by_tiles.clone();
        }
    }

    /// The records in the journal, against the checkpoint of each frame.
    fn journal(
        &mut self,
        base: u64,
        bytes: &[u8],
        mut head: Option<Checkpoint>,
        marks: &mut Marks,
    ) -> (Option<Checkpoint>, u64) {
        let object = journal_path(base);
        let scan = journal::scan(bytes, 0, base);
        for frame in scan.frames {
            let first = marks.frontier.size();
            let records = first..first + frame.leaves.len() as u64;
            for (index, leaf) in records.clone().zip(&frame.leaves) {
                let hash = self.leaf(index, leaf);
                marks.push(hash);
            }
            let object = format!("{object} at byte {}", frame.offset);
            let Some(signed) = self.open(&object, Some(records.clone()), frame.note.as_bytes())
            else {
                continue;
            };
            if (signed.size, signed.root) != (marks.frontier.size(), marks.frontier.root()) {
                let expected = format!("{} records with the root {}", signed.size, signed.root);
                let found = format!("{} with {}", marks.frontier.size(), marks.frontier.root());
                self.report(fault(object, Some(records), expected, found));
            }
            head = Some(signed);
        }
        let first = marks.frontier.size();
        match scan.tail {
            Tail::Clean => (head, 0),
            Tail::Torn(bytes) => (head, bytes),
            Tail::Damaged(found) => {
                let object = format!("{object} at byte {}", scan.end);
                let expected = format!("record {first} and those after it, as they were written");
                self.report(fault(object, Some(first..first + 1), expected, found));
                (head, 0)
            }
        }
    }

    /// The entry bundle that reaches furthest, and up to where.
    fn furthest(&mut self) -> Result<(String, u64)> {
        let mut furthest = (String::new(), 0);
        // Depth first over `x001/x234/067`; a number has at most seven parts.
        let mut dirs = vec![("tile/entries".to_owned(), 0_u64)];
        while let Some((dir, number)) = dirs.pop() {
            for name in self.disk.list(&dir).map_err(io("list", &dir))? {
                let path = format!("{dir}/{name}");
                let (inner, partial) = (name.strip_prefix('x'), name.strip_suffix(".p"));
                let digits = inner.or(partial).unwrap_or(&name);
                let part = (digits.len() == 3)
                    .then(|| digits.parse::<u64>().ok())
                    .flatten();
                let n = part.and_then(|part| number.checked_mul(1000)?.checked_add(part));
                let Some(n) = n else {
                    self.report(fault(path, None, "an entry bundle", "a name that is none"));
                    continue;
                };
                if inner.is_some() {
                    dirs.push((path, n));
                    continue;
                }
                let width = if partial.is_some() {
                    let names = self.disk.list(&path).map_err(io("list", &path))?;
                    names
                        .iter()
                        .filter_map(|name| name.parse().ok())
                        .max()
                        .unwrap_or(0)
                } else {
                    WIDTH
                };
                let end = n.saturating_mul(WIDTH).saturating_add(width);
                if width > 0 && end > furthest.1 {
                    furthest = (path, end);
                }
            }
        }
        Ok(furthest)
    }

    fn continues(&mut self, kept: &Checkpoint, marks: &Marks) {
        let size = marks.frontier.size();
        if kept.size > size {
            let expected = format!("at least {} records, as in the kept checkpoint", kept.size);
            let found = format!("{size}: the end was cut off or put back");
            self.report(fault("the log", Some(size..kept.size), expected, found));
        } else if marks.root != Some(kept.root) {
            let expected = format!(
                "the root {} over the first {}, as kept",
                kept.root, kept.size
            );
            let found = marks
                .root
                .map_or_else(|| "none".to_owned(), |root| root.to_string());
            let found = format!("{found}: this is another history, though it is signed");
            self.report(fault("the log", Some(0..kept.size), expected, found));
        }
    }

    /// Every row of the index, against the leaves; how many it has.
    async fn index(&mut self, dir: &Path) -> Result<Option<u64>> {
        let fix = "an index that repeats the log (remove it, and it is made again)";
        let compare = async {
            let mut index = Index::open_read_only(dir).await?;
            let (mut next, mut faults) = (0, Vec::new());
            loop {
                let rows = index.rows(next, ROWS).await?;
                let Some(last) = rows.last() else { break };
                let after = last.record + 1;
                for row in rows {
                    if row.record != next {
                        faults.push((next..row.record, "no row".to_owned()));
                    }
                    next = row.record + 1;
                    let Some(leaf) = usize::try_from(row.record)
                        .ok()
                        .and_then(|i| self.leaves.get(i))
                    else {
                        faults.push((
                            row.record..next,
                            "a row for a record that isn't there".to_owned(),
                        ));
                        continue;
                    };
                    let same = leaf.row.as_ref().is_none_or(|(at, kind, actor, subject)| {
                        (*at, kind, actor, subject) == (row.at, &row.kind, &row.actor, &row.subject)
                    });
                    if !same || row.hash != leaf.hash.as_bytes() {
                        faults.push((
                            row.record..next,
                            "a row that differs from the record".to_owned(),
                        ));
                    }
                }
                next = after;
            }
            Ok::<_, Error>((next, faults))
        };
        match compare.await {
            Ok((size, faults)) => {
                for (records, found) in faults {
                    self.report(fault(INDEX, Some(records), fix, found));
                }
                Ok(Some(size))
            }
            Err(e) => {
                self.report(fault(INDEX, None, fix, e));
                Ok(None)
            }
        }
    }
}

/// A tree that grows, and its root when it had the size of the kept checkpoint.
#[derive(Clone, Default)]
struct Marks {
    frontier: Frontier,
    at: Option<u64>,
    root: Option<Digest>,
}

impl Marks {
    fn push(&mut self, leaf: Digest) {
        self.frontier.push(leaf);
        self.note();
    }

    fn note(&mut self) {
        if self.at == Some(self.frontier.size()) {
            self.root = Some(self.frontier.root());
        }
    }
}
