use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A half-open range of bytes in a file (or in a decoded layer of it).
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// What a location is to its finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LocationKind {
    /// The thing itself.
    Primary,
    /// A step on the way, in order.
    Step,
    /// What helps to understand it.
    Related,
}

/// A place in an artifact, with enough of its text to be read without the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// Path inside the artifact, with `/`; for a decoded layer, `file!base64` and the like.
    pub path: String,
    /// What it is to the finding.
    pub kind: LocationKind,
    /// Where in the file; nothing where the finding is about the file as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// First line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// First column, from 1, in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// What is to be seen here, in a few words.
    pub label: String,
    /// The text around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<Excerpt>,
}

/// A few lines of a file around a span, with control and invisible characters written visibly
/// (`\u{202e}`), at most [`Excerpt::MAX_LINES`] lines and [`Excerpt::MAX_LINE`] characters a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Excerpt {
    /// Number of the first line, from 1.
    pub first_line: u32,
    /// The lines, joined with `\n`.
    pub text: String,
    /// The span, in bytes of `text`.
    pub span: Span,
}

impl Excerpt {
    /// At most so many lines.
    pub const MAX_LINES: usize = 5;
    /// At most so many characters a line; cut lines end with `…`.
    pub const MAX_LINE: usize = 200;
}

impl Location {
    /// A whole file.
    #[must_use]
    pub fn file(path: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            kind: LocationKind::Primary,
            span: None,
            line: None,
            column: None,
            label: label.into(),
            excerpt: None,
        }
    }

    /// A range of bytes of `text`, which is the text of `path`; line, column and excerpt are taken
    /// from it. A span outside of the text is cut to it.
    #[must_use]
    pub fn in_text(
        path: impl Into<String>,
        text: &str,
        span: Span,
        label: impl Into<String>,
    ) -> Self {
        let start = floor_boundary(text, span.start as usize);
        let end = floor_boundary(text, (span.end as usize).max(start));
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line = text[..line_start].matches('\n').count() + 1;
        let column = text[line_start..start].chars().count() + 1;
        Self {
            span: Some(span),
            line: Some(saturate(line)),
            column: Some(saturate(column)),
            excerpt: Some(Excerpt::of(text, line_start, saturate(line), start, end)),
            ..Self::file(path, label)
        }
    }

    /// Says what this place is to its finding.
    #[must_use]
    pub fn kind(mut self, kind: LocationKind) -> Self {
        self.kind = kind;
        self
    }
}

impl Excerpt {
    /// The lines from the one at `line_start` on that `start..end` touches.
    fn of(text: &str, line_start: usize, first_line: u32, start: usize, end: usize) -> Self {
        let mut out = String::new();
        let mut span = (None, 0);
        let mut at = line_start;
        for (number, line) in text[line_start..].split('\n').enumerate() {
            if number > 0 && (at >= end || number == Self::MAX_LINES) {
                break;
            }
            if number > 0 {
                out.push('\n');
            }
            // A long line is shown from shortly before the span, so that the span is seen.
            let lead = if start > at + Self::MAX_LINE / 2 && start <= at + line.len() {
                floor_boundary(text, start - Self::MAX_LINE / 4)
            } else {
                at
            };
            if lead > at {
                out.push('…');
            }
            for (shown, (offset, c)) in text[lead..at + line.len()].char_indices().enumerate() {
                let position = lead + offset;
                if position >= start && span.0.is_none() {
                    span.0 = Some(out.len());
                }
                if shown == Self::MAX_LINE {
                    out.push('…');
                    break;
                }
                push_visibly(&mut out, c);
                if position < end {
                    span.1 = out.len();
                }
            }
            at += line.len() + 1;
        }
        let from = span.0.unwrap_or(out.len());
        let span = Span {
            start: saturate(from),
            end: saturate(span.1.max(from)),
        };
        Self {
            first_line,
            text: out,
            span,
        }
    }
}

/// Appends a character as itself, or as an escape where it would not be seen or would act on a
/// terminal.
fn push_visibly(out: &mut String, c: char) {
    match c {
        '\t' => out.push_str("    "),
        '\r' => {}
        c if is_invisible(c) => out.extend(c.escape_unicode()),
        c => out.push(c),
    }
}

/// Whether a character prints nothing, reorders what is around it, or controls a terminal.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{e0000}'..='\u{e0fff}' | '\u{fff9}'..='\u{fffb}')
}

fn floor_boundary(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at.min(text.len()))
}

fn saturate(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, needle: &str) -> Location {
        let start = text.find(needle).unwrap();
        let span = Span {
            start: start as u32,
            end: (start + needle.len()) as u32,
        };
        Location::in_text("f", text, span, "here")
    }

    fn shown(location: &Location) -> (&str, &str) {
        let excerpt = location.excerpt.as_ref().unwrap();
        (
            &excerpt.text,
            &excerpt.text[excerpt.span.start as usize..excerpt.span.end as usize],
        )
    }

    #[test]
    fn a_span_is_located_by_line_and_column() {
        let l = at("one\ntwo três four\nfive", "four");
        assert_eq!((l.line, l.column), (Some(2), Some(10)));
        assert_eq!(shown(&l), ("two três four", "four"));
    }

    #[test]
    fn a_span_over_lines_shows_each() {
        assert_eq!(shown(&at("a b\nc d\ne", "b\nc")), ("a b\nc d", "b\nc"));
    }

    #[test]
    fn invisible_characters_are_written_out() {
        assert_eq!(
            shown(&at("x\u{202e}y\u{1b}[0m", "y")).0,
            "x\\u{202e}y\\u{1b}[0m"
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_span() {
        let text = format!("{}needle{}", "a".repeat(5000), "b".repeat(5000));
        let l = at(&text, "needle");
        let (text, marked) = shown(&l);
        assert_eq!(marked, "needle");
        assert!(
            text.chars().count() <= Excerpt::MAX_LINE + 2
                && text.starts_with('…')
                && text.ends_with('…')
        );
    }

    #[test]
    fn a_span_outside_of_the_text_is_cut() {
        let l = Location::in_text("f", "abc", Span { start: 90, end: 99 }, "");
        assert_eq!(shown(&l), ("abc", ""));
        let l = Location::in_text("f", "a€c", Span { start: 2, end: 3 }, "");
        assert_eq!(shown(&l), ("a€c", ""));
    }
}
