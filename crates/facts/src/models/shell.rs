//! What commands do, from a shell or from an argument list.

mod files;
mod net;

use crate::interpret::Val;
use crate::out::{Out, Taints};
use crate::{Destination, EffectKind, Language, Origination, Part, Span, Value, decode};

/// A command about to run.
pub(crate) struct Command<'a> {
    /// The program and its arguments.
    pub(crate) words: &'a [Val],
    pub(crate) stdin: &'a Val,
    pub(crate) span: Span,
    /// What runs it; the program's own name in a shell.
    pub(crate) call: &'a str,
    pub(crate) shell: bool,
}

/// A command with its words told apart.
struct Run<'a> {
    out: &'a mut Out,
    name: String,
    args: &'a [Val],
    stdin: &'a Val,
    span: Span,
    call: String,
}

/// Commands that run the command after them.
const WRAPPERS: &[&str] = &[
    "sudo",
    "doas",
    "nohup",
    "time",
    "command",
    "exec",
    "builtin",
    "nice",
    "ionice",
    "stdbuf",
    "setsid",
    "xargs",
    "timeout",
    "env",
    "unbuffer",
    "caffeinate",
    "chronic",
    "busybox",
    "then",
    "do",
    "else",
    "!",
];

/// Commands that are the shell's own and do nothing that facts tell of.
const BUILTINS: &[&str] = &[
    "cd", "pushd", "popd", "true", "false", ":", "[", "[[", "test", "shift", "return", "exit",
    "break", "continue", "wait", "trap", "sleep", "read", "getopts", "alias", "unalias", "shopt",
    "umask", "ulimit", "type", "hash", "jobs", "kill", "let", "local", "pwd", "basename",
    "dirname", "date", "seq", "expr", "which", "printf", "echo", "set", "unset", "declare",
    "typeset", "readonly", "export", "eval", "source", ".",
];

/// Runs a command: its effects and flows; what it prints.
pub(crate) fn run(out: &mut Out, command: &Command<'_>) -> Val {
    let mut words = command.words;
    let mut stdin = command.stdin.clone();
    let mut dropped = 0;
    loop {
        let Some(first) = words.first() else {
            return stdin;
        };
        let name = basename(&first.text);
        let rest = &words[1..];
        if !WRAPPERS.contains(&name.as_str()) || rest.is_empty() || dropped > 8 {
            break;
        }
        let skip = wrapped_at(&name, rest);
        if skip >= rest.len() {
            break;
        }
        if name == "xargs" {
            // What it reads becomes an argument: the last one, or wherever `-I` says.
            let mark =
                rest[..skip]
                    .iter()
                    .enumerate()
                    .find_map(|(at, arg)| match arg.text.prefix() {
                        "-I" => rest[..skip].get(at + 1).map(|mark| mark.text.rendered()),
                        joined => joined.strip_prefix("-I").map(str::to_owned),
                    });
            let mut args = rest[skip..].to_vec();
            match mark {
                Some(mark) => {
                    for arg in args.iter_mut().filter(|a| a.text.prefix().contains(&mark)) {
                        let whole = arg.text.as_text() == Some(mark.as_str());
                        *arg = if whole {
                            stdin.clone()
                        } else {
                            Val::tainted(arg.taints.clone()).with(&stdin.taints)
                        };
                    }
                }
                None => args.push(stdin.clone()),
            }
            let span = command.span;
            return run(
                out,
                &Command {
                    words: &args,
                    stdin: &Val::unknown(),
                    span,
                    call: command.call,
                    shell: command.shell,
                },
            );
        }
        words = &rest[skip..];
        dropped += 1;
    }
    let name = basename(&words[0].text);
    if command.stdin.text.is_unknown() && command.stdin.taints.is_empty() {
        stdin = Val::of(Value::default(), Taints::default());
    }
    let call = if command.shell || command.call.is_empty() {
        name.clone()
    } else {
        command.call.to_owned()
    };
    Run {
        out,
        name,
        args: &words[1..],
        stdin: &stdin,
        span: command.span,
        call,
    }
    .dispatch(&words[0])
}

