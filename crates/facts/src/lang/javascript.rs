//! JavaScript and TypeScript to [`ir`](crate::ir).

use std::rc::Rc;

use tree_sitter::Node;

use super::tree::{Lowering, children, maybe, operands, parse, span, unescape};
use crate::ir::{Arg, Class, Expr, Function, Id, Param, Stmt, Target};
use crate::{Language, Span};

/// Lowers a file.
pub(crate) fn lower<'t>(text: &'t str, language: Language, path: &str) -> Lowering<'t> {
    let grammar = match language {
        Language::TypeScript if path.ends_with("x") => tree_sitter_typescript::LANGUAGE_TSX,
        Language::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT,
        _ => tree_sitter_javascript::LANGUAGE,
    };
    let mut lowering = Lowering::new(text);
    if let Some(tree) = parse(text, &grammar.into()) {
        let mut body = Vec::new();
        block(&mut lowering, tree.root_node(), &mut body);
        lowering.program.body = body;
    }
    lowering
}

fn block(lw: &mut Lowering<'_>, node: Node<'_>, out: &mut Vec<Stmt>) {
    for child in children(node) {
        statement(lw, child, out);
    }
}

fn field(lw: &mut Lowering<'_>, node: Node<'_>, name: &str, out: &mut Vec<Stmt>) {
    if let Some(child) = node.child_by_field_name(name) {
        statement(lw, child, out);
    }
}

fn field_expr(lw: &mut Lowering<'_>, node: Node<'_>, name: &str) -> Option<Id> {
    node.child_by_field_name(name).map(|n| expr(lw, n))
}

fn inner(lw: &mut Lowering<'_>, node: Node<'_>, name: &str) -> Vec<Stmt> {
    let mut body = Vec::new();
    field(lw, node, name, &mut body);
    body
}

fn statement(lw: &mut Lowering<'_>, node: Node<'_>, out: &mut Vec<Stmt>) {
    lw.deeper(|lw| statement_inner(lw, node, out));
}

