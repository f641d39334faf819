//! What a call of a known function does.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Args, Interpreter, Shape, Val, env, methods};
use crate::models::{Api, shell};
use crate::out::Taints;
use crate::{Destination, EffectKind, Language, Origination, Part, Span, Value, decode};

/// A call being made.
pub(super) struct Call<'a> {
    /// Canonical name.
    pub(super) name: &'a str,
    pub(super) receiver: Option<&'a Val>,
    /// What the receiver is about.
    pub(super) about: &'a Value,
    pub(super) span: Span,
}

impl Interpreter<'_> {
    pub(super) fn apply(&mut self, api: Api, call: &Call<'_>, mut args: Args) -> Val {
        let span = call.span;
        let about = call.about;
        let first = args
            .positional
            .first()
            .cloned()
            .unwrap_or_else(Val::unknown);
        let path = |args: &Args| {
            args.get(0, &["path", "file", "filename", "src", "name"])
                .map_or_else(Value::unknown, |v| v.text.clone())
                .tidy_path()
        };
        match api {
            Api::Net(method) => self.net(call, method, 0, &args),
            Api::NetRequest => {
                let method = first
                    .text
                    .as_text()
                    .unwrap_or_default()
                    .to_ascii_uppercase();
                if args.positional.len() > 1 {
                    args.positional.remove(0);
                }
                self.net(call, &method, 0, &args)
            }
            Api::NetAbout => {
                let taints = args.taints(span);
                self.out
                    .flow(&taints, &Destination::Net(about.clone()), span);
                let constant = args.all().all(Val::is_constant);
                self.net_effect(about.clone(), "", !constant, span, call.name);
                let answer = Val::handle(
                    "response",
                    about.clone(),
                    Taints::of(Origination::Net(about.clone()), span),
                );
                self.call_back(&args, &answer);
                answer
            }
            Api::Connect => {
                let target = address(&args);
                self.net_effect(target.clone(), "", false, span, call.name);
                self.out.string(&target.rendered(), span);
                let answer = Val::handle(
                    "connection",
                    target.clone(),
                    Taints::of(Origination::Net(target), span),
                );
                self.call_back(&args, &answer);
                answer
            }
            Api::Exec => self.exec(call, &args),
            Api::Shell => self.shell(call, &first, &args),
            Api::ExecAbout => {
                self.out
                    .flow(&args.taints(span), &Destination::Exec(about.clone()), span);
                Val::origin(Origination::Output(about.clone()), span)
            }
            Api::Read => {
                let path = path(&args);
                self.read(&path, &args, call)
            }
            Api::ReadAbout => self.read(about, &args, call),
            Api::Open | Api::OpenAbout => {
                let (path, mode) = match api {
                    Api::Open => (path(&args), args.get(1, &["mode"])),
                    _ => (about.clone(), args.get(0, &["mode"])),
                };
                let mode = mode.and_then(|m| m.text.as_text()).unwrap_or("r");
                if mode.contains(['w', 'a', 'x', '+']) {
                    self.out.effect(
                        EffectKind::Write {
                            path: path.clone(),
                            content: None,
                        },
                        span,
                        call.name,
                    );
                    Val::handle("file", path, Taints::default())
                } else {
                    let taints = self.read(&path, &Args::default(), call).taints;
                    Val::handle("file", path, taints)
                }
            }
            Api::Create => {
                let path = path(&args);
                self.out.effect(
                    EffectKind::Write {
                        path: path.clone(),
                        content: None,
                    },
                    span,
                    call.name,
                );
                Val::handle(call.name, path, Taints::default())
            }
            Api::Write => {
                let content = args.get(1, &["data", "content"]).cloned();
                self.write(&path(&args), content.as_ref(), call)
            }
            Api::WriteAbout => self.write(about, Some(&first), call),
            Api::List | Api::ListAbout => {
                let path = if api == Api::List {
                    path(&args)
                } else {
                    about.clone()
                };
                self.out
                    .effect(EffectKind::Read { path: path.clone() }, span, call.name);
                let entry = Value::join_path([&path, &Value::unknown()]);
                let entry = match call.receiver.map(|r| &r.shape) {
                    Some(Shape::Handle(..)) => Val {
                        text: entry.clone(),
                        ..Val::handle("pathlib.Path", entry, Taints::default())
                    },
                    _ if call.name == "os.walk" => Val::list(vec![
                        Val::of(path, Taints::default()),
                        Val::list(vec![]),
                        Val::list(vec![Val::unknown()]),
                    ]),
                    _ if call.name.starts_with("glob") => Val::of(path, Taints::default()),
                    _ => Val::unknown(),
                };
                let list = Val::list(vec![entry]);
                self.call_back(&args, &list);
                list
            }
            Api::Delete { recursive } | Api::DeleteAbout { recursive } => {
                let path = if matches!(api, Api::Delete { .. }) {
                    path(&args)
                } else {
                    about.clone()
                };
                self.out
                    .effect(EffectKind::Delete { path, recursive }, span, call.name);
                Val::unknown()
            }
            Api::Mode | Api::ModeAbout => {
                let (path, mode) = match api {
                    Api::Mode => (path(&args), args.get(1, &["mode"])),
                    _ => (about.clone(), args.get(0, &["mode"])),
                };
                let to = mode.map(octal).unwrap_or_default();
                self.out
                    .effect(EffectKind::Permission { path, to }, span, call.name);
                Val::unknown()
            }
            Api::Copy => {
                let from = path(&args);
                let to = args
                    .get(1, &["dst", "dest"])
                    .map_or_else(Value::unknown, |v| v.text.clone())
                    .tidy_path();
                let taints = self.read(&from, &Args::default(), call).taints;
                self.write(&to, Some(&Val::tainted(taints)), call)
            }
            Api::Eval(language) => {
                let code = args
                    .get(0, &["source", "code"])
                    .cloned()
                    .unwrap_or_else(Val::unknown);
                self.evaluate(&code, language, call)
            }
            Api::EvalLast => {
                let code = args.positional.last().cloned().unwrap_or_else(Val::unknown);
                self.evaluate(&code, self.language, call)
            }
            Api::Load => {
                let what = first.text.clone();
                self.out
                    .effect(EffectKind::Load { what: what.clone() }, span, call.name);
                let mut taints = args.taints(span);
                taints.join(&self.out.written(&what, span));
                self.out
                    .flow(&taints, &Destination::Eval(self.language), span);
                Val::unknown()
            }
            Api::Import => match first.text.as_text().filter(|n| !n.is_empty()) {
                Some(name) => {
                    self.out.import(name, span);
                    let name = name.strip_prefix("node:").unwrap_or(name);
                    Val::api(super::canonical(name))
                }
                None => {
                    self.out.effect(
                        EffectKind::Load {
                            what: first.text.clone(),
                        },
                        span,
                        call.name,
                    );
                    Val::unknown()
                }
            },
            Api::Decode(how) => self.decode(how, &first, &args, call),
            Api::DecodeBy => {
                let how = args
                    .get(1, &["encoding"])
                    .and_then(|v| v.text.as_text())
                    .unwrap_or_default()
                    .to_owned();
                match how.as_str() {
                    "base64" | "base64url" => self.decode("base64", &first, &args, call),
                    "hex" => self.decode("hex", &first, &args, call),
                    "rot13" | "rot_13" => self.decode("rot13", &first, &args, call),
                    "zlib" => self.decode("zlib", &first, &args, call),
                    _ => match first.items().and_then(methods::char_codes) {
                        Some(text) => self.decoded("charcodes", text, span),
                        None => first,
                    },
                }
            }
            Api::Encode(how) => {
                let all = args.taints(span);
                let text = if how == "json" || how == "url" {
                    first.text
                } else {
                    Value::unknown()
                };
                Val::of(text, all.through(how, span))
            }
            Api::Pass => match call.name {
                "Object.assign" | "dict" => merged(&args, span),
                _ if call.name.starts_with("os.path") => Val {
                    text: first.text.clone().tidy_path(),
                    ..first
                },
                "urllib.request.Request" | "URL" | "Request" => {
                    let url = args.get(0, &["url"]).cloned().unwrap_or_else(Val::unknown);
                    let text = match (call.name, args.positional.get(1)) {
                        ("URL", Some(base)) if !url.text.prefix().contains("://") => {
                            let mut text = base.text.clone();
                            text.extend(&url.text);
                            text
                        }
                        _ => url.text,
                    };
                    Val::of(text, args.taints(span))
                }
                _ => first,
            },
            Api::Env => match first
                .text
                .as_text()
                .map(str::to_owned)
                .filter(|n| !n.is_empty())
            {
                Some(name) => {
                    let val = env(self.out, &name, span, call.name);
                    match args.get(1, &["default"]) {
                        Some(default) => val.or(default.clone()),
                        None => val,
                    }
                }
                None => Val::origin(Origination::Env("?".into()), span),
            },
            Api::Resolve => {
                self.out.effect(
                    EffectKind::Resolve {
                        name: first.text.clone(),
                    },
                    span,
                    call.name,
                );
                self.out.flow(
                    &args.taints(span),
                    &Destination::Resolve(first.text.clone()),
                    span,
                );
                Val::origin(Origination::Net(first.text), span)
            }
            Api::Listen => {
                let on = address(&args);
                self.out.effect(EffectKind::Listen { on }, span, call.name);
                self.call_back(&args, &Val::unknown());
                Val::handle("connection", Value::unknown(), Taints::default())
            }
            Api::Download => {
                let url = args
                    .get(0, &["url"])
                    .map_or_else(Value::unknown, |v| v.text.clone());
                let to = args
                    .get(1, &["filename", "out"])
                    .map(|v| v.text.clone().tidy_path());
                self.net_effect(url.clone(), "GET", false, span, call.name);
                self.out.effect(
                    EffectKind::Download {
                        url: url.clone(),
                        to: to.clone(),
                    },
                    span,
                    call.name,
                );
                if let Some(to) = &to {
                    self.out
                        .wrote(to, &Taints::of(Origination::Net(url.clone()), span));
                }
                Val::of(
                    to.unwrap_or_else(Value::unknown),
                    Taints::of(Origination::Net(url), span),
                )
            }
            Api::Sense(what) => {
                self.out.effect(
                    EffectKind::Sense {
                        what: what.to_owned(),
                    },
                    span,
                    call.name,
                );
                let sensed = Val::origin(Origination::Sensed(what.to_owned()), span);
                self.call_back(&args, &sensed);
                sensed
            }
            Api::Machine(what) => Val::origin(Origination::Machine(what.to_owned()), span),
            Api::JoinPath => {
                let joined = Value::join_path(args.positional.iter().map(|v| &v.text));
                if let Some(text) = joined.as_text() {
                    self.out.string(text, span);
                }
                Val::of(joined, args.taints(span))
            }
            Api::JoinAbout => {
                let joined = Value::join_path(
                    std::iter::once(about).chain(args.positional.iter().map(|v| &v.text)),
                );
                Val {
                    text: joined.clone(),
                    ..Val::handle("pathlib.Path", joined, Taints::default())
                }
            }
            Api::Path => {
                let path = Value::join_path(args.positional.iter().map(|v| &v.text));
                Val {
                    text: path.clone(),
                    ..Val::handle("pathlib.Path", path, args.taints(span))
                }
            }
            Api::PathAbout => Val {
                text: about.clone(),
                ..Val::handle("pathlib.Path", about.clone(), Taints::default())
            },
            Api::Home => {
                let home = Value::part(Part::Home);
                match self.language {
                    Language::Python => Val {
                        text: home.clone(),
                        ..Val::handle("pathlib.Path", home, Taints::default())
                    },
                    _ => Val::of(home, Taints::default()),
                }
            }
            Api::Temporary => Val::text("/tmp"),
            Api::FromCodes => {
                let items = first
                    .items()
                    .map_or_else(|| args.positional.clone(), <[Val]>::to_vec);
                match codes(&items) {
                    Some(text) if text.len() >= 8 => self.decoded("charcodes", text, span),
                    Some(text) => Val::text(text),
                    None => Val {
                        taints: args.taints(span),
                        ..first
                    },
                }
            }
            Api::Reverse => methods::reversed(&first, span),
            Api::GetAttr => match args.get(1, &[]).and_then(|n| n.text.as_text()) {
                Some(name) if !name.is_empty() => {
                    let name = name.to_owned();
                    self.member(&first, &name, span)
                }
                _ => Val::tainted(args.taints(span)),
            },
            Api::Globals => Val::api(""),
            Api::Promise => {
                let slot = self.slots.len();
                self.slots.push(Val::unknown());
                if let Shape::Function { .. } = first.shape {
                    let resolve = Val {
                        shape: Shape::Slot(slot),
                        ..Val::unknown()
                    };
                    let args = Args {
                        positional: vec![resolve, Val::unknown()],
                        named: Vec::new(),
                    };
                    self.call_value(&first, args, span);
                }
                std::mem::take(&mut self.slots[slot])
            }
            Api::Later => {
                if call.name.starts_with("set") && first.text.as_text().is_some_and(|t| t.len() > 4)
                {
                    return self.evaluate(&first, self.language, call);
                }
                self.call_back(&args, &Val::unknown())
            }
        }
    }

    fn net_effect(&mut self, target: Value, method: &str, sends: bool, span: Span, call: &str) {
        let method = (!method.is_empty()).then(|| method.to_owned());
        self.out.effect(
            EffectKind::Net {
                target,
                method,
                sends,
            },
            span,
            call,
        );
    }

    fn net(&mut self, call: &Call<'_>, method: &str, url: usize, args: &Args) -> Val {
        let span = call.span;
        let target = args.get(url, &["url", "uri"]);
        let text = match target {
            Some(target) if matches!(target.shape, Shape::Object(_)) => {
                let part = |names: &[&str]| {
                    args.named(names)
                        .map_or_else(Value::default, |v| v.text.clone())
                };
                let mut text = part(&["hostname", "host"]);
                text.extend(&part(&["path", "pathname"]));
                text
            }
            Some(target) => target.text.clone(),
            None => Value::unknown(),
        };
        // A path alone belongs to the client's base address, which is not known here.
        let named = args
            .named(&["method"])
            .and_then(|m| m.text.as_text())
            .unwrap_or(method);
        let method = named.to_ascii_uppercase();
        let constant = args.positional.iter().skip(url + 1).all(Val::is_constant)
            && args.named.iter().all(|(name, val)| {
                matches!(&**name, "timeout" | "verify" | "stream") || val.is_constant()
            })
            && target.is_none_or(|t| text.as_text().is_some() && t.taints.is_empty());
        self.net_effect(text.clone(), &method, !constant, span, call.name);
        let taints = args.taints(span);
        self.out
            .flow(&taints, &Destination::Net(text.clone()), span);
        let origin = Taints::of(Origination::Net(text.clone()), span);
        let answer = Val::handle(call.name, text, origin);
        self.call_back(args, &answer);
        answer
    }

    fn read(&mut self, path: &Value, args: &Args, call: &Call<'_>) -> Val {
        let span = call.span;
        self.out
            .effect(EffectKind::Read { path: path.clone() }, span, call.name);
        let mut taints = Taints::of(Origination::File(path.clone()), span);
        taints.join(&self.out.written(path, span));
        let content = Val::tainted(taints);
        self.call_back(args, &content);
        content
    }

    fn write(&mut self, path: &Value, content: Option<&Val>, call: &Call<'_>) -> Val {
        let span = call.span;
        let known = content.map(|c| c.text.clone()).filter(|c| !c.is_unknown());
        self.out.effect(
            EffectKind::Write {
                path: path.clone(),
                content: known,
            },
            span,
            call.name,
        );
        if let Some(content) = content {
            let taints = content.all_taints(span);
            self.out
                .flow(&taints, &Destination::File(path.clone()), span);
            self.out.wrote(path, &taints);
        }
        Val::unknown()
    }

    /// Something is written into a stream.
    pub(super) fn sink(&mut self, into: &Val, taints: &Taints, span: Span) {
        let Shape::Handle(kind, about) = &into.shape else {
            return;
        };
        let about = Value::clone(about);
        let to = if kind.contains("WriteStream") || &**kind == "file" {
            self.out.wrote(&about, taints);
            Destination::File(about)
        } else if kind.starts_with("http") || &**kind == "connection" || kind.starts_with("net.") {
            Destination::Net(about)
        } else if kind.contains("child_process") {
            Destination::Exec(about)
        } else {
            return;
        };
        self.out.flow(taints, &to, span);
    }

    fn evaluate(&mut self, code: &Val, language: Language, call: &Call<'_>) -> Val {
        let span = call.span;
        if let Shape::Function { .. } = code.shape {
            return self.call_value(code, Args::default(), span);
        }
        self.out.effect(
            EffectKind::Eval {
                code: code.text.clone(),
                language,
            },
            span,
            call.name,
        );
        self.out
            .flow(&code.all_taints(span), &Destination::Eval(language), span);
        self.out
            .embedded(&code.text, code.verbatim, language, call.name);
        // What the code returns may be anything; that it was made from this isn't its origin.
        Val::unknown()
    }

    fn decode(&mut self, how: &str, input: &Val, args: &Args, call: &Call<'_>) -> Val {
        let span = call.span;
        let effect = EffectKind::Decode {
            how: how.to_owned(),
            input: brief(&input.text),
        };
        self.out.effect(effect, span, call.name);
        let taints = args.taints(span).through(how, span);
        let Some(known) = input.text.as_text().filter(|t| !t.is_empty()) else {
            let result = Val::tainted(taints);
            self.call_back(args, &result);
            return result;
        };
        let bytes = match how {
            "base64" => decode::base64(known),
            "hex" => decode::hex(known),
            "url" => Some(decode::url(known).into_bytes()),
            "rot13" => Some(decode::rot13(known).into_bytes()),
            // What is compressed stood in a string only as an earlier layer, read as bytes there.
            _ => None,
        };
        let text = bytes.and_then(|bytes| match String::from_utf8(bytes) {
            Ok(text) => Some(text),
            Err(error) => decode::readable(error.into_bytes()),
        });
        match text {
            Some(text) => self.decoded(how, text, span).with(&taints),
            None => Val::origin(Origination::Decoded(how.to_owned()), span).with(&taints),
        }
    }

    fn exec(&mut self, call: &Call<'_>, args: &Args) -> Val {
        let span = call.span;
        let through_shell = args
            .named(&["shell"])
            .is_some_and(|v| v.text.as_text() != Some("False") && !v.text.0.is_empty());
        let command = args
            .get(0, &["args", "cmd"])
            .cloned()
            .unwrap_or_else(Val::unknown);
        let mut words = match command.items() {
            Some(items) => items.to_vec(),
            None => vec![command.clone()],
        };
        // A program and its list of arguments; `exec*` repeat the name as the first of them.
        for (index, arg) in args.positional.iter().enumerate().skip(1) {
            match arg.items() {
                Some(items) => words.extend_from_slice(items),
                None if call.name.starts_with("os.") || call.name.starts_with("asyncio.") => {
                    words.push(arg.clone());
                }
                None => {}
            }
            if index == 1
                && (call.name.starts_with("os.exec") || call.name.starts_with("os.spawn"))
                && words.len() > 1
            {
                words.remove(1);
            }
        }
        if let Some(list) = args
            .positional
            .get(1)
            .and_then(|o| o.field("args"))
            .and_then(Val::items)
        {
            words.extend_from_slice(list);
        }
        if through_shell && words.len() == 1 {
            return self.shell(call, &command, args);
        }
        let stdin = args
            .named(&["input", "stdin"])
            .map(|v| v.all_taints(span))
            .unwrap_or_default();
        let mut stdout = shell::run(
            self.out,
            &shell::Command {
                words: &words,
                stdin: &Val::tainted(stdin),
                span,
                call: call.name,
                shell: through_shell,
            },
        );
        let program = words
            .first()
            .map_or_else(Value::unknown, |w| w.text.clone());
        stdout
            .taints
            .join(&Taints::of(Origination::Output(program.clone()), span));
        self.call_back(args, &stdout);
        Val::handle(call.name, program, stdout.taints)
    }

    fn shell(&mut self, call: &Call<'_>, command: &Val, args: &Args) -> Val {
        let span = call.span;
        let text = command.spoken();
        self.out.effect(
            EffectKind::Exec {
                program: text.clone(),
                args: Vec::new(),
                shell: true,
            },
            span,
            call.name,
        );
        let mut taints = command.all_taints(span);
        taints.join(&self.out.mentioned(&text.rendered(), span));
        self.out
            .flow(&taints, &Destination::Exec(text.clone()), span);
        self.out
            .embedded(&text, command.verbatim, Language::Shell, call.name);
        let output = Val::handle(
            call.name,
            text.clone(),
            Taints::of(Origination::Output(text), span),
        );
        self.call_back(args, &output);
        output
    }
}

