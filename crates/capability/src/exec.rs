//! Programs.

use crate::{
    Digest, PathPattern, Root,
    lex::{ParseError, Words},
    segments::Meet,
};

/// A program that may be started, perhaps only with one content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExecRule {
    program: Program,
    pin: Option<Digest>,
}

/// How a program is named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Program {
    /// Every program, spelled `any`.
    Any,
    /// By the name that a shell would look up in the run's own `PATH`.
    Name(String),
    /// By place.
    Path(PathPattern),
}

impl ExecRule {
    /// What follows the program, for an error.
    pub(crate) const TAIL: &str = "a pin like `sha256:…` or the end";

    pub(crate) fn parse(words: &mut Words<'_>) -> Result<Self, ParseError> {
        let program = words.expect("a program's name or path")?.read(|text| {
            if text == "any" {
                Ok(Program::Any)
            } else if text.starts_with('$') || text.contains('/') {
                PathPattern::read(text).map(Program::Path)
            } else {
                read_name(text).map(Program::Name)
            }
        })?;
        let pin = words.next_if(|word| word.starts_with("sha256:"));
        let pin = pin.map(|word| word.read(|text| text.parse().map_err(|e| format!("{e}"))));
        Ok(Self {
            program,
            pin: pin.transpose()?,
        })
    }

    /// The program that a script or a text starts by `raw`: a name, or a path as of
    /// [`PathPattern::infer`], a relative one in the workspace.
    ///
    /// # Errors
    /// Where it can be neither.
    pub fn infer(raw: &str) -> Result<Self, ParseError> {
        let program = if raw.contains(['/', '~', '$']) {
            PathPattern::infer(raw, Root::Workspace)
                .map(Program::Path)
                .map_err(|e| e.0)
        } else {
            read_name(raw.trim()).map(Program::Name)
        };
        let program = program.map_err(|message| ParseError::new(message, 0..raw.len()))?;
        Ok(Self { program, pin: None })
    }

    /// Which program.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The content that it must have.
    #[must_use]
    pub fn pin(&self) -> Option<&Digest> {
        self.pin.as_ref()
    }

    /// Whether every program that `narrow` allows is allowed by this.
    #[must_use]
    pub fn covers(&self, narrow: &Self) -> bool {
        let program = match (&self.program, &narrow.program) {
            (Program::Any, _) => true,
            (Program::Path(wide), Program::Path(narrow)) => wide.covers(narrow),
            (wide, narrow) => wide == narrow,
        };
        program && (self.pin.is_none() || self.pin == narrow.pin)
    }

    pub(crate) fn meet(&self, other: &Self) -> Meet<Self> {
        let pin = match (self.pin, other.pin) {
            (Some(a), Some(b)) if a != b => return Meet::nothing(),
            (a, b) => a.or(b),
        };
        let meet = match (&self.program, &other.program) {
            (Program::Path(a), Program::Path(b)) => a.meet(b).map(Program::Path),
            (Program::Any, program) | (program, Program::Any) => Meet::of(program.clone()),
            (a, b) if a == b => Meet::of(a.clone()),
            // The name may lead to that very place; only the run's `PATH` could tell.
            (Program::Name(name), Program::Path(path))
            | (Program::Path(path), Program::Name(name)) => Meet {
                pieces: Vec::new(),
                complete: !path.may_end_in(name),
            },
            _ => Meet::nothing(),
        };
        meet.map(|program| Self { program, pin })
    }
}

impl std::fmt::Display for ExecRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.program {
            Program::Any => f.write_str("any")?,
            Program::Name(name) => f.write_str(name)?,
            Program::Path(path) => write!(f, "{path}")?,
        }
        self.pin.iter().try_for_each(|pin| write!(f, " {pin}"))
    }
}

fn read_name(text: &str) -> Result<String, String> {
    let valid = (1..=128).contains(&text.len())
        && !text.starts_with(['-', '.'])
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b));
    valid.then(|| text.to_owned()).ok_or_else(|| {
        format!(
            "expected a program like `python3`, `/usr/bin/git` or `$SKILL/run.sh`, found `{text}`"
        )
    })
}
