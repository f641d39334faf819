use std::collections::{BTreeMap, HashMap};

use capability::{Digest, TreeHasher};
use finding::{Finding, Incomplete, Location, RuleId, RuleMeta, Severity};
use serde::{Deserialize, Serialize};

use crate::links::{self, Leads};
use crate::{names, rules};

/// How much of an artifact is read before reading stops and says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caps {
    /// Files, links and directories in all.
    pub entries: usize,
    /// Bytes of one file.
    pub file: u64,
    /// Bytes of all files, and of a file that is an archive.
    pub total: u64,
    /// How many bytes one byte of an archive may become, once it has become [`Caps::RATIO_FROM`].
    pub ratio: u64,
    /// Directories inside directories.
    pub depth: usize,
    /// Archives inside archives.
    pub nested: usize,
    /// Bytes of one path.
    pub path: usize,
}

impl Caps {
    /// Below so many bytes no archive is a bomb: a small file of blanks compresses well too.
    pub const RATIO_FROM: u64 = 1 << 20;
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            entries: 10_000,
            file: 8 << 20,
            total: 64 << 20,
            ratio: 200,
            depth: 32,
            nested: 4,
            path: 1024,
        }
    }
}

/// What an [`Entry`] is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A regular file.
    File,
    /// A symbolic link, recorded and never followed.
    Symlink {
        /// What it says, escaped like a path.
        target: String,
    },
}

/// One file or link of an artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Path inside the artifact with `/`, never absolute and never with `..`. Bytes that are not
    /// UTF-8 are written `\xNN` and backslashes doubled; in a nested archive, `outer.zip!inner`.
    pub path: String,
    /// `0o755` if anyone may execute it, else `0o644`; `0o120000` for a link.
    pub mode: u32,
    /// File or link.
    pub kind: Kind,
    /// The content; empty for a link.
    pub bytes: Vec<u8>,
    /// Of the content, or of a link's target.
    pub digest: Digest,
}

/// An artifact's files, and what was odd about reading them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// Name of the directory or archive it came from.
    pub root_name: String,
    /// Files and links, sorted by path; no two share a path.
    pub entries: Vec<Entry>,
    /// What was odd.
    pub findings: Vec<Finding>,
    /// What could not be read.
    pub incomplete: Vec<Incomplete>,
    /// Whether some content is unknown, so that no digest can stand for the whole.
    partial: bool,
}

impl Bundle {
    /// The digest that a grant is pinned to; nothing where some content could not be read.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        if self.partial {
            return None;
        }
        let mut hasher = TreeHasher::default();
        for entry in &self.entries {
            hasher.file(&entry.path, entry.mode, entry.digest);
        }
        Some(hasher.finish())
    }

    /// The entry at this path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Entry> {
        let at = self
            .entries
            .binary_search_by(|e| e.path.as_str().cmp(path))
            .ok()?;
        self.entries.get(at)
    }

    /// The archive that this bundle is, where it is one file and that file is an archive.
    #[must_use]
    pub fn sole_archive(&self) -> Option<&Entry> {
        match self.entries.as_slice() {
            [entry] if crate::archive::is_archive(&entry.bytes) => Some(entry),
            _ => None,
        }
    }

    /// Takes over everything of another bundle whose paths are its own.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.entries.extend(other.entries);
        self.entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        self.findings.extend(other.findings);
        self.incomplete.extend(other.incomplete);
        self.partial |= other.partial;
    }

    /// Records `not-a-skill` where nothing in the bundle is something that an agent loads.
    pub fn expect_skill(&mut self) {
        let loads =
            |e: &Entry| e.kind == Kind::File && crate::manifest::Kind::of(&e.path).is_some();
        if !self.entries.iter().any(loads) {
            self.incomplete.push(Incomplete {
                rule: rules::NOT_A_SKILL.id.clone(),
                path: None,
                reason: format!(
                    "{:?} holds no SKILL.md, plugin manifest or MCP configuration: nothing that an agent would load. {}",
                    self.root_name,
                    rules::NOT_A_SKILL.fix
                ),
            });
        }
    }
}

/// Collects a bundle under caps. Every reader of trees and archives writes through this, so that
/// none can forget a cap, a duplicate or an odd name.
pub(crate) struct Collector<'c> {
    caps: &'c Caps,
    bundle: Bundle,
    /// Entry by path.
    at: HashMap<String, usize>,
    /// First path by what it folds to.
    folded: HashMap<String, String>,
    /// Entries looked at so far.
    seen: usize,
    /// Bytes kept so far.
    total: u64,
    /// Bytes that an archive may still expand to.
    ratio_left: u64,
    /// How often each rule was found.
    found: BTreeMap<RuleId, usize>,
}

impl<'c> Collector<'c> {
    /// Findings of one rule that are kept one by one; the rest is counted.
    const EACH: usize = 20;

