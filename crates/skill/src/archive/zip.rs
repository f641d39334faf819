//! zip (APPNOTE 6.3.10), read from the central directory and compared with everything that another
//! reader might believe instead.
//!
//! The crates that read zip keep one entry a name, skip what lies between entries and trust one of
//! the two headers. Where readers can be told different things is exactly what matters here, so this
//! walks the records itself; only inflating is left to a library.

use std::io::Read as _;
use std::ops::Range;

use finding::Severity;
use flate2::{Crc, bufread::DeflateDecoder};

use crate::bundle::Collector;
use crate::rules;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END64: u32 = 0x0606_4b50;
const LOCATOR64: u32 = 0x0706_4b50;
const LOCAL_LEN: usize = 30;
const CENTRAL_LEN: usize = 46;
const END_LEN: usize = 22;

/// Bits of the flags field.
const ENCRYPTED: u16 = 1;
const SIZES_FOLLOW: u16 = 1 << 3;

/// Kinds of file in the upper half of the external attributes, where Unix wrote them.
const S_IFMT: u32 = 0o170_000;
const S_IFLNK: u32 = 0o120_000;

/// Little-endian integers at an offset, where there are enough bytes.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn u16(&self, at: usize) -> Option<u16> {
        self.array(at).map(u16::from_le_bytes)
    }
    fn u32(&self, at: usize) -> Option<u32> {
        self.array(at).map(u32::from_le_bytes)
    }
    fn u64(&self, at: usize) -> Option<u64> {
        self.array(at).map(u64::from_le_bytes)
    }
    fn array<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.0.get(at..)?.first_chunk().copied()
    }
    fn slice(&self, at: usize, len: usize) -> Option<&'a [u8]> {
        self.0.get(at..at.checked_add(len)?)
    }
}

/// Where the central directory is.
struct End {
    /// How many entries it says it has.
    count: u64,
    directory: Range<usize>,
    /// Bytes before the archive: what offsets are short of.
    before: usize,
    /// Bytes after it.
    after: usize,
}

/// Finds the last end record whose directory lies where it says.
fn end(bytes: &[u8]) -> Option<End> {
    let b = Bytes(bytes);
    let last = bytes.len().checked_sub(END_LEN)?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    (first..=last)
        .rev()
        .filter(|at| b.u32(*at) == Some(END))
        .find_map(|at| {
            let comment = usize::from(b.u16(at + 20)?);
            let after = bytes.len().checked_sub(at + END_LEN + comment)?;
            let mut stop = at;
            let (mut count, mut size, mut offset) = (
                u64::from(b.u16(at + 10)?),
                u64::from(b.u32(at + 12)?),
                u64::from(b.u32(at + 16)?),
            );
            if let Some(locator) = at.checked_sub(20)
                && b.u32(locator) == Some(LOCATOR64)
            {
                // The 64-bit record precedes its locator, wherever the locator says that it is.
                let record = locator
                    .checked_sub(56)
                    .filter(|r| b.u32(*r) == Some(END64))?;
                (count, size, offset) = (
                    b.u64(record + 32)?,
                    b.u64(record + 40)?,
                    b.u64(record + 48)?,
                );
                stop = record;
            }
            let start = stop.checked_sub(usize::try_from(size).ok()?)?;
            let before = start.checked_sub(usize::try_from(offset).ok()?)?;
            let holds = size == 0 || b.u32(start) == Some(CENTRAL);
            holds.then_some(End {
                count,
                directory: start..stop,
                before,
                after,
            })
        })
}

/// Whether a zip archive ends these bytes, whatever they begin with. An empty archive is none: its
/// 22 bytes turn up in other files, and nothing is in it.
pub(super) fn ends_like_one(bytes: &[u8]) -> bool {
    end(bytes).is_some_and(|e| !e.directory.is_empty())
}

/// What the central directory says of an entry.
struct Central<'a> {
    name: &'a [u8],
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    local: u64,
    /// File type and permissions, where Unix wrote them.
    mode: Option<u32>,
    extra: &'a [u8],
}

impl<'a> Central<'a> {
    /// Reads one record at `at`, and where the next one is.
    fn read(b: &Bytes<'a>, at: usize) -> Option<(Self, usize)> {
        if b.u32(at)? != CENTRAL {
            return None;
        }
        let (name, extra, comment) = (
            usize::from(b.u16(at + 28)?),
            usize::from(b.u16(at + 30)?),
            usize::from(b.u16(at + 32)?),
        );
        let unix = matches!(b.u16(at + 4)? >> 8, 3 | 19);
        let mut central = Self {
            name: b.slice(at + CENTRAL_LEN, name)?,
            flags: b.u16(at + 8)?,
            method: b.u16(at + 10)?,
            crc: b.u32(at + 16)?,
            packed: b.u32(at + 20)?.into(),
            size: b.u32(at + 24)?.into(),
            local: b.u32(at + 42)?.into(),
            mode: unix.then_some(b.u32(at + 38)? >> 16),
            extra: b.slice(at + CENTRAL_LEN + name, extra)?,
        };
        central.widen();
        Some((central, at + CENTRAL_LEN + name + extra + comment))
    }

