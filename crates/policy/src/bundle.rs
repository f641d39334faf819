use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use capability::{Digest, TreeHasher};
use serde::Serialize;

use crate::PolicyError;
use crate::data::Data;
use crate::error::Complaint;

/// Bytes in one file.
pub(crate) const MAX_FILE: NonZeroUsize = NonZeroUsize::new(256 * 1024).expect("not zero");
/// Files in one policy.
const MAX_FILES: usize = 256;
/// Directories below each other.
const MAX_DEPTH: usize = 8;

const BUNDLED_NAME: &str = "bundled";

macro_rules! bundled {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../policies/", $path)))),*]
    };
}

/// Every file below `policies/`; a test keeps the list complete.
pub(crate) const BUNDLED: &[(&str, &str)] = bundled![
    "admission.rego",
    "admission_test.rego",
    "data.json",
    "decision.rego",
    "decision_test.rego",
    "rule/finding.rego",
    "rule/finding_test.rego",
    "rule/incomplete.rego",
    "rule/incomplete_test.rego",
    "rule/over_reach.rego",
    "rule/over_reach_test.rego",
    "rule/untested.rego",
    "rule/untested_test.rego",
];

/// Where a module comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Compiled in.
    Bundled,
    /// From a user's file.
    User,
}

/// One Rego file of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Module {
    /// Its name in every message: the path as found, or `bundled:` and its path in the bundle.
    pub file: String,
    /// Its package, without `data.`; empty until it has been parsed.
    pub package: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Its text.
    #[serde(skip)]
    pub text: String,
}

impl Module {
    /// Whether it only tests (`*_test.rego`) and takes no part in decisions.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.file.ends_with("_test.rego")
    }
}

/// What a policy is made of, before it is compiled.
#[derive(Clone)]
pub(crate) struct Bundle {
    /// Its name for people: `bundled`, or `bundled+` and the names of what was laid over it.
    pub(crate) name: String,
    /// In the order of their names.
    pub(crate) modules: Vec<Module>,
    /// Merged.
    pub(crate) data: Data,
}

impl Bundle {
    /// What is compiled in.
    pub(crate) fn bundled() -> Self {
        let mut bundle = Self {
            name: BUNDLED_NAME.to_owned(),
            modules: Vec::new(),
            data: Data::default(),
        };
        for (path, text) in BUNDLED {
            bundle
                .add(
                    format!("bundled:{path}"),
                    (*text).to_owned(),
                    Origin::Bundled,
                )
                .expect("a test loads the bundled data");
        }
        bundle
    }

    /// Lays these files and directories over what is compiled in.
    pub(crate) fn overlaid(paths: &[PathBuf]) -> Result<Self, PolicyError> {
        let mut bundle = Self::bundled();
        let mut complaints = Vec::new();
        for path in paths {
            let found = find(path)?;
            if found.is_empty() {
                complaints.push(Complaint::file(
                    path.display().to_string(),
                    "no .rego or .json file is in it",
                    "name a file or a directory that has some",
                ));
            }
            for file in found {
                let name = file.display().to_string();
                match read(&file)? {
                    Ok(text) => complaints.extend(bundle.add(name, text, Origin::User).err()),
                    Err(complaint) => complaints.push(complaint),
                }
            }
            let name = path.file_name().unwrap_or(path.as_os_str());
            bundle.name = format!("{}+{}", bundle.name, name.to_string_lossy());
        }
        if complaints.is_empty() {
            Ok(bundle)
        } else {
            Err(PolicyError::Refused(complaints))
        }
    }

    fn add(&mut self, file: String, text: String, origin: Origin) -> Result<(), Complaint> {
        if file.ends_with(".json") {
            return self.data.merge(&file, &text);
        }
        self.modules.push(Module {
            file,
            package: String::new(),
            origin,
            text,
        });
        Ok(())
    }

