//! What is odd about a file's name.

use std::borrow::Cow;
use std::fmt::Write as _;

use finding::Severity;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// A name as text that no other name shares: bytes that are not UTF-8 are written `\xNN`, and a
/// backslash is doubled.
pub(crate) fn escape(name: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(name) {
        Ok(text) if !text.contains('\\') => Cow::Borrowed(text),
        _ => {
            let mut out = String::with_capacity(name.len() + 8);
            for chunk in name.utf8_chunks() {
                out.push_str(&chunk.valid().replace('\\', "\\\\"));
                for byte in chunk.invalid() {
                    write!(out, "\\x{byte:02x}").expect("writing to a String does not fail");
                }
            }
            Cow::Owned(out)
        }
    }
}

/// The name under which a case-insensitive, normalising file system would store a path.
pub(crate) fn fold(path: &str) -> String {
    if path.is_ascii() {
        path.to_ascii_lowercase()
    } else {
        path.nfc().flat_map(char::to_lowercase).nfc().collect()
    }
}

/// What is odd about one component of a path, and how bad that is; the worst comes first.
pub(crate) fn oddity(name: &[u8]) -> Option<(&'static str, Severity)> {
    let Ok(text) = std::str::from_utf8(name) else {
        return Some(("is not UTF-8", Severity::Medium));
    };
    if plain(text) {
        return None;
    }
    if text.chars().any(char::is_control) {
        return Some(("holds control characters", Severity::Medium));
    }
    if text.chars().any(bidi) {
        return Some((
            "holds characters that reverse how it is shown",
            Severity::Medium,
        ));
    }
    if text.chars().any(invisible) {
        return Some(("holds invisible characters", Severity::Medium));
    }
    if text.contains('\\') {
        return Some((
            "holds a backslash, which elsewhere separates directories",
            Severity::Medium,
        ));
    }
    if text.contains(':') {
        return Some((
            "holds a colon, which elsewhere names a drive or a stream",
            Severity::Low,
        ));
    }
    if text.ends_with([' ', '.']) || text.starts_with(' ') {
        return Some((
            "begins or ends with a space, or ends with a dot",
            Severity::Low,
        ));
    }
    if reserved(text) {
        return Some(("is a device on Windows", Severity::Low));
    }
    if !is_nfc(text) {
        return Some(("is not in Unicode's composed form (NFC)", Severity::Low));
    }
    None
}

/// The names that nearly all files have, which need no closer look.
fn plain(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        && !text.ends_with('.')
        && !reserved(text)
}

fn bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// Characters that take no space. U+FE0F and U+200D inside emoji are ordinary.
fn invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        | '\u{200b}' | '\u{200c}' | '\u{2028}'..='\u{2029}' | '\u{2060}'..='\u{2064}' | '\u{3164}'
        | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Names that Windows opens as devices, with any extension.
fn reserved(text: &str) -> bool {
    let stem = text.split('.').next().unwrap_or_default();
    match stem.len() {
        3 => ["con", "prn", "aux", "nul"]
            .iter()
            .any(|d| stem.eq_ignore_ascii_case(d)),
        4 => {
            stem.is_char_boundary(3)
                && ["com", "lpt"]
                    .iter()
                    .any(|d| stem[..3].eq_ignore_ascii_case(d))
                && matches!(stem.as_bytes()[3], b'1'..=b'9')
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_names_are_not_odd() {
        for name in [
            "SKILL.md",
            ".hidden",
            "a b.txt",
            "naïve.md",
            "日本語.md",
            "console.log",
            "❤️.md",
            "auxiliary",
        ] {
            assert_eq!(oddity(name.as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn names_that_deceive_are_odd() {
        for name in [
            "a\u{202e}cod.exe",
            "a\u{200b}b",
            "a\nb",
            "a ",
            "a.",
            " a",
            "a\\b",
            "C:x",
            "nul.txt",
            "COM1",
            "e\u{301}.md",
            "\u{e0041}",
        ] {
            assert!(oddity(name.as_bytes()).is_some(), "{name:?}");
        }
        assert!(oddity(b"a\xffb").is_some());
    }

    #[test]
    fn folding_joins_what_other_file_systems_join() {
        assert_eq!(fold("Skill.MD"), fold("SKILL.md"));
        assert_eq!(fold("E\u{301}"), fold("é"));
    }

    proptest! {
        #[test]
        fn escaping_keeps_names_apart(a: Vec<u8>, b: Vec<u8>) {
            prop_assert_eq!(escape(&a) == escape(&b), a == b);
        }
    }
}
