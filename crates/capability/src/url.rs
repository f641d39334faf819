//! Paths of URLs, and URLs as programs write them.

use std::num::NonZeroU16;

use crate::segments::{Meet, Segments};

/// A set of URL paths (RFC 3986, 3.3), without the query: segments with `*` and `**`.
///
/// Escapes are canonical: unreserved characters stand for themselves, others as `%XX` in upper
/// case. A path with an empty segment inside, `.` or `..` is refused, as servers disagree on it; a
/// final `/` counts, and `/data/**` matches `/data`, `/data/` and all below.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UrlPattern(Segments);

const MAX_BYTES: usize = 4096;

impl UrlPattern {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if text.len() > MAX_BYTES {
            return Err(format!("a path has at most {MAX_BYTES} bytes"));
        }
        let Some(rest) = text.strip_prefix('/') else {
            return Err(format!(
                "expected a path that starts with `/`, found `{text}`"
            ));
        };
        if text.contains(['?', '#']) {
            return Err(format!(
                "the query is not part of a path; drop it from `{text}`"
            ));
        }
        let canonical = canonical_escapes(rest)?;
        if canonical.starts_with('/') || canonical.contains("//") {
            return Err(format!("an empty segment in `{text}`"));
        }
        Segments::parse(canonical.split('/')).map(Self)
    }

    /// Whether every path that `narrow` matches is matched by this.
    #[must_use]
    pub fn covers(&self, narrow: &Self) -> bool {
        self.0.covers(&narrow.0)
    }

    pub(crate) fn meet(&self, other: &Self) -> Meet<Self> {
        self.0.meet(&other.0).map(Self)
    }
}

impl std::fmt::Display for UrlPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// `text` with the escapes that it needs and no others.
fn canonical_escapes(text: &str) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let (byte, escaped) = if byte == b'%' {
            let digits = [bytes.next().unwrap_or(0), bytes.next().unwrap_or(0)];
            let decoded = data_encoding::HEXUPPER_PERMISSIVE.decode(&digits);
            let Ok([byte]) = decoded.as_deref() else {
                return Err(format!("`%` is followed by two hex digits, found `{text}`"));
            };
            (*byte, true)
        } else {
            (byte, false)
        };
        let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if unreserved || !escaped && b"/!$&'()*+,;=:@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(out)
}

/// The parts of a URL that decide where it leads.
pub(crate) struct UrlParts<'a> {
    pub(crate) host: &'a str,
    pub(crate) port: NonZeroU16,
    pub(crate) path: &'a str,
    /// Whether the scheme is HTTP, so that the path means one.
    pub(crate) http: bool,
}

/// The schemes that programs connect by, and their ports.
const SCHEMES: [(&str, u16); 16] = [
    ("https", 443),
    ("http", 80),
    ("wss", 443),
    ("ws", 80),
    ("ftp", 21),
    ("ftps", 990),
    ("sftp", 22),
    ("ssh", 22),
    ("git", 9418),
    ("smtp", 25),
    ("smtps", 465),
    ("imaps", 993),
    ("ldap", 389),
    ("redis", 6379),
    ("postgres", 5432),
    ("mysql", 3306),
];

/// Takes a URL apart. What parsers are known to disagree on is refused.
pub(crate) fn split(url: &str) -> Result<UrlParts<'_>, String> {
    let shown = || url.chars().take(80).collect::<String>();
    if url.contains(|c: char| c.is_whitespace() || c == '\\' || crate::lex::is_deceptive(c)) {
        return Err(format!(
            "programs disagree on where `{}` leads",
            shown().escape_debug()
        ));
    }
    let Some((scheme, rest)) = url.split_once("://") else {
        return Err(format!("expected a URL with a scheme, found `{}`", shown()));
    };
    let scheme = scheme.to_ascii_lowercase();
    let known = SCHEMES
        .iter()
        .find(|(name, _)| *name == scheme)
        .and_then(|(_, port)| NonZeroU16::new(*port));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    // What stands before the last `@` is a user and leads nowhere.
    let authority = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let (host, port) = split_port(authority);
    let port = match port {
        None | Some("") => known.ok_or_else(|| {
            format!(
                "which port does the scheme of `{}` mean? write it out",
                shown()
            )
        })?,
        Some(port) => port
            .parse()
            .map_err(|_| format!("`{port}` is no port in `{}`", shown()))?,
    };
    let path = &rest[end..];
    let path = &path[..path.find(['?', '#']).unwrap_or(path.len())];
    Ok(UrlParts {
        host,
        port,
        path,
        http: scheme == "http" || scheme == "https",
    })
}

/// `host:port` apart; the colons of an IPv6 address in brackets are its own.
pub(crate) fn split_port(text: &str) -> (&str, Option<&str>) {
    let bracket = text.rfind(']').map_or(0, |at| at + 1);
    match text[bracket..].rfind(':') {
        Some(colon) => (&text[..bracket + colon], Some(&text[bracket + colon + 1..])),
        None => (text, None),
    }
}
