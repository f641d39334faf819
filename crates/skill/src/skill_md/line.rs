//! OpenClaw's line reader of front matter: what it falls back to where YAML fails.

use std::collections::BTreeMap;
use std::ops::Range;

/// A value by the line reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    /// Trimmed and, on one line, without its quotes.
    pub(super) text: String,
    /// The rest of the key's line, or nothing where the value is the indented lines below.
    inline: Option<String>,
}

impl Value {
    /// Whether it counts although YAML found a structure there: a line such as `description: a: b`
    /// is meant as text.
    pub(super) fn overrides_structure(&self) -> bool {
        let scalar = |inline: &String| !is_block_indicator(inline) && self.text.contains(':');
        self.inline.as_ref().is_some_and(scalar)
    }
}

/// Reads `key: value` lines of a block whose line ends are normalised. The last of several wins.
pub(super) fn parse(block: &str) -> BTreeMap<String, Value> {
    let mut out = BTreeMap::new();
    let mut lines = block.split('\n').peekable();
    while let Some(line) = lines.next() {
        let Some((key, inline)) = key_value(line) else {
            continue;
        };
        let indented = |l: &&str| l.starts_with([' ', '\t']);
        let value = if inline.is_empty() && lines.peek().is_some_and(indented) {
            let mut value = String::new();
            while let Some(line) = lines.next_if(|l| l.is_empty() || indented(l)) {
                value.push_str(line);
                value.push('\n');
            }
            Value {
                text: trim(&value).to_owned(),
                inline: None,
            }
        } else {
            Value {
                text: unquote(inline).to_owned(),
                inline: Some(inline.to_owned()),
            }
        };
        if !value.text.is_empty() {
            out.insert(key.to_owned(), value);
        }
    }
    out
}

/// A word at the start of a line, a colon, and the rest. JavaScript's `.` stops at two separators
/// that are no line ends here, so that a line with one of them is none of these.
fn key_value(line: &str) -> Option<(&str, &str)> {
    let (key, rest) = line.split_once(':')?;
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let rest = rest.trim_start_matches(is_space);
    (!key.is_empty() && key.chars().all(word) && !rest.contains(['\u{2028}', '\u{2029}']))
        .then(|| (key, trim(rest)))
}

fn unquote(value: &str) -> &str {
    ['"', '\'']
        .iter()
        .find_map(|quote| match value.strip_prefix(*quote) {
            Some("") => Some(""),
            Some(rest) => rest.strip_suffix(*quote),
            None => None,
        })
        .unwrap_or(value)
}

/// `|`, `>-`, `|2+`: what announces a block of text below.
fn is_block_indicator(value: &str) -> bool {
    let Some(rest) = value.strip_prefix(['|', '>']) else {
        return false;
    };
    let rest = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    matches!(rest, "" | "+" | "-")
}

/// What JavaScript calls white space.
fn is_space(c: char) -> bool {
    c == '\u{feff}' || (c != '\u{85}' && c.is_whitespace())
}

fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

pub(super) fn trim_end(text: &str) -> &str {
    text.trim_end_matches(is_space)
}

/// Every line from `start` on, without its end, and where the next one starts. Lines end with
/// `\n`, `\r\n` or `\r`.
pub(super) fn spans(text: &str, start: usize) -> impl Iterator<Item = (Range<usize>, usize)> {
    let mut next = Some(start);
    std::iter::from_fn(move || {
        let start = next.filter(|at| *at <= text.len())?;
        let rest = &text[start..];
        let (line, after) = match rest.find(['\n', '\r']) {
            Some(end) => {
                let ends = if rest[end..].starts_with("\r\n") {
                    2
                } else {
                    1
                };
                (start..start + end, Some(start + end + ends))
            }
            None => (start..text.len(), None),
        };
        next = after;
        Some((line, after.unwrap_or(text.len())))
    })
}

/// Every line end as `\n`.
pub(super) fn normalise(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
