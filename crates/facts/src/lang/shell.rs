//! Shell: read and walked in one, for its programs are few words long and its data flows through
//! pipes.

mod words;

use std::collections::{HashMap, HashSet};

use tree_sitter::Node;

use super::tree::{children, parse, span};
use crate::interpret::Val;
use crate::models::shell::{Command, run as run_command};
use crate::out::{Out, Taints};
use crate::{Destination, EffectKind, Language, Origination, Part, Span, Value};

/// Nesting, calls included, that is followed; a call is followed where this much is left for it.
const MAX_DEPTH: u32 = 300;
const BODY_DEPTH: u32 = 100;

/// Finds what a script does.
pub(crate) fn read(text: &str, steps: u32, out: &mut Out) {
    let Some(tree) = parse(text, &tree_sitter_bash::LANGUAGE.into()) else {
        return;
    };
    let mut shell = Shell {
        text,
        out,
        vars: HashMap::new(),
        functions: HashMap::new(),
        called: HashSet::new(),
        depth: 0,
        maybe: 0,
        steps,
    };
    shell.all(tree.root_node(), &nothing());
    shell.out.top_level = false;
    let mut functions: Vec<_> = shell.functions.clone().into_iter().collect();
    functions.sort_by_key(|(_, body)| body.start_byte());
    for (name, body) in functions {
        if !shell.called.contains(&name) {
            shell.statement(body, &nothing());
        }
    }
}

struct Shell<'t, 'o> {
    text: &'t str,
    out: &'o mut Out,
    vars: HashMap<String, Val>,
    functions: HashMap<String, Node<'t>>,
    called: HashSet<String>,
    depth: u32,
    /// How many branches deep.
    maybe: u32,
    steps: u32,
}

/// No input, no output.
fn nothing() -> Val {
    Val::of(Value::default(), Taints::default())
}

/// One output after the other.
fn after(mut first: Val, second: Val) -> Val {
    if first.text.0.is_empty() && first.taints.is_empty() {
        return second;
    }
    if second.text.0.is_empty() && second.taints.is_empty() {
        return first;
    }
    first.text.push(Part::Text("\n".into()));
    first.text.extend(&second.text);
    first.taints.join(&second.taints);
    first.verbatim = None;
    first
}