fn statement_inner(lw: &mut Lowering<'_>, node: Node<'_>, out: &mut Vec<Stmt>) {
    match node.kind() {
        "statement_block"
        | "program"
        | "export_statement"
        | "finally_clause"
        | "else_clause"
        | "class_static_block"
        | "internal_module"
        | "module"
        | "ambient_declaration" => block(lw, node, out),
        "ERROR" => {
            lw.error(node);
            block(lw, node, out);
        }
        "lexical_declaration" | "variable_declaration" => {
            for declarator in children(node) {
                let (Some(name), Some(value)) = (
                    declarator.child_by_field_name("name"),
                    declarator.child_by_field_name("value"),
                ) else {
                    continue;
                };
                let value = expr(lw, value);
                let target = target(lw, name);
                let assign = lw.add(
                    Expr::Assign {
                        target,
                        value,
                        declares: true,
                    },
                    declarator,
                );
                out.push(Stmt::Expr(assign));
            }
        }
        "function_declaration" | "generator_function_declaration" => {
            let name = node
                .child_by_field_name("name")
                .map_or_else(|| "".into(), |n| lw.name(n));
            let id = function(lw, node, Rc::clone(&name));
            out.push(Stmt::Function(name, id));
        }
        "class_declaration" | "abstract_class_declaration" => {
            let (name, id) = class(lw, node);
            out.push(Stmt::Class(name, id));
        }
        "if_statement" => {
            if let Some(condition) = field_expr(lw, node, "condition") {
                out.push(Stmt::Expr(condition));
            }
            maybe(inner(lw, node, "consequence"), out);
            maybe(inner(lw, node, "alternative"), out);
        }
        "for_statement" => {
            field(lw, node, "initializer", out);
            let mut body = inner(lw, node, "body");
            for part in ["condition", "increment"] {
                if let Some(part) = node.child_by_field_name(part) {
                    statement(lw, part, &mut body);
                }
            }
            out.push(Stmt::Loop(None, body));
        }
        "for_in_statement" => {
            let bind = node.child_by_field_name("right").map(|right| {
                let over = expr(lw, right);
                (
                    node.child_by_field_name("left")
                        .map_or(Target::Nowhere, |left| target(lw, left)),
                    over,
                )
            });
            let body = inner(lw, node, "body");
            out.push(Stmt::Loop(bind, body));
        }
        "while_statement" | "do_statement" => {
            let mut body = Vec::new();
            if let Some(condition) = field_expr(lw, node, "condition") {
                body.push(Stmt::Expr(condition));
            }
            field(lw, node, "body", &mut body);
            out.push(Stmt::Loop(None, body));
        }
        "try_statement" => {
            field(lw, node, "body", out);
            maybe(inner(lw, node, "handler"), out);
            field(lw, node, "finalizer", out);
        }
        "catch_clause" | "with_statement" | "labeled_statement" => field(lw, node, "body", out),
        "switch_statement" => {
            if let Some(value) = field_expr(lw, node, "value") {
                out.push(Stmt::Expr(value));
            }
            if let Some(body) = node.child_by_field_name("body") {
                for case in children(body) {
                    let mut stmts = Vec::new();
                    block(lw, case, &mut stmts);
                    maybe(stmts, out);
                }
            }
        }
        "return_statement" => {
            if let Some(value) = node.named_child(0) {
                let value = expr(lw, value);
                out.push(Stmt::Return(value));
            }
        }
        "import_statement" => import(lw, node, out),
        "interface_declaration"
        | "type_alias_declaration"
        | "import_alias"
        | "debugger_statement"
        | "empty_statement"
        | "export_clause"
        | "hash_bang_line" => {}
        "enum_declaration" => {
            if let (Some(name), Some(body)) = (
                node.child_by_field_name("name"),
                node.child_by_field_name("body"),
            ) {
                let members = children(body)
                    .into_iter()
                    .filter_map(|m| {
                        Some((
                            Some(lw.name(m.child_by_field_name("name")?)),
                            field_expr(lw, m, "value")?,
                        ))
                    })
                    .collect();
                let object = lw.add(Expr::Object(members), body);
                let name = Target::Name(lw.name(name));
                let assign = lw.add(
                    Expr::Assign {
                        target: name,
                        value: object,
                        declares: true,
                    },
                    node,
                );
                out.push(Stmt::Expr(assign));
            }
        }
        "expression_statement" | "throw_statement" => {
            for child in children(node) {
                let id = expr(lw, child);
                out.push(Stmt::Expr(id));
            }
        }
        _ => {
            let id = expr(lw, node);
            out.push(Stmt::Expr(id));
        }
    }
}

fn import(lw: &mut Lowering<'_>, node: Node<'_>, out: &mut Vec<Stmt>) {
    let Some(source) = node.child_by_field_name("source") else {
        return;
    };
    let module: Rc<str> = lw.of(source).trim_matches(['"', '\'', '`']).into();
    let mut binds = Vec::new();
    for clause in children(node)
        .into_iter()
        .filter(|n| n.kind() == "import_clause")
    {
        for part in children(clause) {
            match part.kind() {
                "identifier" => binds.push((lw.name(part), Some("default".into()))),
                "namespace_import" => {
                    binds.extend(part.named_child(0).map(|n| (lw.name(n), None)));
                }
                "named_imports" => {
                    for one in children(part) {
                        let Some(name) = one.child_by_field_name("name") else {
                            continue;
                        };
                        let local = one.child_by_field_name("alias").unwrap_or(name);
                        binds.push((lw.name(local), Some(lw.name(name))));
                    }
                }
                _ => {}
            }
        }
    }
    out.push(Stmt::Import {
        module,
        binds,
        span: span(node),
    });
}

