//! What is refused when a policy is loaded: anything that would make it answer less than it says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::thread;

use regorus::unstable::{
    Expr, Lexer, Literal, Query, Rule, RuleHead, Source, Span, Token, TokenKind,
};
use regorus::{Engine, PolicyLengthConfig, Value};

use crate::admission::ENTRY;
use crate::builtins;
use crate::bundle::{Bundle, MAX_FILE, Module, Origin};
use crate::data::Data;
use crate::error::Complaint;
use crate::input;

/// Brackets in each other.
const MAX_BRACKETS: u32 = 12;
/// Levels of one expression: of brackets, and of chains of operators, which nest too.
const MAX_DEPTH: u32 = 100;
/// Holds the tree of one operator chain as long as a file may be, which is dropped recursively.
const STACK: usize = 256 * 1024 * 1024;

/// What is worth knowing of a policy's text once it has been walked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    /// Where reasons are given.
    pub(crate) sites: Vec<Site>,
    /// Paths of the `test_*` rules in test files, by file and line of their first head.
    pub(crate) tests: BTreeMap<(String, u32), String>,
    /// Lines with an expression, of each file that is not a test.
    pub(crate) lines: BTreeMap<String, BTreeSet<u32>>,
}

/// Where a rule gives reasons.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// The name of its rule: the last part of its package.
    pub(crate) rule: String,
    /// Its file.
    pub(crate) file: String,
    /// Line of its head.
    pub(crate) line: u32,
    /// Line of the value it gives, which coverage marks when it does.
    pub(crate) value_line: u32,
}

/// An engine with the modules for which `wanted` holds, and the data.
pub(crate) fn engine(
    bundle: &Bundle,
    wanted: impl Fn(&Module) -> bool,
) -> Result<Engine, Vec<Complaint>> {
    let mut engine = Engine::new();
    engine.set_policy_length_config(PolicyLengthConfig {
        max_file_bytes: MAX_FILE,
        ..PolicyLengthConfig::default()
    });
    engine.set_strict_builtin_errors(true);
    engine.set_gather_prints(true);
    let mut complaints = Vec::new();
    for module in bundle.modules.iter().filter(|m| wanted(m)) {
        if let Some(complaint) = nested(module) {
            complaints.push(complaint);
        } else if let Err(e) = engine.add_policy(module.file.clone(), module.text.clone()) {
            complaints.push(syntax(module, &e));
        }
    }
    if let Err(e) = Value::from_json_str(&bundle.data.to_json()).and_then(|v| engine.add_data(v)) {
        complaints.push(complaint("data", &e));
    }
    if complaints.is_empty() {
        Ok(engine)
    } else {
        Err(complaints)
    }
}

/// Names each module's package, lets a user's replace the bundle's, and refuses all that is wrong.
pub(crate) fn check(bundle: &mut Bundle) -> Result<Index, Vec<Complaint>> {
    thread::scope(|scope| {
        thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || inspect(bundle))
            .map_err(|e| {
                vec![Complaint::file(
                    "policy",
                    format!("no thread to check it in: {e}"),
                    "",
                )]
            })?
            .join()
            .unwrap_or_else(|_| {
                Err(vec![Complaint::file(
                    "policy",
                    "the check of it panicked",
                    "report this",
                )])
            })
    })
}

