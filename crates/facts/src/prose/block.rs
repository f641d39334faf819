//! Markdown and plain text to blocks: paragraphs, items, rows, headings, front matter fields,
//! comments and other text that a reader of the rendered page does not see.

use std::{collections::HashSet, ops::Range, rc::Rc};

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::{Fence, html, plain::Plain};
use crate::Span;

/// A heading or lead is carried by all that stands below it, so it must be short.
const LONGEST_HEADING: usize = 300;

/// What a block is in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Heading,
    Item,
    Row,
    /// A field of the front matter.
    Field,
    /// Lines of a fence that is marked as text or not at all.
    Shown,
}

/// Something inside a block's text.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) range: Range<usize>,
    pub(super) what: What,
}

/// What a [`Mark`] is.
#[derive(Debug)]
pub(super) enum What {
    Code,
    Link(String),
}

/// A block, in the order of the document.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) kind: Kind,
    pub(super) plain: Plain,
    pub(super) marks: Vec<Mark>,
    /// Headings above it, outermost first.
    pub(super) headings: Rc<[String]>,
    /// What introduces it: the line before a list, the header of a table.
    pub(super) lead: Option<Rc<str>>,
    pub(super) hidden: bool,
    pub(super) number: u32,
}

/// Everything that a document is made of.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) blocks: Vec<Block>,
    pub(super) fences: Vec<Fence>,
    /// URLs of links and images, with the place of each.
    pub(super) links: Vec<(String, Span)>,
}

impl Document {
    /// Adds text that was decoded from invisible characters at `span`.
    pub(super) fn unseen(&mut self, text: &str, span: Span) {
        let mut plain = Plain::default();
        plain.push(text, span.start as usize..span.end as usize);
        let number = self.blocks.len() as u32;
        self.blocks.push(Block {
            kind: Kind::Text,
            plain,
            marks: Vec::new(),
            headings: Rc::from([]),
            lead: None,
            hidden: true,
            number,
        });
    }
}

/// Builds a [`Document`].
pub(super) struct Builder<'a> {
    source: &'a str,
    out: Document,
    plain: Plain,
    marks: Vec<Mark>,
    kind: Kind,
    /// A level and its text.
    headings: Vec<(HeadingLevel, String)>,
    path: Rc<[String]>,
    /// The lead of each open list or table.
    leads: Vec<Option<Rc<str>>>,
    /// Open elements that are not shown, innermost last, and the open elements inside them.
    unseen: Vec<String>,
}

impl<'a> Builder<'a> {
    fn new(source: &'a str) -> Self {
        Self {
            source,
            out: Document::default(),
            plain: Plain::default(),
            marks: Vec::new(),
            kind: Kind::Text,
            headings: Vec::new(),
            path: Rc::from([]),
            leads: Vec::new(),
            unseen: Vec::new(),
        }
    }

    /// Ends the block that is being collected.
    fn flush(&mut self) {
        let plain = std::mem::take(&mut self.plain);
        let marks = std::mem::take(&mut self.marks);
        let hidden = !self.unseen.is_empty();
        self.emit(self.kind, plain, marks, hidden);
    }

    fn emit(&mut self, kind: Kind, plain: Plain, marks: Vec<Mark>, hidden: bool) {
        if plain.is_blank() && marks.is_empty() {
            return;
        }
        let number = self.out.blocks.len() as u32;
        let headings = Rc::clone(&self.path);
        let lead = self.leads.last().cloned().flatten();
        self.out.blocks.push(Block {
            kind,
            plain,
            marks,
            headings,
            lead,
            hidden,
            number,
        });
    }

    /// A block of its own that a reader of the page does not see.
    pub(super) fn unseen(&mut self, text: &str, source: Range<usize>) {
        self.aside(text, source, true);
    }

    fn aside(&mut self, text: &str, source: Range<usize>, hidden: bool) {
        let mut plain = Plain::default();
        plain.push(text, source);
        self.emit(Kind::Text, plain, Vec::new(), hidden);
    }