/// Where the wrapped command begins among a wrapper's arguments.
fn wrapped_at(name: &str, args: &[Val]) -> usize {
    let takes_value: &[&str] = match name {
        "sudo" => &["-u", "-g", "-h", "-p", "-C"],
        "xargs" => &["-I", "-n", "-P", "-L", "-d", "-a", "-s", "-E"],
        "timeout" => &["-s", "-k"],
        "nice" | "ionice" => &["-n", "-c"],
        "env" => &["-u", "-C", "-S"],
        "exec" => &["-a"],
        _ => &[],
    };
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        let text = arg.text.prefix();
        if takes_value.contains(&text) {
            at += 2;
        } else if text.starts_with('-') || (name == "env" && text.contains('=')) {
            at += 1;
        } else {
            break;
        }
    }
    at + usize::from(name == "timeout")
}

/// The last element of a path, without a Windows ending.
fn basename(value: &Value) -> String {
    let text = value.rendered();
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    last.strip_suffix(".exe").unwrap_or(last).to_owned()
}

impl Run<'_> {
    fn dispatch(&mut self, program: &Val) -> Val {
        let name = self.name.clone();
        if !BUILTINS.contains(&name.as_str()) && !name.is_empty() {
            let args: Vec<Value> = self.args.iter().map(|a| a.text.clone()).collect();
            let effect = EffectKind::Exec {
                program: program.text.clone(),
                args,
                shell: false,
            };
            let call = self.call.clone();
            self.out.effect(effect, self.span, &call);
        }
        for arg in self.args {
            if let Some(text) = arg.text.as_text() {
                self.out.string(text, self.span);
            } else if arg.text.prefix().contains("://") {
                self.out.string(&arg.text.rendered(), self.span);
            }
        }
        match name.as_str() {
            "echo" | "printf" | "print" => self.echo(),
            "eval" => self.eval_args(),
            "source" | "." => self.source(),
            "env" | "printenv" | "set" | "export" | "declare" | "compgen" => self.environment(),
            "sh" | "bash" | "zsh" | "dash" | "ksh" | "ash" | "fish" | "su" => {
                self.interpreter(Language::Shell, &["-c"])
            }
            "python" | "python2" | "python3" | "pypy3" | "py" => {
                self.interpreter(Language::Python, &["-c"])
            }
            "node" | "nodejs" | "bun" | "deno" | "tsx" | "ts-node" => self.interpreter(
                Language::JavaScript,
                &["-e", "--eval", "-p", "--print", "-pe", "eval"],
            ),
            "perl" | "ruby" | "php" | "lua" => {
                self.interpreter(Language::Other, &["-e", "-r", "-E"])
            }
            "pwsh" | "powershell" => self.powershell(),
            "osascript" => self.osascript(),
            "base64" | "gbase64" => self.base64(),
            "xxd" | "rev" | "gunzip" | "zcat" | "gzip" | "openssl" | "unxz" | "bunzip2" | "tr"
            | "uudecode" => self.filter(),
            "pbpaste" | "xclip" | "xsel" | "wl-paste" => self.sense("clipboard"),
            "screencapture" | "scrot" | "grim" | "gnome-screenshot" => self.sense("screen"),
            "imagesnap" | "ffmpeg" if self.has("avfoundation") || name == "imagesnap" => {
                self.sense("camera")
            }
            "security"
                if self.has("find-generic-password")
                    || self.has("find-internet-password")
                    || self.has("dump-keychain") =>
            {
                self.sense("keychain")
            }
            "secret-tool" | "keyctl" if self.has("lookup") || self.has("search") => {
                self.sense("keychain")
            }
            "hostname" | "hostnamectl" => self.machine("host name"),
            "whoami" | "id" | "logname" => self.machine("user name"),
            "uname" | "sw_vers" | "system_profiler" | "lsb_release" => self.machine("system"),
            "ifconfig" | "ip" | "ipconfig" => self.machine("addresses"),
            "ps" | "pgrep" => self.machine("processes"),
            _ => {
                if let Some(val) = self
                    .network()
                    .or_else(|| self.file())
                    .or_else(|| self.package())
                {
                    return val;
                }
                self.other(program)
            }
        }
    }

    fn text(&self, index: usize) -> &str {
        self.args
            .get(index)
            .and_then(|a| a.text.as_text())
            .unwrap_or_default()
    }

    fn has(&self, word: &str) -> bool {
        self.args.iter().any(|a| a.text.as_text() == Some(word))
    }

    /// Whether an option letter is set, alone or in a cluster such as `-rf`.
    fn flag(&self, letter: char) -> bool {
        self.args.iter().any(|a| {
            let text = a.text.prefix();
            text.starts_with('-') && !text.starts_with("--") && text.contains(letter)
        })
    }

    /// Arguments that are no options; those named in `takes_value` swallow the next word.
    fn operands(&self, takes_value: &[&str]) -> Vec<&Val> {
        let mut out = Vec::new();
        let mut args = self.args.iter();
        while let Some(arg) = args.next() {
            let text = arg.text.prefix();
            if takes_value.contains(&text) {
                args.next();
            } else if !(text.starts_with('-') && text.len() > 1) {
                out.push(arg);
            }
        }
        out
    }

    fn args_taints(&self) -> Taints {
        let mut taints = Taints::default();
        self.args.iter().for_each(|a| taints.join(&a.taints));
        taints
    }

    fn effect(&mut self, kind: EffectKind) {
        let call = self.call.clone();
        self.out.effect(kind, self.span, &call);
    }

    /// Reads a file: the origins of its content.
    fn read(&mut self, path: &Value) -> Taints {
        let path = path.clone().tidy_path();
        self.effect(EffectKind::Read { path: path.clone() });
        let mut taints = Taints::of(Origination::File(path.clone()), self.span);
        taints.join(&self.out.written(&path, self.span));
        taints
    }

    /// Writes a file.
    fn write(&mut self, path: &Value, content: Option<&Val>) {
        let path = path.clone().tidy_path();
        let known = content.map(|c| c.text.clone()).filter(|c| !c.is_unknown());
        self.effect(EffectKind::Write {
            path: path.clone(),
            content: known,
        });
        if let Some(content) = content {
            self.out
                .flow(&content.taints, &Destination::File(path.clone()), self.span);
            self.out.wrote(&path, &content.taints);
        }
    }

    fn echo(&mut self) -> Val {
        let mut text = Value::default();
        let mut args = self.args;
        let raw = self.name == "echo" && !self.flag('e');
        while args
            .first()
            .is_some_and(|a| matches!(a.text.prefix(), "-n" | "-e" | "-ne" | "-en" | "-E" | "--"))
        {
            args = &args[1..];
        }
        let verbatim = (args.len() == 1 && raw).then(|| args[0].verbatim).flatten();
        if self.name == "printf" && args.len() > 1 {
            let format = &args[0];
            if matches!(format.text.as_text(), Some("%s" | "%s\\n" | "%b")) {
                args = &args[1..];
            }
        }
        for (index, arg) in args.iter().enumerate() {
            if index > 0 {
                text.push(Part::Text(" ".into()));
            }
            text.extend(&arg.text);
        }
        if !raw
            && text
                .as_text()
                .is_some_and(|t| t.contains("\\x") || t.contains("\\0") || t.contains("\\n"))
        {
            text = text.map_text(unescape);
        }
        let taints = self.args_taints();
        Val {
            verbatim,
            ..Val::of(text, taints)
        }
    }

    /// Text that becomes code.
    fn code(&mut self, code: &Val, language: Language) {
        self.effect(EffectKind::Eval {
            code: code.text.clone(),
            language,
        });
        let taints = code.taints.clone();
        self.out
            .flow(&taints, &Destination::Eval(language), self.span);
        if matches!(
            language,
            Language::Shell | Language::Python | Language::JavaScript
        ) {
            let call = self.call.clone();
            self.out
                .embedded(&code.text, code.verbatim, language, &call);
        }
    }

    fn eval_args(&mut self) -> Val {
        let words = Val::list(self.args.to_vec());
        let verbatim = (self.args.len() == 1)
            .then(|| self.args[0].verbatim)
            .flatten();
        let code = Val {
            verbatim,
            ..Val::of(words.spoken(), self.args_taints())
        };
        self.code(&code, Language::Shell);
        Val::unknown()
    }

    fn source(&mut self) -> Val {
        let Some(file) = self.args.first() else {
            return Val::unknown();
        };
        let taints = if file.taints.is_empty() {
            self.out.written(&file.text, self.span)
        } else {
            file.taints.clone()
        };
        self.effect(EffectKind::Exec {
            program: file.text.clone(),
            args: Vec::new(),
            shell: true,
        });
        self.out
            .flow(&taints, &Destination::Eval(Language::Shell), self.span);
        Val::unknown()
    }

    fn environment(&mut self) -> Val {
        let whole = match self.name.as_str() {
            "env" | "printenv" | "set" => {
                self.operands(&[]).is_empty()
                    && !self
                        .args
                        .iter()
                        .any(|a| self.name == "set" && a.text.prefix().starts_with(['-', '+']))
            }
            "export" | "declare" => self.has("-p") || self.has("-x") || self.has("-xp"),
            "compgen" => self.has("-e"),
            _ => false,
        };
        if whole {
            self.effect(EffectKind::EnvAll);
            return Val::origin(Origination::EnvAll, self.span);
        }
        match (self.name.as_str(), self.text(0)) {
            ("printenv", name) if !name.is_empty() => {
                let name = name.to_owned();
                crate::interpret::env(self.out, &name, self.span, "printenv")
            }
            _ => Val::unknown(),
        }
    }

    fn interpreter(&mut self, language: Language, code_flags: &[&str]) -> Val {
        let at = self.args.iter().position(|a| {
            let text = a.text.prefix();
            code_flags.contains(&text)
                // Clusters: `bash -lc`, `perl -ne`.
                || (text.starts_with('-') && !text.starts_with("--") && text.len() <= 5 && a.text.as_text().is_some()
                    && code_flags.iter().any(|f| f.len() == 2 && text.ends_with(&f[1..])))
        });
        if let Some(code) = at.and_then(|at| self.args.get(at + 1)) {
            self.code(code, language);
            let taints = self.stdin.taints.clone();
            self.out.flow(
                &taints,
                &Destination::Exec(Value::text(self.name.clone())),
                self.span,
            );
            return Val::tainted(taints);
        }
        let operands = self.operands(&[
            "-m",
            "-o",
            "-u",
            "--require",
            "-r",
            "--rcfile",
            "--init-file",
        ]);
        let script = operands
            .into_iter()
            .find(|o| !matches!(o.text.prefix(), "-" | "run" | "/dev/stdin"))
            .cloned();
        match script {
            // A module is no file: `python -m http.server`.
            None if self.has("-m") => Val::unknown(),
            Some(script) if !self.flag('s') || self.name != "bash" => {
                let taints = if script.taints.is_empty() {
                    self.out.written(&script.text, self.span)
                } else {
                    script.taints.clone()
                };
                let substituted = !script.taints.is_empty() && script.text.is_unknown();
                let to = if substituted {
                    Destination::Eval(language)
                } else {
                    Destination::Exec(script.text.clone())
                };
                self.out.flow(&taints, &to, self.span);
                let mut passed = self.args_taints();
                passed.0.retain(|t| !script.taints.0.contains(t));
                passed.join(&self.stdin.taints.clone());
                self.out
                    .flow(&passed, &Destination::Exec(script.text.clone()), self.span);
                Val::origin(Origination::Output(script.text.clone()), self.span)
            }
            _ => {
                let stdin = self.stdin.clone();
                if !stdin.text.0.is_empty() || !stdin.taints.is_empty() {
                    self.code(&stdin, language);
                }
                Val::unknown()
            }
        }
    }

    fn powershell(&mut self) -> Val {
        let at = |flags: &[&str]| {
            self.args.iter().position(|a| {
                let text = a.text.prefix().to_ascii_lowercase();
                text.len() > 1
                    && flags
                        .iter()
                        .any(|f| f.starts_with(&text) && text.len() >= 2)
            })
        };
        if let Some(code) =
            at(&["-encodedcommand", "-enc", "-ec"]).and_then(|i| self.args.get(i + 1))
        {
            let decoded = code
                .text
                .as_text()
                .and_then(decode::base64)
                .and_then(decode::readable);
            let code = match decoded {
                Some(text) => Val::of(
                    Value::text(text),
                    Taints::of(Origination::Decoded("base64".into()), self.span),
                ),
                None => code.clone(),
            };
            self.code(&code, Language::Other);
        } else if let Some(code) = at(&["-command"]).and_then(|i| self.args.get(i + 1)) {
            let code = code.clone();
            self.code(&code, Language::Other);
        }
        Val::unknown()
    }

    fn osascript(&mut self) -> Val {
        for arg in self
            .args
            .iter()
            .filter(|a| !a.text.prefix().starts_with('-'))
        {
            let Some(text) = arg.text.as_text() else {
                continue;
            };
            let mut rest = text;
            while let Some(at) = rest.find("do shell script \"") {
                rest = &rest[at + 17..];
                let end = rest
                    .find("\" ")
                    .or_else(|| rest.rfind('"'))
                    .unwrap_or(rest.len());
                let code = rest[..end].replace("\\\"", "\"");
                self.out
                    .embedded(&Value::text(code), None, Language::Shell, "do shell script");
                rest = &rest[end..];
            }
        }
        let taints = self.args_taints();
        self.out
            .flow(&taints, &Destination::Eval(Language::Other), self.span);
        Val::unknown()
    }

    fn input(&mut self, takes_value: &[&str], skip: usize) -> Val {
        let files: Vec<Value> = self
            .operands(takes_value)
            .into_iter()
            .skip(skip)
            .map(|f| f.text.clone())
            .collect();
        let files: Vec<Value> = files
            .into_iter()
            .filter(|f| f.as_text() != Some("-"))
            .collect();
        if files.is_empty() {
            return self.stdin.clone();
        }
        let mut taints = Taints::default();
        let substituted = self.args_taints();
        for file in files {
            if file.is_unknown() && !substituted.is_empty() {
                continue;
            }
            let read = self.read(&file);
            taints.join(&read);
        }
        taints.join(&substituted);
        taints.join(&self.stdin.taints.clone());
        Val::tainted(taints)
    }

    fn base64(&mut self) -> Val {
        let decodes = self.flag('d') || self.flag('D') || self.has("--decode");
        let input = self.input(&["-w", "-i", "--wrap", "-b"], 0);
        let from_file = self
            .args
            .iter()
            .skip_while(|a| a.text.as_text() != Some("-i"))
            .nth(1)
            .map(|a| a.text.clone());
        let input = match from_file {
            Some(file) => Val::tainted(self.read(&file)),
            None => input,
        };
        if decodes {
            self.decode("base64", &input)
        } else {
            Val::tainted(input.taints.through("base64", self.span))
        }
    }

    fn decode(&mut self, how: &str, input: &Val) -> Val {
        self.effect(EffectKind::Decode {
            how: how.to_owned(),
            input: input.text.map_text(|t| t.chars().take(200).collect()),
        });
        let mut taints = input.taints.through(how, self.span);
        let constant = input
            .text
            .as_text()
            .filter(|t| !t.is_empty())
            .map(str::to_owned);
        let decoded = constant.and_then(|text| match how {
            "base64" => decode::base64(&text).and_then(decode::readable),
            "hex" => decode::hex(&text).and_then(decode::readable),
            "reversed" => Some(text.trim().chars().rev().collect()),
            "rot13" => Some(decode::rot13(&text)),
            _ => None,
        });
        if !input.text.0.is_empty() || how != "gzip" {
            taints.join(&Taints::of(Origination::Decoded(how.to_owned()), self.span));
        }
        match decoded {
            Some(text) => Val::of(Value::text(text), taints),
            None => Val::tainted(taints),
        }
    }

    fn filter(&mut self) -> Val {
        match self.name.as_str() {
            "xxd" if self.flag('r') => {
                let input = self.input(&["-s", "-l"], 0);
                self.decode("hex", &input)
            }
            "rev" => {
                let input = self.input(&[], 0);
                self.decode("reversed", &input)
            }
            "gunzip" | "zcat" | "unxz" | "bunzip2" => {
                let input = self.input(&[], 0);
                self.decode("gzip", &input)
            }
            "gzip" if self.flag('d') => {
                let input = self.input(&[], 0);
                self.decode("gzip", &input)
            }
            "openssl" => {
                let input = self.stdin.clone();
                let decodes = self.flag('d')
                    && (self.has("enc") || self.has("base64") || self.text(0).starts_with("aes"));
                match (decodes, self.has("-base64") || self.has("base64")) {
                    (true, true) => self.decode("base64", &input),
                    (true, false) => self.decode("cipher", &input),
                    _ => Val::tainted(input.taints),
                }
            }
            "tr" => {
                let (from, to) = (self.text(0).to_owned(), self.text(1).to_owned());
                let stdin = self.stdin.clone();
                if from.to_lowercase().contains("a-z") && to.to_lowercase().starts_with("n-za-m") {
                    return self.decode("rot13", &stdin);
                }
                match (from.as_str(), stdin.text.as_text()) {
                    ("-d", Some(text)) => {
                        let text = text
                            .chars()
                            .filter(|c| !unescape(&to).contains(*c))
                            .collect::<String>();
                        Val::of(Value::text(text), stdin.taints)
                    }
                    _ => Val::tainted(stdin.taints),
                }
            }
            _ => {
                let input = self.input(&[], 0);
                Val::tainted(input.taints.through(&self.name.clone(), self.span))
            }
        }
    }

    fn sense(&mut self, what: &str) -> Val {
        self.effect(EffectKind::Sense {
            what: what.to_owned(),
        });
        let sensed = Val::origin(Origination::Sensed(what.to_owned()), self.span);
        if what == "screen"
            && let Some(file) = self.operands(&[]).pop().map(|f| f.text.clone())
        {
            self.write(&file, Some(&sensed));
        }
        sensed
    }

    fn machine(&mut self, what: &str) -> Val {
        Val::origin(Origination::Machine(what.to_owned()), self.span)
    }

    /// A program that nothing is known of.
    fn other(&mut self, program: &Val) -> Val {
        let path = program.text.clone().tidy_path();
        let mut taints = self.args_taints();
        taints.join(&self.stdin.taints.clone());
        if !BUILTINS.contains(&self.name.as_str()) {
            self.out
                .flow(&taints, &Destination::Exec(path.clone()), self.span);
            let mut made = self.out.written(&path, self.span);
            made.join(&program.taints);
            self.out
                .flow(&made, &Destination::Exec(path.clone()), self.span);
            taints = self.stdin.taints.clone();
            taints.join(&Taints::of(Origination::Output(path), self.span));
        }
        Val::tainted(taints)
    }
}

/// Backslash escapes of `echo -e` and `printf`.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('x') => {
                let mut code = String::new();
                while code.len() < 2 && chars.peek().is_some_and(char::is_ascii_hexdigit) {
                    code.extend(chars.next());
                }
                out.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
            }
            Some(first @ '0'..='7') => {
                let mut code = String::from(first);
                while code.len() < 4 && chars.peek().is_some_and(|c| ('0'..='7').contains(c)) {
                    code.extend(chars.next());
                }
                out.extend(u32::from_str_radix(&code, 8).ok().and_then(char::from_u32));
            }
            Some(other) => {
                out.push('\\');
                out.push(other);
            }
            None => out.push('\\'),
        }
    }
    out
}