fn class(lw: &mut Lowering<'_>, node: Node<'_>) -> (Rc<str>, u32) {
    let name: Rc<str> = node
        .child_by_field_name("name")
        .map_or_else(|| "".into(), |n| lw.name(n));
    let mut class = Class {
        base: None,
        methods: Vec::new(),
        body: Vec::new(),
    };
    for part in children(node) {
        if part.kind() == "class_heritage" {
            let base = part.named_child(0);
            let base = base.map(|b| b.child_by_field_name("value").unwrap_or(b));
            class.base = base.map(|b| expr(lw, b));
        }
    }
    for member in node
        .child_by_field_name("body")
        .map(children)
        .unwrap_or_default()
    {
        let name = member
            .child_by_field_name("name")
            .or_else(|| member.child_by_field_name("property"));
        match (member.kind(), name) {
            ("method_definition", Some(name)) => {
                let name = key(lw, name).unwrap_or_else(|| "".into());
                let id = function(lw, member, Rc::clone(&name));
                class.methods.push((name, id));
            }
            ("field_definition" | "public_field_definition", Some(name)) => {
                if let (Some(name), Some(value)) =
                    (key(lw, name), member.child_by_field_name("value"))
                {
                    let value = expr(lw, value);
                    let this = lw.add(Expr::This, member);
                    let assign = lw.add(
                        Expr::Assign {
                            target: Target::Member(this, name),
                            value,
                            declares: false,
                        },
                        member,
                    );
                    class.body.push(Stmt::Expr(assign));
                }
            }
            ("class_static_block", _) => block(lw, member, &mut class.body),
            _ => {}
        }
    }
    lw.program.classes.push(Rc::new(class));
    (name, (lw.program.classes.len() - 1) as u32)
}

fn function(lw: &mut Lowering<'_>, node: Node<'_>, name: Rc<str>) -> u32 {
    let mut params = Vec::new();
    if let Some(one) = node.child_by_field_name("parameter") {
        params.push(Param {
            target: target(lw, one),
            default: None,
            rest: false,
        });
    }
    for param in node
        .child_by_field_name("parameters")
        .map(children)
        .unwrap_or_default()
    {
        params.push(parameter(lw, param));
    }
    let mut body = Vec::new();
    if let Some(node) = node.child_by_field_name("body") {
        if node.kind() == "statement_block" {
            statement(lw, node, &mut body);
        } else {
            let value = expr(lw, node);
            body.push(Stmt::Return(value));
        }
    }
    let arrow = node.kind() == "arrow_function";
    lw.program.functions.push(Rc::new(Function {
        name,
        params,
        body,
        arrow,
    }));
    (lw.program.functions.len() - 1) as u32
}

fn parameter(lw: &mut Lowering<'_>, node: Node<'_>) -> Param {
    match node.kind() {
        "required_parameter" | "optional_parameter" => {
            let default = field_expr(lw, node, "value");
            let mut param = node.child_by_field_name("pattern").map_or(
                Param {
                    target: Target::Nowhere,
                    default: None,
                    rest: false,
                },
                |pattern| parameter(lw, pattern),
            );
            param.default = param.default.or(default);
            param
        }
        "assignment_pattern" => {
            let default = field_expr(lw, node, "right");
            let target = node
                .child_by_field_name("left")
                .map_or(Target::Nowhere, |n| target(lw, n));
            Param {
                target,
                default,
                rest: false,
            }
        }
        "rest_pattern" => {
            let target = node
                .named_child(0)
                .map_or(Target::Nowhere, |n| target(lw, n));
            Param {
                target,
                default: None,
                rest: true,
            }
        }
        _ => Param {
            target: target(lw, node),
            default: None,
            rest: false,
        },
    }
}

fn target(lw: &mut Lowering<'_>, node: Node<'_>) -> Target {
    lw.deeper(|lw| target_inner(lw, node))
        .unwrap_or(Target::Nowhere)
}

