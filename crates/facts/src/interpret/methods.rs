//! Methods of strings, lists and objects, and of receivers that are not known.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Args, Interpreter, Shape, Val, env};
use crate::ir::Id;
use crate::models::Api;
use crate::out::Taints;
use crate::{Part, Span, Value};

/// Lists that are taken apart or put together are at most this long.
const MAX_ITEMS: usize = 100_000;

impl Interpreter<'_> {
    pub(super) fn environment_method(
        &mut self,
        path: &str,
        name: &str,
        args: &Args,
        span: Span,
    ) -> Val {
        match (
            name,
            args.positional
                .first()
                .and_then(|a| a.text.as_text())
                .filter(|n| !n.is_empty()),
        ) {
            ("get" | "pop" | "setdefault" | "__getitem__", Some(variable)) => {
                let variable = variable.to_owned();
                let val = env(self.out, &variable, span, path);
                match args.positional.get(1) {
                    Some(default) => val.or(default.clone()),
                    None => val,
                }
            }
            ("update", _) => Val::unknown(),
            _ => {
                self.out.effect(crate::EffectKind::EnvAll, span, path);
                Val::origin(crate::Origination::EnvAll, span)
            }
        }
    }

    pub(super) fn generic_method(
        &mut self,
        object: Id,
        receiver: &Val,
        name: &str,
        args: Args,
        span: Span,
    ) -> Val {
        let mut taints = receiver.all_taints(span);
        let first = args.positional.first();
        let known = receiver
            .text
            .as_text()
            .filter(|_| receiver.items().is_none());
        match name {
            "join" => {
                // Python joins a list by a text, JavaScript by an argument of the list.
                let (separator, items) = match (receiver.items(), first) {
                    (Some(items), separator) => (
                        separator.map_or_else(|| Value::text(","), |s| s.text.clone()),
                        items,
                    ),
                    (None, Some(list)) => (receiver.text.clone(), list.items().unwrap_or_default()),
                    (None, None) => return Val::tainted(taints),
                };
                taints.join(&args.taints(span));
                if items.is_empty() {
                    return Val::tainted(taints);
                }
                let mut text = Value::default();
                for (index, item) in items.iter().take(MAX_ITEMS).enumerate() {
                    if index > 0 {
                        text.extend(&separator);
                    }
                    text.extend(&item.text);
                }
                if let Some(known) = text.as_text() {
                    self.out.string(known, span);
                }
                Val::of(text, taints)
            }
            "format" if known.is_some() => format(receiver, &args, span),
            "concat" => {
                taints.join(&args.taints(span));
                if let Some(items) = receiver.items() {
                    let mut items = items.to_vec();
                    for arg in &args.positional {
                        match arg.items() {
                            Some(more) => items.extend_from_slice(more),
                            None => items.push(arg.clone()),
                        }
                    }
                    return Val {
                        taints,
                        ..Val::list(items)
                    };
                }
                let mut text = receiver.text.clone();
                args.positional
                    .iter()
                    .for_each(|arg| text.extend(&arg.text));
                Val::of(text, taints)
            }
            "replace" | "replaceAll" => {
                taints.join(&args.taints(span));
                let from = first
                    .and_then(|a| a.text.as_text())
                    .filter(|f| !f.is_empty());
                let to = args.positional.get(1).and_then(|a| a.text.as_text());
                match (known, from, to) {
                    (Some(text), Some(from), Some(to))
                        if text.len() * to.len().max(1) < (1 << 24) =>
                    {
                        let text = text.replace(from, to);
                        self.out.string(&text, span);
                        Val::of(Value::text(text), taints)
                    }
                    _ => Val::tainted(taints),
                }
            }
            "split" => match (known, first.map(|a| a.text.as_text())) {
                (Some(text), Some(Some(separator))) => {
                    let pieces: Vec<Val> = if separator.is_empty() {
                        text.chars().take(MAX_ITEMS).map(Val::text).collect()
                    } else {
                        text.split(separator)
                            .take(MAX_ITEMS)
                            .map(Val::text)
                            .collect()
                    };
                    Val {
                        taints,
                        ..Val::list(pieces)
                    }
                }
                (Some(text), None) => {
                    let pieces = text
                        .split_whitespace()
                        .take(MAX_ITEMS)
                        .map(Val::text)
                        .collect();
                    Val {
                        taints,
                        ..Val::list(pieces)
                    }
                }
                _ => Val::tainted(taints),
            },
            "reverse" | "toReversed" => reversed(receiver, span),
            "toLowerCase" | "lower" => Val::of(receiver.text.map_text(str::to_lowercase), taints),
            "toUpperCase" | "upper" => Val::of(receiver.text.map_text(str::to_uppercase), taints),
            "trim" | "strip" | "rstrip" | "lstrip" | "trimEnd" | "trimStart" | "decode"
            | "encode" | "valueOf" | "normalize" | "expanduser" | "as_posix" | "copy"
                if matches!(receiver.shape, Shape::Plain) =>
            {
                let text = receiver.text.map_text(|t| t.trim().to_owned());
                Val::of(
                    if name.ends_with("code") {
                        receiver.text.clone()
                    } else {
                        text
                    },
                    taints,
                )
            }
            "toString" => match first.and_then(|a| a.text.as_text()) {
                Some(how @ ("base64" | "hex" | "base64url")) => {
                    Val::tainted(taints.through(how, span))
                }
                _ => Val {
                    taints,
                    shape: Shape::Plain,
                    ..receiver.clone()
                },
            },
            "hex" => Val::tainted(taints.through("hex", span)),
            "push" | "append" | "unshift" | "add" | "extend" | "insert" | "write" | "set"
            | "update" | "assign"
                if !matches!(receiver.shape, Shape::Handle(..) | Shape::Api(_)) =>
            {
                self.collect(object, receiver, name, args, span)
            }
            "get" if matches!(receiver.shape, Shape::Object(_)) => {
                let field = first
                    .and_then(|a| a.text.as_text())
                    .and_then(|n| receiver.field(n));
                match (field, args.positional.get(1)) {
                    (Some(val), _) => val.clone().with(&receiver.taints),
                    (None, Some(default)) => default.clone().with(&receiver.taints),
                    (None, None) => Val::tainted(taints),
                }
            }
            "items" | "values" | "entries" | "keys" => match &receiver.shape {
                Shape::Object(fields) => {
                    let items = fields
                        .iter()
                        .map(|(k, v)| match name {
                            "values" => v.clone(),
                            "keys" => Val::text(&**k),
                            _ => Val::list(vec![Val::text(&**k), v.clone()]),
                        })
                        .collect();
                    Val {
                        taints,
                        ..Val::list(items)
                    }
                }
                _ => Val::tainted(taints),
            },
            "map" | "forEach" | "filter" | "find" | "flatMap" | "some" | "every" | "reduce"
            | "flat" | "slice"
                if receiver.items().is_some() =>
            {
                let element = self.element(receiver);
                let returned = self.call_back(&args, &element);
                match name {
                    "map" | "flatMap" => {
                        taints.join(&returned.taints);
                        Val {
                            taints,
                            ..Val::list(vec![returned])
                        }
                    }
                    "filter" | "slice" | "flat" => receiver.clone(),
                    "find" => element,
                    _ => returned.with(&taints),
                }
            }
            "then" | "catch" | "finally" => {
                let returned = self.call_back(&args, receiver);
                if name == "then" {
                    returned.with(&taints)
                } else {
                    receiver.clone()
                }
            }
            "pipe" => {
                for arg in &args.positional {
                    self.sink(arg, &taints, span);
                }
                first.cloned().unwrap_or_else(Val::unknown).with(&taints)
            }
            "get" | "post" | "put" | "patch" | "delete" | "request" | "fetch" | "head"
            | "urlopen"
                if !matches!(receiver.shape, Shape::Object(_)) && is_url(first) =>
            {
                let about = Value::unknown();
                let call = super::apply::Call {
                    name,
                    receiver: Some(receiver),
                    about: &about,
                    span,
                };
                self.apply(Api::Net(verb(name)), &call, args)
            }
            _ => self.unknown_call(&taints, &args, span),
        }
    }

    /// Puts arguments into a list or object that a variable holds.
    fn collect(&mut self, object: Id, receiver: &Val, name: &str, args: Args, span: Span) -> Val {
        let val = match &receiver.shape {
            Shape::List(items) if items.len() < 1_000 && name != "set" => {
                let mut items = Vec::clone(items);
                for arg in args.positional {
                    match arg.items() {
                        Some(more) if name == "extend" => items.extend_from_slice(more),
                        _ => items.push(arg),
                    }
                }
                Val {
                    shape: Shape::List(Rc::new(items)),
                    ..receiver.clone()
                }
            }
            Shape::Object(fields) if fields.len() < 1_000 => {
                let mut fields = BTreeMap::clone(fields);
                match args.positional.as_slice() {
                    [key, value] if key.text.as_text().is_some() => {
                        let key = key.text.as_text().unwrap_or_default();
                        fields.insert(key.into(), value.clone());
                    }
                    many => {
                        for arg in many {
                            if let Shape::Object(more) = &arg.shape {
                                fields.extend(more.iter().map(|(k, v)| (Rc::clone(k), v.clone())));
                            }
                        }
                    }
                }
                let taints = args.taints(span);
                Val {
                    shape: Shape::Object(Rc::new(fields)),
                    ..receiver.clone()
                }
                .with(&taints)
            }
            _ => receiver.clone().with(&args.taints(span)),
        };
        self.replace(object, val.clone());
        val
    }
}

