//! What the front ends over tree-sitter share.

use std::rc::Rc;

use tree_sitter::{Language, Node, Parser, Tree};

use crate::Span;
use crate::ir::{Expr, Id, Program, Stmt};

/// Deeper expressions and statements are not followed: the source says so in its gaps.
const NESTING: u32 = 500;

/// Parses, with recovery from errors. Nothing only where the grammar's version doesn't fit.
pub(crate) fn parse(text: &str, grammar: &Language) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(grammar).ok()?;
    parser.parse(text, None)
}

pub(crate) fn span(node: Node<'_>) -> Span {
    Span {
        start: node.start_byte() as u32,
        end: node.end_byte() as u32,
    }
}

/// A program in the making.
pub(crate) struct Lowering<'t> {
    pub(crate) text: &'t str,
    pub(crate) program: Program,
    pub(crate) unparsed: Vec<Span>,
    /// Something was nested too deeply to be followed.
    pub(crate) too_deep: bool,
    depth: u32,
}

impl<'t> Lowering<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            program: Program::default(),
            unparsed: Vec::new(),
            too_deep: false,
            depth: 0,
        }
    }

    pub(crate) fn of(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    pub(crate) fn name(&self, node: Node<'_>) -> Rc<str> {
        self.of(node).into()
    }

    pub(crate) fn add(&mut self, expr: Expr, node: Node<'_>) -> Id {
        self.program.add(expr, span(node))
    }

    /// Runs `f` one level deeper, or gives up there.
    pub(crate) fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= NESTING {
            self.too_deep = true;
            return None;
        }
        self.depth += 1;
        let result = f(self);
        self.depth -= 1;
        Some(result)
    }

    /// A string literal: its text, and where that stands verbatim.
    pub(crate) fn string(&mut self, value: String, content: Span, node: Node<'_>) -> Id {
        let verbatim = (self.text.get(content.start as usize..content.end as usize)
            == Some(value.as_str()))
        .then_some(content);
        self.add(Expr::Text(value.into(), verbatim), node)
    }

    /// Marks what the parser could not read.
    pub(crate) fn error(&mut self, node: Node<'_>) {
        if self.unparsed.len() < 100 {
            self.unparsed.push(span(node));
        }
    }
}

/// Named children that are not comments.
pub(crate) fn children<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .filter(|n| n.kind() != "comment" && n.kind() != "html_comment")
        .collect()
}

/// The operands of a chain of left-nested binary operators `kind` with one operator, in order:
/// `((a + b) + c) + d` is 4 operands, however long it is.
pub(crate) fn operands<'t>(node: Node<'t>, kind: &str, operator: &str) -> Vec<Node<'t>> {
    let mut reversed = Vec::new();
    let mut at = node;
    loop {
        let same = at.kind() == kind
            && at
                .child_by_field_name("operator")
                .is_some_and(|o| o.kind() == operator);
        let (Some(left), Some(right)) = (
            at.child_by_field_name("left"),
            at.child_by_field_name("right"),
        ) else {
            reversed.push(at);
            break;
        };
        if !same {
            reversed.push(at);
            break;
        }
        reversed.push(right);
        at = left;
    }
    reversed.reverse();
    reversed
}

/// Statements that may run, or none.
pub(crate) fn maybe(body: Vec<Stmt>, out: &mut Vec<Stmt>) {
    if !body.is_empty() {
        out.push(Stmt::Maybe(body));
    }
}

/// The text of a backslash escape that both JavaScript and Python know; nothing for one that
/// stands for no text.
pub(crate) fn unescape(escape: &str) -> Option<char> {
    let rest = escape.strip_prefix('\\')?;
    let hex = |s: &str| u32::from_str_radix(s, 16).ok().and_then(char::from_u32);
    match rest.chars().next()? {
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        'v' => Some('\u{b}'),
        'a' => Some('\u{7}'),
        'x' | 'U' => hex(&rest[1..]),
        'u' => hex(rest[1..].trim_start_matches('{').trim_end_matches('}')),
        '\n' | '\r' => None,
        '0'..='7' => u32::from_str_radix(rest, 8).ok().and_then(char::from_u32),
        other => Some(other),
    }
}