    /// A visible piece of HTML.
    pub(super) fn text(&mut self, text: &str, source: Range<usize>) {
        self.plain.push(text, source);
    }

    /// A tag that starts or ends a line of its own.
    pub(super) fn line(&mut self) {
        if !self.unseen.is_empty() || self.plain.len() > 0 {
            self.flush();
        }
    }

    /// An element of HTML opens.
    pub(super) fn open(&mut self, name: &str, hides: bool) {
        if (hides || !self.unseen.is_empty()) && self.unseen.len() < 256 {
            if self.unseen.is_empty() {
                self.flush();
            }
            self.unseen.push(name.to_owned());
        }
    }

    /// An element of HTML closes.
    pub(super) fn close(&mut self, name: &str) {
        if let Some(at) = self.unseen.iter().rposition(|n| n == name) {
            if at == 0 {
                self.flush();
            }
            self.unseen.truncate(at);
        }
    }

    /// A link or image of HTML.
    pub(super) fn link(&mut self, url: &str, source: Range<usize>) {
        self.out.links.push((url.to_owned(), span(&source)));
        let at = self.plain.len();
        self.marks.push(Mark {
            range: at..at,
            what: What::Link(url.to_owned()),
        });
    }

    fn heading(&mut self, level: HeadingLevel) {
        self.headings.retain(|(l, _)| *l < level);
        self.headings.push((
            level,
            head(self.plain.text().trim(), LONGEST_HEADING).to_owned(),
        ));
        self.flush();
        self.path = self.headings.iter().map(|(_, t)| t.clone()).collect();
    }

    /// The line just above, where it ends with a colon or has to introduce what follows.
    fn introduction(&self, always: bool) -> Option<Rc<str>> {
        let last = self.out.blocks.last().filter(|b| b.kind != Kind::Heading)?;
        let text = last.plain.text().trim_end();
        let text = &text[text.ceil_char_boundary(text.len().saturating_sub(LONGEST_HEADING))..];
        let line = text
            .rsplit(['\n', '.', '!', '?', '。'])
            .find(|l| !l.trim().is_empty())?;
        (always || text.ends_with([':', '：'])).then(|| Rc::from(line.trim()))
    }

    /// Code, whose bytes are those of `pieces`.
    fn code(&mut self, info: &str, pieces: &[Range<usize>]) {
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
            return;
        };
        let whole = first.start..last.end;
        let verbatim = pieces.windows(2).all(|p| p[0].end == p[1].start);
        let text = (!verbatim).then(|| {
            let mut text = String::with_capacity(whole.len());
            for piece in pieces {
                let gap = whole.start + text.len()..piece.start;
                text.extend(gap.map(|_| ' '));
                text.push_str(&self.source[piece.clone()]);
            }
            text
        });
        let word = info.split([' ', ',', '{', '\t']).next().unwrap_or_default();
        if matches!(
            word.to_ascii_lowercase().as_str(),
            "" | "text" | "txt" | "md" | "markdown" | "plaintext" | "plain"
        ) {
            for piece in pieces {
                let mut at = piece.start;
                for line in self.source[piece.clone()].split_inclusive('\n') {
                    let mut plain = Plain::default();
                    plain.push(line, at..at + line.len());
                    at += line.len();
                    self.emit(Kind::Shown, plain, Vec::new(), !self.unseen.is_empty());
                }
            }
        }
        self.out.fences.push(Fence {
            info: word.to_owned(),
            span: span(&whole),
            text,
            headings: self.path.to_vec(),
            after_block: self.out.blocks.len().checked_sub(1).map(|n| n as u32),
        });
    }

    /// The fields of a front matter, each a block.
    fn front_matter(&mut self, pieces: &[Range<usize>]) {
        self.kind = Kind::Field;
        for piece in pieces {
            let mut at = piece.start;
            for line in self.source[piece.clone()].split_inclusive('\n') {
                let range = at..at + line.len();
                at = range.end;
                let mut from = range.start;
                if !line.starts_with([' ', '\t', '-', '#', '}', ']']) {
                    self.flush();
                    from += line.find(':').map_or(0, |colon| colon + 1);
                }
                let value = self.source[from..range.end].trim_end_matches(['\n', '\r']);
                let quotes = ['"', '\'', ' ', '|', '>'];
                let open = value.len() - value.trim_start_matches(quotes).len();
                let value = value.trim_matches(quotes);
                self.plain
                    .push(value, from + open..from + open + value.len());
                self.plain.push(" ", range.end..range.end);
            }
        }
        self.flush();
        self.kind = Kind::Text;
    }
}

