//! One JSON document for all artifacts.

use finding::Report;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{Summary, escape};

/// The document that `--format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Document<'a> {
    /// Version of this document's form; grows when a reader would break.
    pub version: u32,
    /// How many artifacts got which decision.
    pub summary: Summary,
    /// The artifacts, in the order in which they were given.
    pub artifacts: &'a [Report],
}

/// Renders all reports as one [`Document`].
#[must_use]
pub fn render(reports: &[Report]) -> String {
    let document = Document {
        version: 1,
        summary: reports.iter().collect(),
        artifacts: reports,
    };
    pretty(&document)
}

/// Any value as JSON for files and people, ending with a newline: what could hide in a terminal
/// is escaped as JSON escapes it.
#[must_use]
pub fn pretty<T: Serialize>(value: &T) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("reports have only string keys");
    text.push('\n');
    escape::json(&text).into_owned()
}
