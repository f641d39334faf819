//! The journal: what was acknowledged and isn't in the tiles yet.
//!
//! One frame is one group commit. It is written with one write and one sync, and carries the
//! checkpoint that covers it, so that every acknowledged record is signed at once:
//!
//! ```text
//! header   "SPJ1" | length of the entries u32 | length of the checkpoint u32
//!          | index of the first entry u64 | check: 4 bytes of the SHA-256 of the header so far
//! entries  as in an entry bundle
//! checkpoint
//! check    SHA-256 of all before
//! ```
//! Numbers are big-endian. A writer syncs whatever it finds before it adds to it, so only the
//! last frame can ever be torn.

use sha2::{Digest as _, Sha256};

use crate::tile;

const MAGIC: &[u8; 4] = b"SPJ1";
const HEADER: usize = 24;
const CHECK: usize = 32;
/// The unit in which a disk loses writes.
const SECTOR: usize = 512;

/// One group commit as it was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Where it starts in the journal.
    pub(crate) offset: u64,
    /// The leaves, in order; at least one.
    pub(crate) leaves: Vec<Vec<u8>>,
    /// The checkpoint after them.
    pub(crate) note: String,
}

/// What follows the last whole frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Tail {
    /// Nothing.
    Clean,
    /// This many bytes of a write that a crash cut off and nobody was told of.
    Torn(u64),
    /// Bytes that no crash leaves behind.
    Damaged(&'static str),
}

/// Frames from `offset` on, in order, where the last whole one ends, and what follows it.
pub(crate) struct Scan {
    pub(crate) frames: Vec<Frame>,
    pub(crate) end: u64,
    pub(crate) tail: Tail,
}

/// Writes one frame.
pub(crate) fn encode(first: u64, leaves: &[Vec<u8>], note: &str) -> Vec<u8> {
    let mut entries = Vec::new();
    leaves
        .iter()
        .for_each(|leaf| tile::push_entry(&mut entries, leaf));
    let length = |n: usize| u32::try_from(n).expect("a group is far smaller than 4 GiB");
    let mut frame = MAGIC.to_vec();
    frame.extend(length(entries.len()).to_be_bytes());
    frame.extend(length(note.len()).to_be_bytes());
    frame.extend(first.to_be_bytes());
    frame.extend(&Sha256::digest(&frame)[..4]);
    frame.extend(entries);
    frame.extend(note.as_bytes());
    frame.extend(Sha256::digest(&frame));
    frame
}

/// Reads the frames in `bytes`, which start at `offset` of the journal, the first of which must
/// hold record `first`.
pub(crate) fn scan(bytes: &[u8], offset: u64, first: u64) -> Scan {
    let (mut at, mut next, mut frames) = (0, first, Vec::new());
    let tail = loop {
        let rest = &bytes[at..];
        if rest.is_empty() {
            break Tail::Clean;
        }
        match frame(rest, offset + at as u64, next) {
            Ok((frame, length)) => {
                next += frame.leaves.len() as u64;
                at += length;
                frames.push(frame);
            }
            Err(tail) => break tail,
        }
    };
    Scan {
        frames,
        end: offset + at as u64,
        tail,
    }
}

/// The first frame of `rest`, and its length in bytes.
fn frame(rest: &[u8], offset: u64, next: u64) -> Result<(Frame, usize), Tail> {
    let torn = Tail::Torn(rest.len() as u64);
    let Some(header) = rest.first_chunk::<HEADER>() else {
        return Err(torn);
    };
    let word = |at: usize| {
        u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
    };
    if !is_header(header) {
        if rest[1..].windows(HEADER).any(is_header) {
            return Err(Tail::Damaged("a frame before the last has lost its header"));
        }
        return Err(lost_or(
            torn,
            rest,
            offset,
            "the header of a frame does not match its check",
        ));
    }
    let (entries, note) = (word(4) as usize, word(8) as usize);
    let Some(length) = entries
        .checked_add(note)
        .and_then(|n| n.checked_add(HEADER + CHECK))
    else {
        return Err(Tail::Damaged("a frame is longer than memory"));
    };
    let Some(frame) = rest.get(..length) else {
        return Err(torn);
    };
    let (body, check) = frame.split_at(length - CHECK);
    if Sha256::digest(body)[..] != *check {
        if rest.len() > length {
            return Err(Tail::Damaged(
                "a frame before the last does not match its check",
            ));
        }
        return Err(lost_or(
            torn,
            rest,
            offset,
            "the last frame does not match its check",
        ));
    }
    let first = (u64::from(word(12)) << 32) | u64::from(word(16));
    if first != next {
        return Err(Tail::Damaged(
            "a frame holds other records than those that follow",
        ));
    }
    let (entries, note) = body[HEADER..].split_at(entries);
    let leaves = tile::entries(entries).filter(|leaves| !leaves.is_empty());
    let (Some(leaves), Ok(note)) = (leaves, std::str::from_utf8(note)) else {
        return Err(Tail::Damaged(
            "a frame is not made of records and a checkpoint",
        ));
    };
    let leaves = leaves.into_iter().map(<[u8]>::to_vec).collect();
    Ok((
        Frame {
            offset,
            leaves,
            note: note.to_owned(),
        },
        length,
    ))
}

