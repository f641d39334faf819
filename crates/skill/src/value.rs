//! JSON, JSON5 and YAML as one kind of value, under limits.

use serde_json::Value;

/// How deep values may nest. OpenClaw's own metadata is five deep.
const DEPTH: usize = 64;

/// Reads JSON5, as the metadata of a skill is, and JSON, which is part of it.
///
/// The parser recurses, so nesting is measured first. Brackets in strings count too, which only
/// makes the measure stricter.
pub(crate) fn json5(text: &str) -> Result<Value, String> {
    let mut depth = 0_usize;
    for byte in text.bytes() {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH {
            return Err(format!("nested more than {DEPTH} deep"));
        }
    }
    ::json5::from_str(text).map_err(|e| e.to_string())
}

/// Reads YAML 1.2 in the core schema, as OpenClaw does: keys once, no merge keys.
///
/// # Errors
/// What is wrong, and the line (from 1) where that is known.
pub(crate) fn yaml(
    text: &str,
    duplicates: serde_saphyr::DuplicateKeyPolicy,
) -> Result<Value, (String, Option<usize>)> {
    let options = serde_saphyr::options! {
        duplicate_keys: duplicates,
        merge_keys: serde_saphyr::options::MergeKeyPolicy::AsOrdinary,
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let line = error
            .location()
            .map(|l| usize::try_from(l.line()).unwrap_or(usize::MAX));
        // The message repeats the place, counted from where the block begins.
        let message = error.to_string();
        let what = message.split(" at line ").next().unwrap_or(&message);
        (what.to_owned(), line)
    })
}

/// A list of words however it was written: a list, or one text with commas.
pub(crate) fn words(value: Option<&Value>) -> Vec<String> {
    let trimmed = |s: &str| Some(s.trim().to_owned()).filter(|s| !s.is_empty());
    match value {
        Some(Value::String(text)) => text.split(',').filter_map(trimmed).collect(),
        Some(Value::Array(items)) => items
            .iter()
            .filter_map(scalar)
            .filter_map(|s| trimmed(&s))
            .collect(),
        _ => Vec::new(),
    }
}

/// A text, number or truth value as text.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The text at a key.
pub(crate) fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

/// The members of an object at a key.
pub(crate) fn members<'a>(
    value: &'a Value,
    key: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value
        .get(key)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

#[cfg(test)]
mod tests {
    use serde_saphyr::DuplicateKeyPolicy::{Error, LastWins};

    use super::*;

    #[test]
    fn deep_nesting_is_refused_not_followed() {
        assert!(json5(&"[".repeat(256_000)).is_err());
        assert!(yaml(&"[".repeat(256_000), Error).is_err());
        assert!(yaml(&"- ".repeat(256_000), Error).is_err());
        assert!(yaml(&"{a: ".repeat(256_000), Error).is_err());
    }

    #[test]
    fn an_alias_bomb_is_refused() {
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for i in 1..12 {
            let refs = vec![format!("*a{}", i - 1); 10].join(",");
            bomb.push_str(&format!("a{i}: &a{i} [{refs}]\n"));
        }
        assert!(yaml(&bomb, Error).is_err());
    }

    #[test]
    fn duplicate_keys_are_refused_unless_told() {
        assert!(yaml("a: 1\na: 2\n", Error).is_err());
        assert_eq!(yaml("a: 1\na: 2\n", LastWins).expect("allowed")["a"], 2);
    }

    #[test]
    fn merge_keys_are_ordinary() {
        let value = yaml("base: &b {a: 1}\nc:\n  <<: *b\n", Error).expect("valid");
        assert_eq!(value["c"]["<<"]["a"], 1);
    }

    #[test]
    fn keys_that_are_not_texts_become_texts() {
        assert_eq!(yaml("1: a\ntrue: b\n", Error).expect("valid")["1"], "a");
    }
}
