//! A disk in memory that keeps what was synced apart from what wasn't, and can lose power, or
//! run full, at every operation.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::disk::{Disk, Guard, parent};

const SECTOR: usize = 512;

/// What becomes of unsynced changes when the power goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Loss {
    All,
    /// In each file any of them, in each directory all from some point on.
    Some(u64),
}

/// When operations fail.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trouble {
    Never,
    /// The power goes during this operation.
    PowerCut(usize),
    /// Changes fail from this operation on until that one, writes half done.
    Full(usize, usize),
}

pub(super) struct Sim(Mutex<State>);

struct State {
    files: Vec<File>,
    /// Paths to files (by number) and directories (nothing), as programs see them.
    names: BTreeMap<String, Option<usize>>,
    /// The same as it is on disk.
    durable: BTreeMap<String, Option<usize>>,
    /// Unsynced changes of names, by directory, in order.
    renames: BTreeMap<String, Vec<Rename>>,
    operations: usize,
    trouble: Trouble,
}

#[derive(Default, Clone)]
struct File {
    seen: Vec<u8>,
    durable: Vec<u8>,
    /// Unsynced changes, in order.
    changes: Vec<Change>,
}

#[derive(Clone)]
enum Change {
    /// At most one sector.
    Write(usize, Vec<u8>),
    Truncate(usize),
}

#[derive(Clone)]
enum Rename {
    Make(String, Option<usize>),
    Remove(String),
    Move(String, String),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write(at, new) => {
                bytes.resize(bytes.len().max(at + new.len()), 0);
                bytes[*at..at + new.len()].copy_from_slice(new);
            }
            Self::Truncate(size) => bytes.resize(*size, 0),
        }
    }
}

impl Rename {
    fn apply(&self, names: &mut BTreeMap<String, Option<usize>>) {
        match self {
            Self::Make(path, file) => {
                names.insert(path.clone(), *file);
            }
            Self::Remove(path) => {
                names.remove(path);
            }
            Self::Move(from, to) => {
                if let Some(file) = names.remove(from) {
                    names.insert(to.clone(), file);
                }
            }
        }
    }
}

fn fail(kind: io::ErrorKind) -> io::Error {
    kind.into()
}

