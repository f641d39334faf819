//! What parent and worker say to each other: one request, then answers.
//!
//! A frame is its length (4 bytes, little-endian) and a postcard value. The request lies in a
//! sealed memory file on the worker's standard input: the parent never waits for a worker that
//! does not read. The answers come down a pipe, and the parent believes none of them; see
//! [`crate::check`].

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize, Serializer, de::DeserializeOwned};
use skill::{Bundle, Caps, Entry};

use crate::{Confinement, Reading};

/// Bytes of the largest request.
pub(crate) const REQUEST_CAP: u32 = 160 << 20;

/// Bytes of the largest answer. What is decoded takes at most about thirty times the memory.
pub(crate) const ANSWER_CAP: u32 = 16 << 20;

/// Bytes of all answers to one request.
pub(crate) const ANSWERS_CAP: usize = 256 << 20;

/// What a worker is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request<'a> {
    /// Open an archive: an [`Answer::Entry`] for each, then [`Answer::Unpacked`].
    Unpack {
        /// Its name.
        name: &'a str,
        /// Its content.
        #[serde(borrow, serialize_with = "as_bytes")]
        bytes: &'a [u8],
        /// How much of it.
        caps: Caps,
    },
    /// Open an archive that lies in an artifact, and those in it: the same answers.
    UnpackNested {
        /// The archive.
        #[serde(borrow)]
        archive: File<'a>,
        /// How much of it.
        caps: Caps,
    },
    /// Read files: an [`Answer::Read`] for each, in order.
    Read {
        /// Which.
        #[serde(borrow)]
        files: Vec<File<'a>>,
    },
}

/// A file to read.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct File<'a> {
    /// Path inside the artifact.
    pub(crate) path: &'a str,
    /// Its content.
    #[serde(borrow, serialize_with = "as_bytes")]
    pub(crate) bytes: &'a [u8],
    /// Its mode.
    pub(crate) mode: u32,
}

/// What a worker says.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// First: what is in force. Said before a byte of the request is read.
    Confined(Confinement),
    /// Instead of it: why nothing will be read.
    Refused(String),
    /// A file of the archive, in the bundle's order.
    Entry(Entry),
    /// The archive's bundle, without the entries.
    Unpacked(#[serde(with = "json")] Bundle),
    /// What the next file holds.
    Read(Box<Reading>),
}

/// As [`serialize_bytes`](Serializer::serialize_bytes), which copies; a slice is otherwise a
/// sequence of numbers.
fn as_bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

/// Writes one frame.
///
/// # Errors
/// Those of the writer, and a value larger than `cap`.
pub(crate) fn write<T: Serialize>(mut to: impl Write, value: &T, cap: u32) -> io::Result<()> {
    let mut frame = postcard::to_extend(value, vec![0; 4]).map_err(io::Error::other)?;
    let length = u32::try_from(frame.len() - 4)
        .ok()
        .filter(|length| *length <= cap);
    let length = length.ok_or_else(|| too_large(frame.len() as u64, cap))?;
    frame[..4].copy_from_slice(&length.to_le_bytes());
    to.write_all(&frame)
}

/// Reads the bytes of one frame.
///
/// # Errors
/// Those of the reader, and a frame larger than `cap`.
pub(crate) fn read(mut from: impl Read, cap: u32) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > cap {
        return Err(too_large(length.into(), cap));
    }
    let mut frame = vec![0; length as usize];
    from.read_exact(&mut frame)?;
    Ok(frame)
}

/// Cuts what arrives into frames.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    buffer: Vec<u8>,
    /// Bytes of it that are done with.
    done: usize,
}

impl Frames {
    /// Adds what has arrived.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..std::mem::take(&mut self.done));
        self.buffer.extend_from_slice(bytes);
    }

    /// The next frame, if it is there as a whole.
    ///
    /// # Errors
    /// A frame larger than `cap`, and one that is no `T` or has bytes left over.
    pub(crate) fn next<T: DeserializeOwned>(&mut self, cap: u32) -> io::Result<Option<T>> {
        let Some((length, rest)) = self.buffer[self.done..].split_first_chunk() else {
            return Ok(None);
        };
        let length = u32::from_le_bytes(*length);
        if length > cap {
            return Err(too_large(length.into(), cap));
        }
        let Some(frame) = rest.get(..length as usize) else {
            return Ok(None);
        };
        let (value, left) = postcard::take_from_bytes(frame).map_err(io::Error::other)?;
        if !left.is_empty() {
            return Err(io::Error::other("bytes after the value"));
        }
        self.done += 4 + length as usize;
        Ok(Some(value))
    }
}

