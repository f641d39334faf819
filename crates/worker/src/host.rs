//! The parent's side: which worker gets what, and what becomes of a file that ends its worker.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use facts::Facts;
use finding::{Finding, Incomplete};
use skill::archive::is_archive;
use skill::{Bundle, Caps, Entry, Kind, manifest};

use crate::process::{End, Program, Worker};
use crate::wire::{Answer, File, Request};
use crate::{Budget, Confinement, Reading, Words, check, serve};

/// How long the parent waits, and how often it tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For an artifact as a whole.
    pub artifact: Duration,
    /// For one file of it.
    pub file: Duration,
    /// How many workers may die over one artifact before the rest of it is not read.
    pub deaths: usize,
    /// What each worker may use up.
    pub budget: Budget,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            artifact: Duration::from_secs(10),
            file: Duration::from_secs(5),
            deaths: 8,
            budget: Budget::default(),
        }
    }
}

/// Starts workers: a new one for each artifact, and one more for each file that ends one, so that
/// no artifact can touch what is said about another.
#[derive(Debug, Clone)]
pub struct Host {
    program: Program,
    limits: Limits,
}

/// What an artifact holds.
#[derive(Debug)]
pub struct Outcome {
    /// The artifact. Where it was one archive, that archive's files.
    pub bundle: Bundle,
    /// The files of archives inside it, at `archive!path`. They have no part in its digest.
    pub nested: Vec<Entry>,
    /// What each file that an agent loads says, by path.
    pub words: Vec<(String, Words)>,
    /// What its texts do and say.
    pub facts: Facts,
    /// What was odd about reading it.
    pub findings: Vec<Finding>,
    /// What could not be read.
    pub incomplete: Vec<Incomplete>,
    /// What held the workers. Nothing where none could be confined; then nothing was read.
    pub confinement: Option<Confinement>,
}

impl Host {
    /// Workers of this very binary, whose `main` hands [`serve::VERB`] to [`serve::serve`].
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self::of("/proc/self/exe", serve::VERB, limits)
    }

    /// Workers of another binary that does the same.
    #[must_use]
    pub fn of(binary: impl Into<PathBuf>, verb: impl Into<OsString>, limits: Limits) -> Self {
        Self {
            program: Program {
                path: binary.into(),
                verb: verb.into(),
                budget: limits.budget,
            },
            limits,
        }
    }

    /// What would hold a worker here and now.
    ///
    /// # Errors
    /// Why none can be confined, in words.
    pub fn probe(&self) -> Result<Confinement, String> {
        let request = Request::Read { files: Vec::new() };
        let deadline = Instant::now() + self.limits.file;
        match Worker::start(&self.program, &request, deadline) {
            Ok((_, confinement)) => Ok(confinement),
            Err(end) => Err(end.to_string()),
        }
    }

    /// Reads an artifact. Whatever happens to the workers, this returns, and says what was not
    /// read.
    #[must_use]
    pub fn inspect(&self, bundle: Bundle, caps: &Caps) -> Outcome {
        let mut run = Run::new(self);
        let mut outcome = Outcome::of(bundle);
        run.open(&mut outcome, caps);
        run.open_nested(&mut outcome, caps);
        run.read(&mut outcome);
        outcome.confinement = run.confinement;
        outcome
    }
}

impl Outcome {
    fn of(mut bundle: Bundle) -> Self {
        Self {
            findings: std::mem::take(&mut bundle.findings),
            incomplete: std::mem::take(&mut bundle.incomplete),
            bundle,
            nested: Vec::new(),
            words: Vec::new(),
            facts: Facts::default(),
            confinement: None,
        }
    }

    /// Goes on with this bundle in the place of the present one; what was odd about that stays.
    fn replace(&mut self, bundle: Bundle) {
        let mut before = std::mem::replace(self, Self::of(bundle));
        self.findings.splice(..0, before.findings.drain(..));
        self.incomplete.splice(..0, before.incomplete.drain(..));
    }

    /// Adds what one file holds.
    fn add(&mut self, file: &File<'_>, mut reading: Reading) {
        self.words
            .extend(reading.words.map(|words| (file.path.to_owned(), words)));
        self.findings.append(&mut reading.findings);
        self.incomplete.append(&mut reading.incomplete);
        let offset = u32::try_from(self.facts.sources.len()).expect("fewer sources than bytes");
        self.facts
            .sources
            .extend(reading.facts.sources.into_iter().map(|mut source| {
                source.parent = source.parent.map(|parent| parent + offset);
                source
            }));
        self.facts.gaps.extend(reading.facts.gaps);
    }

    /// Records that a file, or what is left of the artifact, was not read.
    fn miss(&mut self, end: &End, path: Option<&str>) {
        let rule = end.rule();
        let object = path.map_or_else(
            || "what is left of the artifact".to_owned(),
            |path| format!("{path:?}"),
        );
        self.incomplete.push(Incomplete {
            rule: rule.id.clone(),
            path: path.map(str::to_owned),
            reason: format!("{object} was not read: {end}. {}", rule.fix),
        });
    }
}

/// The workers of one artifact.
struct Run<'h> {
    host: &'h Host,
    deadline: Instant,
    deaths: usize,
    /// No more workers are started; the outcome says why.
    over: bool,
    confinement: Option<Confinement>,
}

impl<'h> Run<'h> {
    fn new(host: &'h Host) -> Self {
        Self {
            host,
            deadline: Instant::now() + host.limits.artifact,
            deaths: 0,
            over: false,
            confinement: None,
        }
    }

    /// A confined worker on a request.
    fn start(&mut self, request: &Request<'_>) -> Result<Worker, End> {
        let (worker, confinement) = Worker::start(&self.host.program, request, self.answer_by())?;
        self.confinement = Some(confinement);
        Ok(worker)
    }

