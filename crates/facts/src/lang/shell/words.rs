//! What the words of a shell script stand for.

use tree_sitter::Node;

use super::super::tree::{children, span, unescape};
use super::{MAX_DEPTH, Shell, nothing};
use crate::interpret::{Val, env};
use crate::out::Taints;
use crate::{Origination, Part, Span, Value};

impl<'t> Shell<'t, '_> {
    pub(super) fn heredoc(&mut self, node: Node<'t>) -> Val {
        let parts = children(node);
        let expands = parts
            .iter()
            .any(|p| !matches!(p.kind(), "heredoc_content" | "heredoc_end"));
        if !expands {
            return Val {
                verbatim: Some(span(node)),
                ..Val::text(self.of(node))
            };
        }
        self.pieces(node)
    }

    /// The text of a node, with what its children stand for in their places.
    fn pieces(&mut self, node: Node<'t>) -> Val {
        let mut val = nothing();
        let (mut at, mut end) = (node.start_byte(), node.end_byte());
        if node.kind() == "string" || node.kind() == "translated_string" {
            at = node.start_byte() + self.of(node).find('"').map_or(0, |q| q + 1);
            end = end.saturating_sub(1).max(at);
        }
        for part in children(node) {
            if matches!(part.kind(), "string_content" | "heredoc_content") {
                continue;
            }
            let between = self.text.get(at..part.start_byte()).unwrap_or_default();
            val.text.push(Part::Text(unquote(between)));
            let piece = self.word(part);
            val.text.extend(&piece.text);
            val.taints.join(&piece.taints);
            at = part.end_byte();
        }
        let between = self.text.get(at..end).unwrap_or_default();
        val.text.push(Part::Text(unquote(between)));
        val
    }

    /// What a word stands for.
    pub(super) fn word(&mut self, node: Node<'t>) -> Val {
        if self.depth >= MAX_DEPTH {
            self.out.too_deep = true;
            return Val::unknown();
        }
        self.depth += 1;
        let val = self.word_inner(node);
        self.depth -= 1;
        val
    }

    fn word_inner(&mut self, node: Node<'t>) -> Val {
        let at = span(node);
        match node.kind() {
            "word"
            | "number"
            | "variable_name"
            | "special_variable_name"
            | "regex"
            | "extglob_pattern"
            | "test_operator" => {
                let text: String = self
                    .of(node)
                    .replace("\\\n", "")
                    .chars()
                    .filter(|c| *c != '\\')
                    .collect();
                Val::of(Value::text(text).tidy_path(), Taints::default())
            }
            "raw_string" => {
                let inner = Span {
                    start: at.start + 1,
                    end: at.end.saturating_sub(1).max(at.start + 1),
                };
                let text = self
                    .text
                    .get(inner.start as usize..inner.end as usize)
                    .unwrap_or_default();
                Val {
                    verbatim: Some(inner),
                    ..Val::text(text)
                }
            }
            "string" | "translated_string" => {
                let inner = Span {
                    start: at.start + 1,
                    end: at.end.saturating_sub(1).max(at.start + 1),
                };
                let mut val = self.pieces(node);
                let whole = self.text.get(inner.start as usize..inner.end as usize);
                if val.text.as_text() == whole {
                    val.verbatim = Some(inner);
                }
                val
            }
            "ansi_c_string" => {
                let raw = self.of(node);
                let inner = raw.get(2..raw.len().saturating_sub(1)).unwrap_or_default();
                let text = escapes(inner);
                let hidden =
                    inner.contains("\\x") || inner.contains("\\0") || inner.contains("\\u");
                let taints = if hidden {
                    Taints::of(Origination::Decoded("escapes".into()), at)
                } else {
                    Taints::default()
                };
                Val::of(Value::text(text), taints)
            }
            "concatenation" => {
                let mut val = nothing();
                for part in children(node) {
                    let piece = self.word(part);
                    val.text.extend(&piece.text);
                    val.taints.join(&piece.taints);
                }
                val.text = val.text.tidy_path();
                val
            }
            "simple_expansion" => {
                let name = node.named_child(0).map_or("", |n| self.of(n)).to_owned();
                self.variable(&name, at)
            }
            "expansion" => self.expansion(node),
            "command_substitution" => {
                let mut val = self.all(node, &nothing());
                // `$(< file)`.
                for part in children(node) {
                    if part.kind() == "file_redirect"
                        && let Some(file) = self.redirect_in(part)
                    {
                        val = file;
                    }
                }
                val.text = val.text.map_text(|t| t.trim_end_matches('\n').to_owned());
                if val.text.0.is_empty() {
                    val.text = Value::unknown();
                }
                Val {
                    verbatim: None,
                    ..val
                }
            }
            "process_substitution" => {
                let val = self.all(node, &nothing());
                Val::tainted(val.taints)
            }
            "array" => {
                let mut val = nothing();
                for part in children(node) {
                    let piece = self.word(part);
                    val = if val.text.0.is_empty() {
                        piece
                    } else {
                        val.text.push(Part::Text(" ".into()));
                        val.text.extend(&piece.text);
                        val.taints.join(&piece.taints);
                        val
                    };
                }
                Val {
                    verbatim: None,
                    ..val
                }
            }
            "arithmetic_expansion" => Val::unknown(),
            "command"
            | "pipeline"
            | "list"
            | "redirected_statement"
            | "subshell"
            | "compound_statement"
            | "if_statement"
            | "do_group"
            | "for_statement"
            | "while_statement"
            | "case_statement"
            | "declaration_command"
            | "variable_assignment"
            | "function_definition"
            | "ERROR" => self.statement(node, &nothing()),
            _ => {
                let parts = children(node);
                if parts.is_empty() {
                    return Val::text(self.of(node));
                }
                let mut val = Val::unknown();
                for part in parts {
                    let piece = self.word(part);
                    val.taints.join(&piece.taints);
                }
                val
            }
        }
    }

    fn expansion(&mut self, node: Node<'t>) -> Val {
        let at = span(node);
        let parts = children(node);
        let Some(first) = parts.first() else {
            return Val::unknown();
        };
        let name = match first.kind() {
            "subscript" => first.child_by_field_name("name").map_or("", |n| self.of(n)),
            _ => self.of(*first),
        }
        .to_owned();
        let raw = self.of(node);
        let val = self.variable(&name, at);
        let after_name = raw.find(&name).map_or("", |i| &raw[i + name.len()..]);
        if after_name.starts_with("}")
            || after_name.starts_with("[@]}")
            || after_name.starts_with("[*]}")
        {
            return val;
        }
        if after_name.starts_with(":-")
            || after_name.starts_with(":=")
            || after_name.starts_with('-')
        {
            return match parts.get(1) {
                Some(default) => {
                    let default = self.word(*default);
                    val.or(default)
                }
                None => val,
            };
        }
        // Cut or replaced: neither the text nor a part of it is known.
        if after_name.starts_with(":?") {
            return val;
        }
        for part in parts.iter().skip(1) {
            self.word(*part);
        }
        if let Some(sliced) = slice(&val, after_name) {
            return sliced;
        }
        Val::tainted(val.taints)
    }

    fn variable(&mut self, name: &str, at: Span) -> Val {
        if let Some(val) = self.vars.get(name) {
            return val.clone();
        }
        match name {
            "HOME" => Val::of(Value::part(Part::Home), Taints::default()),
            "PWD" => Val::text("."),
            "USER" | "LOGNAME" | "HOSTNAME" => {
                let val = env(self.out, name, at, "$");
                val.with(&Taints::of(
                    Origination::Machine(
                        if name == "HOSTNAME" {
                            "host name"
                        } else {
                            "user name"
                        }
                        .into(),
                    ),
                    at,
                ))
            }
            "IFS" => Val::text(" "),
            "RANDOM" | "$" | "?" | "!" | "#" | "-" | "SECONDS" | "LINENO" | "BASH_SOURCE" | "0"
            | "OPTARG" | "OPTIND" | "REPLY" | "UID" | "EUID" => Val::unknown(),
            _ if name.starts_with(|c: char| c.is_ascii_digit() || c == '@' || c == '*') => {
                Val::of(Value::part(Part::Input(name.to_owned())), Taints::default())
            }
            _ if name.chars().any(|c| c.is_ascii_lowercase()) => {
                Val::of(Value::part(Part::Input(name.to_owned())), Taints::default())
            }
            _ => env(self.out, name, at, "$"),
        }
    }
}

