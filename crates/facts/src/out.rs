//! Where a front end puts what it finds, without repeats and within bounds.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use crate::literal;
use crate::{
    Destination, Effect, EffectKind, Flow, FlowEnd, Import, Language, Literal, Origin, Origination,
    Span, Value,
};

/// So many effects, flows, imports, literals or children of one source are kept: each list is far
/// longer than anybody reads.
const MAX_ITEMS: usize = 4_000;
/// So many origins of one value, and steps of one origin, are kept.
const MAX_ORIGINS: usize = 12;
const MAX_STEPS: usize = 12;

/// Where a value comes from, and by which way.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Taint {
    pub(crate) from: FlowEnd<Origination>,
    pub(crate) through: Vec<(String, Span)>,
}

/// The origins of a value.
#[derive(Debug, Clone, Default)]
pub(crate) struct Taints(pub(crate) Vec<Rc<Taint>>);

impl Taints {
    pub(crate) fn of(what: Origination, span: Span) -> Self {
        Self(vec![Rc::new(Taint {
            from: FlowEnd { what, span },
            through: Vec::new(),
        })])
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn join(&mut self, other: &Self) {
        for taint in &other.0 {
            if self.0.len() >= MAX_ORIGINS {
                return;
            }
            if !self
                .0
                .iter()
                .any(|t| Rc::ptr_eq(t, taint) || t.from == taint.from)
            {
                self.0.push(Rc::clone(taint));
            }
        }
    }

    /// The same origins, one step further.
    pub(crate) fn through(&self, step: &str, span: Span) -> Self {
        let further = |taint: &Rc<Taint>| {
            if taint.through.len() >= MAX_STEPS
                || taint.through.iter().any(|(s, at)| s == step && *at == span)
            {
                return Rc::clone(taint);
            }
            let mut taint = Taint::clone(taint);
            taint.through.push((step.to_owned(), span));
            Rc::new(taint)
        };
        Self(self.0.iter().map(further).collect())
    }
}

/// A text inside a source, to be read by itself.
#[derive(Debug, Clone)]
pub(crate) struct Child {
    pub(crate) origin: Origin,
    /// Nothing known: by content.
    pub(crate) language: Option<Language>,
    pub(crate) text: ChildText,
    pub(crate) top_level: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum ChildText {
    /// A range of the source's text.
    Verbatim(Span),
    /// Text of the length of a range of the source's text, at its offsets.
    Masked(Span, String),
    /// Text of its own.
    Own(String),
}

/// The facts of a source in the making.
#[derive(Debug)]
pub(crate) struct Out {
    pub(crate) effects: Vec<Effect>,
    pub(crate) flows: Vec<Flow>,
    pub(crate) imports: Vec<Import>,
    pub(crate) literals: Vec<Literal>,
    pub(crate) children: Vec<Child>,
    pub(crate) unparsed: Vec<Span>,
    pub(crate) too_deep: bool,
    /// What runs now runs when the source is loaded.
    pub(crate) top_level: bool,
    seen: HashMap<u64, usize>,
    /// What files were seen to be written with, by rendered path.
    files: BTreeMap<String, Taints>,
}

impl Out {
    pub(crate) fn new(top_level: bool) -> Self {
        Self {
            effects: Vec::new(),
            flows: Vec::new(),
            imports: Vec::new(),
            literals: Vec::new(),
            children: Vec::new(),
            unparsed: Vec::new(),
            too_deep: false,
            top_level,
            seen: HashMap::new(),
            files: BTreeMap::new(),
        }
    }

    /// Whether this is new; where the earlier one is if not.
    fn first(&mut self, item: &impl Hash, index: usize) -> Result<(), usize> {
        let mut hasher = DefaultHasher::new();
        item.hash(&mut hasher);
        match self.seen.entry(hasher.finish()) {
            Entry::Occupied(earlier) => Err(*earlier.get()),
            Entry::Vacant(entry) => {
                entry.insert(index);
                Ok(())
            }
        }
    }

    pub(crate) fn effect(&mut self, kind: EffectKind, span: Span, call: &str) {
        if self.effects.len() >= MAX_ITEMS {
            return;
        }
        match self.first(&("effect", span, call, &kind), self.effects.len()) {
            Ok(()) => self.effects.push(Effect {
                kind,
                span,
                call: call.to_owned(),
                top_level: self.top_level,
            }),
            Err(index) => self.effects[index].top_level |= self.top_level,
        }
    }

