//! Commands that talk to the network.

use super::Run;
use crate::interpret::Val;
use crate::out::Taints;
use crate::{Destination, EffectKind, Language, Origination, Part, Value};

/// Options of curl and wget whose next word is their value.
const CURL_VALUES: &[&str] = &[
    "-X",
    "--request",
    "-H",
    "--header",
    "-d",
    "--data",
    "--data-raw",
    "--data-binary",
    "--data-urlencode",
    "--data-ascii",
    "--json",
    "-F",
    "--form",
    "--form-string",
    "-T",
    "--upload-file",
    "-o",
    "--output",
    "-u",
    "--user",
    "-A",
    "--user-agent",
    "-e",
    "--referer",
    "-b",
    "--cookie",
    "-c",
    "--cookie-jar",
    "-x",
    "--proxy",
    "-m",
    "--max-time",
    "--connect-timeout",
    "--retry",
    "--retry-delay",
    "-w",
    "--write-out",
    "--cacert",
    "--cert",
    "--key",
    "--resolve",
    "-K",
    "--config",
    "--url",
    "-C",
    "--limit-rate",
    "--output-dir",
    "--retry-max-time",
    "-r",
    "--range",
    "-E",
    "--max-redirs",
    "--interface",
    "--unix-socket",
    "-D",
    "--dump-header",
    "-y",
    "-Y",
    "--post-data",
    "--post-file",
    "--body-data",
    "--body-file",
    "--method",
    "-O",
    "--output-document",
    "-P",
    "--directory-prefix",
    "-t",
    "--tries",
    "--timeout",
    "-i",
    "--input-file",
    "-U",
    "--password",
    "-Q",
];