    /// Once packages are known: a user's package takes the place of the bundle's of the same
    /// name, and a user's tests that of the bundle's, which test the bundle as it came.
    /// Says of each module whether it stays.
    pub(crate) fn replace_overlaid(&mut self) -> Vec<bool> {
        let of_user = |m: &&Module| m.origin == Origin::User;
        let replaced: BTreeSet<&str> = self
            .modules
            .iter()
            .filter(of_user)
            .map(|m| m.package.as_str())
            .collect();
        let overlaid = !self.is_bundled();
        let gone = |m: &Module| overlaid && m.is_test() || replaced.contains(m.package.as_str());
        let stays: Vec<bool> = self
            .modules
            .iter()
            .map(|m| m.origin == Origin::User || !gone(m))
            .collect();
        let mut each = stays.iter();
        self.modules.retain(|_| each.next() == Some(&true));
        stays
    }

    /// Whether nothing was laid over it.
    pub(crate) fn is_bundled(&self) -> bool {
        self.name == BUNDLED_NAME
    }

    /// Pins what decides: the modules that are not tests, and the data.
    pub(crate) fn digest(&self) -> Digest {
        let mut tree = TreeHasher::default();
        for (i, module) in self.modules.iter().filter(|m| !m.is_test()).enumerate() {
            // Numbered, not named: the same policy at another path is the same policy.
            tree.file(
                &format!("{i:03}.rego"),
                0o644,
                Digest::of(module.text.as_bytes()),
            );
        }
        tree.file(
            "data.json",
            0o644,
            Digest::of(self.data.to_json().as_bytes()),
        );
        tree.finish()
    }
}

/// The policy files at a path, sorted; hidden ones are left out, links to directories not followed.
fn find(root: &Path) -> Result<Vec<PathBuf>, PolicyError> {
    let read_error = |path: &Path| {
        let path = path.to_owned();
        move |source| PolicyError::Read { path, source }
    };
    if fs::metadata(root).map_err(read_error(root))?.is_file() {
        return Ok(vec![root.to_owned()]);
    }
    let mut found = Vec::new();
    let mut directories = vec![(root.to_owned(), 0)];
    while let Some((directory, depth)) = directories.pop() {
        for entry in fs::read_dir(&directory).map_err(read_error(&directory))? {
            let entry = entry.map_err(read_error(&directory))?;
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if entry.file_type().map_err(read_error(&path))?.is_dir() {
                directories.push((path, depth + 1));
            } else if path.extension().is_some_and(|e| e == "rego" || e == "json") {
                found.push(path);
            }
            if depth > MAX_DEPTH || found.len() + directories.len() > MAX_FILES {
                return Err(PolicyError::Refused(vec![Complaint::file(
                    root.display().to_string(),
                    format!("more than {MAX_FILES} files, or more than {MAX_DEPTH} levels deep"),
                    "name the directory that holds the policy alone",
                )]));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The text of one file, or what is wrong with it.
fn read(path: &Path) -> Result<Result<String, Complaint>, PolicyError> {
    let read_error = |source| PolicyError::Read {
        path: path.to_owned(),
        source,
    };
    let complain = |message: String, fix: &str| {
        Ok(Err(Complaint::file(
            path.display().to_string(),
            message,
            fix,
        )))
    };
    let metadata = fs::metadata(path).map_err(read_error)?;
    if !metadata.is_file() {
        return complain("not a regular file".to_owned(), "remove it or name another");
    }
    if metadata.len() > MAX_FILE.get() as u64 {
        return complain(
            format!("{} bytes long, more than {MAX_FILE}", metadata.len()),
            "split it, or move data that it does not need elsewhere",
        );
    }
    match String::from_utf8(fs::read(path).map_err(read_error)?) {
        Ok(text) => Ok(Ok(text)),
        Err(e) => complain(
            format!("not UTF-8 at byte {}", e.utf8_error().valid_up_to()),
            "save it as UTF-8",
        ),
    }
}