/// The HTTP method that a client's method is named for.
fn verb(name: &str) -> &'static str {
    match name {
        "get" => "GET",
        "post" => "POST",
        "put" => "PUT",
        "patch" => "PATCH",
        "delete" => "DELETE",
        "head" => "HEAD",
        _ => "",
    }
}

fn is_url(val: Option<&Val>) -> bool {
    val.is_some_and(|v| {
        let prefix = v.text.prefix();
        prefix.starts_with("http://") || prefix.starts_with("https://")
    })
}

pub(super) fn reversed(of: &Val, span: Span) -> Val {
    if let Some(items) = of.items() {
        return Val {
            taints: of.taints.clone(),
            ..Val::list(items.iter().rev().cloned().collect())
        };
    }
    match of.text.as_text() {
        Some(text) => {
            let mut taints = of.taints.clone();
            if text.len() >= 8 {
                taints.join(&Taints::of(
                    crate::Origination::Decoded("reversed".into()),
                    span,
                ));
            }
            Val::of(Value::text(text.chars().rev().collect::<String>()), taints)
        }
        None => Val::tainted(of.taints.clone()),
    }
}

/// Python's `%`: each conversion replaced by the next value.
pub(super) fn percent(format: &Val, args: &[Val], span: Span) -> Val {
    let mut taints = format.taints.clone();
    args.iter()
        .for_each(|arg| taints.join(&arg.all_taints(span)));
    let Some(text) = format.text.as_text() else {
        return Val::tainted(taints);
    };
    let mut out = Value::default();
    let mut args = args.iter();
    let mut pieces = text.split('%');
    out.push(Part::Text(pieces.next().unwrap_or_default().to_owned()));
    let mut literal = false;
    for piece in pieces {
        if piece.is_empty() && !literal {
            literal = true;
            out.push(Part::Text("%".into()));
            continue;
        }
        if std::mem::take(&mut literal) {
            out.push(Part::Text(piece.to_owned()));
            continue;
        }
        match args.next() {
            Some(arg) => out.extend(&arg.text),
            None => out.push(Part::Unknown),
        }
        let end = piece
            .find(|c: char| c.is_ascii_alphabetic())
            .map_or(piece.len(), |at| at + 1);
        out.push(Part::Text(piece[end..].to_owned()));
    }
    Val::of(out, taints)
}