impl Run<'_> {
    pub(super) fn network(&mut self) -> Option<Val> {
        Some(match self.name.as_str() {
            "curl" | "wget" | "aria2c" | "xh" | "iwr" | "Invoke-WebRequest" | "irm"
            | "Invoke-RestMethod" => self.fetch(),
            "http" | "https" if !self.args.is_empty() => self.fetch(),
            "nc" | "ncat" | "netcat" | "telnet" => self.netcat(),
            "socat" => self.socat(),
            "ssh" | "scp" | "sftp" | "rsync" | "ftp" | "lftp" => self.remote(),
            "dig" | "nslookup" | "host" | "drill" => self.resolve(),
            "git"
                if matches!(
                    self.text(0),
                    "clone" | "fetch" | "pull" | "push" | "ls-remote"
                ) =>
            {
                self.git()
            }
            "aws" | "gsutil" | "rclone" | "s3cmd" | "az" => self.cloud(),
            "mail" | "mailx" | "sendmail" | "mutt" | "msmtp" => {
                let to = self
                    .operands(&["-s", "-a", "-r"])
                    .pop()
                    .map_or_else(Value::unknown, |v| v.text.clone());
                self.send(&to, &Taints::default(), "");
                Val::unknown()
            }
            _ => return None,
        })
    }

    /// Sends what came in and some more.
    fn send(&mut self, to: &Value, more: &Taints, method: &str) {
        let mut taints = self.stdin.taints.clone();
        taints.join(more);
        let method = (!method.is_empty()).then(|| method.to_owned());
        self.effect(EffectKind::Net {
            target: to.clone(),
            method,
            sends: !taints.is_empty(),
        });
        self.out
            .flow(&taints, &Destination::Net(to.clone()), self.span);
    }

    fn fetch(&mut self) -> Val {
        let wget = self.name == "wget";
        let mut url = None;
        let mut method = String::new();
        let mut sent = Taints::default();
        let mut variable = false;
        let mut output: Option<Value> = None;
        let mut to_stdout = !wget;
        let mut remote_name = wget;
        let mut args = self.args.iter();
        while let Some(arg) = args.next() {
            let text = arg.text.prefix().to_owned();
            let flag = match text.split_once('=') {
                Some((flag, _)) if text.starts_with("--") => flag.to_owned(),
                _ => text.clone(),
            };
            let joined = text
                .starts_with("--")
                .then(|| text.split_once('='))
                .flatten()
                .is_some();
            if !text.starts_with('-') || text == "-" {
                let is_more = url.is_some();
                if !is_more {
                    url = Some(arg.clone());
                }
                sent.join(&arg.taints);
                variable |= arg.text.as_text().is_none();
                continue;
            }
            // `-O` takes a name in wget and none in curl; `-qO-`, `-sSLo f` are clusters.
            if !wget && matches!(flag.as_str(), "-O" | "-i" | "-t" | "--remote-name") {
                remote_name |= flag != "-i" && flag != "-t";
                continue;
            }
            if !text.starts_with("--")
                && text.len() > 2
                && arg.text.as_text().is_some()
                && !CURL_VALUES.contains(&text.as_str())
            {
                let letters = &text[1..];
                if wget && letters.ends_with("O-") {
                    to_stdout = true;
                } else if let Some((at, option)) =
                    letters.char_indices().find(|(_, c)| value_letter(*c, wget))
                {
                    let rest = &letters[at + option.len_utf8()..];
                    let value = if rest.is_empty() {
                        args.next().cloned()
                    } else {
                        Some(Val::text(rest))
                    };
                    let short = format!("-{option}");
                    if let Some(value) = value {
                        self.option(
                            &short,
                            &value,
                            wget,
                            &mut method,
                            &mut sent,
                            &mut variable,
                            &mut output,
                        );
                    }
                } else {
                    remote_name |= !wget && letters.contains('O');
                }
                continue;
            }
            if CURL_VALUES.contains(&flag.as_str()) {
                let value = if joined {
                    let value = arg.text.map_text(|t| {
                        t.split_once('=')
                            .map_or_else(|| t.to_owned(), |(_, v)| v.to_owned())
                    });
                    Some(Val {
                        text: value,
                        ..arg.clone()
                    })
                } else {
                    args.next().cloned()
                };
                if let Some(value) = value {
                    if flag == "--url" {
                        url = Some(value);
                    } else {
                        self.option(
                            &flag,
                            &value,
                            wget,
                            &mut method,
                            &mut sent,
                            &mut variable,
                            &mut output,
                        );
                    }
                }
            }
        }
        let Some(url) = url else {
            return Val::unknown();
        };
        let target = url.text.clone();
        let method = if method.is_empty() && !sent.is_empty() && url.taints.is_empty() {
            String::new()
        } else {
            method
        };
        let sends = variable || !sent.is_empty();
        self.effect(EffectKind::Net {
            target: target.clone(),
            method: (!method.is_empty()).then_some(method),
            sends,
        });
        self.out
            .flow(&sent, &Destination::Net(target.clone()), self.span);
        let answer = Taints::of(Origination::Net(target.clone()), self.span);
        if output
            .as_ref()
            .is_some_and(|o| matches!(o.as_text(), Some("-" | "/dev/stdout")))
        {
            output = None;
            to_stdout = true;
            remote_name = false;
        }
        if output.is_none() && remote_name && !(wget && to_stdout) {
            output = Some(last_segment(&target));
        }
        match output {
            Some(file) if file.as_text() != Some("/dev/null") => {
                let file = file.tidy_path();
                self.effect(EffectKind::Download {
                    url: target,
                    to: Some(file.clone()),
                });
                self.out.wrote(&file, &answer);
                Val::unknown()
            }
            Some(_) => Val::unknown(),
            None if to_stdout => Val::tainted(answer),
            None => Val::unknown(),
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the state of one loop over options"
    )]
    fn option(
        &mut self,
        flag: &str,
        value: &Val,
        wget: bool,
        method: &mut String,
        sent: &mut Taints,
        variable: &mut bool,
        output: &mut Option<Value>,
    ) {
        match flag {
            "-X" | "--request" | "--method" => *method = value.text.rendered().to_ascii_uppercase(),
            "-o" | "--output" if !wget => *output = Some(value.text.clone()),
            "-O" | "--output-document" if wget => *output = Some(value.text.clone()),
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--data-urlencode"
            | "--data-ascii" | "--json" | "-F" | "--form" | "-T" | "--upload-file"
            | "--post-data" | "--post-file" | "--body-data" | "--body-file" => {
                if method.is_empty() {
                    *method = if matches!(flag, "-T" | "--upload-file") {
                        "PUT"
                    } else {
                        "POST"
                    }
                    .to_owned();
                }
                *variable |= value.text.as_text().is_none();
                sent.join(&value.taints);
                let whole = matches!(flag, "-T" | "--upload-file" | "--post-file" | "--body-file");
                if flag == "--data-raw" {
                    return;
                }
                let file = if whole {
                    Some(value.text.clone())
                } else {
                    after_at(&value.text)
                };
                match file {
                    Some(file) if matches!(file.as_text(), Some("-" | "/dev/stdin" | "." | "")) => {
                        sent.join(&self.stdin.taints.clone());
                        *variable = true;
                    }
                    Some(file) => {
                        sent.join(&self.read(&file));
                        *variable = true;
                    }
                    None => {}
                }
            }
            "-H" | "--header" | "-u" | "--user" | "-b" | "--cookie" | "-A" | "--user-agent" => {
                *variable |= value.text.as_text().is_none();
                sent.join(&value.taints);
            }
            _ => {}
        }
    }

    fn netcat(&mut self) -> Val {
        let operands: Vec<Value> = self
            .operands(&["-p", "-w", "-s", "-e", "-c", "-X", "-x", "-q", "-i"])
            .iter()
            .map(|v| v.text.clone())
            .collect();
        if self.flag('l') {
            let on = operands.last().cloned().unwrap_or_else(Value::unknown);
            self.effect(EffectKind::Listen { on });
        }
        let target = host_port(&operands);
        let program = self
            .args
            .iter()
            .skip_while(|a| !matches!(a.text.prefix(), "-e" | "-c" | "--exec" | "--sh-exec"))
            .nth(1)
            .cloned();
        if let Some(program) = program {
            // Whoever is at the other end types into it.
            let remote = Taints::of(Origination::Net(target.clone()), self.span);
            self.out
                .flow(&remote, &Destination::Eval(Language::Shell), self.span);
            self.effect(EffectKind::Exec {
                program: program.text,
                args: Vec::new(),
                shell: true,
            });
        }
        self.send(&target, &Taints::default(), "");
        Val::origin(Origination::Net(target), self.span)
    }

    fn socat(&mut self) -> Val {
        let ends: Vec<String> = self
            .operands(&[])
            .iter()
            .map(|v| v.text.rendered())
            .collect();
        let net = ends.iter().find_map(|e| {
            let (kind, rest) = e.split_once(':')?;
            let kind = kind.to_ascii_lowercase();
            (kind.starts_with("tcp") || kind.starts_with("openssl") || kind.starts_with("udp"))
                .then(|| (kind, rest.split(',').next().unwrap_or_default().to_owned()))
        });
        let Some((kind, target)) = net else {
            return Val::unknown();
        };
        let target = Value::text(target);
        if kind.contains("listen") {
            self.effect(EffectKind::Listen { on: target.clone() });
        }
        if ends.iter().any(|e| {
            e.to_ascii_lowercase().starts_with("exec:")
                || e.to_ascii_lowercase().starts_with("system:")
        }) {
            let remote = Taints::of(Origination::Net(target.clone()), self.span);
            self.out
                .flow(&remote, &Destination::Eval(Language::Shell), self.span);
        }
        self.send(&target, &Taints::default(), "");
        Val::origin(Origination::Net(target), self.span)
    }

    fn remote(&mut self) -> Val {
        let operands: Vec<Val> = self
            .operands(&[
                "-i", "-p", "-P", "-o", "-l", "-F", "-e", "-L", "-R", "-D", "-J", "-c",
            ])
            .into_iter()
            .cloned()
            .collect();
        let is_ssh = self.name == "ssh";
        let is_remote = |v: &Val| {
            let text = v.text.rendered();
            text.contains('@') || (!is_ssh && text.contains(':')) || text.contains("://")
        };
        let host = match self.name.as_str() {
            "ssh" | "ftp" | "sftp" | "lftp" => operands.first(),
            _ => operands.iter().find(|v| is_remote(v)),
        };
        let Some(host) = host.map(|v| v.text.clone()) else {
            return Val::unknown();
        };
        let mut sent = self.args_taints();
        if !is_ssh {
            let copies_out = operands.last().is_some_and(is_remote);
            for local in operands.iter().filter(|v| copies_out && !is_remote(v)) {
                sent.join(&self.read(&local.text));
            }
        }
        self.send(&host, &sent, "");
        Val::origin(Origination::Net(host), self.span)
    }

    fn resolve(&mut self) -> Val {
        let name = self
            .operands(&["-t", "-p", "-x"])
            .into_iter()
            .find(|v| !v.text.prefix().starts_with(['@', '+']))
            .cloned();
        let name = name.unwrap_or_else(Val::unknown);
        self.effect(EffectKind::Resolve {
            name: name.text.clone(),
        });
        let mut taints = self.args_taints();
        taints.join(&self.stdin.taints.clone());
        self.out
            .flow(&taints, &Destination::Resolve(name.text.clone()), self.span);
        Val::origin(Origination::Net(name.text), self.span)
    }

    fn git(&mut self) -> Val {
        let operands: Vec<Value> = self
            .operands(&["-b", "--branch", "--depth", "-c", "-C", "--origin"])
            .iter()
            .skip(1)
            .map(|v| v.text.clone())
            .collect();
        if let Some(url) = operands
            .first()
            .filter(|u| u.rendered().contains([':', '@']))
        {
            let taints = self.args_taints();
            self.send(url, &taints, "");
            if self.text(0) == "clone" {
                let to = operands.get(1).cloned().unwrap_or_else(|| {
                    last_segment(url).map_text(|t| t.strip_suffix(".git").unwrap_or(t).to_owned())
                });
                self.effect(EffectKind::Download {
                    url: url.clone(),
                    to: Some(to),
                });
            }
        }
        Val::unknown()
    }

    fn cloud(&mut self) -> Val {
        let operands: Vec<Val> = self
            .operands(&["--profile", "--region"])
            .into_iter()
            .cloned()
            .collect();
        let is_remote = |v: &Val| v.text.prefix().contains("://") || v.text.prefix().contains(':');
        let Some(remote) = operands
            .iter()
            .find(|v| is_remote(v))
            .map(|v| v.text.clone())
        else {
            let program = Value::text(self.name.clone());
            let mut taints = self.args_taints();
            taints.join(&self.stdin.taints.clone());
            self.out
                .flow(&taints, &Destination::Exec(program.clone()), self.span);
            return Val::origin(Origination::Output(program), self.span);
        };
        let mut sent = self.args_taints();
        if operands.last().is_some_and(is_remote) {
            for local in operands.iter().skip(2).filter(|v| !is_remote(v)) {
                sent.join(&self.read(&local.text));
            }
        }
        self.send(&remote, &sent, "");
        Val::origin(Origination::Net(remote), self.span)
    }
}

