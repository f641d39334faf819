//! tar, through the `tar` crate's iterator and never its extraction.

use std::io::{Cursor, Read as _};

use finding::Severity;
use tar::{Archive, Entry, EntryType, Header};

use crate::bundle::Collector;
use crate::{names, rules};

const BLOCK: usize = 512;

/// Whether the first block is a tar header: POSIX's mark, or a checksum that fits (as in tar's
/// oldest form, which has no mark).
pub(super) fn starts_like_one(bytes: &[u8]) -> bool {
    let Some(block) = bytes.first_chunk::<BLOCK>() else {
        return false;
    };
    let checksum = |b: &[u8; BLOCK]| -> u32 {
        let field = 148..156;
        b.iter()
            .enumerate()
            .map(|(i, x)| {
                if field.contains(&i) {
                    32
                } else {
                    u32::from(*x)
                }
            })
            .sum()
    };
    block[0] != 0
        && Header::from_byte_slice(block)
            .cksum()
            .is_ok_and(|c| c == checksum(block))
}

pub(super) fn read(collector: &mut Collector<'_>, prefix: &str, name: &str, bytes: &[u8]) {
    let mut archive = Archive::new(Cursor::new(bytes));
    let entries = match archive.entries() {
        Ok(entries) => entries,
        Err(error) => return corrupt(collector, name, &error),
    };
    for entry in entries {
        if collector.is_full() {
            return;
        }
        match entry {
            Ok(entry) => one(collector, prefix, entry),
            Err(error) => return corrupt(collector, name, &error),
        }
    }
    // The reader stops at a block of zeros; what follows, another reader may read.
    let end = usize::try_from(archive.into_inner().position()).unwrap_or(usize::MAX);
    if bytes
        .get(end..)
        .is_some_and(|rest| rest.iter().any(|b| *b != 0))
    {
        let rule = &rules::POLYGLOT_ARCHIVE;
        let message = format!("{name:?} goes on after the end of its tar archive");
        collector.find(rule, rule.severity, name, message);
    }
}

fn corrupt(collector: &mut Collector<'_>, name: &str, error: &std::io::Error) {
    collector.miss(
        &rules::CORRUPT_ARCHIVE,
        Some(name),
        &format!("is a damaged tar archive: {error}"),
    );
}

fn one(collector: &mut Collector<'_>, prefix: &str, mut entry: Entry<'_, Cursor<&[u8]>>) {
    let kind = entry.header().entry_type();
    if kind.is_pax_global_extensions() {
        return;
    }
    let raw = entry.path_bytes().into_owned();
    let Some(path) = super::entry_path(collector, prefix, &raw) else {
        return;
    };
    let executable = entry.header().mode().is_ok_and(|m| m & 0o111 != 0);
    // A reader that heeds only one of the two sizes finds its next header elsewhere.
    let sizes = (entry.header().entry_size().ok(), entry.size());
    if kind.is_file() && sizes.0.is_some_and(|size| size != 0 && size != sizes.1) {
        let rule = &rules::ARCHIVE_MISMATCH;
        let message = format!(
            "{path:?} has {} bytes by its header and {} by its extension",
            sizes.0.unwrap_or(0),
            sizes.1
        );
        collector.find(rule, rule.severity, &path, message);
    }
    match kind {
        EntryType::Directory => {}
        EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
            let (room, _) = collector.room();
            if entry.size() > room {
                return collector.too_large(&path, Some(entry.size()));
            }
            let mut bytes = Vec::new();
            match (&mut entry).take(room + 1).read_to_end(&mut bytes) {
                Ok(_) if bytes.len() as u64 > room => collector.too_large(&path, None),
                Ok(_) => collector.file(path, executable, bytes),
                Err(error) => corrupt(collector, &path, &error),
            }
        }
        EntryType::Symlink => {
            let target = entry.link_name_bytes().unwrap_or_default().into_owned();
            collector.symlink(path, &target);
        }
        EntryType::Link => {
            let raw = entry.link_name_bytes().unwrap_or_default().into_owned();
            let escaped: Vec<_> = raw
                .split(|b| *b == b'/')
                .filter(|p| *p != b"." && !p.is_empty())
                .map(names::escape)
                .collect();
            let target = format!("{prefix}{}", escaped.join("/"));
            let copy = collector
                .get(&target)
                .map(|e| (e.mode & 0o111 != 0, e.bytes.clone()));
            match copy {
                Some((executable, bytes)) if bytes.len() as u64 <= collector.room().0 => {
                    collector.file(path, executable, bytes);
                }
                Some((_, bytes)) => collector.too_large(&path, Some(bytes.len() as u64)),
                None => {
                    let message = format!(
                        "the hard link {path:?} is to {target:?}, which the archive does not hold"
                    );
                    collector.find(&rules::LINK_ESCAPES, Severity::High, &path, message);
                }
            }
        }
        EntryType::Fifo | EntryType::Char | EntryType::Block => {
            collector.miss(&rules::SPECIAL_FILE, Some(&path), "is a FIFO or a device");
        }
        other => {
            let cause = format!(
                "is a tar entry of the unknown type {:?}",
                char::from(other.as_byte())
            );
            collector.miss(&rules::UNSUPPORTED_ARCHIVE, Some(&path), &cause);
        }
    }
}
