//! Renderers of findings: terminal, JSON, JSON lines, SARIF; one file a format.
//!
//! Text that came out of an artifact is hostile: whatever could move a cursor, reorder or hide
//! text is written visibly ([`escape`]) in every format.

mod escape;
pub mod json;
pub mod jsonl;
pub mod sarif;
mod summary;
pub mod terminal;

pub use escape::escape;
pub use summary::Summary;

use finding::{Report, RuleMeta};

/// An output format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Terminal,
    /// One JSON document: [`json::Document`].
    Json,
    /// One [`Report`] a line, as soon as it is known.
    Jsonl,
    /// SARIF 2.1.0, for code-scanning services and editors.
    Sarif,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Terminal, Self::Json, Self::Jsonl, Self::Sarif];

    /// The word on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
        }
    }
}

/// A word that names no [`Format`].
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such format: {0:?}; expected `terminal`, `json`, `jsonl` or `sarif`")]
pub struct UnknownFormat(String);

impl std::str::FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|f| f.as_str() == s)
            .ok_or_else(|| UnknownFormat(s.chars().take(40).collect()))
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// How much of an artifact the terminal shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Detail {
    /// One line an artifact.
    Line,
    /// Everything, with the source of what matters to every reader; the rest one line each.
    #[default]
    Normal,
    /// Everything, all of it with its source.
    Full,
}

/// How the terminal renderer writes; the other formats ignore it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to use colour.
    pub color: bool,
    /// Columns to stay within where text can be wrapped or cut.
    pub width: usize,
    /// How much to show.
    pub detail: Detail,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            color: false,
            width: 100,
            detail: Detail::Normal,
        }
    }
}

/// Renders reports that are all known; ends with a newline unless there is nothing to say.
///
/// `rules` describe themselves in SARIF; a finding of a rule that is not among them is rendered
/// all the same. To stream, use [`terminal::artifact`] or [`jsonl::line`] as each report arrives.
#[must_use]
pub fn render(format: Format, reports: &[Report], rules: &[&RuleMeta], style: Style) -> String {
    match format {
        Format::Terminal => terminal::render(reports, style),
        Format::Json => json::render(reports),
        Format::Jsonl => reports.iter().map(jsonl::line).collect(),
        Format::Sarif => sarif::render(reports, rules),
    }
}

/// A rule's page from its first section on: what stands above it, a title and the summary, is
/// what every renderer writes itself.
#[must_use]
pub fn page(rule: &RuleMeta) -> &'static str {
    let docs = rule.docs;
    docs.find("## ").map_or(docs, |at| &docs[at..])
}

#[cfg(test)]
mod tests;
