//! Which strings of a source are worth reading.

use std::sync::LazyLock;

use regex::Regex;

use crate::LiteralKind;

/// A literal's text is cut here.
pub(crate) const MAX: usize = 2_048;

static HOST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}(?::[0-9]{1,5})?(?:/[!-~]*)?$|^(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?::[0-9]{1,5})?(?:/[!-~]*)?$")
        .expect("a constant pattern")
});

static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?:AKIA|ASIA)[0-9A-Z]{16}$|^gh[pousr]_[A-Za-z0-9]{36,}$|^sk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}$",
        r"|^xox[baprs]-[A-Za-z0-9-]{20,}$|^[0-9]{8,10}:[A-Za-z0-9_-]{35}$|^AIza[A-Za-z0-9_-]{35}$",
        r"|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"
    ))
    .expect("a constant pattern")
});

/// Endings that look like a top-level domain and are those of files.
const FILE_ENDINGS: &[&str] = &[
    "py", "js", "ts", "sh", "md", "json", "txt", "html", "css", "mjs", "cjs", "tsx", "jsx", "yaml",
    "yml", "toml", "rs", "go", "rb", "png", "jpg", "svg", "pdf", "csv", "log", "xml", "exe", "zip",
    "lock", "env", "cfg", "ini", "db", "sqlite", "map", "get", "set", "post", "write", "read",
    "path", "name", "default", "test", "length",
];

/// What a string looks like, if it is worth reading.
pub(crate) fn classify(text: &str) -> Option<LiteralKind> {
    let trimmed = text.trim();
    if let Some((scheme, rest)) = trimmed.split_once("://")
        && (2..=12).contains(&scheme.len())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'+')
        && !rest.is_empty()
        && !rest.starts_with(char::is_whitespace)
    {
        return Some(LiteralKind::Url);
    }
    if trimmed.len() > 4_096 {
        return crate::decode::looks_encoded(trimmed).then_some(LiteralKind::Encoded);
    }
    if SECRET.is_match(trimmed) {
        return Some(LiteralKind::Secret);
    }
    if trimmed.contains(char::is_whitespace) {
        return None;
    }
    let first = trimmed.split(['/', ':']).next().unwrap_or_default();
    let ending = first.rsplit('.').next().unwrap_or_default();
    if HOST.is_match(trimmed) && !FILE_ENDINGS.contains(&ending.to_ascii_lowercase().as_str()) {
        return Some(LiteralKind::Host);
    }
    if (trimmed.starts_with(['/', '~'])
        || trimmed.starts_with("./")
        || trimmed.starts_with("../")
        || trimmed.starts_with("$HOME"))
        && trimmed.len() > 2
        && trimmed.len() < 512
    {
        return Some(LiteralKind::Path);
    }
    crate::decode::looks_encoded(trimmed).then_some(LiteralKind::Encoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_told_apart_by_shape() {
        for (text, kind) in [
            ("https://api.example.com/v1", Some(LiteralKind::Url)),
            ("api.example.com", Some(LiteralKind::Host)),
            ("192.0.2.1:8080", Some(LiteralKind::Host)),
            ("main.py", None),
            ("~/.ssh/id_rsa", Some(LiteralKind::Path)),
            ("hello world", None),
            ("AKIAIOSFODNN7EXAMPLE", Some(LiteralKind::Secret)),
        ] {
            assert_eq!(classify(text), kind, "{text}");
        }
    }
}
