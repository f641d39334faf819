//! One JSON object a line and artifact.

use serde::Serialize;

use crate::escape;

/// One value (a [`Report`](finding::Report), a record) as one line, with its line break.
#[must_use]
pub fn line<T: Serialize>(value: &T) -> String {
    let mut text = serde_json::to_string(value).expect("what is written has only string keys");
    text.push('\n');
    escape::json(&text).into_owned()
}