fn value_letter(letter: char, wget: bool) -> bool {
    if wget {
        matches!(letter, 'O' | 'P' | 'U' | 't' | 'T' | 'i')
    } else {
        matches!(
            letter,
            'X' | 'H' | 'd' | 'F' | 'T' | 'o' | 'u' | 'A' | 'e' | 'b' | 'c' | 'x' | 'm' | 'w'
        )
    }
}

/// What follows the `@` of `@file`, `name=@file`.
fn after_at(value: &Value) -> Option<Value> {
    let prefix = value.prefix();
    let at = prefix.find('@')?;
    if at > 0 && !prefix[..at].ends_with('=') {
        return None;
    }
    let mut rest = Value::text(prefix[at + 1..].split(';').next().unwrap_or_default());
    if rest.as_text() == Some("") {
        rest = Value::default();
    }
    for part in value.0.iter().skip(1) {
        rest.push(part.clone());
    }
    Some(rest)
}

/// The name that a download gets from its URL.
fn last_segment(url: &Value) -> Value {
    match url.0.last() {
        Some(Part::Text(text)) => {
            let text = text.split(['?', '#']).next().unwrap_or_default();
            match text.trim_end_matches('/').rsplit_once('/') {
                Some((_, last)) if !last.is_empty() => Value::text(last),
                _ if url.0.len() == 1 => Value::text("index.html"),
                _ => Value::unknown(),
            }
        }
        Some(other) => Value::part(other.clone()),
        None => Value::unknown(),
    }
}

fn host_port(operands: &[Value]) -> Value {
    let mut target = operands.first().cloned().unwrap_or_else(Value::unknown);
    if let Some(port) = operands.get(1) {
        target.push(Part::Text(":".into()));
        target.extend(port);
    }
    target
}