/// Types whose fields may be left out are written as JSON text inside a frame: postcard has no
/// names to tell them apart by.
pub(crate) mod json {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de, de::DeserializeOwned, ser};

    pub(crate) fn serialize<T: Serialize, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text = serde_json::to_string(value).map_err(ser::Error::custom)?;
        serializer.serialize_str(&text)
    }

    pub(crate) fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        serde_json::from_str(text).map_err(de::Error::custom)
    }
}

fn too_large(length: u64, cap: u32) -> io::Error {
    io::Error::other(format!(
        "a message of {length} bytes; at most {cap} are taken"
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(value: &Answer) -> Vec<u8> {
        let mut frame = Vec::new();
        write(&mut frame, value, ANSWER_CAP).expect("small");
        frame
    }

    #[test]
    fn a_request_comes_back_as_it_went() {
        let file = File {
            path: "a/b",
            bytes: b"\0\xff",
            mode: 0o755,
        };
        let mut sent = Vec::new();
        let request = Request::Read { files: vec![file] };
        write(&mut sent, &request, REQUEST_CAP).expect("small");
        let received = read(&sent[..], REQUEST_CAP).expect("whole");
        let Request::Read { files } = postcard::from_bytes(&received).expect("a request") else {
            panic!("another request")
        };
        assert_eq!(
            (files[0].path, files[0].bytes, files[0].mode),
            ("a/b", &b"\0\xff"[..], 0o755)
        );
    }

    /// Fields of findings may be left out, which postcard alone could not read back.
    #[test]
    fn a_reading_comes_back_as_it_went() {
        let rule = skill::rules()[0];
        let finding = finding::Finding::new(rule, "x").at(finding::Location::file("a", "b"));
        let reading = Reading {
            findings: vec![finding.clone()],
            ..Reading::default()
        };
        let mut frames = Frames::default();
        frames.push(&frame(&Answer::Read(Box::new(reading))));
        let Ok(Some(Answer::Read(received))) = frames.next(ANSWER_CAP) else {
            panic!("another answer")
        };
        assert_eq!(received.findings, [finding]);
    }

    #[test]
    fn what_is_too_large_is_neither_sent_nor_taken() {
        let answer = Answer::Refused("x".repeat(100));
        assert!(write(Vec::new(), &answer, 50).is_err());
        assert!(read(&frame(&answer)[..], 50).is_err());
        let mut frames = Frames::default();
        frames.push(&u32::MAX.to_le_bytes());
        assert!(frames.next::<Answer>(ANSWER_CAP).is_err());
    }

    #[test]
    fn bytes_after_a_value_are_an_error() {
        let mut frames = Frames::default();
        frames.push(&[2, 0, 0, 0, 7, 7]);
        assert!(frames.next::<u8>(ANSWER_CAP).is_err());
    }

    proptest! {
        #[test]
        fn frames_do_not_depend_on_how_they_arrive(
            texts in prop::collection::vec(".{0,40}", 0..8),
            chunk in 1_usize..64,
        ) {
            let sent: Vec<u8> =
                texts.iter().flat_map(|text| frame(&Answer::Refused(text.clone()))).collect();
            let mut frames = Frames::default();
            let mut received = Vec::new();
            for bytes in sent.chunks(chunk) {
                frames.push(bytes);
                while let Some(answer) = frames.next(ANSWER_CAP).expect("valid") {
                    let Answer::Refused(text) = answer else { panic!("another answer") };
                    received.push(text);
                }
            }
            prop_assert_eq!(received, texts);
        }

        #[test]
        fn no_bytes_are_more_than_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut frames = Frames::default();
            let length = u32::try_from(bytes.len()).expect("short");
            frames.push(&length.to_le_bytes());
            frames.push(&bytes);
            let _ = frames.next::<Answer>(ANSWER_CAP);
        }
    }
}
