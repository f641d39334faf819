//! Archives, read entry by entry in memory and never extracted.
//!
//! What an archive is, is decided by its bytes and not by its name.

mod tar;
mod zip;

use std::collections::HashSet;
use std::io::Read as _;

use flate2::read::MultiGzDecoder;

use crate::bundle::Collector;
use crate::{Bundle, Caps, Kind, names, rules};

/// A container of files, by its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// PKZIP, and everything that is one: office documents, `.jar`, `.whl`, `.skill`.
    Zip,
    /// POSIX or GNU tar.
    Tar,
    /// gzip: a compressed tar or a single compressed file.
    Gzip,
    /// A format that is recognised and not opened.
    Other(&'static str),
}

/// The format of these bytes, if they are an archive's.
#[must_use]
pub fn detect(bytes: &[u8]) -> Option<Format> {
    const MAGIC: [(&[u8], Format); 10] = [
        (b"PK\x03\x04", Format::Zip),
        (b"\x1f\x8b\x08", Format::Gzip),
        (b"BZh", Format::Other("bzip2")),
        (b"\xfd7zXZ\0", Format::Other("xz")),
        (b"7z\xbc\xaf\x27\x1c", Format::Other("7z")),
        (b"Rar!\x1a\x07", Format::Other("rar")),
        (b"\x28\xb5\x2f\xfd", Format::Other("zstd")),
        (b"MSCF\0\0\0\0", Format::Other("cabinet")),
        (b"!<arch>\n", Format::Other("ar")),
        (b"xar!", Format::Other("xar")),
    ];
    let by_magic = MAGIC
        .iter()
        .find(|(magic, _)| bytes.starts_with(magic))
        .map(|(_, format)| *format);
    // A zip is found from its end: other bytes may precede it. An Apple disk image has its mark there.
    by_magic
        .or_else(|| zip::ends_like_one(bytes).then_some(Format::Zip))
        .or_else(|| tar::starts_like_one(bytes).then_some(Format::Tar))
        .or_else(|| {
            let trailer = bytes.len().checked_sub(512)?;
            bytes[trailer..]
                .starts_with(b"koly")
                .then_some(Format::Other("Apple disk image"))
        })
}

/// Whether these bytes hold files that [`unpack`] would look for.
#[must_use]
pub fn is_archive(bytes: &[u8]) -> bool {
    detect(bytes).is_some()
}

/// The files of an archive. `name` is for messages; a single directory that holds everything is
/// stripped, as OpenClaw does on installation, so that a skill has one digest however it is packed.
#[must_use]
pub fn unpack(name: &str, bytes: &[u8], caps: &Caps) -> Bundle {
    let mut collector = Collector::new(name, caps);
    expand(&mut collector, "", name, bytes);
    collector.strip_single_root();
    collector.finish(None)
}

/// The files of the archives among a bundle's files, and of the archives in those, each at
/// `archive!path`. They have no part in the artifact's digest: the archives themselves have.
#[must_use]
pub fn unpack_nested(outer: &Bundle, caps: &Caps) -> Bundle {
    let mut found = Collector::new(&outer.root_name, caps).finish(None);
    let mut taken: HashSet<String> = outer.entries.iter().map(|e| e.path.clone()).collect();
    let mut left = *caps;
    let mut todo: Vec<(usize, String, Vec<u8>)> = archives(outer, 1).collect();
    while let Some((depth, path, bytes)) = todo.pop() {
        let mut collector = Collector::new(&path, &left);
        if depth > caps.nested {
            let cause = format!(
                "lies in more than {} archives, one in the other",
                caps.nested
            );
            collector.miss(&rules::TOO_DEEP, Some(&path), &cause);
        } else {
            expand(&mut collector, &format!("{path}!"), &path, &bytes);
        }
        let mut inner = collector.finish(None);
        // A file may be called `a.zip!b` itself; it takes no other's place.
        for entry in &mut inner.entries {
            while !taken.insert(entry.path.clone()) {
                entry.path.push('!');
            }
        }
        let size: u64 = inner.entries.iter().map(|e| e.bytes.len() as u64).sum();
        left.total = left.total.saturating_sub(size);
        left.entries = left.entries.saturating_sub(inner.entries.len());
        todo.extend(archives(&inner, depth + 1));
        found.absorb(inner);
    }
    found
}

fn archives(bundle: &Bundle, depth: usize) -> impl Iterator<Item = (usize, String, Vec<u8>)> {
    let files = bundle
        .entries
        .iter()
        .filter(|e| e.kind == Kind::File && is_archive(&e.bytes));
    files.map(move |e| (depth, e.path.clone(), e.bytes.clone()))
}

