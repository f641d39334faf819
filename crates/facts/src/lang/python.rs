//! Python to [`ir`](crate::ir).

use std::rc::Rc;

use tree_sitter::Node;

use super::tree::{Lowering, children, maybe, operands, parse, span, unescape};
use crate::Span;
use crate::ir::{Arg, Class, Expr, Function, Id, Param, Stmt, Target};

/// Lowers a file.
pub(crate) fn lower(text: &str) -> Lowering<'_> {
    let mut lowering = Lowering::new(text);
    if let Some(tree) = parse(text, &tree_sitter_python::LANGUAGE.into()) {
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

fn statement(lw: &mut Lowering<'_>, node: Node<'_>, out: &mut Vec<Stmt>) {
    lw.deeper(|lw| statement_inner(lw, node, out));
}

fn statement_inner(lw: &mut Lowering<'_>, node: Node<'_>, out: &mut Vec<Stmt>) {
    match node.kind() {
        "module" | "block" | "else_clause" | "finally_clause" | "expression_statement" => {
            block(lw, node, out);
        }
        "ERROR" => {
            lw.error(node);
            block(lw, node, out);
        }
        "if_statement" => {
            for child in children(node) {
                if child.kind() == "block" || child.kind().ends_with("_clause") {
                    let mut body = Vec::new();
                    statement(lw, child, &mut body);
                    maybe(body, out);
                } else {
                    let condition = expr(lw, child);
                    out.push(Stmt::Expr(condition));
                }
            }
        }
        "elif_clause" | "case_clause" | "except_clause" | "except_group_clause" => {
            for child in children(node) {
                match child.kind() {
                    "block" => statement(lw, child, out),
                    "case_pattern" => {}
                    _ => {
                        let id = expr(lw, child);
                        out.push(Stmt::Expr(id));
                    }
                }
            }
        }
        "for_statement" => {
            let bind = node.child_by_field_name("right").map(|right| {
                let over = expr(lw, right);
                (
                    node.child_by_field_name("left")
                        .map_or(Target::Nowhere, |n| target(lw, n)),
                    over,
                )
            });
            let mut body = Vec::new();
            field(lw, node, "body", &mut body);
            out.push(Stmt::Loop(bind, body));
            field(lw, node, "alternative", out);
        }
        "while_statement" => {
            let mut body = Vec::new();
            if let Some(condition) = field_expr(lw, node, "condition") {
                body.push(Stmt::Expr(condition));
            }
            field(lw, node, "body", &mut body);
            out.push(Stmt::Loop(None, body));
        }
        "try_statement" => {
            for child in children(node) {
                if child.kind().starts_with("except") {
                    let mut body = Vec::new();
                    statement(lw, child, &mut body);
                    maybe(body, out);
                } else {
                    statement(lw, child, out);
                }
            }
        }
        "match_statement" => {
            if let Some(subject) = field_expr(lw, node, "subject") {
                out.push(Stmt::Expr(subject));
            }
            for case in node
                .child_by_field_name("body")
                .map(children)
                .unwrap_or_default()
            {
                let mut body = Vec::new();
                statement(lw, case, &mut body);
                maybe(body, out);
            }
        }
        "with_statement" => {
            for clause in children(node) {
                if clause.kind() == "with_clause" {
                    for item in children(clause) {
                        let id = expr(lw, item.child_by_field_name("value").unwrap_or(item));
                        out.push(Stmt::Expr(id));
                    }
                }
            }
            field(lw, node, "body", out);
        }
        "function_definition" => {
            let name = node
                .child_by_field_name("name")
                .map_or_else(|| "".into(), |n| lw.name(n));
            let id = function(lw, node, Rc::clone(&name));
            out.push(Stmt::Function(name, id));
        }
        "class_definition" => {
            let name: Rc<str> = node
                .child_by_field_name("name")
                .map_or_else(|| "".into(), |n| lw.name(n));
            let id = class(lw, node);
            out.push(Stmt::Class(name, id));
        }
        "decorated_definition" => {
            for child in children(node) {
                statement(lw, child, out);
            }
        }
        "decorator" => {
            for child in children(node) {
                let id = expr(lw, child);
                out.push(Stmt::Expr(id));
            }
        }
        "return_statement" => {
            if let Some(value) = node.named_child(0) {
                let value = expr(lw, value);
                out.push(Stmt::Return(value));
            }
        }
        "import_statement" => {
            for part in children(node) {
                let (module, local) = match part.kind() {
                    "aliased_import" => {
                        let Some(name) = part.child_by_field_name("name") else {
                            continue;
                        };
                        (
                            lw.name(name),
                            part.child_by_field_name("alias").map(|a| lw.name(a)),
                        )
                    }
                    _ => (lw.name(part), None),
                };
                // `import a.b` binds `a`.
                let binds = match local {
                    Some(local) => vec![(local, None)],
                    None if module.contains('.') => Vec::new(),
                    None => vec![(Rc::clone(&module), None)],
                };
                out.push(Stmt::Import {
                    module,
                    binds,
                    span: span(part),
                });
            }
        }
        "import_from_statement" | "future_import_statement" => {
            let module: Rc<str> = node
                .child_by_field_name("module_name")
                .map_or_else(|| "".into(), |n| lw.name(n));
            let mut cursor = node.walk();
            let names: Vec<_> = node.children_by_field_name("name", &mut cursor).collect();
            let binds = names
                .into_iter()
                .map(|one| {
                    match (
                        one.child_by_field_name("name"),
                        one.child_by_field_name("alias"),
                    ) {
                        (Some(name), Some(alias)) => (lw.name(alias), Some(lw.name(name))),
                        _ => (lw.name(one), Some(lw.name(one))),
                    }
                })
                .collect();
            out.push(Stmt::Import {
                module,
                binds,
                span: span(node),
            });
        }
        "pass_statement" | "break_statement" | "continue_statement" | "type_alias_statement" => {}
        "raise_statement" | "assert_statement" | "delete_statement" | "print_statement" => {
            for child in children(node) {
                let id = expr(lw, child);
                out.push(Stmt::Expr(id));
            }
        }
        "global_statement" | "nonlocal_statement" => {
            out.push(Stmt::Global(
                children(node).into_iter().map(|n| lw.name(n)).collect(),
            ));
        }
        "exec_statement" => {
            // Python 2: `exec code`.
            let callee = lw.add(Expr::Name("exec".into()), node);
            let args = children(node)
                .into_iter()
                .take(1)
                .map(|n| Arg {
                    name: None,
                    value: expr(lw, n),
                    spread: false,
                })
                .collect();
            let call = lw.add(Expr::Call { callee, args }, node);
            out.push(Stmt::Expr(call));
        }
        _ => {
            let id = expr(lw, node);
            out.push(Stmt::Expr(id));
        }
    }
}

fn class(lw: &mut Lowering<'_>, node: Node<'_>) -> u32 {
    let mut class = Class {
        base: None,
        methods: Vec::new(),
        body: Vec::new(),
    };
    let base = node
        .child_by_field_name("superclasses")
        .and_then(|s| s.named_child(0));
    class.base = base.map(|b| expr(lw, b));
    for member in node
        .child_by_field_name("body")
        .map(children)
        .unwrap_or_default()
    {
        let definition = member.child_by_field_name("definition").unwrap_or(member);
        if definition.kind() == "function_definition" {
            let name: Rc<str> = definition
                .child_by_field_name("name")
                .map_or_else(|| "".into(), |n| lw.name(n));
            let id = function(lw, definition, Rc::clone(&name));
            class.methods.push((name, id));
        } else {
            let mut body = Vec::new();
            statement(lw, member, &mut body);
            for stmt in body {
                class.body.push(as_field(lw, stmt, member));
            }
        }
    }
    lw.program.classes.push(Rc::new(class));
    (lw.program.classes.len() - 1) as u32
}

/// `name = value` in a class body sets a field.
fn as_field(lw: &mut Lowering<'_>, stmt: Stmt, node: Node<'_>) -> Stmt {
    if let Stmt::Expr(id) = stmt
        && let Expr::Assign {
            target: Target::Name(name),
            value,
            ..
        } = &lw.program.exprs[id as usize].0
    {
        let (name, value) = (Rc::clone(name), *value);
        let this = lw.add(Expr::This, node);
        return Stmt::Expr(lw.add(
            Expr::Assign {
                target: Target::Member(this, name),
                value,
                declares: false,
            },
            node,
        ));
    }
    stmt
}

fn function(lw: &mut Lowering<'_>, node: Node<'_>, name: Rc<str>) -> u32 {
    let mut params = Vec::new();
    for param in node
        .child_by_field_name("parameters")
        .map(children)
        .unwrap_or_default()
    {
        let inner = match param.kind() {
            "typed_parameter" => param.named_child(0).unwrap_or(param),
            "default_parameter" | "typed_default_parameter" => {
                param.child_by_field_name("name").unwrap_or(param)
            }
            _ => param,
        };
        let rest = matches!(
            inner.kind(),
            "list_splat_pattern" | "dictionary_splat_pattern"
        );
        if matches!(inner.kind(), "keyword_separator" | "positional_separator") {
            continue;
        }
        let default = field_expr(lw, param, "value");
        let target = target(
            lw,
            if rest {
                inner.named_child(0).unwrap_or(inner)
            } else {
                inner
            },
        );
        params.push(Param {
            target,
            default,
            rest,
        });
    }
    let mut body = Vec::new();
    if let Some(node) = node.child_by_field_name("body") {
        if node.kind() == "block" {
            statement(lw, node, &mut body);
        } else {
            let value = expr(lw, node);
            body.push(Stmt::Return(value));
        }
    }
    lw.program.functions.push(Rc::new(Function {
        name,
        params,
        body,
        arrow: false,
    }));
    (lw.program.functions.len() - 1) as u32
}

fn target(lw: &mut Lowering<'_>, node: Node<'_>) -> Target {
    lw.deeper(|lw| target_inner(lw, node))
        .unwrap_or(Target::Nowhere)
}

fn target_inner(lw: &mut Lowering<'_>, node: Node<'_>) -> Target {
    match node.kind() {
        "identifier" => Target::Name(lw.name(node)),
        "attribute" => match (
            field_expr(lw, node, "object"),
            node.child_by_field_name("attribute"),
        ) {
            (Some(object), Some(name)) => Target::Member(object, lw.name(name)),
            _ => Target::Nowhere,
        },
        "subscript" => match (
            field_expr(lw, node, "value"),
            field_expr(lw, node, "subscript"),
        ) {
            (Some(object), Some(index)) => Target::Index(object, index),
            _ => Target::Nowhere,
        },
        "pattern_list" | "tuple_pattern" | "list_pattern" | "tuple" | "list"
        | "expression_list" => {
            Target::Tuple(children(node).into_iter().map(|n| target(lw, n)).collect())
        }
        "as_pattern_target" | "parenthesized_expression" | "list_splat_pattern" => node
            .named_child(0)
            .map_or(Target::Nowhere, |n| target(lw, n)),
        _ => Target::Nowhere,
    }
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
        "string" => return string(lw, node),
        "concatenated_string" => Expr::Concat(exprs(lw, children(node))),
        "integer" | "float" => number(lw.of(node)).map_or(Expr::Constant, Expr::Number),
        "true" | "false" | "none" | "ellipsis" => Expr::Constant,
        "identifier" => Expr::Name(lw.name(node)),
        "dotted_name" => Expr::Name(lw.name(node)),
        "attribute" => match (
            field_expr(lw, node, "object"),
            node.child_by_field_name("attribute"),
        ) {
            (Some(object), Some(name)) => Expr::Member(object, lw.name(name)),
            _ => Expr::Constant,
        },
        "subscript" => {
            let (Some(value), Some(index)) = (
                field_expr(lw, node, "value"),
                node.child_by_field_name("subscript"),
            ) else {
                return lw.add(Expr::Constant, node);
            };
            if index.kind() == "slice" {
                if lw.of(index).replace(' ', "") == "::-1" {
                    Expr::Reversed(value)
                } else {
                    Expr::Choice(vec![value])
                }
            } else {
                let index = expr(lw, index);
                Expr::Index(value, index)
            }
        }
        "call" => return call(lw, node),
        "binary_operator" => {
            let operator = node
                .child_by_field_name("operator")
                .map_or("", |n| n.kind());
            let parts = exprs(lw, operands(node, "binary_operator", operator));
            match (operator, parts.as_slice()) {
                ("+", _) => Expr::Concat(parts),
                ("%", [left, right]) => Expr::Format(*left, *right),
                ("/", [first, rest @ ..]) => {
                    let mut joined = *first;
                    for part in rest {
                        joined = lw.add(Expr::Divide(joined, *part), node);
                    }
                    return joined;
                }
                _ => Expr::Mix(parts),
            }
        }
        "boolean_operator" => {
            let operator = node
                .child_by_field_name("operator")
                .map_or("", |n| n.kind());
            Expr::Choice(exprs(lw, operands(node, "boolean_operator", operator)))
        }
        "conditional_expression" => match children(node).as_slice() {
            [yes, condition, no] => {
                let condition = expr(lw, *condition);
                let yes = expr(lw, *yes);
                let yes = lw.add(Expr::Sequence(vec![condition, yes]), node);
                Expr::Choice(vec![yes, expr(lw, *no)])
            }
            parts => Expr::Choice(exprs(lw, parts.to_vec())),
        },
        "assignment" | "augmented_assignment" | "named_expression" => {
            let left = node
                .child_by_field_name("left")
                .or_else(|| node.child_by_field_name("name"));
            let right = node
                .child_by_field_name("right")
                .or_else(|| node.child_by_field_name("value"));
            let (Some(left), Some(right)) = (left, right) else {
                return lw.add(Expr::Constant, node);
            };
            let mut value = expr(lw, right);
            if node.kind() == "augmented_assignment" {
                let old = expr(lw, left);
                let plus = node
                    .child_by_field_name("operator")
                    .is_some_and(|o| o.kind() == "+=");
                let parts = vec![old, value];
                value = lw.add(
                    if plus {
                        Expr::Concat(parts)
                    } else {
                        Expr::Mix(parts)
                    },
                    node,
                );
            }
            let target = target(lw, left);
            Expr::Assign {
                target,
                value,
                declares: true,
            }
        }
        "as_pattern" => {
            let Some(value) = node.named_child(0) else {
                return lw.add(Expr::Constant, node);
            };
            let value = expr(lw, value);
            let target = node
                .child_by_field_name("alias")
                .map_or(Target::Nowhere, |n| target(lw, n));
            Expr::Assign {
                target,
                value,
                declares: true,
            }
        }
        "list" | "tuple" | "set" | "expression_list" | "pattern_list" => {
            Expr::List(exprs(lw, children(node)))
        }
        "dictionary" => {
            let mut fields = Vec::new();
            for part in children(node) {
                if part.kind() != "pair" {
                    fields.push((None, expr(lw, part)));
                    continue;
                }
                let name = field_expr(lw, part, "key").and_then(|k| {
                    match &lw.program.exprs[k as usize].0 {
                        Expr::Text(text, _) => Some(Rc::clone(text)),
                        _ => None,
                    }
                });
                if let Some(value) = field_expr(lw, part, "value") {
                    fields.push((name, value));
                }
            }
            Expr::Object(fields)
        }
        "list_comprehension"
        | "set_comprehension"
        | "generator_expression"
        | "dictionary_comprehension" => {
            let mut binds = Vec::new();
            let mut tests = Vec::new();
            for clause in children(node) {
                match clause.kind() {
                    "for_in_clause" => {
                        let over = field_expr(lw, clause, "right");
                        let bound = clause
                            .child_by_field_name("left")
                            .map_or(Target::Nowhere, |n| target(lw, n));
                        binds.extend(over.map(|over| (bound, over)));
                    }
                    "if_clause" => tests.extend(children(clause)),
                    _ => {}
                }
            }
            let mut sequence = exprs(lw, tests);
            sequence.extend(field_expr(lw, node, "body"));
            let body = lw.add(Expr::Sequence(sequence), node);
            Expr::Each(binds, body)
        }
        "pair" => Expr::Mix(exprs(lw, children(node))),
        "lambda" => Expr::Function(function(lw, node, "".into())),
        "await"
        | "parenthesized_expression"
        | "list_splat"
        | "dictionary_splat"
        | "yield"
        | "interpolation"
        | "with_item" => match node.named_child(0) {
            Some(child) => return expr(lw, child),
            None => Expr::Constant,
        },
        "comparison_operator" | "not_operator" | "unary_operator" => {
            Expr::Mix(exprs(lw, children(node)))
        }
        "ERROR" => {
            lw.error(node);
            Expr::Mix(exprs(lw, children(node)))
        }
        "type" | "format_specifier" | "type_conversion" => Expr::Constant,
        "block" | "function_definition" | "class_definition" => {
            let mut body = Vec::new();
            statement(lw, node, &mut body);
            lw.program.functions.push(Rc::new(Function {
                name: "".into(),
                params: Vec::new(),
                body,
                arrow: true,
            }));
            Expr::Function((lw.program.functions.len() - 1) as u32)
        }
        _ => Expr::Mix(exprs(lw, children(node))),
    };
    lw.add(lowered, node)
}

