//! What sentences are about: URLs, files, paths, names of secrets and passwords, found word by word.

use std::ops::Range;

use crate::Object;

/// Endings of archives.
const ARCHIVES: &[&str] = &[
    ".zip", ".rar", ".7z", ".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".gz", ".xz", ".cab",
    ".iso", ".img",
];
/// Endings of programs and installers.
const PROGRAMS: &[&str] = &[
    ".exe",
    ".msi",
    ".msix",
    ".dmg",
    ".pkg",
    ".bat",
    ".cmd",
    ".ps1",
    ".scr",
    ".vbs",
    ".jar",
    ".apk",
    ".appimage",
    ".deb",
    ".rpm",
    ".run",
    ".bin",
    ".command",
    ".lnk",
    ".hta",
    ".sh",
];
/// Files that make an agent what it is.
const AGENT_FILES: &[&str] = &[
    "soul.md",
    "memory.md",
    "agents.md",
    "heartbeat.md",
    "identity.md",
    "user.md",
    "tools.md",
    "bootstrap.md",
    "claude.md",
    "gemini.md",
    ".cursorrules",
    "openclaw.json",
    "clawdbot.json",
    "moltbot.json",
    "exec-approvals.json",
    "settings.local.json",
    "mcp.json",
    ".mcp.json",
];

/// The objects that are words of their own in `text`, with their places.
pub(super) fn find(text: &str) -> Vec<(Range<usize>, Object)> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !part(bytes[at]) {
            at += 1;
            continue;
        }
        let end = at
            + bytes[at..]
                .iter()
                .position(|b| !part(*b))
                .unwrap_or(bytes.len() - at);
        if let Some((range, object)) = word(text, at..end) {
            found.push((range, object));
        }
        at = end;
    }
    found
}

/// Bytes of words that can be an address, a path or a name.
fn part(b: u8) -> bool {
    b.is_ascii_graphic()
        && !matches!(
            b,
            b'"' | b'\'' | b'`' | b'<' | b'>' | b'(' | b')' | b'[' | b']' | b'|' | b',' | b';'
        )
}

fn word(text: &str, range: Range<usize>) -> Option<(Range<usize>, Object)> {
    let raw = &text[range.clone()];
    let word = raw
        .trim_end_matches(['.', ':', '!', '?', '*', '_', '}'])
        .trim_start_matches(['*', '_', ':', '{']);
    if word.len() < 3 || word.len() > 2048 {
        return None;
    }
    let start = range.start + (word.as_ptr() as usize - raw.as_ptr() as usize);
    let place = start..start + word.len();
    if let Some(scheme) = word.find("://") {
        let scheme = word[..scheme]
            .rfind(|c: char| !c.is_ascii_alphanumeric() && c != '+')
            .map_or(0, |i| i + 1);
        return Some((
            start + scheme..place.end,
            Object::Url(word[scheme..].to_owned()),
        ));
    }
    let lower = word.to_ascii_lowercase();
    let name = lower.rsplit(['/', '\\']).next().unwrap_or_default();
    if AGENT_FILES.contains(&name) || name == ".env" {
        return Some((place, Object::Path(word.to_owned())));
    }
    if let Some(path) = lower
        .split_once('/')
        .filter(|(host, rest)| is_host(host) && !rest.is_empty())
        .map(|_| word)
    {
        return Some((place, Object::Url(path.to_owned())));
    }
    if is_download(name) && name.len() > 4 && !word.contains("*") {
        return Some((
            place,
            if word.contains('/') && word.starts_with(['~', '/', '.', '$', '{']) {
                Object::Path(word.to_owned())
            } else {
                Object::File(word.to_owned())
            },
        ));
    }
    if (word.contains('/') && word.starts_with(['~', '/', '.', '$', '{'])) || word.contains(":\\") {
        return Some((place, Object::Path(word.to_owned())));
    }
    is_secret(word).then(|| (place, Object::Secret(word.to_owned())))
}

/// Whether a name is that of an archive or a program.
fn is_download(name: &str) -> bool {
    ARCHIVES
        .iter()
        .chain(PROGRAMS)
        .any(|e| name.ends_with(e) && name.len() > e.len())
}

/// Whether a name is that of an archive.
pub(super) fn is_archive(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ARCHIVES.iter().any(|e| lower.ends_with(e))
}

/// A host name without a scheme: labels, and a last one of letters.
fn is_host(word: &str) -> bool {
    let labels: Vec<_> = word.split('.').take(8).collect();
    labels.len() > 1
        && labels.iter().all(|l| {
            !l.is_empty()
                && l.len() < 64
                && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
        && labels.last().is_some_and(|l| {
            (2..=12).contains(&l.len()) && l.bytes().all(|b| b.is_ascii_lowercase())
        })
}

/// The name of an environment variable that holds a secret.
fn is_secret(word: &str) -> bool {
    let name = word.trim_start_matches(['$', '{']);
    name.len() >= 5
        && name
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && [
            "_KEY",
            "_TOKEN",
            "_SECRET",
            "_PASSWORD",
            "_PASS",
            "_CREDENTIALS",
            "_MNEMONIC",
            "_SEED",
            "_PRIVATE_KEY",
            "_PAT",
        ]
        .iter()
        .any(|s| name.ends_with(s))
}

/// The password that follows a word for one at the start of `text`: `: x`, ` is x`, ` "x"`.
pub(super) fn password(text: &str) -> Option<&str> {
    let mut rest = text.trim_start_matches(['*', '_', ' ', '\t']);
    let mut marked = false;
    for mark in [
        ":", "：", "=", "is ", "-> ", "→", "は", "为", "是", "es ", "ist ", "est ", "é ",
    ] {
        if let Some(after) = rest.strip_prefix(mark) {
            (rest, marked) = (after, true);
            break;
        }
    }
    rest = rest.trim_start_matches(['*', '_', ' ', '\t']);
    let quoted = rest.starts_with(['`', '"', '\'', '“', '「']);
    let rest = rest.trim_start_matches(['`', '"', '\'', '“', '「', '*']);
    let value = rest
        .split(|c: char| {
            c.is_whitespace()
                || matches!(
                    c,
                    '`' | '"'
                        | '\''
                        | '”'
                        | '」'
                        | ')'
                        | '）'
                        | ']'
                        | ','
                        | ';'
                        | '*'
                        | '|'
                        | '<'
                        | '。'
                        | '、'
                )
        })
        .next()?
        .trim_end_matches(['.', ':', '!']);
    let placeholder = value.is_empty()
        || value.len() > 40
        || value.starts_with(['<', '$', '{', '[', '(', '%'])
        || value
            .bytes()
            .all(|b| matches!(b, b'*' | b'.' | b'x' | b'X' | b'-' | b'_'))
        || value.to_ascii_lowercase().contains("your")
        || value.to_ascii_uppercase().contains("PASSWORD");
    // Unmarked and unquoted, the next word is as likely to be any other.
    ((marked || quoted) && !placeholder).then_some(value)
}