fn target_inner(lw: &mut Lowering<'_>, node: Node<'_>) -> Target {
    match node.kind() {
        "identifier" | "shorthand_property_identifier_pattern" | "undefined" => {
            Target::Name(lw.name(node))
        }
        "member_expression" => match (
            node.child_by_field_name("object"),
            node.child_by_field_name("property"),
        ) {
            (Some(object), Some(property)) => {
                let object = expr(lw, object);
                Target::Member(object, lw.name(property))
            }
            _ => Target::Nowhere,
        },
        "subscript_expression" => match (
            field_expr(lw, node, "object"),
            field_expr(lw, node, "index"),
        ) {
            (Some(object), Some(index)) => Target::Index(object, index),
            _ => Target::Nowhere,
        },
        "array_pattern" | "array" => {
            Target::Tuple(children(node).into_iter().map(|n| target(lw, n)).collect())
        }
        "object_pattern" | "object" => {
            let mut fields = Vec::new();
            for part in children(node) {
                let (name, bound) = match part.kind() {
                    "pair_pattern" | "pair" => (
                        part.child_by_field_name("key"),
                        part.child_by_field_name("value"),
                    ),
                    "object_assignment_pattern" => {
                        let left = part.child_by_field_name("left");
                        (left, left)
                    }
                    "shorthand_property_identifier_pattern" | "shorthand_property_identifier" => {
                        fields.push((lw.name(part), Target::Name(lw.name(part))));
                        continue;
                    }
                    "rest_pattern" | "spread_element" => {
                        let rest = part
                            .named_child(0)
                            .map_or(Target::Nowhere, |n| target(lw, n));
                        fields.push(("...".into(), rest));
                        continue;
                    }
                    _ => continue,
                };
                if let (Some(name), Some(bound)) = (name, bound)
                    && let Some(name) = key(lw, name)
                {
                    fields.push((name, target(lw, bound)));
                }
            }
            Target::Object(fields)
        }
        "assignment_pattern" => node
            .child_by_field_name("left")
            .map_or(Target::Nowhere, |n| target(lw, n)),
        "rest_pattern"
        | "parenthesized_expression"
        | "non_null_expression"
        | "as_expression"
        | "variable_declaration"
        | "lexical_declaration" => node
            .named_child(0)
            .map_or(Target::Nowhere, |n| target(lw, n)),
        "variable_declarator" => node
            .child_by_field_name("name")
            .map_or(Target::Nowhere, |n| target(lw, n)),
        _ => Target::Nowhere,
    }
}

/// A property's name, where it is known.
fn key(lw: &mut Lowering<'_>, node: Node<'_>) -> Option<Rc<str>> {
    match node.kind() {
        "property_identifier"
        | "private_property_identifier"
        | "identifier"
        | "number"
        | "shorthand_property_identifier_pattern" => Some(lw.name(node)),
        "string" => Some(content(lw, node).0.into()),
        _ => None,
    }
}

/// The text between quotes, and where it is.
fn content(lw: &Lowering<'_>, node: Node<'_>) -> (String, Span) {
    let mut text = String::new();
    for part in children(node) {
        match part.kind() {
            "escape_sequence" => text.extend(unescape(lw.of(part))),
            _ => text.push_str(lw.of(part)),
        }
    }
    let whole = span(node);
    (
        text,
        Span {
            start: whole.start + 1,
            end: whole.end.saturating_sub(1).max(whole.start + 1),
        },
    )
}

fn expr(lw: &mut Lowering<'_>, node: Node<'_>) -> Id {
    lw.deeper(|lw| expr_inner(lw, node))
        .unwrap_or_else(|| lw.add(Expr::Mix(Vec::new()), node))
}

fn exprs(lw: &mut Lowering<'_>, nodes: Vec<Node<'_>>) -> Vec<Id> {
    nodes.into_iter().map(|n| expr(lw, n)).collect()
}

