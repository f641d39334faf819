//! HTML inside Markdown: what a browser would show, and what it would not.

use std::ops::Range;

use super::block::Builder;

/// A tag longer than this is text.
const LONGEST_TAG: usize = 1024;

/// Reads the HTML at `range` of `source` into `out`.
pub(super) fn read(out: &mut Builder<'_>, source: &str, range: Range<usize>) {
    let end = range.end;
    let mut at = range.start;
    while at < end {
        let rest = &source[at..end];
        if let Some(comment) = rest.strip_prefix("<!--") {
            let length = comment.find("-->").unwrap_or(comment.len());
            out.unseen(&comment[..length], at + 4..at + 4 + length);
            at = (at + 4 + length + 3).min(end);
        } else if let Some(length) = tag(rest) {
            element(out, &rest[..length], at);
            at += length;
        } else {
            // The first byte is text even where it is `<`.
            let first = rest.chars().next().map_or(1, char::len_utf8);
            let length = rest[first..]
                .find('<')
                .map_or(rest.len(), |next| next + first);
            out.text(&rest[..length], at..at + length);
            at += length;
        }
    }
}

/// The length of the tag that `text` begins with.
fn tag(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'<')
        || !bytes
            .get(1)
            .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'/')
    {
        return None;
    }
    let mut quote = None;
    for (i, b) in bytes.iter().enumerate().take(LONGEST_TAG) {
        match (quote, b) {
            (None, b'>') => return Some(i + 1),
            (None, b'"' | b'\'') => quote = Some(*b),
            (Some(q), b) if *b == q => quote = None,
            (None, b'<') if i > 0 => return None,
            _ => {}
        }
    }
    None
}

/// Elements that never have content.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];

fn element(out: &mut Builder<'_>, tag: &str, at: usize) {
    let lower = tag.to_ascii_lowercase();
    let inner = lower
        .trim_start_matches(['<', '/'])
        .trim_end_matches(['>', '/']);
    let name = inner
        .split(|c: char| c.is_whitespace() || c == '/')
        .next()
        .unwrap_or_default();
    let place = at..at + tag.len();
    if tag.starts_with("</") {
        out.close(name);
    } else {
        for key in ["href", "src", "action"] {
            if let Some(url) = attribute(tag, &lower, key) {
                out.link(url, place.clone());
            }
        }
        for key in ["alt", "title", "aria-label", "content"] {
            if let Some(text) = attribute(tag, &lower, key) {
                out.unseen(text, place.clone());
            }
        }
        if !VOID.contains(&name) && !tag.ends_with("/>") {
            out.open(name, hides(name, &lower));
        }
    }
    if matches!(
        name,
        "br" | "p"
            | "div"
            | "li"
            | "tr"
            | "td"
            | "th"
            | "hr"
            | "ul"
            | "ol"
            | "table"
            | "summary"
            | "details"
            | "blockquote"
    ) {
        out.line();
    }
}

/// The value of an attribute of a tag.
fn attribute<'t>(tag: &'t str, lower: &str, key: &str) -> Option<&'t str> {
    let at = lower.match_indices(key).find(|(i, _)| {
        lower[..*i].ends_with(|c: char| c.is_whitespace())
            && lower[i + key.len()..].trim_start().starts_with('=')
    })?;
    let value = tag[at.0 + key.len()..]
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value
            .split(|c: char| c.is_whitespace() || c == '>')
            .next()?,
    };
    (!value.is_empty()).then_some(value)
}

/// Whether an element is not shown.
fn hides(name: &str, lower: &str) -> bool {
    if matches!(name, "template" | "noscript") {
        return true;
    }
    let squeezed: String = lower.chars().filter(|c| !c.is_whitespace()).collect();
    let style = squeezed.split("style=").nth(1).unwrap_or_default();
    let bare = |word: &str| {
        lower
            .split(|c: char| c.is_whitespace() || c == '>' || c == '/')
            .skip(1)
            .any(|w| w == word)
    };
    bare("hidden")
        || lower.contains("hidden=\"")
        || [
            "display:none",
            "visibility:hidden",
            "opacity:0;",
            "opacity:0\"",
            "opacity:0'",
            "opacity:0.0",
            "left:-9",
            "text-indent:-9",
            "max-height:0",
            "clip:rect(0",
        ]
        .iter()
        .any(|s| style.contains(s))
        || tiny(style)
        || pale(style)
}

/// A font of at most two pixels or points.
fn tiny(style: &str) -> bool {
    style.split("font-size:").skip(1).any(|size| {
        let number: String = size
            .chars()
            .take_while(|c| c.is_ascii_digit() || *c == '.')
            .collect();
        let unit = &size[number.len()..];
        number.parse::<f32>().is_ok_and(|n| {
            n == 0.0
                || (n <= 2.0 && (unit.starts_with("px") || unit.starts_with("pt")))
                || (n < 0.2 && (unit.starts_with("em") || unit.starts_with("rem")))
        })
    })
}

/// White or transparent text, without a background of its own.
fn pale(style: &str) -> bool {
    !style.contains("background")
        && [
            "color:white",
            "color:#fff",
            "color:transparent",
            "color:rgb(255,255,255)",
            "color:rgba(0,0,0,0)",
        ]
        .iter()
        .any(|c| {
            style
                .split(';')
                .any(|d| d.trim_start_matches(['"', '\'']).starts_with(c))
        })
}