    /// Until when the next answer is waited for.
    fn answer_by(&self) -> Instant {
        self.deadline.min(Instant::now() + self.host.limits.file)
    }

    /// Records a file that was not read.
    fn lose(&mut self, outcome: &mut Outcome, end: &End, path: &str) {
        // Where one worker cannot be confined, none can.
        self.over = matches!(end, End::Refused(_));
        self.deaths += 1;
        outcome.miss(end, (!self.over).then_some(path));
    }

    /// Whether one more worker is started. Says so where that is no longer so.
    fn goes_on(&mut self, outcome: &mut Outcome) -> bool {
        if self.over {
            return false;
        }
        let end = if self.deaths >= self.host.limits.deaths {
            End::Died(format!("{} of its files ended theirs", self.deaths))
        } else if Instant::now() >= self.deadline {
            End::TimedOut
        } else {
            return true;
        };
        outcome.miss(&end, None);
        self.over = true;
        false
    }

    /// Puts an archive's files in the place of the archive, where the artifact is one. A file that
    /// an agent loads is no archive, whatever it ends with: it is read as what it is loaded as.
    fn open(&mut self, outcome: &mut Outcome, caps: &Caps) {
        let archive = outcome.bundle.sole_archive();
        let Some(archive) = archive.filter(|a| manifest::Kind::of(&a.path).is_none()) else {
            return;
        };
        let request = Request::Unpack {
            name: &outcome.bundle.root_name,
            bytes: &archive.bytes,
            caps: *caps,
        };
        let result = self.unpack(&request, caps).and_then(|bundle| {
            check::order(&bundle).map_err(End::Misbehaved)?;
            Ok(bundle)
        });
        match result {
            Ok(bundle) => outcome.replace(bundle),
            Err(end) => {
                let path = archive.path.clone();
                self.lose(outcome, &end, &path);
                self.over = true;
            }
        }
    }

    /// Opens the archives among an artifact's files, each in a worker of its own.
    fn open_nested(&mut self, outcome: &mut Outcome, caps: &Caps) {
        let mut left = *caps;
        let entries = std::mem::take(&mut outcome.bundle.entries);
        for archive in files(&entries).filter(|file| is_archive(file.bytes)) {
            if !self.goes_on(outcome) {
                break;
            }
            let request = Request::UnpackNested {
                archive,
                caps: left,
            };
            match self.unpack(&request, &left) {
                Ok(mut inner) => {
                    left.total = left.total.saturating_sub(size(&inner.entries));
                    left.entries = left.entries.saturating_sub(inner.entries.len());
                    outcome.nested.append(&mut inner.entries);
                    outcome.findings.append(&mut inner.findings);
                    outcome.incomplete.append(&mut inner.incomplete);
                }
                Err(end) => self.lose(outcome, &end, archive.path),
            }
        }
        outcome.bundle.entries = entries;
    }

    /// The files of an archive.
    fn unpack(&mut self, request: &Request<'_>, caps: &Caps) -> Result<Bundle, End> {
        let mut worker = self.start(request)?;
        let mut entries = Vec::new();
        let mut left = *caps;
        loop {
            match worker.next(self.answer_by())? {
                Answer::Entry(entry) => {
                    check::entry(&entry, &left).map_err(End::Misbehaved)?;
                    left.entries -= 1;
                    left.total -= entry.bytes.len() as u64;
                    entries.push(entry);
                }
                Answer::Unpacked(mut bundle) => {
                    check::bundle(&bundle).map_err(End::Misbehaved)?;
                    bundle.entries = entries;
                    return Ok(bundle);
                }
                _ => return Err(End::unasked()),
            }
        }
    }

    /// Reads every file, archives too: a script may have one at its end. A file that ends its
    /// worker is left out, and the next worker goes on after it.
    fn read(&mut self, outcome: &mut Outcome) {
        let all = [
            std::mem::take(&mut outcome.bundle.entries),
            std::mem::take(&mut outcome.nested),
        ];
        let files: Vec<_> = all.iter().flat_map(|entries| files(entries)).collect();
        let mut rest = &files[..];
        while !rest.is_empty() && self.goes_on(outcome) {
            let (read, end) = self.read_some(rest, outcome);
            let Some(end) = end else { break };
            self.lose(outcome, &end, rest[read].path);
            rest = &rest[read + 1..];
        }
        [outcome.bundle.entries, outcome.nested] = all;
    }

    /// Reads files with one worker; returns how many it read, and why not all.
    fn read_some(&mut self, files: &[File<'_>], outcome: &mut Outcome) -> (usize, Option<End>) {
        let mut worker = match self.start(&Request::Read {
            files: files.to_vec(),
        }) {
            Ok(worker) => worker,
            Err(end) => return (0, Some(end)),
        };
        for (index, file) in files.iter().enumerate() {
            let answer = worker
                .next(self.answer_by())
                .and_then(|answer| match answer {
                    Answer::Read(reading) => check::reading(&reading, file)
                        .map_err(End::Misbehaved)
                        .map(|()| reading),
                    _ => Err(End::unasked()),
                });
            match answer {
                Ok(reading) => outcome.add(file, *reading),
                Err(end) => return (index, Some(end)),
            }
        }
        (files.len(), None)
    }
}

fn files(entries: &[Entry]) -> impl Iterator<Item = File<'_>> {
    let files = entries.iter().filter(|entry| entry.kind == Kind::File);
    files.map(|entry| File {
        path: &entry.path,
        bytes: &entry.bytes,
        mode: entry.mode,
    })
}

fn size(entries: &[Entry]) -> u64 {
    entries.iter().map(|entry| entry.bytes.len() as u64).sum()
}