/// Reads one archive into a collector, each path after `prefix`.
fn expand(collector: &mut Collector<'_>, prefix: &str, name: &str, bytes: &[u8]) {
    collector.expanding(bytes.len());
    match detect(bytes) {
        Some(Format::Zip) => zip::read(collector, prefix, name, bytes),
        Some(Format::Tar) => tar::read(collector, prefix, name, bytes),
        Some(Format::Gzip) => gzip(collector, prefix, name, bytes),
        Some(Format::Other(format)) => {
            collector.miss(
                &rules::UNSUPPORTED_ARCHIVE,
                Some(name),
                &format!("is in {format} format, which is not opened"),
            );
        }
        None => collector.miss(
            &rules::UNSUPPORTED_ARCHIVE,
            Some(name),
            "is not an archive in any known format",
        ),
    }
}

/// A compressed tar or a single compressed file. It is expanded at once, under the caps, so that
/// skipping over an entry costs nothing.
fn gzip(collector: &mut Collector<'_>, prefix: &str, name: &str, bytes: &[u8]) {
    let caps = collector.caps();
    // Room for the headers and padding of a tar beside its files.
    let headers = (caps.entries as u64).saturating_mul(2048);
    let ratio = (bytes.len() as u64)
        .saturating_mul(caps.ratio)
        .max(Caps::RATIO_FROM);
    let limit = caps.total.saturating_add(headers).min(ratio);
    let mut plain = Vec::new();
    let result = MultiGzDecoder::new(bytes)
        .take(limit + 1)
        .read_to_end(&mut plain);
    if plain.len() as u64 > limit {
        let rule = if limit == ratio {
            &rules::ARCHIVE_BOMB
        } else {
            &rules::OVERSIZED_ARTIFACT
        };
        return collector.miss(
            rule,
            Some(name),
            &format!("expands from {} to more than {limit} bytes", bytes.len()),
        );
    }
    if let Err(error) = result {
        collector.miss(
            &rules::CORRUPT_ARCHIVE,
            Some(name),
            &format!("is damaged gzip: {error}"),
        );
    }
    if tar::starts_like_one(&plain) || plain.iter().all(|b| *b == 0) && !plain.is_empty() {
        return tar::read(collector, prefix, name, &plain);
    }
    let file_name = name.rsplit(['/', '!']).next().unwrap_or(name);
    let inner = file_name
        .strip_suffix(".gz")
        .filter(|n| !n.is_empty())
        .unwrap_or("content");
    if plain.len() as u64 > collector.room().0 {
        return collector.too_large(name, Some(plain.len() as u64));
    }
    collector.file(format!("{prefix}{inner}"), false, plain);
}

/// The path at which an archive's entry is inspected: relative, without `..`. Everything that an
/// extraction might take elsewhere is a finding. Nothing where no name is left.
fn entry_path(collector: &mut Collector<'_>, prefix: &str, raw: &[u8]) -> Option<String> {
    // OpenClaw takes both as separators, so both separate here.
    let slashed: Vec<u8> = raw
        .iter()
        .map(|b| if *b == b'\\' { b'/' } else { *b })
        .collect();
    let parts = slashed
        .split(|b| *b == b'/')
        .filter(|p| !p.is_empty() && *p != b"." && *p != b"..");
    let parts: Vec<_> = parts.map(names::escape).collect();
    let path = format!("{prefix}{}", parts.join("/"));

    let shown = names::escape(raw);
    let climbs = slashed.split(|b| *b == b'/').any(|p| p == b"..");
    let drive = matches!(raw, [letter, b':', ..] if letter.is_ascii_alphabetic());
    if climbs || drive || slashed.starts_with(b"/") {
        let what = if climbs {
            "climbs out with `..`"
        } else {
            "is absolute"
        };
        let rule = &rules::PATH_ESCAPES;
        collector.find(
            rule,
            rule.severity,
            &path,
            format!("the entry {shown:?} {what}"),
        );
    }
    if raw.contains(&b'\\') {
        let rule = &rules::ODD_NAME;
        collector.find(
            rule,
            finding::Severity::Medium,
            &path,
            format!("the entry {shown:?} has backslashes"),
        );
    }
    if parts.is_empty() || !collector.admits(&path) {
        return None;
    }
    for part in slashed
        .split(|b| *b == b'/')
        .filter(|p| !matches!(*p, b"." | b".."))
    {
        collector.name(&path, part);
    }
    Some(path)
}

#[cfg(test)]
mod tests;
