//! Strings as far as they can be resolved.

use crate::{Part, Value};

/// A folded string stops growing here: beyond it is data, not a name, an address or a command.
const MAX_TEXT: usize = 1 << 20;
/// More pieces than this are not told apart.
const MAX_PARTS: usize = 256;

impl Value {
    /// Known text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self(vec![Part::Text(text.into())])
    }

    /// Nothing known.
    #[must_use]
    pub fn unknown() -> Self {
        Self(vec![Part::Unknown])
    }

    /// One part.
    #[must_use]
    pub fn part(part: Part) -> Self {
        Self(vec![part])
    }

    /// The text, if all of it is known.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The text that it starts with, as far as it is known.
    #[must_use]
    pub fn prefix(&self) -> &str {
        match self.0.first() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }

    /// Whether nothing at all is known of it.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.0.iter().all(|part| matches!(part, Part::Unknown))
    }

    /// The whole, readable: `${NAME}` for variables, `~` for the home directory, `{name}` for
    /// input, `…` for what is not known.
    #[must_use]
    pub fn rendered(&self) -> String {
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Env(name) => {
                    out.push_str("${");
                    out.push_str(name);
                    out.push('}');
                }
                Part::Home => out.push('~'),
                Part::Input(name) => {
                    out.push('{');
                    out.push_str(name);
                    out.push('}');
                }
                Part::Unknown => out.push('…'),
            }
        }
        out
    }

    /// Appends a part, joined with the last one where that is possible.
    pub(crate) fn push(&mut self, part: Part) {
        let full = self.0.len() >= MAX_PARTS;
        match (self.0.last_mut(), part) {
            (Some(Part::Unknown), Part::Unknown) => {}
            (Some(Part::Text(last)), Part::Text(text)) => {
                if last.len() + text.len() <= MAX_TEXT {
                    last.push_str(&text);
                } else {
                    self.0.push(Part::Unknown);
                }
            }
            (_, Part::Text(text)) if text.is_empty() => {}
            (_, part) if !full => self.0.push(part),
            _ => {}
        }
    }

    /// Appends all parts of another.
    pub(crate) fn extend(&mut self, other: &Self) {
        if other.0.is_empty() {
            return;
        }
        for part in &other.0 {
            self.push(part.clone());
        }
    }

    /// Path elements joined by `/`, where an absolute or home path starts anew.
    pub(crate) fn join_path<'a>(elements: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut out = Self::default();
        for element in elements {
            let anchored = matches!(element.0.first(), Some(Part::Home))
                || element.prefix().starts_with('/')
                || element.prefix().starts_with("~/");
            if anchored {
                out = Self::default();
            } else if !out.0.is_empty()
                && !matches!(out.0.last(), Some(Part::Text(t)) if t.ends_with('/'))
            {
                out.push(Part::Text("/".into()));
            }
            out.extend(element);
        }
        out.tidy_path()
    }

    /// `a/./b` to `a/b`, `a/x/../b` to `a/b`, a leading `~` to [`Part::Home`].
    pub(crate) fn tidy_path(mut self) -> Self {
        if let Some(Part::Text(text)) = self.0.first_mut()
            && (text == "~" || text.starts_with("~/"))
        {
            text.remove(0);
            if text.is_empty() {
                self.0[0] = Part::Home;
            } else {
                self.0.insert(0, Part::Home);
            }
        }
        for part in &mut self.0 {
            if let Part::Text(text) = part
                && (text.contains("/./") || text.contains("/../"))
            {
                let mut kept: Vec<&str> = Vec::new();
                for piece in text.split('/') {
                    match piece {
                        "." => {}
                        ".." if kept.last().is_some_and(|k| !k.is_empty() && *k != "..") => {
                            kept.pop();
                        }
                        piece => kept.push(piece),
                    }
                }
                *text = kept.join("/");
            }
        }
        self
    }

    /// Each known piece of text changed, the rest kept.
    pub(crate) fn map_text(&self, f: impl Fn(&str) -> String) -> Self {
        let mut out = Self::default();
        for part in &self.0 {
            out.push(match part {
                Part::Text(text) => Part::Text(f(text)),
                other => other.clone(),
            });
        }
        out
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.rendered())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_from_the_last_anchor() {
        let home = Value::part(Part::Home);
        let joined = Value::join_path([&home, &".ssh".into(), &"./x/../id_rsa".into()]);
        assert_eq!(joined.rendered(), "~/.ssh/id_rsa");
        assert_eq!(
            Value::join_path([&"a".into(), &"/etc/passwd".into()]).rendered(),
            "/etc/passwd"
        );
        assert_eq!(
            Value::text("~/.aws/credentials").tidy_path().0[0],
            Part::Home
        );
    }

    #[test]
    fn neighbouring_texts_become_one() {
        let mut value = Value::text("a");
        value.extend(&Value::text("b"));
        value.push(Part::Unknown);
        value.push(Part::Unknown);
        assert_eq!(value.0.len(), 2);
        assert_eq!(value.prefix(), "ab");
        assert_eq!(value.as_text(), None);
    }
}