fn expr_inner(lw: &mut Lowering<'_>, node: Node<'_>) -> Id {
    let lowered = match node.kind() {
        "string" => {
            let (text, content) = content(lw, node);
            return lw.string(text, content, node);
        }
        "template_string" => return template(lw, node),
        "number" => number(lw.of(node)).map_or(Expr::Constant, Expr::Number),
        "true" | "false" | "null" | "regex" | "meta_property" => Expr::Constant,
        "identifier"
        | "shorthand_property_identifier"
        | "undefined"
        | "import"
        | "property_identifier" => Expr::Name(lw.name(node)),
        "this" | "super" => Expr::This,
        "member_expression" => {
            let Some(object) = field_expr(lw, node, "object") else {
                return lw.add(Expr::Constant, node);
            };
            let property = node
                .child_by_field_name("property")
                .map_or_else(|| "".into(), |n| lw.name(n));
            Expr::Member(object, property)
        }
        "subscript_expression" => match (
            field_expr(lw, node, "object"),
            field_expr(lw, node, "index"),
        ) {
            (Some(object), Some(index)) => Expr::Index(object, index),
            _ => Expr::Constant,
        },
        "call_expression" | "new_expression" => return call(lw, node),
        "binary_expression" => {
            let operator = node
                .child_by_field_name("operator")
                .map_or("", |n| n.kind());
            let parts = exprs(lw, operands(node, "binary_expression", operator));
            match operator {
                "+" => Expr::Concat(parts),
                "||" | "??" | "&&" => Expr::Choice(parts),
                _ => Expr::Mix(parts),
            }
        }
        "assignment_expression" | "augmented_assignment_expression" => {
            let (Some(left), Some(right)) = (
                node.child_by_field_name("left"),
                node.child_by_field_name("right"),
            ) else {
                return lw.add(Expr::Constant, node);
            };
            let mut value = expr(lw, right);
            if let Some(operator) = node.child_by_field_name("operator") {
                let old = expr(lw, left);
                let combined = match operator.kind() {
                    "+=" => Expr::Concat(vec![old, value]),
                    "||=" | "??=" | "&&=" => Expr::Choice(vec![old, value]),
                    _ => Expr::Mix(vec![old, value]),
                };
                value = lw.add(combined, node);
            }
            let target = target(lw, left);
            Expr::Assign {
                target,
                value,
                declares: false,
            }
        }
        "ternary_expression" => {
            let mut parts = Vec::new();
            let mut at = node;
            while at.kind() == "ternary_expression" {
                // The condition decides and doesn't flow, but what it calls happens: a sequence.
                let condition = field_expr(lw, at, "condition");
                if let Some(value) = field_expr(lw, at, "consequence") {
                    let sequence = condition.into_iter().chain([value]).collect();
                    parts.push(lw.add(Expr::Sequence(sequence), at));
                }
                match at.child_by_field_name("alternative") {
                    Some(next) => at = next,
                    None => break,
                }
            }
            parts.push(expr(lw, at));
            Expr::Choice(parts)
        }
        "sequence_expression" => {
            let mut reversed = Vec::new();
            let mut rest = node;
            loop {
                let parts = children(rest);
                match parts.as_slice() {
                    [first @ .., last] if last.kind() == "sequence_expression" => {
                        reversed.extend(first.iter().map(|n| expr(lw, *n)));
                        rest = *last;
                    }
                    all => {
                        reversed.extend(all.iter().map(|n| expr(lw, *n)));
                        break;
                    }
                }
            }
            Expr::Sequence(reversed)
        }
        "parenthesized_expression"
        | "await_expression"
        | "non_null_expression"
        | "as_expression"
        | "satisfies_expression"
        | "spread_element"
        | "yield_expression"
        | "template_substitution"
        | "instantiation_expression"
        | "jsx_expression" => match node.named_child(0) {
            Some(child) => return expr(lw, child),
            None => Expr::Constant,
        },
        "type_assertion" => match children(node).pop() {
            Some(child) => return expr(lw, child),
            None => Expr::Constant,
        },
        "array" => Expr::List(exprs(lw, children(node))),
        "object" => Expr::Object(properties(lw, node)),
        "arrow_function" | "function_expression" | "generator_function" | "function" => {
            let name = node
                .child_by_field_name("name")
                .map_or_else(|| "".into(), |n| lw.name(n));
            Expr::Function(function(lw, node, name))
        }
        "class" => Expr::Class(class(lw, node).1),
        "ERROR" => {
            lw.error(node);
            Expr::Mix(exprs(lw, children(node)))
        }
        // Statements may be lowered as expressions only inside errors.
        "statement_block" => {
            let mut body = Vec::new();
            block(lw, node, &mut body);
            lw.program.functions.push(Rc::new(Function {
                name: "".into(),
                params: Vec::new(),
                body,
                arrow: true,
            }));
            Expr::Function((lw.program.functions.len() - 1) as u32)
        }
        "type_annotation" | "type_arguments" | "type_parameters" | "predefined_type"
        | "jsx_text" => Expr::Constant,
        _ => Expr::Mix(exprs(lw, children(node))),
    };
    lw.add(lowered, node)
}