fn inspect(bundle: &mut Bundle) -> Result<Index, Vec<Complaint>> {
    let mut parsed = engine(bundle, |_| true)?;
    for (module, ast) in bundle.modules.iter_mut().zip(parsed.get_modules()) {
        module.package = path(&ast.package.refr).join(".");
    }
    let stays = bundle.replace_overlaid();
    let asts = parsed
        .get_modules()
        .iter()
        .zip(stays)
        .filter_map(|(ast, stays)| stays.then_some(ast));
    let modules: Vec<_> = bundle.modules.iter().zip(asts).collect();
    let mut names = Names {
        declared: BTreeMap::new(),
        data: &bundle.data,
    };
    for (module, ast) in &modules {
        let declared = names.declared.entry(module.package.clone()).or_default();
        declared.extend(ast.policy.iter().map(|rule| head(rule).0));
    }

    let mut complaints = names.conflicts(&bundle.modules);
    let mut index = Index::default();
    for (module, ast) in modules {
        let mut aliases = BTreeMap::new();
        let mut walk = Walk {
            module,
            names: &names,
            aliases: &aliases,
            found: Vec::new(),
        };
        for import in &ast.imports {
            walk.tree(Node::Expr(&import.refr));
        }
        complaints.append(&mut walk.found);
        for import in &ast.imports {
            let path = path(&import.refr);
            if let Some(last) = path.last() {
                let alias = import.r#as.as_ref().map_or(*last, Span::text);
                aliases.insert(alias.to_owned(), path.join("."));
            }
        }
        let mut walk = Walk {
            module,
            names: &names,
            aliases: &aliases,
            found: Vec::new(),
        };
        for rule in &ast.policy {
            walk.rule(rule);
            index.add(module, rule);
        }
        complaints.append(&mut walk.found);
    }
    complaints.sort();
    complaints.dedup();
    if complaints.is_empty() {
        Ok(index)
    } else {
        Err(complaints)
    }
}

impl Index {
    fn add(&mut self, module: &Module, rule: &Rule) {
        let (name, value) = head(rule);
        let (file, line) = (module.file.clone(), rule.span().line);
        if module.is_test() {
            let path = format!("data.{}.{name}", module.package);
            if name.starts_with("test_") && !self.tests.values().any(|known| *known == path) {
                self.tests.insert((file, line), path);
            }
            return;
        }
        let lines = self.lines.entry(file.clone()).or_default();
        let mut todo: Vec<_> = value.map(Node::Expr).into_iter().collect();
        if let Rule::Spec { bodies, .. } = rule {
            todo.extend(bodies.iter().map(|b| Node::Query(&b.query)));
        }
        while let Some(node) = todo.pop() {
            match node {
                // Of a comprehension the engine reports the body alone.
                Node::Expr(
                    Expr::ArrayCompr { query, .. }
                    | Expr::SetCompr { query, .. }
                    | Expr::ObjectCompr { query, .. },
                ) => {
                    todo.push(Node::Query(query));
                    continue;
                }
                Node::Expr(expr) => drop(lines.insert(expr.span().line)),
                Node::Query(_) => {}
            }
            children(node, |child| todo.push(child));
        }
        if let Some(rule) = module
            .package
            .strip_prefix("shellproof.rule.")
            .filter(|_| name == "reasons")
        {
            let value_line = value.map_or(line, |v| v.span().line);
            self.sites.push(Site {
                rule: rule.to_owned(),
                file,
                line,
                value_line,
            });
        }
    }
}

/// What can be named: the rules of each package, and the data.
struct Names<'a> {
    declared: BTreeMap<String, BTreeSet<String>>,
    data: &'a Data,
}

impl Names<'_> {
    /// Packages that nobody would ask, that hide or contradict others, or that lack their rule.
    fn conflicts(&self, modules: &[Module]) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        for module in modules {
            let package = module.package.as_str();
            let parts: Vec<&str> = package.split('.').collect();
            let mut complain = |message: String, fix: &str| {
                complaints.push(Complaint::file(&module.file, message, fix));
            };
            match parts.as_slice() {
                ["shellproof", "admission" | "decision"] => {}
                ["shellproof", "rule", _] if self.declares(package, "reasons") => {}
                ["shellproof", "rule", _] => complain(
                    format!("package {package} has no `reasons`, so it would never object"),
                    "write `reasons contains {\"decision\": …, \"message\": …} if { … }`, or `reasons := set()` to switch the rule off",
                ),
                ["shellproof", ..] => complain(
                    format!("package {package} is not one that anything asks"),
                    "name it shellproof.rule.<name>, or give helpers a root of their own",
                ),
                _ => {}
            }
            if self.data.hides(&parts) {
                complain(
                    format!(
                        "data.{package} is data as well as a package; one would hide the other"
                    ),
                    "rename the package or the key",
                );
            }
            if let Some((last, above)) = parts.split_last()
                && self.declares(&above.join("."), last)
            {
                complain(
                    format!(
                        "package {package} is also a rule of package {}",
                        above.join(".")
                    ),
                    "rename one of them",
                );
            }
        }
        if !self.declares("shellproof.admission", "verdict") {
            let replaced = modules
                .iter()
                .find(|m| m.package == "shellproof.admission" && m.origin == Origin::User);
            complaints.push(Complaint::file(
                replaced.map_or("policy", |m| &m.file),
                format!("`{ENTRY}` is missing: it is what admission asks"),
                "define `verdict` in package shellproof.admission, or remove your file of that package to keep the bundled one",
            ));
        }
        complaints
    }

    fn declares(&self, package: &str, rule: &str) -> bool {
        self.declared
            .get(package)
            .is_some_and(|rules| rules.contains(rule))
    }

    /// Whether `data.<path>` can be anything: a package, what is in one, or data.
    fn known(&self, path: &[&str]) -> bool {
        let in_package = self.declared.iter().any(|(package, rules)| {
            let package: Vec<&str> = package.split('.').collect();
            let shared = package.iter().zip(path).all(|(a, b)| a == b);
            shared
                && path
                    .get(package.len())
                    .is_none_or(|rule| rules.contains(*rule))
        });
        // Deeper down, keys that are not always there are usual.
        in_package || self.data.get(&path[..path.len().min(3)]).is_some()
    }
}

