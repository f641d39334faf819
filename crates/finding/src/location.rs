use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A half-open range of bytes in a file (or in a decoded layer of it).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
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
}