fn properties(lw: &mut Lowering<'_>, node: Node<'_>) -> Vec<(Option<Rc<str>>, Id)> {
    let mut fields = Vec::new();
    for part in children(node) {
        match part.kind() {
            "pair" => {
                let name = part.child_by_field_name("key").and_then(|k| key(lw, k));
                if let Some(value) = field_expr(lw, part, "value") {
                    fields.push((name, value));
                }
            }
            "shorthand_property_identifier" => {
                let name = lw.name(part);
                fields.push((Some(Rc::clone(&name)), lw.add(Expr::Name(name), part)));
            }
            "method_definition" => {
                let name = part.child_by_field_name("name").and_then(|k| key(lw, k));
                let id = function(lw, part, name.clone().unwrap_or_else(|| "".into()));
                fields.push((name, lw.add(Expr::Function(id), part)));
            }
            _ => fields.push((None, expr(lw, part))),
        }
    }
    fields
}

fn call(lw: &mut Lowering<'_>, node: Node<'_>) -> Id {
    let callee = node
        .child_by_field_name("function")
        .or_else(|| node.child_by_field_name("constructor"));
    let Some(callee) = callee else {
        return lw.add(Expr::Constant, node);
    };
    let callee = expr(lw, callee);
    let mut args = Vec::new();
    if let Some(list) = node.child_by_field_name("arguments") {
        if list.kind() == "template_string" {
            args.push(Arg {
                name: None,
                value: template(lw, list),
                spread: false,
            });
        } else {
            for arg in children(list) {
                let spread = arg.kind() == "spread_element";
                args.push(Arg {
                    name: None,
                    value: expr(lw, arg),
                    spread,
                });
            }
        }
    }
    lw.add(Expr::Call { callee, args }, node)
}

fn template(lw: &mut Lowering<'_>, node: Node<'_>) -> Id {
    let parts = children(node);
    if parts.iter().all(|p| p.kind() != "template_substitution") {
        let (text, content) = content(lw, node);
        return lw.string(text, content, node);
    }
    let mut pieces = Vec::new();
    for part in parts {
        let piece = match part.kind() {
            "template_substitution" => expr(lw, part),
            "escape_sequence" => {
                let text: String = unescape(lw.of(part)).into_iter().collect();
                lw.add(Expr::Text(text.into(), None), part)
            }
            _ => lw.add(Expr::Text(lw.of(part).into(), Some(span(part))), part),
        };
        pieces.push(piece);
    }
    lw.add(Expr::Concat(pieces), node)
}

fn number(text: &str) -> Option<f64> {
    let text = text.replace('_', "");
    let radix = |digits: &str, radix| u64::from_str_radix(digits, radix).ok().map(|n| n as f64);
    match text.get(..2) {
        Some("0x" | "0X") => radix(&text[2..], 16),
        Some("0o" | "0O") => radix(&text[2..], 8),
        Some("0b" | "0B") => radix(&text[2..], 2),
        _ => text.parse().ok(),
    }
}
