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
