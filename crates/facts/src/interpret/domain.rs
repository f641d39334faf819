//! What a variable may hold.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::out::{Out, Taints};
use crate::{Origination, Part, Span, Value};

/// A value: its text as far as it folds, where it comes from, and what it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Val {
    pub(crate) text: Value,
    pub(crate) taints: Taints,
    pub(crate) shape: Shape,
    /// Where the text stands verbatim in the source.
    pub(crate) verbatim: Option<Span>,
}

#[derive(Debug, Clone, Default)]
pub(crate) enum Shape {
    #[default]
    Plain,
    Number(f64),
    /// Something that the file didn't define, by its canonical dotted name.
    Api(Rc<str>),
    /// What calling it gave, with what it is about: an open file's path, a connection's host.
    Handle(Rc<str>, Rc<Value>),
    Function {
        id: u32,
        scope: usize,
        this: Option<u32>,
    },
    Class(u32),
    Instance(u32),
    Object(Rc<BTreeMap<Rc<str>, Val>>),
    List(Rc<Vec<Val>>),
    /// A promise's `resolve`: what it is called with.
    Slot(usize),
}

impl Val {
    pub(crate) fn unknown() -> Self {
        Self {
            text: Value::unknown(),
            ..Self::default()
        }
    }

    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self {
            text: Value::text(text),
            ..Self::default()
        }
    }

    pub(crate) fn of(text: Value, taints: Taints) -> Self {
        Self {
            text,
            taints,
            ..Self::default()
        }
    }

    pub(crate) fn api(name: impl Into<Rc<str>>) -> Self {
        Self {
            shape: Shape::Api(name.into()),
            ..Self::unknown()
        }
    }

    pub(crate) fn tainted(taints: Taints) -> Self {
        Self {
            taints,
            ..Self::unknown()
        }
    }

    pub(crate) fn handle(name: impl Into<Rc<str>>, about: Value, taints: Taints) -> Self {
        Self {
            shape: Shape::Handle(name.into(), Rc::new(about)),
            taints,
            ..Self::unknown()
        }
    }

    pub(crate) fn origin(what: Origination, span: Span) -> Self {
        Self::tainted(Taints::of(what, span))
    }

    pub(crate) fn list(items: Vec<Self>) -> Self {
        Self {
            shape: Shape::List(Rc::new(items)),
            ..Self::unknown()
        }
    }

    /// The elements of a list.
    pub(crate) fn items(&self) -> Option<&[Self]> {
        match &self.shape {
            Shape::List(items) => Some(items),
            _ => None,
        }
    }

    /// A field of an object.
    pub(crate) fn field(&self, name: &str) -> Option<&Self> {
        match &self.shape {
            Shape::Object(fields) => fields.get(name),
            _ => None,
        }
    }

    /// All origins of it and of what it holds. A whole environment is one.
    pub(crate) fn all_taints(&self, span: Span) -> Taints {
        let mut taints = Taints::default();
        self.gather(&mut taints, span, 0);
        taints
    }

    fn gather(&self, into: &mut Taints, span: Span, depth: u32) {
        into.join(&self.taints);
        if depth > 4 {
            return;
        }
        match &self.shape {
            Shape::Object(fields) => fields
                .values()
                .take(100)
                .for_each(|v| v.gather(into, span, depth + 1)),
            Shape::List(items) => items
                .iter()
                .take(100)
                .for_each(|v| v.gather(into, span, depth + 1)),
            Shape::Api(name) if is_environment(name) => {
                into.join(&Taints::of(Origination::EnvAll, span));
            }
            _ => {}
        }
    }

    /// Whether it is fully known, through all that it holds.
    pub(crate) fn is_constant(&self) -> bool {
        match &self.shape {
            Shape::Object(fields) => fields.values().take(100).all(Self::is_constant),
            Shape::List(items) => items.iter().take(100).all(Self::is_constant),
            Shape::Number(_) => true,
            Shape::Plain => self.taints.is_empty() && self.text.as_text().is_some(),
            _ => false,
        }
    }

    /// The value itself, with more origins.
    pub(crate) fn with(mut self, taints: &Taints) -> Self {
        self.taints.join(taints);
        self
    }

    /// The text as a shell or a person would see a list: its elements by spaces.
    pub(crate) fn spoken(&self) -> Value {
        match self.items() {
            Some(items) => {
                let mut out = Value::default();
                for (index, item) in items.iter().take(256).enumerate() {
                    if index > 0 {
                        out.push(Part::Text(" ".into()));
                    }
                    out.extend(&item.text);
                }
                out
            }
            None => self.text.clone(),
        }
    }

    /// One of the two: the more telling text and shape, the origins of both.
    pub(crate) fn or(self, other: Self) -> Self {
        let mut taints = self.taints.clone();
        taints.join(&other.taints);
        let mut chosen = if other.tells() > self.tells() {
            other
        } else {
            self
        };
        chosen.taints = taints;
        chosen
    }

    fn tells(&self) -> u8 {
        match (&self.shape, self.text.as_text()) {
            (Shape::Plain | Shape::Number(_), None) if self.text.is_unknown() => 0,
            (Shape::Plain, None)
                if matches!(self.text.0.as_slice(), [Part::Env(_) | Part::Input(_)]) =>
            {
                2
            }
            (Shape::Plain, Some("")) => 1,
            (Shape::Plain | Shape::Number(_), _) => 3,
            _ => 4,
        }
    }
}

/// The names under which the whole environment goes.
pub(crate) fn is_environment(name: &str) -> bool {
    matches!(
        name,
        "os.environ" | "os.environb" | "process.env" | "import.meta.env" | "Bun.env"
    )
}

/// One environment variable, read.
pub(crate) fn env(out: &mut Out, name: &str, span: Span, call: &str) -> Val {
    out.effect(
        crate::EffectKind::Env {
            name: name.to_owned(),
        },
        span,
        call,
    );
    let text = match name {
        "HOME" | "USERPROFILE" => Part::Home,
        name => Part::Env(name.to_owned()),
    };
    let taints = if text == Part::Home {
        Taints::default()
    } else {
        Taints::of(Origination::Env(name.to_owned()), span)
    };
    Val::of(Value::part(text), taints)
}

/// The arguments of a call.
#[derive(Debug, Default)]
pub(crate) struct Args {
    pub(crate) positional: Vec<Val>,
    pub(crate) named: Vec<(Rc<str>, Val)>,
}

impl Args {
    /// An argument by position or name.
    pub(crate) fn get(&self, index: usize, names: &[&str]) -> Option<&Val> {
        self.named(names).or_else(|| self.positional.get(index))
    }

    /// An argument by name, or of that name in an object of options.
    pub(crate) fn named(&self, names: &[&str]) -> Option<&Val> {
        self.named
            .iter()
            .find(|(name, _)| names.contains(&&**name))
            .map(|(_, val)| val)
            .or_else(|| {
                self.positional
                    .iter()
                    .find_map(|val| names.iter().find_map(|name| val.field(name)))
            })
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Val> {
        self.positional
            .iter()
            .chain(self.named.iter().map(|(_, val)| val))
    }

    /// The origins of all of them.
    pub(crate) fn taints(&self, span: Span) -> Taints {
        let mut taints = Taints::default();
        self.all()
            .for_each(|val| taints.join(&val.all_taints(span)));
        taints
    }
}