fn call(lw: &mut Lowering<'_>, node: Node<'_>) -> Id {
    let Some(callee) = field_expr(lw, node, "function") else {
        return lw.add(Expr::Constant, node);
    };
    let mut args = Vec::new();
    if let Some(list) = node.child_by_field_name("arguments") {
        if list.kind() == "generator_expression" {
            args.push(Arg {
                name: None,
                value: expr(lw, list),
                spread: false,
            });
        } else {
            for arg in children(list) {
                let (name, value) = if arg.kind() == "keyword_argument" {
                    let name = arg.child_by_field_name("name").map(|n| lw.name(n));
                    (name, arg.child_by_field_name("value").unwrap_or(arg))
                } else {
                    (None, arg)
                };
                let spread = arg.kind().ends_with("_splat");
                args.push(Arg {
                    name,
                    value: expr(lw, value),
                    spread,
                });
            }
        }
    }
    lw.add(Expr::Call { callee, args }, node)
}

/// A string literal, raw, bytes or formatted.
fn string(lw: &mut Lowering<'_>, node: Node<'_>) -> Id {
    let parts = children(node);
    let prefix = parts
        .first()
        .map_or("", |start| lw.of(*start))
        .trim_end_matches(['"', '\''])
        .to_lowercase();
    let raw = prefix.contains('r');
    let mut pieces: Vec<Id> = Vec::new();
    let mut text = String::new();
    let mut content: Option<Span> = None;
    let mut formatted = false;
    for part in parts {
        match part.kind() {
            "string_content" => {
                let at = span(part);
                content = Some(content.map_or(at, |c| Span {
                    start: c.start,
                    end: at.end,
                }));
                if raw {
                    text.push_str(lw.of(part));
                    continue;
                }
                let mut from = part.start_byte();
                for escape in children(part) {
                    text.push_str(lw.text.get(from..escape.start_byte()).unwrap_or_default());
                    match lw.of(escape) {
                        "{{" => text.push('{'),
                        "}}" => text.push('}'),
                        code => text.extend(unescape(code)),
                    }
                    from = escape.end_byte();
                }
                text.push_str(lw.text.get(from..part.end_byte()).unwrap_or_default());
            }
            "interpolation" => {
                formatted = true;
                if !text.is_empty() {
                    let known = std::mem::take(&mut text);
                    pieces.push(lw.add(Expr::Text(known.into(), None), node));
                }
                pieces.push(expr(lw, part));
            }
            _ => {}
        }
    }
    if formatted {
        if !text.is_empty() {
            pieces.push(lw.add(Expr::Text(text.into(), None), node));
        }
        return lw.add(Expr::Concat(pieces), node);
    }
    lw.string(text, content.unwrap_or_default(), node)
}

fn number(text: &str) -> Option<f64> {
    let text = text.replace('_', "").to_lowercase();
    match text.get(..2) {
        Some("0x") => u64::from_str_radix(&text[2..], 16).ok().map(|n| n as f64),
        Some("0o") => u64::from_str_radix(&text[2..], 8).ok().map(|n| n as f64),
        Some("0b") => u64::from_str_radix(&text[2..], 2).ok().map(|n| n as f64),
        _ => text.parse().ok(),
    }
}
