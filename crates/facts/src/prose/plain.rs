//! Text as words are matched in it, with the way back to the file.

use std::ops::Range;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use crate::{Span, oddity};

/// Rendered text of a block: normalised (NFKC), without invisible characters, with letters that
/// imitate Latin ones replaced by what they imitate.
#[derive(Debug, Default)]
pub(super) struct Plain {
    text: String,
    pieces: Vec<Piece>,
}

/// A part of the text that was appended at once.
#[derive(Debug)]
struct Piece {
    /// Where it begins in the text.
    start: usize,
    /// Which bytes of the file it is.
    source: Range<usize>,
    /// Whether it was taken over byte for byte.
    verbatim: bool,
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
        let start = self.text.len();
        if piece.is_ascii() {
            self.text.push_str(piece);
        } else {
            let visible = || piece.chars().filter(|c| !oddity::is_invisible(*c));
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
        let verbatim = self.text[start..] == *piece && piece.len() == source.len();
        self.pieces.push(Piece {
            start,
            source,
            verbatim,
        });
    }

    /// The bytes of the file that a range of the text came from: exact where a piece was taken
    /// over unchanged, else the piece.
    pub(super) fn span(&self, range: Range<usize>) -> Span {
        let piece = |at: usize| {
            let after = self.pieces.partition_point(|p| p.start <= at);
            after.checked_sub(1).map(|i| &self.pieces[i])
        };
        let (Some(first), Some(last)) = (piece(range.start), piece(range.end.saturating_sub(1)))
        else {
            return Span::default();
        };
        let exact = |piece: &Piece, at: usize, inexact: usize| {
            if piece.verbatim {
                piece.source.start + (at - piece.start)
            } else {
                inexact
            }
        };
        let start = exact(first, range.start, first.source.start);
        let end = exact(last, range.end, last.source.end);
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