impl Sim {
    pub(super) fn new(trouble: Trouble) -> Self {
        let names = BTreeMap::from([(".".to_owned(), None)]);
        let (durable, renames) = (names.clone(), BTreeMap::new());
        Self(Mutex::new(State {
            files: Vec::new(),
            names,
            durable,
            renames,
            operations: 0,
            trouble,
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many changes were asked for.
    pub(super) fn operations(&self) -> usize {
        self.state().operations
    }

    pub(super) fn set_trouble(&self, trouble: Trouble) {
        self.state().trouble = trouble;
    }

    /// The disk as the next boot finds it.
    pub(super) fn after_power_cut(&self, loss: Loss) -> Self {
        let state = self.state();
        let mut random = match loss {
            Loss::Some(seed) => seed.wrapping_mul(2).wrapping_add(1),
            Loss::All => 1,
        };
        let mut below = |n: usize| {
            // xorshift64*
            random ^= random >> 12;
            random ^= random << 25;
            random ^= random >> 27;
            (random.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n
        };
        let mut survives = |n: usize| match loss {
            Loss::All => 0,
            Loss::Some(_) => below(n + 1),
        };
        let mut names = state.durable.clone();
        for renames in state.renames.values() {
            let kept = survives(renames.len());
            renames[..kept]
                .iter()
                .for_each(|rename| rename.apply(&mut names));
        }
        let all: BTreeSet<String> = names.keys().cloned().collect();
        names.retain(|path, _| {
            let mut above = path.as_str();
            while above != "." {
                above = parent(above);
                if !all.contains(above) {
                    return false;
                }
            }
            true
        });
        let files = state.files.iter().map(|file| {
            let mut bytes = file.durable.clone();
            for change in &file.changes {
                if survives(1) == 1 {
                    change.apply(&mut bytes);
                }
            }
            File {
                seen: bytes.clone(),
                durable: bytes,
                changes: Vec::new(),
            }
        });
        let files = files.collect();
        Self(Mutex::new(State {
            files,
            durable: names.clone(),
            names,
            renames: BTreeMap::new(),
            operations: 0,
            trouble: Trouble::Never,
        }))
    }
}

impl State {
    /// Counts a change. An error means that it fails; a write is then done by half.
    fn change(&mut self) -> io::Result<()> {
        let number = self.operations;
        self.operations += 1;
        match self.trouble {
            Trouble::PowerCut(at) if number >= at => Err(fail(io::ErrorKind::NotConnected)),
            Trouble::Full(from, until) if (from..until).contains(&number) => {
                Err(fail(io::ErrorKind::StorageFull))
            }
            _ => Ok(()),
        }
    }

    /// Whether the power is gone, and was before this operation.
    fn is_off(&self) -> bool {
        matches!(self.trouble, Trouble::PowerCut(at) if self.operations > at)
    }

    fn file(&self, path: &str) -> io::Result<usize> {
        if self.is_off() {
            return Err(fail(io::ErrorKind::NotConnected));
        }
        match self.names.get(path) {
            Some(Some(file)) => Ok(*file),
            Some(None) => Err(fail(io::ErrorKind::IsADirectory)),
            None => Err(fail(io::ErrorKind::NotFound)),
        }
    }

    fn rename(&mut self, dir: &str, rename: Rename) {
        rename.apply(&mut self.names);
        self.renames.entry(dir.to_owned()).or_default().push(rename);
    }
}

impl Disk for Sim {
    fn lock(&self, _exclusive: bool) -> io::Result<Guard> {
        Ok(None)
    }

    fn read(&self, path: &str, offset: u64) -> io::Result<Vec<u8>> {
        let state = self.state();
        let bytes = &state.files[state.file(path)?].seen;
        Ok(bytes.get(offset as usize..).unwrap_or_default().to_vec())
    }

    fn size(&self, path: &str) -> io::Result<u64> {
        let state = self.state();
        Ok(state.files[state.file(path)?].seen.len() as u64)
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let state = self.state();
        let inside = state
            .names
            .keys()
            .filter(|name| *name != "." && parent(name) == path);
        Ok(inside
            .map(|name| name.rsplit('/').next().unwrap_or_default().to_owned())
            .collect())
    }

    fn write(&self, path: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        if state.is_off() {
            return Err(fail(io::ErrorKind::NotConnected));
        }
        let result = state.change();
        if !state.names.contains_key(path) {
            assert!(
                state.names.contains_key(parent(path)),
                "{path} has no directory"
            );
            let number = state.files.len();
            state.files.push(File::default());
            state.rename(parent(path), Rename::Make(path.to_owned(), Some(number)));
        }
        let half = if result.is_ok() {
            bytes.len()
        } else {
            bytes.len() / 2
        };
        // Without power the device may have got any of it; without room only half was taken.
        let cut = matches!(state.trouble, Trouble::PowerCut(_));
        let (mut at, mut rest) = (offset as usize, if cut { bytes } else { &bytes[..half] });
        let number = state.names[path].expect("a file");
        while !rest.is_empty() {
            let (piece, more) = rest.split_at(rest.len().min(SECTOR - at % SECTOR));
            let change = Change::Write(at, piece.to_vec());
            change.apply(&mut state.files[number].seen);
            state.files[number].changes.push(change);
            (at, rest) = (at + piece.len(), more);
        }
        result
    }

    fn truncate(&self, path: &str, size: u64) -> io::Result<()> {
        let mut state = self.state();
        let number = state.file(path)?;
        state.change()?;
        let change = Change::Truncate(size as usize);
        change.apply(&mut state.files[number].seen);
        state.files[number].changes.push(change);
        Ok(())
    }

    fn sync(&self, path: &str) -> io::Result<()> {
        let mut state = self.state();
        let number = state.file(path)?;
        state.change()?;
        let file = &mut state.files[number];
        file.durable.clone_from(&file.seen);
        file.changes.clear();
        Ok(())
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        let mut state = self.state();
        if state.is_off() {
            return Err(fail(io::ErrorKind::NotConnected));
        }
        if !state.names.contains_key(path) {
            return Err(fail(io::ErrorKind::NotFound));
        }
        state.change()?;
        for rename in state.renames.remove(path).unwrap_or_default() {
            rename.apply(&mut state.durable);
        }
        Ok(())
    }

    fn make_dir(&self, path: &str) -> io::Result<()> {
        let mut state = self.state();
        state.change()?;
        if !state.names.contains_key(path) {
            state.rename(parent(path), Rename::Make(path.to_owned(), None));
        }
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state();
        state.file(from)?;
        assert_eq!(parent(from), parent(to));
        state.change()?;
        state.rename(parent(to), Rename::Move(from.to_owned(), to.to_owned()));
        Ok(())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let mut state = self.state();
        state.file(path)?;
        state.change()?;
        state.rename(parent(path), Rename::Remove(path.to_owned()));
        Ok(())
    }
}
