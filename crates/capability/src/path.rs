//! Places in the file system.

use crate::segments::{Meet, Segments};

/// Where a path starts.
///
/// A file has one name: it is named from the innermost root that holds it. The agent's workspace
/// is `$WORKSPACE` and not part of `$HOME`, wherever it lies, so that two patterns with different
/// roots have nothing in common. Whoever binds roots to directories has to keep to this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Root {
    /// The artifact's own files.
    Skill,
    /// The agent's workspace.
    Workspace,
    /// The user's home.
    Home,
    /// A temporary directory, private to the run.
    Tmp,
    /// The file system, less the places above.
    Absolute,
}

/// A set of paths: a root and segments with `*` (inside a segment) and `**` (any depth, also none).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathPattern {
    root: Root,
    segments: Segments,
}

const ROOTS: [(Root, &str); 4] = [
    (Root::Skill, "$SKILL"),
    (Root::Workspace, "$WORKSPACE"),
    (Root::Home, "$HOME"),
    (Root::Tmp, "$TMP"),
];

/// The longest path: `PATH_MAX` of Linux.
const MAX_BYTES: usize = 4096;

impl PathPattern {
    /// Reads the text form.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if text.len() > MAX_BYTES {
            return Err(format!("a path has at most {MAX_BYTES} bytes"));
        }
        let (first, rest) = text.split_once('/').unwrap_or((text, ""));
        let root = if first.is_empty() && text.starts_with('/') {
            Root::Absolute
        } else if let Some((root, _)) = ROOTS.iter().find(|(_, name)| *name == first) {
            *root
        } else {
            let names = ROOTS.map(|(_, name)| name);
            return Err(format!(
                "expected a path that starts with `/`, {} or `$TMP`, found `{text}`{}",
                "`$SKILL`, `$WORKSPACE`, `$HOME`",
                crate::lex::suggestion(first, &names)
            ));
        };
        let segments = Segments::parse(rest.split('/').filter(|s| !s.is_empty()))?;
        Ok(Self { root, segments })
    }

    /// The place that a program or a text means by `raw`, as found in the wild: `~/x`, `${HOME}/x`,
    /// `/home/me/x`, `/Users/me/x`, `$TMPDIR/x`, `/tmp/x`, `file:///x`, `./x`. A relative path is
    /// taken from `base`; a `..` is followed, but not out of the root.
    ///
    /// # Errors
    /// Where the place cannot be told or has no name: an unknown variable, another user's home,
    /// a path that leaves its root, a Windows path.
    pub fn infer(raw: &str, base: Root) -> Result<Self, ParsePathError> {
        let fail = |why: &str| {
            Err(ParsePathError(format!(
                "{why}: `{}`",
                raw.chars().take(80).collect::<String>()
            )))
        };
        let text = raw.trim().strip_prefix("file://").unwrap_or(raw.trim());
        if text.is_empty() || text.len() > MAX_BYTES || text.chars().any(crate::lex::is_deceptive) {
            return fail("not a path");
        }
        let (first, rest) = text.split_once('/').unwrap_or((text, ""));
        let after = |n| rest.splitn(n + 1, '/').nth(n).unwrap_or("");
        let (root, rest) = match first {
            "~" | "$HOME" | "${HOME}" => (Root::Home, rest),
            "$SKILL" | "${SKILL}" => (Root::Skill, rest),
            "$WORKSPACE" | "${WORKSPACE}" => (Root::Workspace, rest),
            "$TMP" | "$TMPDIR" | "${TMP}" | "${TMPDIR}" => (Root::Tmp, rest),
            "" => match rest.split('/').next() {
                Some("home" | "Users") if !after(1).is_empty() => (Root::Home, after(2)),
                Some("root") => (Root::Home, after(1)),
                Some("tmp") => (Root::Tmp, after(1)),
                _ => (Root::Absolute, rest),
            },
            _ if first.starts_with(['$', '~']) => {
                return fail("starts with a variable or a home that is not known");
            }
            _ => (base, text),
        };
        let mut segments: Vec<&str> = Vec::new();
        for segment in rest.split('/') {
            match segment {
                "" | "." => {}
                ".." if segments.last() == Some(&"**") => return fail("`..` after `**`"),
                ".." => {
                    // `/..` is `/`; above any other root lies something else.
                    if segments.pop().is_none() && root != Root::Absolute {
                        return fail("leaves its root");
                    }
                }
                _ if segment.contains(['\\', '$', '`', '\n']) => {
                    return fail("contains a variable or an escape");
                }
                _ => segments.push(segment),
            }
        }
        let segments = Segments::parse(segments.into_iter()).map_err(ParsePathError)?;
        Ok(Self { root, segments })
    }

    /// Where it starts.
    #[must_use]
    pub fn root(&self) -> Root {
        self.root
    }

    /// Whether this is one path, without any `*`.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        self.segments.is_literal()
    }

    /// Whether every path that `narrow` matches is matched by this.
    #[must_use]
    pub fn covers(&self, narrow: &Self) -> bool {
        self.root == narrow.root && self.segments.covers(&narrow.segments)
    }

    pub(crate) fn meet(&self, other: &Self) -> Meet<Self> {
        if self.root != other.root {
            return Meet::nothing();
        }
        let root = self.root;
        self.segments
            .meet(&other.segments)
            .map(|segments| Self { root, segments })
    }

    /// Whether its last segment may be `name`.
    pub(crate) fn may_end_in(&self, name: &str) -> bool {
        self.segments
            .last_glob()
            .is_none_or(|glob| crate::segments::glob_covers(glob, name))
    }
}

impl std::fmt::Display for PathPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let root = ROOTS
            .iter()
            .find(|(root, _)| *root == self.root)
            .map_or("", |(_, name)| name);
        let text = if root.is_empty() && self.segments.is_empty() {
            "/".to_owned()
        } else {
            format!("{root}{}", self.segments)
        };
        f.write_str(&crate::lex::quoted(&text))
    }
}

impl std::str::FromStr for PathPattern {
    type Err = ParsePathError;

    /// Reads a path as it stands in a capability, without quotes.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        if s.chars().any(crate::lex::is_deceptive) {
            return Err(ParsePathError("found an invisible character".into()));
        }
        Self::read(s).map_err(ParsePathError)
    }
}

/// Why a text is not a [`PathPattern`].
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct ParsePathError(pub String);
