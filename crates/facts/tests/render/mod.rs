//! Facts in a line each.

use std::fmt::Write;

use facts::{Destination, EffectKind, Facts, Origin, Origination, Source};

/// All facts of an artifact but claims.
pub(crate) fn facts(facts: &Facts) -> String {
    let mut out = String::new();
    for source in &facts.sources {
        source_into(source, &mut out);
    }
    for gap in &facts.gaps {
        writeln!(out, "gap {} {}: {}", gap.path, gap.cause, gap.reason).expect("memory");
    }
    out
}

fn source_into(source: &Source, out: &mut String) {
    let origin = match &source.origin {
        Origin::File => String::new(),
        Origin::Fence { info, .. } => format!(" fence {info:?}"),
        Origin::Embedded { by } => format!(" embedded by {by}"),
        Origin::Decoded { how, .. } => format!(" decoded {}", how.join(",")),
    };
    writeln!(
        out,
        "== {} {:?} {:?}{origin}",
        source.path, source.language, source.role
    )
    .expect("memory");
    if let Some(text) = &source.text {
        writeln!(out, "text {:?}", text.chars().take(200).collect::<String>()).expect("memory");
    }
    for effect in &source.effects {
        let top = if effect.top_level {
            ""
        } else {
            " (when called)"
        };
        writeln!(out, "{} by {}{top}", kind(&effect.kind), effect.call).expect("memory");
    }
    for flow in &source.flows {
        let steps: Vec<_> = flow.through.iter().map(|(step, _)| step.as_str()).collect();
        let through = if steps.is_empty() {
            String::new()
        } else {
            format!(" through {}", steps.join(", "))
        };
        writeln!(
            out,
            "flow {} -> {}{through}",
            from(&flow.from.what),
            to(&flow.to.what)
        )
        .expect("memory");
    }
    for literal in &source.literals {
        writeln!(
            out,
            "{:?} {}",
            literal.kind,
            literal.text.chars().take(120).collect::<String>()
        )
        .expect("memory");
    }
    for span in &source.unparsed {
        writeln!(out, "unparsed {}..{}", span.start, span.end).expect("memory");
    }
}

fn kind(kind: &EffectKind) -> String {
    match kind {
        EffectKind::Read { path } => format!("read {path}"),
        EffectKind::Write { path, content } => match content {
            Some(content) => format!("write {path} <- {:?}", content.rendered()),
            None => format!("write {path}"),
        },
        EffectKind::Delete { path, recursive } => format!(
            "delete {path}{}",
            if *recursive { " and all below" } else { "" }
        ),
        EffectKind::Permission { path, to } => format!("mode {path} to {to}"),
        EffectKind::Env { name } => format!("env {name}"),
        EffectKind::EnvAll => "env all".to_owned(),
        EffectKind::Net {
            target,
            method,
            sends,
        } => {
            format!(
                "net {target} {}{}",
                method.as_deref().unwrap_or("-"),
                if *sends { " sends" } else { "" }
            )
        }
        EffectKind::Resolve { name } => format!("resolve {name}"),
        EffectKind::Listen { on } => format!("listen {on}"),
        EffectKind::Exec {
            program,
            args,
            shell,
        } => {
            let args: Vec<_> = args.iter().map(ToString::to_string).collect();
            format!(
                "exec {program} {args:?}{}",
                if *shell { " in a shell" } else { "" }
            )
        }
        EffectKind::Eval { code, language } => format!("eval {language:?} {:?}", code.rendered()),
        EffectKind::Decode { how, input } => format!("decode {how} {:?}", input.rendered()),
        EffectKind::Install { manager, packages } => format!("install {manager} {packages:?}"),
        EffectKind::Download { url, to } => {
            format!(
                "download {url} to {}",
                to.as_ref()
                    .map_or_else(|| "-".to_owned(), ToString::to_string)
            )
        }
        EffectKind::Sense { what } => format!("sense {what}"),
        EffectKind::Load { what } => format!("load {what}"),
    }
}

fn from(from: &Origination) -> String {
    match from {
        Origination::Env(name) => format!("env {name}"),
        Origination::EnvAll => "env all".to_owned(),
        Origination::File(path) => format!("file {path}"),
        Origination::Net(target) => format!("net {target}"),
        Origination::Output(of) => format!("output of {of}"),
        Origination::Decoded(how) => format!("decoded {how}"),
        Origination::Sensed(what) => format!("sensed {what}"),
        Origination::Machine(what) => format!("machine's {what}"),
    }
}

fn to(to: &Destination) -> String {
    match to {
        Destination::Net(target) => format!("net {target}"),
        Destination::Resolve(name) => format!("name {name}"),
        Destination::Exec(program) => format!("exec {program}"),
        Destination::Eval(language) => format!("eval {language:?}"),
        Destination::File(path) => format!("file {path}"),
    }
}