    pub(crate) fn new(root_name: &str, caps: &'c Caps) -> Self {
        Self {
            caps,
            bundle: Bundle {
                root_name: root_name.to_owned(),
                ..Bundle::default()
            },
            at: HashMap::new(),
            folded: HashMap::new(),
            seen: 0,
            total: 0,
            ratio_left: u64::MAX,
            found: BTreeMap::new(),
        }
    }

    /// From here on, what is added is the expansion of `packed` bytes.
    pub(crate) fn expanding(&mut self, packed: usize) {
        let allowed = (packed as u64).saturating_mul(self.caps.ratio);
        self.ratio_left = allowed.max(Caps::RATIO_FROM);
    }

    pub(crate) fn caps(&self) -> &'c Caps {
        self.caps
    }

    /// Reports a finding about a path.
    pub(crate) fn find(
        &mut self,
        rule: &RuleMeta,
        severity: Severity,
        path: &str,
        message: String,
    ) {
        let count = self.found.entry(rule.id.clone()).or_default();
        *count += 1;
        if *count <= Self::EACH {
            let finding = Finding::new(rule, message).severity(severity);
            self.bundle
                .findings
                .push(finding.at(Location::file(path, rule.summary)));
        }
    }

    /// Reports that something could not be read: the artifact's digest is unknown from here on.
    pub(crate) fn miss(&mut self, rule: &RuleMeta, path: Option<&str>, cause: &str) {
        self.bundle.partial = true;
        let count = self.found.entry(rule.id.clone()).or_default();
        *count += 1;
        if *count <= Self::EACH {
            let object = path.unwrap_or(&self.bundle.root_name);
            self.bundle.incomplete.push(Incomplete {
                rule: rule.id.clone(),
                path: path.map(str::to_owned),
                reason: format!("{object:?} {cause}. {}", rule.fix),
            });
        }
    }

    /// Whether an entry at this path is read, be it a file or a directory. Says so where it is not.
    pub(crate) fn admits(&mut self, path: &str) -> bool {
        self.seen += 1;
        if path.len() > self.caps.path {
            let mut end = 80;
            while !path.is_char_boundary(end) {
                end -= 1;
            }
            let cause = format!(
                "… is a path of {} bytes; {} are inspected",
                path.len(),
                self.caps.path
            );
            self.miss(&rules::TOO_DEEP, Some(&path[..end]), &cause);
            return false;
        }
        if path.matches('/').count() > self.caps.depth {
            let cause = format!("lies below more than {} directories", self.caps.depth);
            self.miss(&rules::TOO_DEEP, Some(path), &cause);
            return false;
        }
        true
    }

    /// Whether the number of entries is used up. Says so, once.
    pub(crate) fn is_full(&mut self) -> bool {
        let full = self.seen >= self.caps.entries;
        if full && !self.found.contains_key(&rules::TOO_MANY_FILES.id) {
            let cause = format!(
                "holds more than {} files and directories, which is where inspection stops",
                self.caps.entries
            );
            self.miss(&rules::TOO_MANY_FILES, None, &cause);
        }
        full
    }

    /// How many bytes the next file may have, and the rule that speaks if it has more.
    pub(crate) fn room(&self) -> (u64, &'static RuleMeta) {
        let left = self.caps.total.saturating_sub(self.total);
        [
            (self.caps.file, &rules::OVERSIZED_FILE),
            (left, &rules::OVERSIZED_ARTIFACT),
            (self.ratio_left, &rules::ARCHIVE_BOMB),
        ]
        .into_iter()
        .min_by_key(|(bytes, _)| *bytes)
        .expect("three caps")
    }

    /// Reports that a file is larger than [`Collector::room`].
    pub(crate) fn too_large(&mut self, path: &str, size: Option<u64>) {
        let (room, rule) = self.room();
        let size = size.map_or_else(|| "more".to_owned(), |s| s.to_string());
        let cause = match rule.id.as_str() {
            "oversized-file" => format!("has {size} bytes; a file of at most {room} is inspected"),
            "oversized-artifact" => {
                format!(
                    "has {size} bytes, which is more than the {room} left of {} for the whole",
                    self.caps.total
                )
            }
            _ => format!(
                "expands to more than {} times its archive's size",
                self.caps.ratio
            ),
        };
        self.miss(rule, Some(path), &cause);
    }

    /// Reports what is odd about one component of a path.
    pub(crate) fn name(&mut self, path: &str, component: &[u8]) {
        if let Some((what, severity)) = names::oddity(component) {
            self.find(
                &rules::ODD_NAME,
                severity,
                path,
                format!("the name {:?} {what}", names::escape(component)),
            );
        }
    }

    pub(crate) fn file(&mut self, path: String, executable: bool, bytes: Vec<u8>) {
        self.total += bytes.len() as u64;
        self.ratio_left = self.ratio_left.saturating_sub(bytes.len() as u64);
        let digest = Digest::of(&bytes);
        let mode = if executable { 0o755 } else { 0o644 };
        self.add(Entry {
            path,
            mode,
            kind: Kind::File,
            bytes,
            digest,
        });
    }

    pub(crate) fn symlink(&mut self, path: String, target: &[u8]) {
        let digest = Digest::of(target);
        let kind = Kind::Symlink {
            target: names::escape(target).into_owned(),
        };
        self.add(Entry {
            path,
            mode: 0o120_000,
            kind,
            bytes: Vec::new(),
            digest,
        });
    }

    /// The file added under this path, if one was.
    pub(crate) fn get(&self, path: &str) -> Option<&Entry> {
        self.bundle.entries.get(*self.at.get(path)?)
    }

    /// Adds an entry. Of two at the same path the later one has it, as after extraction; the
    /// earlier is kept, and inspected, under a path of its own.
    fn add(&mut self, entry: Entry) {
        let index = self.bundle.entries.len();
        if let Some(earlier) = self.at.insert(entry.path.clone(), index) {
            let path = entry.path.clone();
            let message = format!(
                "{path:?} is in the archive more than once; which one counts depends on the reader"
            );
            self.find(&rules::DUPLICATE_NAME, Severity::High, &path, message);
            let aside = (1..)
                .map(|n| format!("{path}!earlier-{n}"))
                .find(|p| !self.at.contains_key(p))
                .expect("one more number is always free");
            self.at.insert(aside.clone(), earlier);
            self.bundle.entries[earlier].path = aside;
        } else if let Some(other) = self
            .folded
            .insert(names::fold(&entry.path), entry.path.clone())
        {
            let message = format!(
                "{:?} and {other:?} are one file where names are not told apart by case or form",
                entry.path
            );
            self.find(
                &rules::DUPLICATE_NAME,
                rules::DUPLICATE_NAME.severity,
                &entry.path,
                message,
            );
        }
        self.bundle.entries.push(entry);
    }

    /// Removes a directory that holds everything, as OpenClaw does when it installs an archive.
    pub(crate) fn strip_single_root(&mut self) {
        let entries = &self.bundle.entries;
        let Some((root, _)) = entries.first().and_then(|e| e.path.split_once('/')) else {
            return;
        };
        let root = root.to_owned();
        let prefix = format!("{root}/");
        if !entries.iter().all(|e| e.path.starts_with(&prefix)) {
            return;
        }
        for entry in &mut self.bundle.entries {
            entry.path.drain(..prefix.len());
        }
        let locations = self
            .bundle
            .findings
            .iter_mut()
            .flat_map(|f| &mut f.locations)
            .map(|l| &mut l.path);
        let gaps = self
            .bundle
            .incomplete
            .iter_mut()
            .filter_map(|i| i.path.as_mut());
        for path in locations.chain(gaps) {
            if let Some(inner) = path.strip_prefix(&prefix) {
                *path = inner.to_owned();
            }
        }
        self.bundle.root_name = root;
    }

    /// The bundle: sorted, its links judged. `left_out` is a directory that was not read.
    pub(crate) fn finish(mut self, left_out: Option<&str>) -> Bundle {
        let mut entries = std::mem::take(&mut self.bundle.entries);
        entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        self.judge_links(&entries, left_out);
        self.bundle.entries = entries;
        for (rule, count) in self.found {
            if count > Self::EACH
                && let Some(meta) = rules::rules().iter().find(|m| m.id == rule)
            {
                let message = format!("{} more like these: {}", count - Self::EACH, meta.summary);
                self.bundle.findings.push(Finding::new(meta, message));
            }
        }
        self.bundle
    }

    fn judge_links(&mut self, entries: &[Entry], left_out: Option<&str>) {
        let links: HashMap<&str, &str> = entries
            .iter()
            .filter_map(|e| match &e.kind {
                Kind::Symlink { target } => Some((e.path.as_str(), target.as_str())),
                Kind::File => None,
            })
            .collect();
        for (path, target) in entries
            .iter()
            .filter_map(|e| links.get_key_value(e.path.as_str()))
        {
            let unread =
                |inside: &str| left_out.is_some_and(|dir| inside.split('/').next() == Some(dir));
            let (rule, what) = match links::resolve(path, &links) {
                Leads::Outside => (&rules::LINK_ESCAPES, "leads out of the artifact"),
                Leads::Inside(to) if unread(&to) => {
                    (&rules::LINK_ESCAPES, "leads into what is left out")
                }
                Leads::Inside(_) => (&rules::SYMBOLIC_LINK, "stays inside the artifact"),
                Leads::Nowhere => (&rules::SYMBOLIC_LINK, "leads round in a circle"),
            };
            self.find(
                rule,
                rule.severity,
                path,
                format!("the link {path:?} to {target:?} {what}"),
            );
        }
    }
}