/// Python's `str.format`: `{}`, `{0}` and `{name}`.
fn format(receiver: &Val, args: &Args, span: Span) -> Val {
    let mut taints = receiver.taints.clone();
    taints.join(&args.taints(span));
    let Some(text) = receiver.text.as_text() else {
        return Val::tainted(taints);
    };
    let mut out = Value::default();
    let mut next = 0;
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        out.push(Part::Text(rest[..at].to_owned()));
        let doubled = rest[at..].starts_with("{{") || rest[at..].starts_with("}}");
        if doubled {
            out.push(Part::Text(rest[at..=at].to_owned()));
            rest = &rest[at + 2..];
            continue;
        }
        let Some(end) = rest[at..].find('}').map(|end| at + end) else {
            break;
        };
        let field = rest.get(at + 1..end).unwrap_or_default();
        let name = field.split(['!', ':', '.', '[']).next().unwrap_or_default();
        let val = if name.is_empty() {
            next += 1;
            args.positional.get(next - 1)
        } else if let Ok(index) = name.parse::<usize>() {
            args.positional.get(index)
        } else {
            args.named(&[name])
        };
        match val {
            Some(val) => out.extend(&val.text),
            None => out.push(Part::Unknown),
        }
        rest = &rest[end + 1..];
    }
    out.push(Part::Text(rest.to_owned()));
    Val::of(out, taints)
}

/// The text of a list of character codes, if it is one.
pub(super) fn char_codes(items: &[Val]) -> Option<String> {
    if items.len() < 8 {
        return None;
    }
    let mut text = String::with_capacity(items.len());
    for item in items {
        match item.shape {
            Shape::Number(n)
                if n.fract() == 0.0
                    && ((32.0..127.0).contains(&n) || matches!(n as u32, 9 | 10 | 13)) =>
            {
                text.push(char::from(n as u8));
            }
            _ => return None,
        }
    }
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    (letters * 2 > text.len()).then_some(text)
}