/// The beginning of a text, at most so many bytes.
pub(super) fn head(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

fn span(range: &Range<usize>) -> Span {
    Span {
        start: range.start as u32,
        end: range.end as u32,
    }
}

/// Text without markup: paragraphs between blank lines, and lines that begin like items.
pub(super) fn plain_text(source: &str) -> Document {
    let mut b = Builder::new(source);
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let item = line.trim_start().starts_with(['-', '*', '•', '#'])
            || line.trim_start().starts_with(|c: char| c.is_ascii_digit());
        if line.trim().is_empty() || item {
            b.flush();
        }
        b.plain.push(line, at..at + line.len());
        at += line.len();
    }
    b.flush();
    b.out
}

/// A Markdown document.
pub(super) fn markdown(source: &str) -> Document {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    let parser = Parser::new_ext(source, options);
    // A definition that nothing refers to is the classic comment that no page shows.
    let mut definitions: Vec<_> = parser
        .reference_definitions()
        .iter()
        .map(|(_, d)| {
            (
                d.dest.to_string(),
                d.title.as_ref().map(ToString::to_string),
                d.span.clone(),
            )
        })
        .collect();
    definitions.sort_by_key(|(_, _, range)| range.start);
    let mut b = Builder::new(source);
    let mut code: Option<(String, Vec<Range<usize>>)> = None;
    let mut links: Vec<(usize, String, Range<usize>)> = Vec::new();
    let mut image: Option<(Plain, u32)> = None;
    for (event, range) in parser.into_offset_iter() {
        if let Some((info, pieces)) = &mut code {
            match event {
                Event::Text(_) => pieces.push(range),
                Event::End(TagEnd::CodeBlock) => {
                    b.code(info, pieces);
                    code = None;
                }
                Event::End(TagEnd::MetadataBlock(_)) => {
                    b.front_matter(pieces);
                    code = None;
                }
                Event::End(TagEnd::HtmlBlock) => {
                    html::read(&mut b, source, pieces[0].clone());
                    b.line();
                    code = None;
                }
                _ => {}
            }
            continue;
        }
        if let Some((alt, depth)) = &mut image {
            match event {
                Event::Text(t) | Event::Code(t) => alt.push(&t, range),
                Event::SoftBreak | Event::HardBreak => alt.push(" ", range),
                Event::Start(_) => *depth += 1,
                Event::End(_) if *depth > 0 => *depth -= 1,
                Event::End(_) => {
                    let (alt, _) = image.take().unwrap_or_default();
                    b.emit(Kind::Text, alt, Vec::new(), true);
                }
                _ => {}
            }
            continue;
        }
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                b.flush();
                let info = match &kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                code = Some((info, Vec::new()));
            }
            Event::Start(Tag::MetadataBlock(_)) => code = Some((String::new(), Vec::new())),
            Event::Start(Tag::HtmlBlock) => {
                b.flush();
                code = Some((String::new(), vec![range]));
            }
            Event::Start(Tag::List(_)) => {
                b.flush();
                // What an item says introduces the list inside it.
                let inner = b.leads.last().cloned();
                let lead = b.introduction(inner.is_some()).or_else(|| inner.flatten());
                b.leads.push(lead);
            }
            Event::Start(Tag::Table(_)) => {
                b.flush();
                b.leads.push(None);
            }
            Event::End(TagEnd::List(_) | TagEnd::Table) => {
                b.flush();
                b.leads.pop();
                b.kind = Kind::Text;
            }
            Event::End(TagEnd::TableHead) => {
                let header: Rc<str> = Rc::from(head(b.plain.text(), LONGEST_HEADING));
                b.flush();
                if let Some(lead) = b.leads.last_mut() {
                    *lead = Some(header);
                }
            }
            Event::Start(
                tag @ (Tag::Item
                | Tag::TableRow
                | Tag::TableHead
                | Tag::Heading { .. }
                | Tag::Paragraph
                | Tag::BlockQuote(_)),
            ) => {
                b.flush();
                b.kind = match tag {
                    Tag::Item => Kind::Item,
                    Tag::TableRow | Tag::TableHead => Kind::Row,
                    Tag::Heading { .. } => Kind::Heading,
                    _ if b.kind == Kind::Heading || b.leads.is_empty() => Kind::Text,
                    _ => b.kind,
                };
            }
            Event::End(TagEnd::Heading(level)) => b.heading(level),
            Event::End(TagEnd::TableCell) => b.plain.push(" | ", range.end..range.end),
            Event::End(
                TagEnd::Paragraph | TagEnd::Item | TagEnd::TableRow | TagEnd::BlockQuote(_),
            ) => b.flush(),
            Event::Start(Tag::Link {
                dest_url, title, ..
            }) => {
                b.out.links.push((dest_url.to_string(), span(&range)));
                if !title.is_empty() {
                    b.unseen(&title, range.clone());
                }
                links.push((b.plain.len(), dest_url.to_string(), range));
            }
            Event::End(TagEnd::Link) => {
                if let Some((start, url, _)) = links.pop() {
                    b.marks.push(Mark {
                        range: start.min(b.plain.len())..b.plain.len(),
                        what: What::Link(url),
                    });
                }
            }
            Event::Start(Tag::Image {
                dest_url, title, ..
            }) => {
                b.out.links.push((dest_url.to_string(), span(&range)));
                let at = b.plain.len();
                b.marks.push(Mark {
                    range: at..at,
                    what: What::Link(dest_url.to_string()),
                });
                if !title.is_empty() {
                    b.unseen(&title, range);
                }
                image = Some((Plain::default(), 0));
            }
            Event::Text(t) => b.plain.push(&t, range),
            Event::Code(t) => {
                let start = b.plain.len();
                b.plain.push(&t, range.clone());
                b.marks.push(Mark {
                    range: start..b.plain.len(),
                    what: What::Code,
                });
                let ticks = source[range.clone()].len()
                    - source[range.clone()].trim_start_matches('`').len();
                let inner =
                    range.start + ticks..range.end.saturating_sub(ticks).max(range.start + ticks);
                b.out.fences.push(Fence {
                    info: "inline".to_owned(),
                    span: span(&inner),
                    text: None,
                    headings: b.path.to_vec(),
                    after_block: Some(b.out.blocks.len() as u32),
                });
            }
            Event::SoftBreak => b.plain.push(" ", range),
            Event::HardBreak | Event::Rule => b.plain.push("\n", range),
            Event::InlineHtml(_) | Event::Html(_) => html::read(&mut b, source, range),
            _ => {}
        }
    }
    b.flush();
    b.path = Rc::from([]);
    let seen: HashSet<String> = b.out.links.iter().map(|(url, _)| url.clone()).collect();
    for (dest, title, range) in definitions {
        if let Some(title) = title {
            b.unseen(&title, range.clone());
        }
        if !seen.contains(&dest) {
            b.unseen(&dest, range);
        }
    }
    b.out
}
