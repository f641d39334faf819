//! Oddities of a text itself, whatever it is written in.

use crate::{Language, Oddity};

/// What is odd about `text`.
pub(crate) fn scan(text: &str, language: Language) -> Vec<Oddity> {
    let _ = (text, language);
    Vec::new()
}
