use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

/// Writes control, bidirectional, invisible, private and unassigned characters as `\u{202e}`
/// (line break, tab and carriage return as `\n`, `\t`, `\r`), so that a line shown to a person is
/// one line and says what it seems to say.
///
/// Everything else is kept, backslashes too: text that was escaped before stays as it is.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(hides) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    text.chars().for_each(|c| push(&mut out, c));
    Cow::Owned(out)
}

/// As [`escape`] for several lines of source: line breaks and tabs stay, and `span` (bytes of
/// `text`, brought to its bounds and to whole characters) follows.
pub(crate) fn source(text: &str, span: Range<usize>) -> (String, Range<usize>) {
    let floor = |at: usize| text.floor_char_boundary(at.min(text.len()));
    let (start, end) = (floor(span.start), floor(span.end.max(span.start)));
    let mut out = String::with_capacity(text.len() + 16);
    let mut moved = [0, 0];
    for (piece, mark) in [
        (&text[..start], Some(0)),
        (&text[start..end], Some(1)),
        (&text[end..], None),
    ] {
        for c in piece.chars() {
            if matches!(c, '\n' | '\t') {
                out.push(c);
            } else {
                push(&mut out, c);
            }
        }
        if let Some(mark) = mark {
            moved[mark] = out.len();
        }
    }
    (out, moved[0]..moved[1])
}

/// The same for a JSON text: what hides becomes JSON's own `\u` escape. It can only be inside a
/// string, since all the rest of a JSON text is visible ASCII, spaces and line breaks.
pub(crate) fn json(text: &str) -> Cow<'_, str> {
    let hides = |c: char| c != '\n' && hides(c);
    if !text.chars().any(hides) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hides(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}").expect("writing to a string");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

fn push(out: &mut String, c: char) {
    if hides(c) {
        out.extend(c.escape_default());
    } else {
        out.push(c);
    }
}

/// Whether a character draws nothing of its own, or changes how its neighbours are drawn.
fn hides(c: char) -> bool {
    match c {
        ' '..='~' => false,
        // Printable by their category, and yet they draw nothing: joiners, fillers, the blank
        // Braille cell, and variation selectors, of which a row can carry a hidden message.
        '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{ffa0}'
        | '\u{e0100}'..='\u{e01ef}' => true,
        // The standard library's table of what is printable. It is asked about the second of two
        // characters, because it always escapes a combining one that comes first.
        _ => {
            let mut pair = [b'a'; 5];
            let len = 1 + c.encode_utf8(&mut pair[1..]).len();
            let pair = std::str::from_utf8(&pair[..len]).expect("made of two characters");
            pair.escape_debug().nth(1) != Some(c)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn visible_text_is_borrowed() {
        for text in [
            "",
            "plain \"quoted\" 'text' \\u{202e}",
            "Größe — 天気, नमस्ते, e\u{301}, ☂ 🦀",
        ] {
            assert!(
                matches!(escape(text), Cow::Borrowed(same) if same == text),
                "{text:?}"
            );
        }
    }

    #[test]
    fn what_hides_is_written_out() {
        assert_eq!(escape("a\u{202e}b"), r"a\u{202e}b");
        assert_eq!(
            escape("\u{1b}[2J\r\n\tx\u{7f}\u{9b}"),
            r"\u{1b}[2J\r\n\tx\u{7f}\u{9b}"
        );
        assert_eq!(
            escape("a\u{200b}\u{2060}\u{feff}\u{ad}"),
            r"a\u{200b}\u{2060}\u{feff}\u{ad}"
        );
        assert_eq!(
            escape("\u{e0041}\u{fe0f}\u{3164}\u{a0}"),
            r"\u{e0041}\u{fe0f}\u{3164}\u{a0}"
        );
        assert_eq!(escape("\u{e000}\u{10ffff}"), r"\u{e000}\u{10ffff}");
    }

    #[test]
    fn a_span_follows_its_text() {
        let text = "\u{200b}x\n\tkey\u{202e} y";
        let start = text.find("key").unwrap();
        let (shown, span) = source(text, start..start + "key\u{202e}".len());
        assert_eq!(shown, "\\u{200b}x\n\tkey\\u{202e} y");
        assert_eq!(&shown[span], "key\\u{202e}");
    }

    proptest! {
        #[test]
        fn nothing_that_hides_is_left(text in any::<String>()) {
            let shown = escape(&text);
            prop_assert!(!shown.chars().any(hides));
            prop_assert_eq!(escape(&shown), shown.as_ref());
        }

        #[test]
        fn a_span_is_always_inside(text in any::<String>(), start in 0usize..80, end in 0usize..80) {
            let (shown, span) = source(&text, start..end);
            prop_assert!(shown.get(span).is_some());
        }

        #[test]
        fn json_means_the_same(text in any::<String>()) {
            let plain = serde_json::to_string_pretty(&[&text]).unwrap();
            let shown = json(&plain);
            prop_assert!(!shown.chars().any(|c| c != '\n' && hides(c)));
            prop_assert_eq!(serde_json::from_str::<Vec<String>>(&shown).unwrap(), [text]);
        }
    }
}
