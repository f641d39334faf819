//! Words of one line of the text form, each with its place in the text.

use std::{borrow::Cow, ops::Range};

/// Why a text is not a capability.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("{message}")]
pub struct ParseError {
    /// What is wrong and what was expected.
    pub message: String,
    /// Where in the text, in bytes.
    pub span: Range<usize>,
}

impl ParseError {
    pub(crate) fn new(message: impl Into<String>, span: Range<usize>) -> Self {
        Self {
            message: message.into(),
            span,
        }
    }
}

/// The longest line. A signed grant is read by a person.
const MAX_LINE: usize = 8 * 1024;

/// One word, unquoted.
pub(crate) struct Word<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) span: Range<usize>,
}

impl Word<'_> {
    /// An error about this word.
    pub(crate) fn error(&self, message: impl Into<String>) -> ParseError {
        ParseError::new(message, self.span.clone())
    }

    /// What `read` makes of the word, its complaint placed here.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, ParseError> {
        read(&self.text).map_err(|message| self.error(message))
    }
}

/// The words of one line, up to a comment.
pub(crate) struct Words<'a> {
    words: std::iter::Peekable<std::vec::IntoIter<Word<'a>>>,
    end: usize,
}

impl<'a> Words<'a> {
    /// Splits `line`, which starts at byte `offset` of the text.
    pub(crate) fn split(line: &'a str, offset: usize) -> Result<Self, ParseError> {
        if line.len() > MAX_LINE {
            let message = format!(
                "a line of {} bytes; a capability has at most {MAX_LINE}",
                line.len()
            );
            return Err(ParseError::new(message, offset..offset + line.len()));
        }
        let mut words = Vec::new();
        let mut rest = line.trim_start();
        while !rest.is_empty() && !rest.starts_with('#') {
            let start = line.len() - rest.len();
            let (text, len) = if rest.starts_with('"') {
                unquote(rest).map_err(|message| {
                    ParseError::new(message, offset + start..offset + line.len())
                })?
            } else {
                let len = rest.find(char::is_whitespace).unwrap_or(rest.len());
                (Cow::Borrowed(&rest[..len]), len)
            };
            let span = offset + start..offset + start + len;
            if let Some(c) = text.chars().find(|&c| is_deceptive(c)) {
                let message = format!(
                    "found the invisible character U+{:04X}; what is granted must be what is seen",
                    u32::from(c)
                );
                return Err(ParseError::new(message, span));
            }
            words.push(Word { text, span });
            rest = rest[len..].trim_start();
        }
        let end = words.last().map_or(offset, |word| word.span.end);
        Ok(Self {
            words: words.into_iter().peekable(),
            end,
        })
    }

    /// The next word, or an error that says what was expected.
    pub(crate) fn expect(&mut self, what: &str) -> Result<Word<'a>, ParseError> {
        let end = self.end;
        self.words
            .next()
            .ok_or_else(|| ParseError::new(format!("expected {what}, found the end"), end..end))
    }

    /// The next word if `accept` takes it.
    pub(crate) fn next_if(&mut self, accept: impl FnOnce(&str) -> bool) -> Option<Word<'a>> {
        self.words.next_if(|word| accept(&word.text))
    }

    /// Whether nothing is left.
    pub(crate) fn is_empty(&mut self) -> bool {
        self.words.peek().is_none()
    }

    /// Refuses what is left; `what` says what could have followed.
    pub(crate) fn finish(&mut self, what: &str) -> Result<(), ParseError> {
        match self.words.next() {
            None => Ok(()),
            Some(word) => Err(word.error(format!("expected {what}, found `{}`", word.text))),
        }
    }
}

/// Reads a quoted word; its length is that of the quoted form.
fn unquote(text: &str) -> Result<(Cow<'_, str>, usize), String> {
    let mut out = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' if text[at + 1..].starts_with(|c: char| !c.is_whitespace()) => {
                return Err("expected a space after the closing quote".into());
            }
            '"' => return Ok((Cow::Owned(out), at + 1)),
            '\\' => match chars.next() {
                Some((_, c @ ('"' | '\\'))) => out.push(c),
                _ => return Err("in quotes, `\\` is followed by `\"` or `\\`".into()),
            },
            c => out.push(c),
        }
    }
    Err("the quote is never closed".into())
}

/// `text` as one word: as it is, or in quotes where it needs them.
pub(crate) fn quoted(text: &str) -> Cow<'_, str> {
    let plain =
        !text.is_empty() && !text.starts_with(['"', '#']) && !text.contains(char::is_whitespace);
    if plain {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!(
            "\"{}\"",
            text.replace('\\', "\\\\").replace('"', "\\\"")
        ))
    }
}

/// Control characters and those that a terminal does not show or uses to reorder text.
pub(crate) fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// `, did you mean …?` where `word` is close to one of `known`, else nothing.
pub(crate) fn suggestion(word: &str, known: &[&str]) -> String {
    // A distance is quadratic; no typo is longer than this.
    let close = |known: &&&str| strsim::osa_distance(word, known);
    match known.iter().min_by_key(close) {
        Some(nearest) if word.len() <= 32 && close(&nearest) <= 2 => {
            format!("; did you mean `{nearest}`?")
        }
        _ => String::new(),
    }
}