    /// Fields that do not fit are in the extra field 1, in this order, those that are missing only.
    fn widen(&mut self) {
        let Some(wide) = extra(self.extra, 0x0001) else {
            return;
        };
        let wide = Bytes(wide);
        let mut at = 0;
        for field in [&mut self.size, &mut self.packed, &mut self.local] {
            if *field == u64::from(u32::MAX)
                && let Some(value) = wide.u64(at)
            {
                *field = value;
                at += 8;
            }
        }
    }
}

/// The first extra field of this kind.
fn extra(fields: &[u8], kind: u16) -> Option<&[u8]> {
    let b = Bytes(fields);
    let mut at = 0;
    loop {
        let len = usize::from(b.u16(at + 2)?);
        if b.u16(at)? == kind {
            return b.slice(at + 4, len);
        }
        at += 4 + len;
    }
}

pub(super) fn read(collector: &mut Collector<'_>, prefix: &str, name: &str, bytes: &[u8]) {
    let Some(end) = end(bytes) else {
        return collector.miss(
            &rules::CORRUPT_ARCHIVE,
            Some(name),
            "is a zip archive without a central directory",
        );
    };
    let mut zip = Zip {
        collector,
        prefix,
        name,
        bytes: Bytes(&bytes[end.before..]),
        spans: Vec::new(),
    };
    let start = end.directory.start - end.before;
    zip.entries(start..end.directory.end - end.before, end.count);
    zip.gaps(start);

    for (len, place) in [(end.before, "before"), (end.after, "after")] {
        if len > 0 {
            let rule = &rules::POLYGLOT_ARCHIVE;
            let message = format!("{name:?} has {len} bytes {place} its zip archive");
            collector.find(rule, rule.severity, name, message);
        }
    }
}

struct Zip<'a, 'b, 'c> {
    collector: &'b mut Collector<'c>,
    prefix: &'b str,
    name: &'b str,
    /// From the first byte that offsets count.
    bytes: Bytes<'a>,
    /// What entries cover: local header, name, data.
    spans: Vec<Range<usize>>,
}

impl<'a> Zip<'a, '_, '_> {
    fn entries(&mut self, directory: Range<usize>, count: u64) {
        let mut at = directory.start;
        let mut seen = 0;
        while at < directory.end {
            if self.collector.is_full() {
                return;
            }
            let Some((central, next)) =
                Central::read(&self.bytes, at).filter(|(_, next)| *next <= directory.end)
            else {
                return self.corrupt("has a damaged central directory");
            };
            at = next;
            seen += 1;
            self.entry(&central);
        }
        if seen != count {
            self.mismatch(
                self.name,
                &format!("says that it holds {count} entries and lists {seen}"),
            );
        }
    }

    fn corrupt(&mut self, cause: &str) {
        self.collector
            .miss(&rules::CORRUPT_ARCHIVE, Some(self.name), cause);
    }

    fn mismatch(&mut self, path: &str, what: &str) {
        let rule = &rules::ARCHIVE_MISMATCH;
        let message = format!("{path:?} {what}");
        self.collector.find(rule, rule.severity, path, message);
    }

    fn entry(&mut self, central: &Central<'a>) {
        let Some(path) = super::entry_path(self.collector, self.prefix, central.name) else {
            return;
        };
        let Some(data) = self.data(central, &path) else {
            return self.corrupt(&format!(
                "has no data for {path:?} where its directory says"
            ));
        };
        if central.name.ends_with(b"/") && central.size == 0 {
            return;
        }
        if central.flags & ENCRYPTED != 0 {
            let rule = &rules::PASSWORD_PROTECTED_ARCHIVE;
            self.collector
                .find(rule, rule.severity, &path, format!("{path:?} is encrypted"));
            return self.collector.miss(
                rule,
                Some(&path),
                "is encrypted, so its content is unknown",
            );
        }
        let Some(content) = self.content(central, &path, data) else {
            return;
        };
        match central.mode.map(|m| m & S_IFMT) {
            Some(S_IFLNK) => self.collector.symlink(path, &content),
            None | Some(0 | 0o100_000 | 0o040_000) => {
                let executable = central.mode.is_some_and(|m| m & 0o111 != 0);
                self.collector.file(path, executable, content);
            }
            Some(_) => self.collector.miss(
                &rules::SPECIAL_FILE,
                Some(&path),
                "is a FIFO, a socket or a device",
            ),
        }
    }