    pub(crate) fn flow(&mut self, taints: &Taints, to: &Destination, span: Span) {
        for taint in &taints.0 {
            if self.flows.len() >= MAX_ITEMS {
                return;
            }
            if self.first(&("flow", &taint.from, to, span), 0).is_ok() {
                self.flows.push(Flow {
                    from: taint.from.clone(),
                    through: taint.through.clone(),
                    to: FlowEnd {
                        what: to.clone(),
                        span,
                    },
                });
            }
        }
    }

    pub(crate) fn import(&mut self, name: &str, span: Span) {
        if self.imports.len() < MAX_ITEMS && self.first(&("import", name), 0).is_ok() {
            self.imports.push(Import {
                name: name.to_owned(),
                span,
            });
        }
    }

    /// Keeps a string if it is worth reading, and what it encodes as a child.
    pub(crate) fn string(&mut self, text: &str, span: Span) {
        if text.len() < 4 || self.first(&("string", text), 0).is_err() {
            return;
        }
        for layer in crate::decode::layers(text) {
            self.child(Child {
                origin: Origin::Decoded {
                    how: vec![layer.how.to_owned()],
                    at: span,
                },
                language: None,
                text: ChildText::Own(layer.text),
                top_level: self.top_level,
            });
        }
        if self.literals.len() < MAX_ITEMS
            && let Some(kind) = literal::classify(text)
        {
            let text = text.chars().take(literal::MAX).collect();
            self.literals.push(Literal { kind, text, span });
        }
    }

    pub(crate) fn child(&mut self, child: Child) {
        let new = match &child.text {
            ChildText::Verbatim(span) => self.first(&("child", span), 0),
            ChildText::Masked(_, text) | ChildText::Own(text) => self.first(&("child", text), 0),
        };
        if new.is_ok() && self.children.len() < MAX_ITEMS {
            self.children.push(child);
        }
    }

    /// Code inside a string, as far as the string is known.
    pub(crate) fn embedded(
        &mut self,
        code: &Value,
        verbatim: Option<Span>,
        language: Language,
        by: &str,
    ) {
        let text = match verbatim {
            Some(span) => ChildText::Verbatim(span),
            None if code.is_unknown() => return,
            None => ChildText::Own(as_code(code, language)),
        };
        let origin = Origin::Embedded { by: by.to_owned() };
        self.child(Child {
            origin,
            language: Some(language),
            text,
            top_level: self.top_level,
        });
    }

    /// Remembers what a file was written with.
    pub(crate) fn wrote(&mut self, path: &Value, taints: &Taints) {
        if !path.is_unknown() && !taints.is_empty() && self.files.len() < MAX_ITEMS {
            self.files.entry(file_key(path)).or_default().join(taints);
        }
    }

    /// What a file was written with earlier in this source.
    pub(crate) fn written(&self, path: &Value, span: Span) -> Taints {
        if path.is_unknown() {
            return Taints::default();
        }
        self.files
            .get(&file_key(path))
            .map_or_else(Taints::default, |t| t.through("file", span))
    }

    /// What the files that a command line names were written with.
    pub(crate) fn mentioned(&self, line: &str, span: Span) -> Taints {
        let mut taints = Taints::default();
        for (path, written) in &self.files {
            if path.len() > 3 && line.contains(path.as_str()) {
                taints.join(&written.through("file", span));
            }
        }
        taints
    }

    /// Everything as it would be if the text began at `base`.
    pub(crate) fn shift(&mut self, base: u32) {
        let at = |span: &mut Span| {
            span.start += base;
            span.end += base;
        };
        self.effects.iter_mut().for_each(|e| at(&mut e.span));
        self.imports.iter_mut().for_each(|e| at(&mut e.span));
        self.literals.iter_mut().for_each(|e| at(&mut e.span));
        self.unparsed.iter_mut().for_each(at);
        for flow in &mut self.flows {
            at(&mut flow.from.span);
            at(&mut flow.to.span);
            flow.through.iter_mut().for_each(|(_, span)| at(span));
        }
    }
}

/// How a file is known across a source: without what doesn't tell one file from another.
fn file_key(path: &Value) -> String {
    let path = path.rendered();
    path.strip_prefix("./").unwrap_or(&path).to_owned()
}

/// A value as code of a language: what isn't known becomes a variable.
fn as_code(value: &Value, language: Language) -> String {
    let mut out = String::new();
    for part in &value.0 {
        match (part, language) {
            (crate::Part::Text(text), _) => out.push_str(text),
            (crate::Part::Env(name), Language::Shell) => {
                out.push_str("${");
                out.push_str(name);
                out.push('}');
            }
            (crate::Part::Home, _) => out.push('~'),
            (_, Language::Shell) => out.push_str("${_}"),
            _ => out.push('_'),
        }
    }
    out
}
