//! The parent's side: which worker gets what, and what becomes of a file that ends its worker.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use facts::Facts;
use finding::{Finding, Incomplete};
use skill::{Bundle, Caps, Entry, Kind};

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
    confinement: Option<Confinement>,
}

impl<'h> Run<'h> {
    fn new(host: &'h Host) -> Self {
        let deadline = Instant::now() + host.limits.artifact;
        Self {
            host,
            deadline,
            deaths: 0,
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

    /// Why nothing more is tried.
    fn over(&self) -> Option<End> {
        if self.deaths >= self.host.limits.deaths {
            Some(End::Died(format!(
                "{} of its files ended the process that read them",
                self.deaths
            )))
        } else if Instant::now() >= self.deadline {
            Some(End::TimedOut)
        } else {
            None
        }
    }

    /// Puts an archive's files in the place of the archive, where the artifact is one.
    fn open(&mut self, outcome: &mut Outcome, caps: &Caps) {
        let Some(archive) = outcome.bundle.sole_archive() else {
            return;
        };
        let name = outcome.bundle.root_name.as_str();
        match self.unpack(
            &Request::Unpack {
                name,
                bytes: &archive.bytes,
                caps: *caps,
            },
            caps,
        ) {
            Ok(bundle) => outcome.replace(bundle),
            Err(end) => {
                let path = archive.path.clone();
                outcome.miss(&end, Some(&path));
                self.deaths += 1;
            }
        }
    }

    /// Opens the archives among an artifact's files, each in a worker of its own.
    fn open_nested(&mut self, outcome: &mut Outcome, caps: &Caps) {
        let mut left = *caps;
        let archives = std::mem::take(&mut outcome.bundle.entries);
        for archive in archives.iter().filter(|entry| is_archive(entry)) {
            if let Some(end) = self.over() {
                outcome.miss(&end, None);
                break;
            }
            let request = Request::UnpackNested {
                archive: file(archive),
                caps: left,
            };
            match self.unpack(&request, &left) {
                Ok(mut inner) => {
                    let bytes: u64 = inner.entries.iter().map(|e| e.bytes.len() as u64).sum();
                    left.total = left.total.saturating_sub(bytes);
                    left.entries = left.entries.saturating_sub(inner.entries.len());
                    outcome.nested.append(&mut inner.entries);
                    outcome.findings.append(&mut inner.findings);
                    outcome.incomplete.append(&mut inner.incomplete);
                }
                Err(end) => {
                    outcome.miss(&end, Some(&archive.path));
                    self.deaths += 1;
                }
            }
        }
        outcome.bundle.entries = archives;
    }

    /// The files of an archive.
    fn unpack(&mut self, request: &Request<'_>, caps: &Caps) -> Result<Bundle, End> {
        let mut worker = self.start(request)?;
        let mut entries = Vec::new();
        loop {
            match worker.next(self.answer_by())? {
                Answer::Entry(entry) => {
                    check::entry(&entry, entries.len(), caps).map_err(End::Misbehaved)?;
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

    /// Reads every file; one that ends its worker is left out, and the next worker goes on after
    /// it.
    fn read(&mut self, outcome: &mut Outcome) {
        let all = [
            std::mem::take(&mut outcome.bundle.entries),
            std::mem::take(&mut outcome.nested),
        ];
        let files: Vec<_> = (all.iter().flatten())
            .filter(|entry| entry.kind == Kind::File && !is_archive(entry))
            .map(file)
            .collect();
        let mut rest = &files[..];
        while !rest.is_empty() {
            if let Some(end) = self.over() {
                outcome.miss(&end, None);
                break;
            }
            let (read, end) = self.read_some(rest, outcome);
            let Some(end) = end else { break };
            if let End::Refused(_) = end {
                outcome.miss(&end, None);
                break;
            }
            outcome.miss(&end, Some(rest[read].path));
            self.deaths += 1;
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

fn is_archive(entry: &Entry) -> bool {
    entry.kind == Kind::File && skill::archive::is_archive(&entry.bytes)
}

fn file(entry: &Entry) -> File<'_> {
    File {
        path: &entry.path,
        bytes: &entry.bytes,
        mode: entry.mode,
    }
}