fn is_header(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC) && Sha256::digest(&bytes[..20])[..4] == bytes[20..HEADER]
}

/// A whole-length frame that fails its check was torn only if a sector of it never reached the
/// disk and reads as zeros; anything else was written by somebody. (Whoever writes zeros on
/// purpose gains no more than by cutting the file, which a kept checkpoint shows.)
fn lost_or(torn: Tail, rest: &[u8], offset: u64, damaged: &'static str) -> Tail {
    let lead = (SECTOR - offset as usize % SECTOR) % SECTOR;
    let (head, sectors) = rest.split_at(lead.min(rest.len()));
    let lost = |piece: &[u8]| !piece.is_empty() && piece.iter().all(|byte| *byte == 0);
    if lost(head) || sectors.chunks(SECTOR).any(lost) {
        torn
    } else {
        Tail::Damaged(damaged)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn two() -> (Vec<u8>, usize) {
        let mut bytes = encode(5, &[b"one".to_vec(), b"two".to_vec()], "note 7\n");
        let first = bytes.len();
        bytes.extend(encode(7, &[vec![b'x'; 1500]], "note 8\n"));
        (bytes, first)
    }

    #[test]
    fn frames_come_back_in_order() {
        let (bytes, _) = two();
        let scan = scan(&bytes, 0, 5);
        assert_eq!(
            (scan.frames.len(), scan.end, scan.tail),
            (2, bytes.len() as u64, Tail::Clean)
        );
        assert_eq!(scan.frames[0].leaves, [b"one".to_vec(), b"two".to_vec()]);
        assert_eq!(scan.frames[1].note, "note 8\n");
    }

    #[test]
    fn every_cut_of_the_last_frame_is_torn_and_loses_nothing_before_it() {
        let (bytes, first) = two();
        for cut in first + 1..bytes.len() {
            let scan = scan(&bytes[..cut], 0, 5);
            assert_eq!(scan.tail, Tail::Torn((cut - first) as u64), "cut at {cut}");
            assert_eq!((scan.frames.len(), scan.end), (1, first as u64));
        }
    }

    #[test]
    fn every_flipped_byte_is_damage() {
        let (bytes, _) = two();
        for i in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[i] ^= 0x20;
            assert!(
                matches!(scan(&bytes, 0, 5).tail, Tail::Damaged(_)),
                "byte {i}"
            );
        }
    }

    #[test]
    fn a_lost_sector_is_torn_in_the_last_frame_and_damage_before_it() {
        let (mut bytes, first) = two();
        bytes[512..1024].fill(0);
        assert!(matches!(scan(&bytes, 0, 5).tail, Tail::Torn(_)));
        bytes.extend(encode(8, &[b"y".to_vec()], "note 9\n"));
        assert!(matches!(scan(&bytes, 0, 5).tail, Tail::Damaged(_)));
        bytes[..first].fill(0);
        assert!(
            matches!(scan(&bytes, 0, 5).tail, Tail::Damaged(_)),
            "even without its header"
        );
    }

    proptest! {
        #[test]
        fn reading_any_bytes_ends(bytes in prop::collection::vec(any::<u8>(), 0..1000), offset in 0u64..2000) {
            let scan = scan(&bytes, offset, 0);
            prop_assert!(scan.end <= offset + bytes.len() as u64);
        }
    }
}