/// At most a line of it: what was decoded is there as a source of its own.
fn brief(value: &Value) -> Value {
    value.map_text(|text| text.chars().take(200).collect())
}

/// A file mode as people write it.
fn octal(mode: &Val) -> String {
    match mode.shape {
        Shape::Number(n) => format!("{:o}", n as u32),
        _ => mode.text.rendered(),
    }
}

/// `host:port` of an address tuple, an options object, or a host and a port in either order.
fn address(args: &Args) -> Value {
    let host = args
        .named(&["host", "hostname", "url"])
        .map(|v| v.text.clone());
    let port = args.named(&["port"]).map(|v| v.text.clone());
    let (host, port) = match (host, port) {
        (Some(host), port) => (host, port),
        (None, port) => {
            let first = args.positional.first();
            let parts = first.and_then(Val::items).unwrap_or(&args.positional);
            let is_number = |v: &Val| matches!(v.shape, Shape::Number(_));
            match parts {
                [port, host, ..] if is_number(port) && !is_number(host) => {
                    (host.text.clone(), Some(port.text.clone()))
                }
                [host, port, ..] if is_number(port) || port.text.as_text().is_none() => {
                    (host.text.clone(), Some(port.text.clone()))
                }
                [host, ..] => (host.text.clone(), port),
                [] => (Value::unknown(), port),
            }
        }
    };
    let mut out = host;
    if let Some(port) = port.filter(|p| !p.is_unknown() && !p.0.is_empty()) {
        out.push(Part::Text(":".into()));
        out.extend(&port);
    }
    out
}

/// Text of character codes, however few.
fn codes(items: &[Val]) -> Option<String> {
    if items.is_empty() {
        return None;
    }
    items
        .iter()
        .map(|item| match item.shape {
            Shape::Number(n) if (0.0..1_114_112.0).contains(&n) => char::from_u32(n as u32),
            _ => None,
        })
        .collect()
}

/// Objects put together.
fn merged(args: &Args, span: Span) -> Val {
    let mut fields = BTreeMap::new();
    for arg in &args.positional {
        if let Shape::Object(more) = &arg.shape {
            fields.extend(more.iter().map(|(k, v)| (Rc::clone(k), v.clone())));
        }
    }
    fields.extend(args.named.iter().map(|(k, v)| (Rc::clone(k), v.clone())));
    Val {
        shape: Shape::Object(Rc::new(fields)),
        taints: args.taints(span),
        ..Val::unknown()
    }
}
