//! From files to facts: which front end reads what, and how far.

use std::borrow::Cow;
use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::lang::{javascript, python, shell};
use crate::out::{Child, ChildText, Out};
use crate::{
    Facts, Gap, Language, Oddity, OddityKind, Origin, Role, Source, Span, data, interpret,
    language, oddity, prose,
};

/// A file of an artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Path inside the artifact, with `/`.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Its permission bits.
    pub mode: u32,
}

/// How much is read before it becomes a [`Gap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of a file of code or prose that is parsed; of a larger one only strings are read.
    pub parsed: usize,
    /// Bytes of all decoded layers and embedded texts of an artifact together.
    pub decoded: usize,
    /// Decoded layers, fences and strings inside each other.
    pub depth: u32,
    /// Expressions evaluated for a source before its calls are no longer followed.
    pub steps: u32,
    /// Sources of an artifact, files included.
    pub sources: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            parsed: 1 << 20,
            decoded: 4 << 20,
            depth: 5,
            steps: 400_000,
            sources: 20_000,
        }
    }
}

/// The facts of an artifact's files.
#[must_use]
pub fn extract(files: &[File], limits: &Limits) -> Facts {
    extract_observed(files, limits, |_| ())
}

/// As [`extract`]; calls `before` with the index of each file before it is read, so that whoever
/// waits knows which one ended the process.
pub fn extract_observed(files: &[File], limits: &Limits, mut before: impl FnMut(usize)) -> Facts {
    let mut extraction = Extraction {
        limits: *limits,
        facts: Facts::default(),
        decoded: 0,
    };
    for (index, file) in files.iter().enumerate() {
        before(index);
        extraction.file(file);
    }
    extraction.facts
}

struct Extraction {
    limits: Limits,
    facts: Facts,
    decoded: usize,
}

/// Brackets nested deeper than this are not parsed: no person writes them, and time to parse
/// grows faster than they do.
const MAX_NESTING: usize = 1_000;

/// A text to be read.
struct Job<'f> {
    path: &'f str,
    /// The whole file's text.
    file: &'f str,
    parent: Option<u32>,
    depth: u32,
    origin: Origin,
    language: Language,
    role: Role,
    text: Text,
    top_level: bool,
}

/// Which text a source is.
enum Text {
    /// A range of the file.
    Verbatim(Span),
    /// As long as a range of the file, with parts blanked.
    Masked(Span, String),
    /// Its own.
    Own(String),
}

impl Extraction {
    fn gap(&mut self, path: &str, cause: &str, reason: impl Into<String>) {
        self.facts.gaps.push(Gap {
            path: path.to_owned(),
            cause: cause.to_owned(),
            reason: reason.into(),
        });
    }

    fn file(&mut self, file: &File) {
        let path = file.path.as_str();
        let language = language::of_file(path, &file.bytes);
        if language == Language::Binary {
            if let Some(kind) = language::executable(&file.bytes) {
                self.gap(
                    path,
                    "opaque-code",
                    format!("{path} is {kind}: nobody can read what it does"),
                );
            }
            return;
        }
        let (text, encoding) = text(&file.bytes);
        let role = language::role(path, language);
        if text.len() > u32::MAX as usize / 2 {
            self.gap(
                path,
                "oversized-file",
                format!(
                    "{path} has {} bytes: no text of that size is read",
                    text.len()
                ),
            );
            return;
        }
        let whole = Span {
            start: 0,
            end: text.len() as u32,
        };
        let own = matches!(text, Cow::Owned(_)) && encoding.is_some();
        let mut jobs = VecDeque::from([Job {
            path,
            file: &text,
            parent: None,
            depth: 0,
            origin: Origin::File,
            language,
            role,
            text: if own {
                Text::Own(text.clone().into_owned())
            } else {
                Text::Verbatim(whole)
            },
            top_level: true,
        }]);
        let root = self.facts.sources.len();
        while let Some(job) = jobs.pop_front() {
            if self.facts.sources.len() >= self.limits.sources {
                self.gap(
                    path,
                    "oversized-file",
                    format!(
                        "{path}: more than {} texts inside each other",
                        self.limits.sources
                    ),
                );
                break;
            }
            self.source(job, &mut jobs);
        }
        if let (Some(span), Some(source)) = (encoding, self.facts.sources.get_mut(root)) {
            source.oddities.push(Oddity {
                kind: OddityKind::Encoding,
                hidden: None,
                span,
            });
        }
    }

