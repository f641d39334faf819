//! Text as words are matched in it, with the way back to the file.

use std::ops::Range;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use crate::{Span, oddity};

/// Rendered text of a block: normalised (NFKC), without invisible characters, with letters that
/// imitate Latin ones replaced by what they imitate.
#[derive(Debug, Default)]
pub(super) struct Plain {
    text: String,
    /// Where pieces begin in `text` and which bytes of the file they are.
    pieces: Vec<(usize, Range<usize>)>,
}

impl Plain {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Appends `piece`, which stands at `source` in the file.
    pub(super) fn push(&mut self, piece: &str, source: Range<usize>) {
        self.pieces.push((self.text.len(), source));
        if piece.is_ascii() {
            self.text.push_str(piece);
            return;
        }
        let visible = || piece.chars().filter(|c| !oddity::is_invisible(*c));
        let start = self.text.len();
        if is_nfkc_quick(visible()) == IsNormalized::Yes {
            self.text.extend(visible());
        } else {
            self.text.extend(visible().nfkc());
        }
        if let Some(latin) = oddity::latinised(&self.text[start..]) {
            self.text.truncate(start);
            self.text.push_str(&latin);
        }
    }

    /// The bytes of the file that a range of the text came from: exact where a piece was taken
    /// over unchanged, else the piece.
    pub(super) fn span(&self, range: Range<usize>) -> Span {
        let find = |at: usize| {
            self.pieces
                .partition_point(|(start, _)| *start <= at)
                .checked_sub(1)
        };
        let (Some(first), Some(last)) = (find(range.start), find(range.end.saturating_sub(1)))
        else {
            return Span::default();
        };
        let length = |i: usize| {
            self.pieces
                .get(i + 1)
                .map_or(self.text.len(), |next| next.0)
                - self.pieces[i].0
        };
        let exact = |i: usize, at: usize, inexact: usize| {
            let (start, source) = &self.pieces[i];
            if length(i) == source.len() {
                source.start + (at - start)
            } else {
                inexact
            }
        };
        let start = exact(first, range.start, self.pieces[first].1.start);
        let end = exact(last, range.end, self.pieces[last].1.end);
        Span {
            start: start as u32,
            end: end.max(start) as u32,
        }
    }

    /// The text in lower case, byte for byte as long.
    pub(super) fn lower(&self) -> String {
        if self.text.is_ascii() {
            return self.text.to_ascii_lowercase();
        }
        self.text
            .chars()
            .map(|c| {
                let mut lower = c.to_lowercase();
                match (lower.next(), lower.next()) {
                    (Some(l), None) if l.len_utf8() == c.len_utf8() => l,
                    _ => c,
                }
            })
            .collect()
    }
}
