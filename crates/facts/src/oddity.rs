//! Oddities of a text itself, whatever it is written in: characters that nobody sees, text that is
//! shown in another order than it is read, letters that imitate others, and room that pushes the
//! rest out of sight.

use unicode_security::skeleton;

use crate::{Language, Oddity, OddityKind, Span};

/// So many oddities of one kind are reported; a text with more is odd enough.
const MOST: usize = 64;
/// So many blank lines in a row are padding.
const BLANK_LINES: usize = 200;
/// So many spaces in a row are padding.
const BLANKS: usize = 2000;

/// What is odd about `text`.
pub(crate) fn scan(text: &str, language: Language) -> Vec<Oddity> {
    let mut found = Vec::new();
    padding(text, &mut found);
    if text.is_ascii() {
        return found;
    }
    invisible(text, &mut found);
    if language == Language::Prose {
        imitations(text, &mut found);
    }
    found.sort_by_key(|o| o.span);
    found
}

/// Whether a character shows nothing and is no part of a visible one.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{e0000}'..='\u{e0fff}')
}

/// The text with each word that mixes Latin letters with imitations of them written in Latin;
/// nothing where there is no such word.
pub(crate) fn latinised(text: &str) -> Option<String> {
    let mut out: Option<String> = None;
    let mut copied = 0;
    for (start, word) in words(text) {
        if !imitates(word) {
            continue;
        }
        let out = out.get_or_insert_default();
        out.push_str(&text[copied..start]);
        out.extend(word.chars().flat_map(latin));
        copied = start + word.len();
    }
    out.map(|mut out| {
        out.push_str(&text[copied..]);
        out
    })
}

/// What an imitated letter stands for; a letter that imitates nothing stands for itself.
fn latin(c: char) -> impl Iterator<Item = char> {
    let mut buffer = [0; 4];
    let like: Vec<char> = if c.is_ascii() {
        vec![c]
    } else {
        skeleton(c.encode_utf8(&mut buffer)).collect()
    };
    let like = if like.iter().all(char::is_ascii) {
        like
    } else {
        vec![c]
    };
    like.into_iter()
}

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty() && !w.is_ascii())
        .map(move |w| (w.as_ptr() as usize - text.as_ptr() as usize, w))
}

/// Whether a word has both ASCII letters and Cyrillic, Greek or Armenian ones that look like some.
fn imitates(word: &str) -> bool {
    let foreign = |c: char| matches!(c, '\u{370}'..='\u{58f}' | '\u{13a0}'..='\u{13ff}');
    let greek_sign = |c: char| {
        matches!(
            c,
            'μ' | 'Δ'
                | 'Ω'
                | 'π'
                | 'λ'
                | 'α'
                | 'β'
                | 'γ'
                | 'σ'
                | 'θ'
                | 'ε'
                | 'Σ'
                | 'φ'
                | 'ρ'
                | 'τ'
                | 'δ'
                | 'η'
                | 'κ'
                | 'ω'
                | 'ν'
                | 'χ'
                | 'ψ'
        )
    };
    let mut ascii = 0;
    let mut imitated = 0;
    for c in word.chars() {
        if c.is_ascii_alphabetic() {
            ascii += 1;
        } else if foreign(c) {
            // A word with a letter that no Latin one looks like is honest, and so are the signs of
            // mathematics next to a Latin letter.
            if greek_sign(c) || !latin(c).all(|l| l.is_ascii()) {
                return false;
            }
            imitated += 1;
        }
    }
    imitated > 0 && ascii > 0 && ascii + imitated > 2
}

fn push(
    found: &mut Vec<Oddity>,
    kind: OddityKind,
    start: usize,
    end: usize,
    hidden: Option<String>,
) {
    if found.iter().filter(|o| o.kind == kind).count() < MOST {
        found.push(Oddity {
            kind,
            hidden,
            span: Span {
                start: start as u32,
                end: end as u32,
            },
        });
    }
}

/// Blank lines or spaces before more text.
fn padding(text: &str, found: &mut Vec<Oddity>) {
    let mut blank = 0..0;
    let (mut lines, mut longest, mut spaces) = (0, 0, 0);
    for (at, c) in text.char_indices() {
        if c.is_whitespace() || is_invisible(c) || c == '\u{2800}' || c == '\u{3164}' {
            if blank.is_empty() {
                blank.start = at;
            }
            blank.end = at + c.len_utf8();
            if c == '\n' {
                lines += 1;
                spaces = 0;
            } else {
                spaces += 1;
                longest = longest.max(spaces);
            }
        } else {
            if lines > BLANK_LINES || longest > BLANKS {
                push(found, OddityKind::Padding, blank.start, blank.end, None);
            }
            blank = at..at;
            (lines, longest, spaces) = (0, 0, 0);
        }
    }
}