/// Walks the trees of one module, without recursion.
struct Walk<'a> {
    module: &'a Module,
    names: &'a Names<'a>,
    aliases: &'a BTreeMap<String, String>,
    found: Vec<Complaint>,
}

#[derive(Clone, Copy)]
enum Node<'a> {
    Expr(&'a Expr),
    Query(&'a Query),
}

impl Walk<'_> {
    fn rule(&mut self, rule: &Rule) {
        match rule {
            Rule::Default { value, .. } => self.tree(Node::Expr(value)),
            Rule::Spec { head, bodies, .. } => {
                let (refr, args, value) = match head {
                    RuleHead::Compr { refr, assign, .. } => {
                        (refr, &[][..], assign.as_ref().map(|a| &a.value))
                    }
                    RuleHead::Set { refr, key, .. } => (refr, &[][..], key.as_ref()),
                    RuleHead::Func {
                        refr, args, assign, ..
                    } => (refr, &args[..], assign.as_ref().map(|a| &a.value)),
                };
                for expr in std::iter::once(refr).chain(args).chain(value) {
                    self.tree(Node::Expr(expr));
                }
                for body in bodies {
                    if let Some(assign) = &body.assign {
                        self.tree(Node::Expr(&assign.value));
                    }
                    self.tree(Node::Query(&body.query));
                }
            }
        }
    }

    fn tree(&mut self, root: Node<'_>) {
        let mut todo = vec![(root, 0)];
        while let Some((node, depth)) = todo.pop() {
            if depth > MAX_DEPTH {
                if let Node::Expr(e) = node {
                    self.complain(
                        e,
                        format!("an expression nested more than {MAX_DEPTH} levels deep"),
                        "give parts of it names of their own",
                    );
                }
                return;
            }
            match node {
                Node::Expr(expr) => self.expr(expr),
                Node::Query(query) => {
                    for with in query.stmts.iter().flat_map(|s| &s.with_mods) {
                        self.callable_value(&with.refr);
                        self.callable_value(&with.r#as);
                        todo.push((Node::Expr(&with.r#as), depth + 1));
                    }
                }
            }
            children(node, |child| todo.push((child, depth + 1)));
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Call { fcn, .. } => {
                let path = path(fcn);
                if !self.is_function(&path) && !builtins::allowed(&path.join(".")) {
                    self.refuse_builtin(fcn, &path.join("."));
                }
            }
            Expr::RefDot { .. } | Expr::RefBrack { .. } => self.reference(expr),
            _ => {}
        }
    }

    /// Refuses what can only be undefined: a field that the input does not have, data of no name.
    fn reference(&mut self, expr: &Expr) {
        let path = path(expr);
        match path.as_slice() {
            ["input", field, ..] if !input::FIELDS.contains(field) => self.complain(
                expr,
                format!("`input.{field}` is always undefined"),
                &format!("the input has {}", input::FIELDS.join(", ")),
            ),
            ["data", rest @ ..] if !rest.is_empty() && !self.names.known(rest) => self.complain(
                expr,
                format!(
                    "`{}` is always undefined: no package and no data of that name",
                    path.join(".")
                ),
                "correct the name, or add the data in a .json file",
            ),
            _ => {}
        }
    }

    /// `with count as http.send`: functions named as values.
    fn callable_value(&mut self, expr: &Expr) {
        let name = path(expr).join(".");
        let is_builtin = regorus::unstable::BUILTINS.contains_key(name.as_str());
        if is_builtin && !builtins::allowed(&name) {
            self.refuse_builtin(expr, &name);
        }
    }

    fn is_function(&self, path: &[&str]) -> bool {
        let Some((first, rest)) = path.split_first() else {
            return false;
        };
        let mut full = self
            .aliases
            .get(*first)
            .map_or_else(|| (*first).to_owned(), Clone::clone);
        for part in rest {
            full.push('.');
            full.push_str(part);
        }
        let full = full
            .strip_prefix("data.")
            .map_or_else(|| format!("{}.{full}", self.module.package), str::to_owned);
        full.rsplit_once('.')
            .is_some_and(|(package, rule)| self.names.declares(package, rule))
    }

    fn refuse_builtin(&mut self, reference: &Expr, name: &str) {
        let (why, instead) = builtins::refusal(name);
        self.complain(reference, format!("`{name}` {why}"), instead);
    }

    fn complain(&mut self, expr: &Expr, message: String, fix: &str) {
        // The engine's span of a reference begins at its last part.
        let mut start = expr;
        while let Expr::RefDot { refr, .. } | Expr::RefBrack { refr, .. } = start {
            start = refr;
        }
        let span = start.span();
        // Of a reference that is wrong, each beginning may be; the longest has come first.
        if self
            .found
            .iter()
            .any(|c| (c.line, c.column) == (span.line, span.col))
        {
            return;
        }
        self.found.push(Complaint {
            file: self.module.file.clone(),
            line: span.line,
            column: span.col,
            message,
            fix: fix.to_owned(),
        });
    }
}

fn children<'a>(node: Node<'a>, mut push: impl FnMut(Node<'a>)) {
    let expr = match node {
        Node::Expr(expr) => expr,
        Node::Query(query) => {
            for statement in &query.stmts {
                match &statement.literal {
                    Literal::SomeVars { .. } => {}
                    Literal::SomeIn {
                        key,
                        value,
                        collection,
                        ..
                    } => {
                        key.iter()
                            .chain([value, collection])
                            .for_each(|e| push(Node::Expr(e)));
                    }
                    Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => {
                        push(Node::Expr(expr));
                    }
                    Literal::Every { domain, query, .. } => {
                        push(Node::Expr(domain));
                        push(Node::Query(query));
                    }
                }
            }
            return;
        }
    };
    match expr {
        Expr::String { .. }
        | Expr::RawString { .. }
        | Expr::Number { .. }
        | Expr::Bool { .. }
        | Expr::Null { .. }
        | Expr::Var { .. } => {}
        Expr::Array { items, .. } | Expr::Set { items, .. } => {
            items.iter().for_each(|e| push(Node::Expr(e)));
        }
        Expr::Object { fields, .. } => {
            for (_, key, value) in fields {
                push(Node::Expr(key));
                push(Node::Expr(value));
            }
        }
        Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => {
            push(Node::Expr(term));
            push(Node::Query(query));
        }
        Expr::ObjectCompr {
            key, value, query, ..
        } => {
            push(Node::Expr(key));
            push(Node::Expr(value));
            push(Node::Query(query));
        }
        // Its name has been looked at.
        Expr::Call { params, .. } => params.iter().for_each(|e| push(Node::Expr(e))),
        Expr::UnaryExpr { expr, .. } => push(Node::Expr(expr)),
        Expr::RefDot { refr, .. } => push(Node::Expr(refr)),
        Expr::RefBrack { refr, index, .. } => {
            push(Node::Expr(refr));
            push(Node::Expr(index));
        }
        Expr::BinExpr { lhs, rhs, .. }
        | Expr::BoolExpr { lhs, rhs, .. }
        | Expr::ArithExpr { lhs, rhs, .. }
        | Expr::AssignExpr { lhs, rhs, .. } => {
            push(Node::Expr(lhs));
            push(Node::Expr(rhs));
        }
        Expr::Membership {
            key,
            value,
            collection,
            ..
        } => {
            key.iter()
                .chain([value, collection])
                .for_each(|e| push(Node::Expr(e)));
        }
    }
}

/// The fixed beginning of a reference: `data.a["b"][i].c` is `data`, `a`, `b`.
fn path(expr: &Expr) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut at = expr;
    loop {
        match at {
            Expr::Var { span, .. } => {
                parts.push(span.text());
                break;
            }
            Expr::RefDot { refr, field, .. } => {
                parts.push(field.0.text());
                at = refr;
            }
            Expr::RefBrack { refr, index, .. } => {
                match index.as_ref() {
                    Expr::String { span, .. } => parts.push(span.text().trim_matches('"')),
                    _ => parts.clear(),
                }
                at = refr;
            }
            _ => return Vec::new(),
        }
    }
    parts.reverse();
    parts
}

/// The first name of a rule's head, and the value that the head gives.
fn head(rule: &Rule) -> (String, Option<&Expr>) {
    let (refr, value) = match rule {
        Rule::Default { refr, value, .. } => (refr, Some(value)),
        Rule::Spec { head, .. } => match head {
            RuleHead::Compr { refr, assign, .. } | RuleHead::Func { refr, assign, .. } => {
                (refr, assign.as_ref().map(|a| &a.value))
            }
            RuleHead::Set { refr, key, .. } => (refr, key.as_ref()),
        },
    };
    (
        path(refr)
            .first()
            .map_or_else(String::new, |s| (*s).to_owned()),
        value.map(AsRef::as_ref),
    )
}

/// Refuses brackets nested so deeply that the parser, which tries a comprehension before it tries
/// a literal and so doubles its work at each level, would not come back.
fn nested(module: &Module) -> Option<Complaint> {
    let source = Source::from_contents(module.file.clone(), module.text.clone()).ok()?;
    let mut lexer = Lexer::new(&source);
    let mut depth = 0_u32;
    loop {
        // What cannot be read as tokens, the parser refuses with its place.
        let Token(kind, span) = lexer.next_token().ok()?;
        match (kind, span.text()) {
            (TokenKind::Eof, _) => return None,
            (TokenKind::Symbol, "[" | "{" | "(") => depth += 1,
            (TokenKind::Symbol, "]" | "}" | ")") => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_BRACKETS {
            return Some(Complaint {
                file: module.file.clone(),
                line: span.line,
                column: span.col,
                message: format!("brackets nested more than {MAX_BRACKETS} levels deep"),
                fix: "give parts of it names of their own".to_owned(),
            });
        }
    }
}

/// What the parser objects to; Rego v0 is named as such.
fn syntax(module: &Module, error: &dyn Display) -> Complaint {
    let mut complaint = complaint(&module.file, error);
    if complaint.message.contains("keyword is required") {
        complaint.message = format!("Rego v0 syntax ({})", complaint.message);
        "write Rego v1: `if` before a body, `contains` for sets; `opa fmt --rego-v1` converts"
            .clone_into(&mut complaint.fix);
    }
    complaint
}

/// The engine's error, which is text with its place in it: `--> file:line:column`.
pub(crate) fn complaint(file: &str, error: &dyn Display) -> Complaint {
    let text = error.to_string();
    let mut complaint = Complaint::file(file, text.trim(), "");
    if let Some((_, place)) = text.split_once("--> ")
        && let Some((place, rest)) = place.split_once('\n')
        && let [column, line, file] = place.rsplitn(3, ':').collect::<Vec<_>>()[..]
        && let Some((_, message)) = rest.split_once("error: ")
    {
        file.clone_into(&mut complaint.file);
        complaint.line = line.parse().unwrap_or(0);
        complaint.column = column.parse().unwrap_or(0);
        let first_line = message.trim().lines().next().unwrap_or_default();
        first_line
            .trim_end_matches(':')
            .clone_into(&mut complaint.message);
    }
    complaint
}