/// `${X:a:b}` of known text.
fn slice(val: &Val, operation: &str) -> Option<Val> {
    let text = val.text.as_text()?;
    let mut numbers = operation
        .strip_prefix(':')?
        .strip_suffix('}')?
        .split(':')
        .map(|n| n.trim().parse::<usize>());
    let from = numbers.next()?.ok()?;
    let length = match numbers.next() {
        Some(length) => length.ok()?,
        None => usize::MAX,
    };
    Some(Val::of(
        Value::text(text.chars().skip(from).take(length).collect::<String>()),
        val.taints.clone(),
    ))
}

/// Inside double quotes, a backslash escapes only these.
fn unquote(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('"' | '$' | '`' | '\\')) => out.extend(chars.next()),
            ('\\', Some('\n')) => drop(chars.next()),
            _ => out.push(c),
        }
    }
    out
}

/// Escapes of `$'…'`.
fn escapes(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let digits = |from: usize, most: usize, radix: u32| {
            rest[from..]
                .chars()
                .take(most)
                .take_while(|c| c.is_digit(radix))
                .count()
        };
        let length = match rest.as_bytes().get(1) {
            Some(b'x') => 2 + digits(2, 2, 16),
            Some(b'u') => 2 + digits(2, 4, 16),
            Some(b'0'..=b'7') => 1 + digits(1, 3, 8),
            Some(_) => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            None => 1,
        };
        out.extend(unescape(&rest[..length]));
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}