impl<'t> Shell<'t, '_> {
    fn of(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    fn all(&mut self, node: Node<'t>, stdin: &Val) -> Val {
        let mut output = nothing();
        for child in children(node) {
            if child.kind() == "function_definition" {
                self.define(child);
            }
        }
        for child in children(node) {
            let one = self.statement(child, stdin);
            output = after(output, one);
        }
        output
    }

    fn define(&mut self, node: Node<'t>) {
        if let (Some(name), Some(body)) = (
            node.child_by_field_name("name"),
            node.child_by_field_name("body"),
        ) {
            self.functions.insert(self.of(name).to_owned(), body);
        }
    }

    /// Runs a statement; what it prints.
    fn statement(&mut self, node: Node<'t>, stdin: &Val) -> Val {
        if self.depth >= MAX_DEPTH {
            self.out.too_deep = true;
            return Val::unknown();
        }
        self.depth += 1;
        let output = self.statement_inner(node, stdin);
        self.depth -= 1;
        output
    }

    fn statement_inner(&mut self, node: Node<'t>, stdin: &Val) -> Val {
        match node.kind() {
            "command" => self.command(node, stdin),
            "pipeline" => {
                let mut passed = stdin.clone();
                for part in children(node) {
                    passed = self.statement(part, &passed);
                }
                passed
            }
            "redirected_statement" => self.redirected(node, stdin),
            "variable_assignment" => {
                self.assign(node);
                nothing()
            }
            "declaration_command" => {
                let exports_all =
                    self.of(node).trim() == "export -p" || self.of(node).trim() == "declare -x";
                for part in children(node) {
                    if part.kind() == "variable_assignment" {
                        self.assign(part);
                    }
                }
                if exports_all {
                    self.out.effect(EffectKind::EnvAll, span(node), "export");
                    return Val::origin(Origination::EnvAll, span(node));
                }
                nothing()
            }
            "function_definition" => {
                self.define(node);
                nothing()
            }
            "if_statement"
            | "elif_clause"
            | "else_clause"
            | "case_statement"
            | "case_item"
            | "while_statement"
            | "c_style_for_statement" => {
                self.maybe += 1;
                let output = self.all(node, stdin);
                self.maybe -= 1;
                output
            }
            "for_statement" => {
                let mut element = nothing();
                let mut cursor = node.walk();
                let values: Vec<_> = node.children_by_field_name("value", &mut cursor).collect();
                for value in values {
                    let value = self.word(value);
                    element = if element.text.0.is_empty() {
                        value
                    } else {
                        element.or(value)
                    };
                }
                if let Some(name) = node.child_by_field_name("variable") {
                    let name = self.of(name).to_owned();
                    self.vars.insert(name, element);
                }
                self.maybe += 1;
                let output = node
                    .child_by_field_name("body")
                    .map_or_else(nothing, |body| self.statement(body, stdin));
                self.maybe -= 1;
                output
            }
            "ERROR" => {
                if self.out.unparsed.len() < 100 {
                    self.out.unparsed.push(span(node));
                }
                self.all(node, stdin)
            }
            "program"
            | "list"
            | "subshell"
            | "compound_statement"
            | "do_group"
            | "negated_command"
            | "variable_assignments" => self.all(node, stdin),
            "heredoc_body" | "heredoc_start" | "heredoc_end" => nothing(),
            // Words where statements are: conditions, patterns. They may substitute commands.
            _ => {
                self.word(node);
                nothing()
            }
        }
    }

    fn assign(&mut self, node: Node<'t>) {
        let Some(name) = node.child_by_field_name("name") else {
            return;
        };
        let name = self.of(name).to_owned();
        let mut val = node
            .child_by_field_name("value")
            .map_or_else(nothing, |value| self.word(value));
        let adds = node.child(1).is_some_and(|op| op.kind() == "+=");
        if !val.taints.is_empty() {
            val.taints = val.taints.through(&name, span(node));
        }
        if let Some(text) = val.text.as_text() {
            self.out.string(text, span(node));
        }
        let val = match self.vars.remove(&name) {
            Some(mut old) if adds => {
                old.text.extend(&val.text);
                old.taints.join(&val.taints);
                Val {
                    verbatim: None,
                    ..old
                }
            }
            Some(old) if self.maybe > 0 => {
                let taints = old.taints.clone();
                (if val.text.is_unknown() {
                    val.or(old)
                } else {
                    val
                })
                .with(&taints)
            }
            _ => val,
        };
        self.vars.insert(name, val);
    }

    /// A command. The grammar may take several lines for one: a line break that nothing escapes
    /// ends it nevertheless, and only the first of them reads what is piped in.
    fn command(&mut self, node: Node<'t>, stdin: &Val) -> Val {
        let mut words = Vec::new();
        let mut input = stdin.clone();
        let mut output = nothing();
        let mut at = span(node);
        let mut end = node.start_byte();
        for part in children(node) {
            let between = self.text.get(end..part.start_byte()).unwrap_or_default();
            if between.contains('\n') && !between.contains('\\') && !words.is_empty() {
                at.end = end as u32;
                let one = self.run(std::mem::take(&mut words), &input, at);
                output = after(output, one);
                input = nothing();
                at = Span {
                    start: part.start_byte() as u32,
                    end: node.end_byte() as u32,
                };
            }
            end = part.end_byte();
            match part.kind() {
                "variable_assignment" => self.assign(part),
                "file_redirect" => {
                    if let Some(file) = self.redirect_in(part) {
                        input = file;
                    }
                }
                "herestring_redirect" => {
                    input = part.named_child(0).map_or_else(nothing, |w| self.word(w));
                }
                "command_name" => {
                    let name = part.named_child(0).unwrap_or(part);
                    words.push(self.word(name));
                }
                _ => words.push(self.word(part)),
            }
        }
        at.end = node.end_byte() as u32;
        let last = self.run(words, &input, at);
        after(output, last)
    }

    fn run(&mut self, mut words: Vec<Val>, input: &Val, at: Span) -> Val {
        let Some(first) = words.first() else {
            return nothing();
        };
        if let Some(name) = first.text.as_text().map(str::to_owned)
            && let Some(body) = self.functions.get(&name).copied()
        {
            return self.call(&name, body, &words, input);
        }
        // A variable may hold a program and its arguments.
        if let Some(text) = first.text.as_text()
            && text.contains(' ')
        {
            let split: Vec<Val> = text
                .split_whitespace()
                .map(|w| Val::text(w).with(&first.taints))
                .collect();
            words.splice(..1, split);
        }
        if words.is_empty() {
            return nothing();
        }
        run_command(
            self.out,
            &Command {
                words: &words,
                stdin: input,
                span: at,
                call: "",
                shell: true,
            },
        )
    }

    fn call(&mut self, name: &str, body: Node<'t>, words: &[Val], stdin: &Val) -> Val {
        self.called.insert(name.to_owned());
        if self.depth + BODY_DEPTH >= MAX_DEPTH || self.steps == 0 {
            return Val::unknown();
        }
        self.steps = self
            .steps
            .saturating_sub(1 + (body.end_byte() - body.start_byte()) as u32);
        let outer: Vec<_> = (0..10)
            .map(|i| (i.to_string(), self.vars.remove(&i.to_string())))
            .collect();
        let mut rest = nothing();
        for (index, word) in words.iter().enumerate().skip(1) {
            if index < 10 {
                self.vars.insert(index.to_string(), word.clone());
            }
            rest = after(rest, word.clone());
        }
        self.vars.insert("@".into(), rest.clone());
        self.vars.insert("*".into(), rest);
        self.depth += 20;
        let output = self.statement(body, stdin);
        self.depth -= 20;
        self.vars.remove("@");
        self.vars.remove("*");
        for (name, val) in outer {
            match val {
                Some(val) => drop(self.vars.insert(name, val)),
                None => drop(self.vars.remove(&name)),
            }
        }
        output
    }

    /// The input that a redirection gives, if it is one of input.
    fn redirect_in(&mut self, node: Node<'t>) -> Option<Val> {
        let operator = self.operator(node);
        let target = node.child_by_field_name("destination")?;
        if !operator.starts_with('<') {
            return None;
        }
        let path = self.word(target);
        if path.text.is_unknown() && !path.taints.is_empty() {
            return Some(path);
        }
        let file = path.text.tidy_path();
        if let Some(host) = device(&file) {
            let at = span(node);
            self.out.effect(
                EffectKind::Net {
                    target: host.clone(),
                    method: None,
                    sends: false,
                },
                at,
                "/dev/tcp",
            );
            return Some(Val::origin(Origination::Net(host), at));
        }
        if file.prefix().starts_with("/dev/null") || operator.contains('&') {
            return None;
        }
        let at = span(node);
        self.out
            .effect(EffectKind::Read { path: file.clone() }, at, "<");
        let mut taints = Taints::of(Origination::File(file.clone()), at);
        taints.join(&self.out.written(&file, at));
        Some(Val::tainted(taints))
    }

    fn operator(&self, node: Node<'t>) -> String {
        let mut cursor = node.walk();
        node.children(&mut cursor)
            .find(|c| !c.is_named())
            .map(|c| c.kind().to_owned())
            .unwrap_or_default()
    }

    fn redirected(&mut self, node: Node<'t>, stdin: &Val) -> Val {
        let mut input = stdin.clone();
        let mut outputs = Vec::new();
        let mut rest = Vec::new();
        let body = node.child_by_field_name("body");
        let mut cursor = node.walk();
        let redirects: Vec<_> = node
            .children_by_field_name("redirect", &mut cursor)
            .collect();
        for redirect in redirects {
            match redirect.kind() {
                "heredoc_redirect" => {
                    for part in children(redirect) {
                        match part.kind() {
                            "heredoc_body" => input = self.heredoc(part),
                            "file_redirect" => outputs.push(part),
                            "heredoc_start" | "heredoc_end" | "file_descriptor" => {}
                            _ => rest.push(part),
                        }
                    }
                }
                "herestring_redirect" => {
                    input = redirect
                        .named_child(0)
                        .map_or_else(nothing, |w| self.word(w));
                }
                _ => match self.redirect_in(redirect) {
                    Some(file) => input = file,
                    None => outputs.push(redirect),
                },
            }
        }
        let interactive = body.is_some_and(|b| {
            let words = self.of(b);
            words.contains("sh -i") || words.trim() == "exec" || words.starts_with("exec ")
        });
        let mut output = body.map_or_else(nothing, |body| self.statement(body, &input));
        for part in rest {
            output = self.statement(part, &output);
        }
        for redirect in outputs {
            output = self.redirect_out(redirect, output, interactive);
        }
        output
    }

    fn redirect_out(&mut self, node: Node<'t>, output: Val, interactive: bool) -> Val {
        let operator = self.operator(node);
        let Some(target) = node.child_by_field_name("destination") else {
            return output;
        };
        if !operator.contains('>') {
            return output;
        }
        let path = self.word(target).text.tidy_path();
        let stderr = node
            .child_by_field_name("descriptor")
            .is_some_and(|d| self.of(d) == "2");
        let at = span(node);
        if let Some(host) = device(&path) {
            self.out.effect(
                EffectKind::Net {
                    target: host.clone(),
                    method: None,
                    sends: true,
                },
                at,
                "/dev/tcp",
            );
            self.out
                .flow(&output.taints, &Destination::Net(host.clone()), at);
            if interactive {
                let remote = Taints::of(Origination::Net(host), at);
                self.out
                    .flow(&remote, &Destination::Eval(Language::Shell), at);
            }
            return nothing();
        }
        // `>&2`, `>&-` name a descriptor.
        let descriptor = path
            .as_text()
            .is_some_and(|p| p.bytes().all(|b| b.is_ascii_digit() || b == b'-'));
        if path.prefix().starts_with("/dev/") || descriptor {
            return if stderr || operator == ">&" {
                output
            } else {
                nothing()
            };
        }
        let content = if stderr {
            Val::unknown()
        } else {
            output.clone()
        };
        let known = Some(content.text.clone()).filter(|c| !c.is_unknown());
        self.out.effect(
            EffectKind::Write {
                path: path.clone(),
                content: known,
            },
            at,
            &operator,
        );
        self.out
            .flow(&content.taints, &Destination::File(path.clone()), at);
        self.out.wrote(&path, &content.taints);
        if stderr { output } else { nothing() }
    }
}

/// The host and port of `/dev/tcp/host/port`.
fn device(path: &Value) -> Option<Value> {
    let rest = path
        .prefix()
        .strip_prefix("/dev/tcp/")
        .or_else(|| path.prefix().strip_prefix("/dev/udp/"))?;
    let mut out = Value::text(rest);
    for part in path.0.iter().skip(1) {
        out.push(part.clone());
    }
    Some(out.map_text(|t| t.replacen('/', ":", 1)))
}