/// What an invisible character is used for.
fn kind(c: char) -> Option<OddityKind> {
    match c {
        '\u{e0000}'..='\u{e007f}' => Some(OddityKind::Tags),
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => Some(OddityKind::Selectors),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Some(OddityKind::Bidi),
        '\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}' => {
            Some(OddityKind::ZeroWidth)
        }
        _ => None,
    }
}

/// Runs of invisible characters of one kind.
fn invisible(text: &str, found: &mut Vec<Oddity>) {
    let mut before: Option<char> = None;
    let mut chars = text.char_indices().peekable();
    let mut right_to_left = false;
    while let Some((start, c)) = chars.next() {
        if c == '\n' {
            right_to_left = false;
        }
        right_to_left |=
            matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}');
        let Some(kind) = kind(c) else {
            before = Some(c);
            continue;
        };
        let mut run = vec![c];
        let mut end = start + c.len_utf8();
        while let Some((at, c)) = chars.next_if(|(_, c)| self::kind(*c) == Some(kind)) {
            run.push(c);
            end = at + c.len_utf8();
        }
        let after = chars.peek().map(|(_, c)| *c);
        match kind {
            OddityKind::Tags if !is_flag(before, &run) => {
                push(
                    found,
                    kind,
                    start,
                    end,
                    printable(run.iter().map(|c| *c as u32 - 0xe0000)),
                );
            }
            OddityKind::Selectors if run.len() > 1 => {
                let bytes = run.iter().map(|c| match *c as u32 {
                    s @ 0xfe00..=0xfe0f => s - 0xfe00,
                    s => s - 0xe0100 + 16,
                });
                push(found, kind, start, end, printable(bytes));
            }
            OddityKind::Bidi
                if !right_to_left || run.iter().any(|c| matches!(c, '\u{202d}' | '\u{202e}')) =>
            {
                push(found, kind, start, end, None);
            }
            OddityKind::ZeroWidth if start > 0 && !is_joiner(before, &run, after) => {
                push(found, kind, start, end, bits(&run));
            }
            _ => {}
        }
        before = None;
    }
}

/// The flags of England, Scotland and Wales are a black flag and tags.
fn is_flag(before: Option<char>, run: &[char]) -> bool {
    before == Some('\u{1f3f4}') && run.last() == Some(&'\u{e007f}') && run.len() <= 7
}

/// Joiners between parts of an emoji, or in scripts that need them.
fn is_joiner(before: Option<char>, run: &[char], after: Option<char>) -> bool {
    // After a variation selector or a skin tone, `before` was part of an emoji.
    let emoji = |c: Option<char>| {
        c.is_none_or(|c| matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}'))
    };
    let script = |c: Option<char>| {
        c.is_some_and(|c| matches!(c, '\u{590}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'))
    };
    matches!(run, ['\u{200c}' | '\u{200d}'])
        && ((emoji(before) && emoji(after)) || script(before) || script(after))
}

/// Code points as text, where it is text.
fn printable(codes: impl Iterator<Item = u32>) -> Option<String> {
    let bytes: Vec<u8> = codes
        .filter_map(|c| u8::try_from(c).ok())
        .filter(|c| *c > 1 && *c != 0x7f)
        .collect();
    let text = String::from_utf8(bytes).ok()?;
    let shown = text
        .chars()
        .filter(|c| !c.is_control() || c.is_whitespace())
        .count();
    (text.len() >= 3 && shown == text.chars().count()).then_some(text)
}

/// Two different zero-width characters as the bits of text.
fn bits(run: &[char]) -> Option<String> {
    if run.len() < 24 {
        return None;
    }
    let one = *run.iter().find(|c| **c != run[0])?;
    if run.iter().any(|c| *c != run[0] && *c != one) {
        return None;
    }
    let decode = |one: char| {
        printable(
            run.chunks_exact(8)
                .map(|b| b.iter().fold(0, |n, c| n << 1 | u32::from(*c == one))),
        )
    };
    decode(one).or_else(|| decode(run[0]))
}

/// Words that mix scripts to look Latin.
fn imitations(text: &str, found: &mut Vec<Oddity>) {
    for (start, word) in words(text) {
        // A host may be made of imitations alone.
        let host = || {
            text[start + word.len()..]
                .strip_prefix('.')
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
                && word.chars().flat_map(latin).all(|c| c.is_ascii())
        };
        if imitates(word) || host() {
            let like = word.chars().flat_map(latin).collect();
            push(
                found,
                OddityKind::Homoglyph,
                start,
                start + word.len(),
                Some(like),
            );
        }
    }
}

#[cfg(test)]
#[path = "oddity_tests.rs"]
mod tests;
