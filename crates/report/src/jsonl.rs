//! One JSON object a line and artifact.

use finding::Report;

use crate::escape;

/// One report as one line, with its line break.
#[must_use]
pub fn line(report: &Report) -> String {
    let mut text = serde_json::to_string(report).expect("reports have only string keys");
    text.push('\n');
    escape::json(&text).into_owned()
}
