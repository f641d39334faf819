//! Everything that is derived from the code: made from one place, so that it cannot disagree.

mod cli;
mod crates;
mod rules;
mod schemas;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Path below the root, and text.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Directories in which every file is generated.
const WHOLE: &[&str] = &[
    "docs/src/reference/rules",
    "docs/src/reference/schemas",
    "share",
];

/// Writes what differs; with `check`, only says so. Whether all is, or was, as it should be.
pub(crate) fn run(root: &Path, check: bool) -> anyhow::Result<bool> {
    let files = files(root)?;
    let stale = stale(root, &files)?;
    for path in &stale {
        println!(
            "{}: {}",
            path.display(),
            if check { "is out of date" } else { "written" }
        );
        if check {
            continue;
        }
        let full = root.join(path);
        match files.get(path) {
            Some(bytes) => {
                let parent = full.parent().context("a file has a parent")?;
                std::fs::create_dir_all(parent)
                    .and_then(|()| std::fs::write(&full, bytes))
                    .with_context(|| format!("cannot write {}", full.display()))?;
            }
            None => std::fs::remove_file(&full)
                .with_context(|| format!("cannot remove {}", full.display()))?,
        }
    }
    if check && !stale.is_empty() {
        println!("run `cargo xtask generate` and commit what it writes");
    }
    Ok(!check || stale.is_empty())
}

fn files(root: &Path) -> anyhow::Result<Files> {
    let mut files = Files::new();
    rules::add(root, &mut files)?;
    cli::add(&mut files)?;
    schemas::add(&mut files)?;
    crates::add(root, &mut files)?;
    Ok(files)
}

/// Files that are not what they should be: other, missing, or nobody's.
fn stale(root: &Path, files: &Files) -> anyhow::Result<Vec<PathBuf>> {
    let mut stale: Vec<_> = files
        .iter()
        .filter(|(path, bytes)| std::fs::read(root.join(path)).ok().as_ref() != Some(bytes))
        .map(|(path, _)| path.clone())
        .collect();
    let mut directories: Vec<_> = WHOLE.iter().map(PathBuf::from).collect();
    while let Some(directory) = directories.pop() {
        let Ok(entries) = std::fs::read_dir(root.join(&directory)) else {
            continue;
        };
        for entry in entries {
            let entry = entry?;
            let path = directory.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                directories.push(path);
            } else if !files.contains_key(&path) {
                stale.push(path);
            }
        }
    }
    Ok(stale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_generated_is_up_to_date() {
        let root = crate::root();
        let stale = stale(root, &files(root).unwrap()).unwrap();
        assert_eq!(stale, Vec::<PathBuf>::new(), "run `cargo xtask generate`");
    }
}