    /// The packed bytes, after the local header was compared with the directory.
    fn data(&mut self, central: &Central<'a>, path: &str) -> Option<&'a [u8]> {
        let at = usize::try_from(central.local).ok()?;
        if self.bytes.u32(at)? != LOCAL {
            return None;
        }
        let flags = self.bytes.u16(at + 6)?;
        let name_len = usize::from(self.bytes.u16(at + 26)?);
        let extra_len = usize::from(self.bytes.u16(at + 28)?);
        let name = self.bytes.slice(at + LOCAL_LEN, name_len)?;
        let start = at + LOCAL_LEN + name_len + extra_len;
        let data = self
            .bytes
            .slice(start, usize::try_from(central.packed).ok()?)?;
        self.spans.push(at..start + data.len());

        let (crc, packed, size) = (
            self.bytes.u32(at + 14)?,
            self.bytes.u32(at + 18)?,
            self.bytes.u32(at + 22)?,
        );
        // A size of all ones is in the extra field; bit 3 puts all three after the data.
        let differs = |local: u32, listed: u64| local != u32::MAX && u64::from(local) != listed;
        let known = flags & SIZES_FOLLOW == 0;
        let local_extra = self.bytes.slice(at + LOCAL_LEN + name_len, extra_len)?;
        for (differs, what) in [
            (name != central.name, "has another name"),
            (
                self.bytes.u16(at + 8)? != central.method,
                "is packed in another way",
            ),
            (
                (flags ^ central.flags) & ENCRYPTED != 0,
                "is encrypted in one place only",
            ),
            (
                known && (differs(packed, central.packed) || differs(size, central.size)),
                "has another size",
            ),
            (known && crc != central.crc, "has another checksum"),
        ] {
            if differs {
                self.mismatch(
                    path,
                    &format!("{what} in its own header than in the archive's directory"),
                );
            }
        }
        // Info-ZIP's Unicode Path overrides the name for the readers that know it.
        for fields in [local_extra, central.extra] {
            let other = extra(fields, 0x7075).and_then(|field| field.get(5..));
            if other.is_some_and(|other| other != central.name) {
                self.mismatch(path, "has a second name in an extra field");
            }
        }
        Some(data)
    }

    fn content(&mut self, central: &Central<'_>, path: &str, data: &[u8]) -> Option<Vec<u8>> {
        let (room, _) = self.collector.room();
        if central.size > room {
            self.collector.too_large(path, Some(central.size));
            return None;
        }
        let (content, used) = match central.method {
            0 => (
                data.get(..data.len().min(usize::try_from(room).unwrap_or(usize::MAX)))?
                    .to_vec(),
                data.len(),
            ),
            8 => {
                let mut inflater = DeflateDecoder::new(data);
                let mut content = Vec::new();
                let result = (&mut inflater).take(room + 1).read_to_end(&mut content);
                if content.len() as u64 > room {
                    self.collector.too_large(path, None);
                    return None;
                }
                if let Err(error) = result {
                    let cause = format!("is damaged in {:?}: {error}", self.name);
                    self.collector
                        .miss(&rules::CORRUPT_ARCHIVE, Some(path), &cause);
                    return None;
                }
                (
                    content,
                    usize::try_from(inflater.total_in()).unwrap_or(usize::MAX),
                )
            }
            method => {
                let cause = format!("is packed by method {method}, which is not read");
                self.collector
                    .miss(&rules::UNSUPPORTED_ARCHIVE, Some(path), &cause);
                return None;
            }
        };
        let mut crc = Crc::new();
        crc.update(&content);
        if content.len() as u64 != central.size || used != data.len() {
            self.mismatch(path, "has another size than the archive's directory says");
        } else if crc.sum() != central.crc {
            self.mismatch(
                path,
                "does not have the checksum that the archive's directory says",
            );
        }
        Some(content)
    }

    /// Reports entries that overlap, and local headers that no entry of the directory covers: a
    /// reader that streams would see files there.
    fn gaps(&mut self, directory: usize) {
        self.spans.sort_unstable_by_key(|s| s.start);
        if self
            .spans
            .windows(2)
            .any(|pair| pair[0].end > pair[1].start)
        {
            self.mismatch(self.name, "has entries that overlap");
        }
        let ends = std::iter::once(0).chain(self.spans.iter().map(|s| s.end));
        let starts = self.spans.iter().map(|s| s.start).chain([directory]);
        let hidden = ends.zip(starts).any(|(end, start)| {
            let gap = self.bytes.0.get(end..start).unwrap_or_default();
            gap.windows(4).any(|w| w == LOCAL.to_le_bytes())
        });
        if hidden {
            let message = format!(
                "{:?} holds files that its directory does not list",
                self.name
            );
            self.collector
                .find(&rules::ARCHIVE_MISMATCH, Severity::High, self.name, message);
        }
    }
}
