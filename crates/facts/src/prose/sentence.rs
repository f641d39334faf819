//! Sentences of a block.

use std::ops::Range;

/// A sentence longer than this is cut: its words are compared with each other.
const LONGEST: usize = 1200;

/// The sentences of `text`, in order, without the white space around them.
pub(super) fn split(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let next = chars.peek().map(|(_, c)| *c);
        let ends = match c {
            '.' | '!' | '?' | '…' => {
                next.is_none_or(char::is_whitespace) && !is_abbreviation(&text[start..at])
            }
            '。' | '！' | '？' | '．' => true,
            '\n' => next.is_some_and(|c| {
                matches!(c, '\n' | '\r' | '-' | '*' | '•' | '#')
                    || c.is_ascii_digit()
                    || c.is_uppercase()
                    || c > '\u{2190}'
            }),
            _ => end - start > LONGEST && c.is_whitespace() || end - start > 2 * LONGEST,
        };
        if ends {
            push(text, start..end, &mut found);
            start = end;
        }
    }
    push(text, start..text.len(), &mut found);
    found
}

fn push(text: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let sentence = &text[range.clone()];
    let start = range.start + (sentence.len() - sentence.trim_start().len());
    let end = start + sentence.trim().len();
    if start < end {
        found.push(start..end);
    }
}

/// Whether a full stop after `before` ends no sentence: `e.g.`, `1.`
fn is_abbreviation(before: &str) -> bool {
    let word = before
        .rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '*' | '_' | '"'))
        .next()
        .unwrap_or_default();
    let only = before.trim().trim_start_matches(['*', '_', '#']).trim() == word;
    matches!(
        word.to_ascii_lowercase().as_str(),
        "e.g" | "i.e" | "eg" | "ie" | "vs" | "cf" | "approx" | "incl" | "no" | "z.b" | "p.ej"
    ) || (only && word.len() <= 3 && word.bytes().all(|b| b.is_ascii_digit()))
}
