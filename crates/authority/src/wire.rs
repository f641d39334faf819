//! What travels between a caller and an authority in another process: one JSON value a frame,
//! behind its length as a big-endian `u32`.

use std::io::{self, Read, Write};

use capability::{Grant, SignedGrant};
use ledger::{Event, Receipt};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Authority, DecideRequest, DecideResponse, Error, Events, Result};

/// The version of the protocol, sent with every message and refused if it is another.
pub const VERSION: u32 = 1;
/// The longest frame, in bytes of JSON.
pub const MAX_FRAME: u32 = 32 * 1024 * 1024;

/// What a caller asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// Which key is yours, and what do you not protect against?
    Hello,
    /// See [`Authority::sign`].
    Sign {
        /// What to sign.
        grant: Grant,
    },
    /// See [`Authority::append`].
    Append {
        /// What to record.
        events: Vec<Event>,
    },
    /// See [`Authority::events`].
    Events {
        /// The first record wanted.
        from: u64,
        /// How its kind starts.
        prefix: String,
    },
    /// See [`Authority::decide`].
    Decide(DecideRequest),
}

/// What the authority answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Response {
    /// To [`Request::Hello`].
    Hello {
        /// The verifier key, `name+hash+base64`.
        key: String,
        /// See [`Authority::guarantee`].
        guarantee: String,
    },
    /// To [`Request::Sign`].
    Signed {
        /// The grant and its signature.
        grant: SignedGrant,
    },
    /// To [`Request::Append`].
    Appended {
        /// One for each event.
        receipts: Vec<Receipt>,
    },
    /// To [`Request::Events`].
    Events(Events),
    /// To [`Request::Decide`].
    Decided(DecideResponse),
    /// Nothing was done.
    Refused {
        /// The cause, the object and the fix.
        message: String,
    },
}

/// Answers one request; an error becomes [`Response::Refused`].
#[must_use]
pub fn answer(authority: &dyn Authority, request: Request) -> Response {
    let result = match request {
        Request::Hello => Ok(Response::Hello {
            key: authority.key().to_string(),
            guarantee: authority.guarantee().to_owned(),
        }),
        Request::Sign { grant } => authority
            .sign(grant)
            .map(|grant| Response::Signed { grant }),
        Request::Append { events } => authority
            .append(events)
            .map(|receipts| Response::Appended { receipts }),
        Request::Events { from, prefix } => authority.events(from, &prefix).map(Response::Events),
        Request::Decide(request) => authority.decide(request).map(Response::Decided),
    };
    result.unwrap_or_else(|error| Response::Refused {
        message: error.to_string(),
    })
}

#[derive(Serialize, Deserialize)]
struct Message<T> {
    v: u32,
    #[serde(flatten)]
    content: T,
}

/// Writes one message.
///
/// # Errors
/// The stream fails, or the message is longer than [`MAX_FRAME`].
pub fn write(stream: &mut impl Write, content: &impl Serialize) -> Result<()> {
    let json = serde_json::to_vec(&Message {
        v: VERSION,
        content,
    })
    .map_err(|e| Error::Refused(e.to_string()))?;
    let length = u32::try_from(json.len())
        .ok()
        .filter(|length| *length <= MAX_FRAME)
        .ok_or_else(|| Error::Refused(format!("a message of {} bytes is too long", json.len())))?;
    let send = |stream: &mut dyn Write| {
        stream.write_all(&length.to_be_bytes())?;
        stream.write_all(&json)?;
        stream.flush()
    };
    send(stream).map_err(Error::Stream)
}

/// Reads one message; nothing where the stream ends before it.
///
/// # Errors
/// The stream fails or ends within the message, or that is too long, of another version or not
/// what was expected.
pub fn read<T: DeserializeOwned>(stream: &mut impl Read) -> Result<Option<T>> {
    let mut length = [0; 4];
    let mut got = 0;
    while got < length.len() {
        match stream.read(&mut length[got..]) {
            Ok(0) if got == 0 => return Ok(None),
            Ok(0) => return Err(Error::Stream(io::ErrorKind::UnexpectedEof.into())),
            Ok(n) => got += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(Error::Stream(e)),
        }
    }
    let length = u32::from_be_bytes(length);
    if length > MAX_FRAME {
        return Err(Error::Refused(format!(
            "a message of {length} bytes is too long"
        )));
    }
    // Grows with what arrives, not with what the length claims.
    let mut json = Vec::new();
    stream
        .take(length.into())
        .read_to_end(&mut json)
        .map_err(Error::Stream)?;
    if json.len() < length as usize {
        return Err(Error::Stream(io::ErrorKind::UnexpectedEof.into()));
    }
    #[derive(Deserialize)]
    struct Version {
        v: u32,
    }
    let malformed = |e: serde_json::Error| Error::Refused(format!("not a message: {e}"));
    let Version { v } = serde_json::from_slice(&json).map_err(malformed)?;
    if v != VERSION {
        return Err(Error::Refused(format!(
            "protocol version {v}, expected {VERSION}"
        )));
    }
    let message: Message<T> = serde_json::from_slice(&json).map_err(malformed)?;
    Ok(Some(message.content))
}