    fn source<'f>(&mut self, job: Job<'f>, jobs: &mut VecDeque<Job<'f>>) {
        let index = self.facts.sources.len() as u32;
        let (text, base): (&str, u32) = match &job.text {
            Text::Verbatim(span) => (
                job.file
                    .get(span.start as usize..span.end as usize)
                    .unwrap_or_default(),
                span.start,
            ),
            Text::Masked(span, text) => (text, span.start),
            Text::Own(text) => (text, 0),
        };
        let mut out = Out::new(job.top_level);
        let mut source = Source {
            path: job.path.to_owned(),
            parent: job.parent,
            origin: job.origin,
            language: job.language,
            role: job.role,
            text: None,
            effects: Vec::new(),
            flows: Vec::new(),
            imports: Vec::new(),
            literals: Vec::new(),
            claims: Vec::new(),
            oddities: Vec::new(),
            unparsed: Vec::new(),
        };
        let parses = !matches!(
            job.language,
            Language::Prose | Language::Data | Language::Other
        );
        if parses && nesting(text) > MAX_NESTING {
            out.too_deep = true;
            data::strings(text, &mut out);
        } else if text.len() > self.limits.parsed {
            let reason = format!(
                "{} has {} bytes of code or prose; {} are read, and only strings of this",
                job.path,
                text.len(),
                self.limits.parsed
            );
            self.gap(job.path, "oversized-file", reason);
            data::strings(text, &mut out);
        } else {
            read(
                job.path,
                text,
                job.language,
                &self.limits,
                &mut out,
                &mut source,
            );
        }
        if out.too_deep {
            self.gap(
                job.path,
                "too-deep",
                format!("{}: code nested too deeply to be followed", job.path),
            );
        }
        for child in std::mem::take(&mut out.children) {
            self.child(
                child, &job.text, index, job.depth, base, job.path, job.file, job.role, jobs,
            );
        }
        out.shift(base);
        for oddity in &mut source.oddities {
            oddity.span = Span {
                start: oddity.span.start + base,
                end: oddity.span.end + base,
            };
        }
        source.effects = out.effects;
        source.flows = out.flows;
        source.imports = out.imports;
        source.literals.append(&mut out.literals);
        source.unparsed = out.unparsed;
        if let Text::Own(text) = job.text {
            source.text = Some(text);
        }
        self.facts.sources.push(source);
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one source's parts, while its text is borrowed"
    )]
    fn child<'f>(
        &mut self,
        child: Child,
        parent: &Text,
        index: u32,
        depth: u32,
        base: u32,
        path: &'f str,
        file: &'f str,
        role: Role,
        jobs: &mut VecDeque<Job<'f>>,
    ) {
        let at = |span: Span| Span {
            start: span.start + base,
            end: span.end + base,
        };
        let text = match (child.text, parent) {
            (ChildText::Own(text), _) => Text::Own(text),
            (ChildText::Verbatim(span) | ChildText::Masked(span, _), Text::Own(own)) => Text::Own(
                own.get(span.start as usize..span.end as usize)
                    .unwrap_or_default()
                    .to_owned(),
            ),
            (ChildText::Verbatim(span), Text::Masked(_, masked)) => {
                let inner = masked
                    .get(span.start as usize..span.end as usize)
                    .unwrap_or_default();
                Text::Masked(at(span), inner.to_owned())
            }
            (ChildText::Verbatim(span), Text::Verbatim(_)) => Text::Verbatim(at(span)),
            (ChildText::Masked(span, text), _) => Text::Masked(at(span), text),
        };
        if let Text::Own(text) = &text {
            self.decoded += text.len();
            if self.decoded > self.limits.decoded {
                if self.decoded - text.len() <= self.limits.decoded {
                    let reason = format!(
                        "{path}: more than {} bytes of decoded text",
                        self.limits.decoded
                    );
                    self.gap(path, "oversized-file", reason);
                }
                return;
            }
        }
        if depth >= self.limits.depth {
            self.gap(
                path,
                "too-deep",
                format!(
                    "{path}: more than {} layers inside each other",
                    self.limits.depth
                ),
            );
            return;
        }
        let content = match &text {
            Text::Verbatim(span) => file
                .get(span.start as usize..span.end as usize)
                .unwrap_or_default(),
            Text::Masked(_, text) | Text::Own(text) => text,
        };
        let language = child.language.unwrap_or_else(|| language::of_text(content));
        let origin = match child.origin {
            Origin::Decoded { how, at: span } => Origin::Decoded { how, at: at(span) },
            other => other,
        };
        jobs.push_back(Job {
            path,
            file,
            parent: Some(index),
            depth: depth + 1,
            origin,
            language,
            role,
            text,
            top_level: child.top_level,
        });
    }
}

