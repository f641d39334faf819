//! Markdown and plain text to claims, oddities and the code that they carry.
//!
//! Blocks, then sentences, then words with meaning, then claims: who is asked to do what, with
//! which objects, and whether it is asked at all. Everything is linear in the text.

mod block;
mod claim;
mod grammar;
mod html;
mod lexicon;
mod object;
mod plain;
mod sentence;

use crate::{Claim, Language, Literal, LiteralKind, Object, Oddity, OddityKind, Span, oddity};

/// What prose holds.
#[derive(Debug, Default)]
pub(crate) struct Prose {
    /// What it says.
    pub(crate) claims: Vec<Claim>,
    /// Oddities of the text.
    pub(crate) oddities: Vec<Oddity>,
    /// The code that it carries: fences, indented blocks, inline code; in order.
    pub(crate) fences: Vec<Fence>,
    /// URLs, hosts, paths.
    pub(crate) literals: Vec<Literal>,
}

/// Code inside prose.
#[derive(Debug, Clone)]
pub(crate) struct Fence {
    /// First word of the info string as written; `inline` for inline code, empty for none.
    pub(crate) info: String,
    /// The content (without the fence lines or backticks) in the file.
    pub(crate) span: Span,
    /// The content with what belongs to its containers (`> `, indentation) blanked out byte for
    /// byte, so that offsets stay those of `span`; nothing where it is verbatim.
    pub(crate) text: Option<String>,
    /// Headings above it, outermost first.
    pub(crate) headings: Vec<String>,
    /// The block of claims just above it, if any.
    pub(crate) after_block: Option<u32>,
}

/// Reads prose. `path` tells Markdown from plain text.
pub(crate) fn read(path: &str, text: &str) -> Prose {
    let oddities = oddity::scan(text, Language::Prose);
    let markdown = path.rsplit('.').next().is_some_and(|e| {
        matches!(
            e.to_ascii_lowercase().as_str(),
            "md" | "markdown" | "mdx" | "mdc"
        )
    });
    let mut document = if markdown {
        block::markdown(text)
    } else {
        block::plain_text(text)
    };
    for odd in &oddities {
        if let (Some(hidden), OddityKind::Tags | OddityKind::ZeroWidth | OddityKind::Selectors) =
            (&odd.hidden, odd.kind)
        {
            document.unseen(hidden, odd.span);
        }
    }
    let mut reader = claim::Reader::default();
    let mut literals: Vec<_> = document
        .links
        .iter()
        .filter(|(url, _)| url.contains("://"))
        .map(|(url, span)| literal(LiteralKind::Url, url, *span))
        .collect();
    for block in &document.blocks {
        reader.read(block);
        for (range, object) in object::find(block.plain.text()) {
            let kind = match &object {
                Object::Url(url) if url.contains("://") => LiteralKind::Url,
                Object::Url(_) => LiteralKind::Host,
                Object::Path(_) => LiteralKind::Path,
                _ => continue,
            };
            if let Object::Url(text) | Object::Path(text) = &object {
                literals.push(literal(kind, text, block.plain.span(range)));
            }
        }
    }
    document.fences.sort_by_key(|f| f.span);
    Prose {
        claims: reader.claims,
        oddities,
        fences: document.fences,
        literals,
    }
}

fn literal(kind: LiteralKind, text: &str, span: Span) -> Literal {
    Literal {
        kind,
        text: text.to_owned(),
        span,
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
