use std::collections::BTreeMap;

use capability::CapabilitySet;
use facts::{Facts, Origin, Source, Span};
use finding::Location;

/// What an artifact says of itself, as rules see it.
#[derive(Debug, Clone, Default)]
pub struct Artifact {
    /// Its name.
    pub name: String,
    /// Its description: what the model reads when it chooses.
    pub description: String,
    /// Its home page.
    pub homepage: Option<String>,
    /// What it declares to need.
    pub declared: CapabilitySet,
    /// Its files' texts by path; a file that is not UTF-8 is there lossily.
    pub texts: BTreeMap<String, String>,
}

/// How to look.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether lists of known hosts, hashes, owners and campaigns may be used. Off to measure what
    /// the rules understand by themselves.
    pub known_lists: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { known_lists: true }
    }
}

/// Everything that a rule may look at.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The artifact's own words.
    pub artifact: &'a Artifact,
    /// What its texts do and say.
    pub facts: &'a Facts,
    /// How to look.
    pub settings: &'a Settings,
}

impl<'a> Context<'a> {
    /// The sources, each with its index.
    pub fn sources(&self) -> impl Iterator<Item = (usize, &'a Source)> {
        self.facts.sources.iter().enumerate()
    }

    /// The text that a source's spans are in.
    #[must_use]
    pub fn text(&self, source: &'a Source) -> &'a str {
        source
            .text
            .as_deref()
            .or_else(|| self.artifact.texts.get(&source.path).map(String::as_str))
            .unwrap_or_default()
    }

    /// A place in a source, with line, column and excerpt.
    #[must_use]
    pub fn location(&self, source: &'a Source, span: Span, label: impl Into<String>) -> Location {
        let span = finding::Span {
            start: span.start,
            end: span.end,
        };
        Location::in_text(shown_path(source), self.text(source), span, label)
    }

    /// The source that this one was found in.
    #[must_use]
    pub fn parent(&self, source: &Source) -> Option<&'a Source> {
        self.facts.sources.get(source.parent? as usize)
    }
}

/// The path that a reader is shown: a layer is marked by how it was decoded.
fn shown_path(source: &Source) -> String {
    match &source.origin {
        Origin::Decoded { how, .. } => format!("{}!{}", source.path, how.join("!")),
        Origin::Embedded { by } if source.text.is_some() => format!("{}!{by}", source.path),
        Origin::File | Origin::Fence { .. } | Origin::Embedded { .. } => source.path.clone(),
    }
}