/// How deep brackets are open at most. Those in strings and comments count as well: a text in
/// which they add up to the limit is as suspicious.
fn nesting(text: &str) -> usize {
    let (mut depth, mut most) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => {
                depth += 1;
                most = most.max(depth);
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    most
}

/// Reads one text.
fn read(
    path: &str,
    text: &str,
    language: Language,
    limits: &Limits,
    out: &mut Out,
    source: &mut Source,
) {
    match language {
        Language::Shell => shell::read(text, limits.steps, out),
        Language::Python => program(python::lower(text), language, limits, out),
        Language::JavaScript | Language::TypeScript => program(
            javascript::lower(text, language, path),
            language,
            limits,
            out,
        ),
        Language::Data => data::read(path, text, out),
        Language::Prose => {
            let prose = prose::read(path, text);
            source.claims = prose.claims;
            source.oddities = prose.oddities;
            source.literals = prose.literals;
            for fence in prose.fences {
                fence_child(text, fence, out);
            }
            return;
        }
        Language::Other => data::strings(text, out),
        Language::Binary => {}
    }
    source.oddities = oddity::scan(text, language);
}

fn program(
    lowering: crate::lang::Lowering<'_>,
    language: Language,
    limits: &Limits,
    out: &mut Out,
) {
    out.too_deep |= lowering.too_deep;
    out.unparsed = lowering.unparsed;
    interpret::run(&lowering.program, language, limits.steps, out);
}

/// The code that prose carries, as a child.
fn fence_child(text: &str, fence: prose::Fence, out: &mut Out) {
    let content = match &fence.text {
        Some(text) => text.as_str(),
        None => text
            .get(fence.span.start as usize..fence.span.end as usize)
            .unwrap_or_default(),
    };
    let inline = fence.info == "inline";
    if content.trim().is_empty() || inline && !language::is_command_line(content) {
        return;
    }
    let language = match language::of_info(&fence.info) {
        Some(language) => language,
        None if fence.info.is_empty() || fence.info == "text" || fence.info == "plaintext" => {
            language::of_text(content)
        }
        None => Language::Other,
    };
    let masked = match (&fence.text, language) {
        (_, Language::Shell) if content.lines().any(|l| is_prompt(l.trim_start())) => {
            Some(without_prompts(content))
        }
        (text, _) => text.clone(),
    };
    let text = match masked {
        Some(text) => ChildText::Masked(fence.span, text),
        None => ChildText::Verbatim(fence.span),
    };
    let origin = Origin::Fence {
        info: fence.info,
        headings: fence.headings,
        after_block: fence.after_block,
    };
    out.child(Child {
        origin,
        language: Some(language),
        text,
        top_level: true,
    });
}

fn is_prompt(line: &str) -> bool {
    line.starts_with("$ ") || line.starts_with("% ") || line.starts_with("❯ ")
}

/// A console session without its prompts, and without the output between them; every byte that
/// goes becomes a space.
fn without_prompts(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut continued = false;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        if is_prompt(trimmed) {
            let mark = trimmed.chars().next().map_or(0, char::len_utf8);
            out.extend(std::iter::repeat_n(' ', indent + mark));
            out.push_str(&trimmed[mark..]);
            continued = line.trim_end().ends_with('\\');
        } else if continued {
            out.push_str(line);
            continued = line.trim_end().ends_with('\\');
        } else {
            out.extend(line.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }));
        }
    }
    out
}

/// The text of a file, and where it stops being UTF-8.
fn text(bytes: &[u8]) -> (Cow<'_, str>, Option<Span>) {
    if let [0xff, 0xfe, rest @ ..] | [0xfe, 0xff, rest @ ..] = bytes {
        let big = bytes[0] == 0xfe;
        let unit = |c: &[u8]| {
            if big {
                u16::from_be_bytes([c[0], c[1]])
            } else {
                u16::from_le_bytes([c[0], c[1]])
            }
        };
        let units: Vec<u16> = rest.chunks_exact(2).map(unit).collect();
        let text = String::from_utf16_lossy(&units);
        return (Cow::Owned(text), Some(Span { start: 0, end: 0 }));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), None),
        Err(error) => {
            let at = error.valid_up_to() as u32;
            (
                String::from_utf8_lossy(bytes),
                Some(Span {
                    start: at,
                    end: at + '\u{fffd}'.len_utf8() as u32,
                }),
            )
        }
    }
}
