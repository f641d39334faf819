//! A walk over a program that keeps, for each variable, what text it holds as far as that folds,
//! and where it comes from.
//!
//! It is one pass in order of the text: branches are all taken, loops once, calls of the file's own
//! functions are followed with their arguments while the budget lasts, and what nobody calls is
//! called at the end with unknown arguments. That loses what depends on the order of iterations;
//! it keeps constants, wrappers, callbacks and fields, which is where a payload is put together.

mod apply;
mod calls;
mod domain;
mod methods;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

pub(crate) use domain::{Args, Shape, Val, env};

use crate::ir::{Expr, Id, Param, Program, Stmt, Target};
use crate::models::{self, Table};
use crate::out::{Out, Taints};
use crate::{Language, Part, Span, Value};

/// Calls inside calls are followed so far.
const MAX_CALLS: usize = 12;
/// Expressions inside expressions, through calls.
const MAX_DEPTH: u32 = 2_000;

/// Finds what a program does.
pub(crate) fn run(program: &Program, language: Language, steps: u32, out: &mut Out) {
    let mut interpreter = Interpreter {
        program,
        language,
        table: models::table(language),
        out,
        scopes: vec![Scope {
            parent: 0,
            vars: HashMap::new(),
            globals: HashSet::new(),
        }],
        scope: 0,
        steps,
        depth: 0,
        maybe: 0,
        active: Vec::new(),
        called: HashMap::new(),
        pending: Vec::new(),
        returns: Vec::new(),
        fields: HashMap::new(),
        slots: Vec::new(),
    };
    interpreter.block(&program.body);
    interpreter.out.top_level = false;
    interpreter.call_the_rest();
}

#[derive(Debug)]
struct Scope {
    parent: usize,
    vars: HashMap<Rc<str>, Val>,
    globals: HashSet<Rc<str>>,
}

pub(crate) struct Interpreter<'p> {
    program: &'p Program,
    language: Language,
    table: &'static Table,
    out: &'p mut Out,
    scopes: Vec<Scope>,
    scope: usize,
    /// What is left of the budget for following calls.
    steps: u32,
    depth: u32,
    /// How many branches deep: assignments there don't replace.
    maybe: u32,
    active: Vec<u32>,
    called: HashMap<u32, u32>,
    /// Functions made so far, with where, to be called if nobody else does.
    pending: Vec<(u32, usize, Option<u32>)>,
    returns: Vec<Vec<Val>>,
    fields: HashMap<(u32, Rc<str>), Val>,
    slots: Vec<Val>,
}

impl<'p> Interpreter<'p> {
    fn call_the_rest(&mut self) {
        let mut next = 0;
        while let Some(&(id, scope, this)) = self.pending.get(next) {
            next += 1;
            if self.called.contains_key(&id) {
                continue;
            }
            let function = Rc::clone(&self.program.functions[id as usize]);
            let args = function
                .params
                .iter()
                .map(|p| Val::of(input(p), Taints::default()))
                .collect();
            self.enter(
                id,
                scope,
                this,
                Args {
                    positional: args,
                    named: Vec::new(),
                },
            );
        }
    }

    fn block(&mut self, stmts: &[Stmt]) {
        // Functions are known before the block runs, as JavaScript has it, and as Python has it
        // for whatever is called later.
        for stmt in stmts {
            if let Stmt::Function(name, id) = stmt {
                let function = self.function(*id, None);
                self.declare(Rc::clone(name), function);
            }
        }
        for stmt in stmts {
            self.statement(stmt);
        }
    }

    fn statement(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Expr(id) => drop(self.eval(*id)),
            Stmt::Return(id) => {
                let val = self.eval(*id);
                if let Some(returns) = self.returns.last_mut() {
                    returns.push(val);
                }
            }
            Stmt::Maybe(body) => {
                self.maybe += 1;
                self.block(body);
                self.maybe -= 1;
            }
            Stmt::Loop(bind, body) => {
                if let Some((target, over)) = bind {
                    let over = self.eval(*over);
                    let element = self.element(&over);
                    self.assign(target, element, true);
                }
                self.maybe += 1;
                self.block(body);
                self.maybe -= 1;
            }
            Stmt::Function(..) => {}
            Stmt::Class(name, id) => {
                let class = self.class(*id);
                self.declare(Rc::clone(name), class);
            }
            Stmt::Global(names) => self.scopes[self.scope]
                .globals
                .extend(names.iter().cloned()),
            Stmt::Import {
                module,
                binds,
                span,
            } => {
                self.out.import(module, *span);
                let module = canonical(module);
                for (local, member) in binds {
                    let val = match member.as_deref() {
                        None | Some("default") => Val::api(Rc::clone(&module)),
                        Some(member) => Val::api(canonical(&format!("{module}.{member}"))),
                    };
                    self.declare(Rc::clone(local), val);
                }
            }
        }
    }

    fn function(&mut self, id: u32, this: Option<u32>) -> Val {
        self.pending.push((id, self.scope, this));
        Val {
            shape: Shape::Function {
                id,
                scope: self.scope,
                this,
            },
            ..Val::unknown()
        }
    }

    fn class(&mut self, id: u32) -> Val {
        let class = Rc::clone(&self.program.classes[id as usize]);
        if let Some(base) = class.base {
            let base = self.eval(base);
            self.fields.insert((id, "<base>".into()), base);
        }
        for (name, method) in &class.methods {
            let method = self.function(*method, Some(id));
            self.fields.insert((id, Rc::clone(name)), method);
        }
        let outer = self.push_scope(self.scope, Some(id));
        self.block(&class.body);
        self.scope = outer;
        Val {
            shape: Shape::Class(id),
            ..Val::unknown()
        }
    }

    fn push_scope(&mut self, parent: usize, this: Option<u32>) -> usize {
        let mut vars = HashMap::new();
        if let Some(class) = this {
            vars.insert(
                "this".into(),
                Val {
                    shape: Shape::Instance(class),
                    ..Val::unknown()
                },
            );
        }
        self.scopes.push(Scope {
            parent,
            vars,
            globals: HashSet::new(),
        });
        std::mem::replace(&mut self.scope, self.scopes.len() - 1)
    }

    // --- Names.

    fn lookup(&self, name: &str) -> Option<(usize, &Val)> {
        let mut at = self.scope;
        loop {
            if let Some(val) = self.scopes[at].vars.get(name) {
                return Some((at, val));
            }
            if at == 0 {
                return None;
            }
            at = self.scopes[at].parent;
        }
    }

    fn declare(&mut self, name: Rc<str>, val: Val) {
        self.set(self.scope, name, val);
    }

    fn set(&mut self, scope: usize, name: Rc<str>, val: Val) {
        let vars = &mut self.scopes[scope].vars;
        let val = match vars.remove(&name) {
            // In a branch the newer value stands, with the origins of both.
            Some(old) if self.maybe > 0 => {
                let taints = old.taints.clone();
                (if val.text.is_unknown() && matches!(val.shape, Shape::Plain) {
                    val.or(old)
                } else {
                    val
                })
                .with(&taints)
            }
            _ => val,
        };
        vars.insert(name, val);
    }

    fn assign(&mut self, target: &Target, val: Val, declares: bool) {
        match target {
            Target::Name(name) => {
                let scope = if self.scopes[self.scope].globals.contains(name) {
                    0
                } else if declares {
                    self.scope
                } else {
                    self.lookup(name).map_or(0, |(scope, _)| scope)
                };
                self.set(scope, Rc::clone(name), val);
            }
            Target::Member(object, name) => self.set_member(*object, name, val),
            Target::Index(object, index) => {
                let index = self.eval(*index);
                let name = index
                    .text
                    .as_text()
                    .map_or_else(|| Rc::from("[]"), Rc::from);
                self.set_member(*object, &name, val);
            }
            Target::Tuple(targets) => {
                for (index, target) in targets.iter().enumerate() {
                    let part = match val.items().and_then(|items| items.get(index)) {
                        Some(item) => item.clone(),
                        None => Val::tainted(val.taints.clone()),
                    };
                    self.assign(target, part, declares);
                }
            }
            Target::Object(fields) => {
                for (name, target) in fields {
                    let part = if &**name == "..." {
                        val.clone()
                    } else {
                        self.member(&val, name, Span::default())
                    };
                    self.assign(target, part, declares);
                }
            }
            Target::Nowhere => {}
        }
    }

    fn set_member(&mut self, object: Id, name: &Rc<str>, val: Val) {
        let base = self.eval(object);
        match base.shape {
            Shape::Instance(class) | Shape::Class(class) => {
                let slot = self
                    .fields
                    .entry((class, Rc::clone(name)))
                    .or_insert_with(Val::unknown);
                let old = std::mem::take(slot);
                *slot = val.or(old);
            }
            Shape::Object(ref fields) => {
                let mut fields = BTreeMap::clone(fields);
                if fields.len() < 1_000 {
                    fields.insert(Rc::clone(name), val);
                }
                self.replace(
                    object,
                    Val {
                        shape: Shape::Object(Rc::new(fields)),
                        ..base
                    },
                );
            }
            Shape::Plain | Shape::List(_) | Shape::Number(_) => {
                let taints = val.taints;
                self.replace(object, base.with(&taints));
            }
            // `process.env.X = y`, `module.exports = …`, a handle's option: nothing to keep.
            _ => {
                if !val.taints.is_empty() {
                    let taints = val.taints;
                    self.replace(object, base.with(&taints));
                }
            }
        }
    }

    /// The variable or field that an expression names now holds this.
    fn replace(&mut self, expr: Id, val: Val) {
        match &self.program.exprs[expr as usize].0 {
            Expr::Name(name) => {
                if let Some((scope, _)) = self.lookup(name) {
                    self.scopes[scope].vars.insert(Rc::clone(name), val);
                }
            }
            Expr::Member(object, name) if self.depth < MAX_DEPTH => {
                self.depth += 1;
                self.set_member(*object, name, val);
                self.depth -= 1;
            }
            _ => {}
        }
    }

    /// What iterating over it gives.
    fn element(&self, val: &Val) -> Val {
        match &val.shape {
            Shape::List(items) => {
                let mut one = items
                    .iter()
                    .take(64)
                    .cloned()
                    .reduce(Val::or)
                    .unwrap_or_else(Val::unknown);
                if items.len() > 1 && !matches!(one.shape, Shape::List(_) | Shape::Object(_)) {
                    // One of several: the first stands for them only as an example.
                    one.verbatim = None;
                }
                one.with(&val.taints)
            }
            Shape::Object(fields) => fields
                .values()
                .take(64)
                .cloned()
                .reduce(Val::or)
                .unwrap_or_else(Val::unknown)
                .with(&val.taints),
            Shape::Handle(..) => val.clone(),
            _ => Val::tainted(val.all_taints(Span::default())),
        }
    }

    // --- Expressions.

    pub(super) fn eval(&mut self, id: Id) -> Val {
        if self.depth >= MAX_DEPTH {
            self.out.too_deep = true;
            return Val::unknown();
        }
        self.depth += 1;
        let val = self.eval_inner(id);
        self.depth -= 1;
        val
    }

    fn eval_inner(&mut self, id: Id) -> Val {
        self.steps = self.steps.saturating_sub(1);
        let program = self.program;
        let (expr, span) = &program.exprs[id as usize];
        let span = *span;
        match expr {
            Expr::Text(text, verbatim) => {
                self.out.string(text, span);
                Val {
                    verbatim: *verbatim,
                    ..Val::text(&**text)
                }
            }
            Expr::Number(n) => Val {
                shape: Shape::Number(*n),
                ..Val::text(n.to_string())
            },
            Expr::Constant => Val::text(""),
            Expr::Name(name) => match self.lookup(name) {
                Some((_, val)) => val.clone(),
                None => self.global(name),
            },
            Expr::This => self
                .lookup("this")
                .map_or_else(Val::unknown, |(_, val)| val.clone()),
            Expr::Member(object, name) => {
                let object = self.eval(*object);
                self.member(&object, name, span)
            }
            Expr::Index(object, index) => {
                let object = self.eval(*object);
                let index = self.eval(*index);
                if let (Shape::Number(n), Some(items)) = (&index.shape, object.items()) {
                    return items
                        .get(*n as usize)
                        .cloned()
                        .unwrap_or_else(Val::unknown)
                        .with(&object.taints);
                }
                match index.text.as_text() {
                    Some(name) if !name.is_empty() => self.member(&object, name, span),
                    _ => self.element(&object),
                }
            }
            Expr::Call { callee, args } => self.call(*callee, args, span),
            Expr::Concat(parts) => self.concat(parts, span),
            Expr::Format(format, values) => {
                let format = self.eval(*format);
                let values = self.eval(*values);
                let args = values
                    .items()
                    .map_or_else(|| vec![values.clone()], <[Val]>::to_vec);
                methods::percent(&format, &args, span)
            }
            Expr::Divide(left, right) => {
                let (left, right) = (self.eval(*left), self.eval(*right));
                let mut taints = left.taints.clone();
                taints.join(&right.taints);
                let text = Value::join_path([&left.text, &right.text]);
                match left.shape {
                    Shape::Handle(name, _) => Val {
                        text: text.clone(),
                        ..Val::handle(name, text, taints)
                    },
                    _ => Val::of(text, taints),
                }
            }
            Expr::Reversed(of) => {
                let of = self.eval(*of);
                methods::reversed(&of, span)
            }
            Expr::Mix(parts) => {
                let mut taints = Taints::default();
                for part in parts {
                    taints.join(&self.eval(*part).taints);
                }
                Val::tainted(taints)
            }
            Expr::Choice(parts) => parts
                .iter()
                .map(|part| self.eval(*part))
                .reduce(Val::or)
                .unwrap_or_else(Val::unknown),
            Expr::Sequence(parts) => {
                let mut last = Val::unknown();
                for part in parts {
                    last = self.eval(*part);
                }
                last
            }
            Expr::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.eval(*item)).collect();
                if let Some(text) = methods::char_codes(&items) {
                    self.decoded("charcodes", text, span);
                }
                Val::list(items)
            }
            Expr::Object(fields) => {
                let mut object = BTreeMap::new();
                let mut taints = Taints::default();
                for (name, value) in fields {
                    let value = self.eval(*value);
                    match name {
                        Some(name) => drop(object.insert(Rc::clone(name), value)),
                        None => {
                            if let Shape::Object(spread) = &value.shape {
                                object
                                    .extend(spread.iter().map(|(k, v)| (Rc::clone(k), v.clone())));
                            }
                            taints.join(&value.all_taints(span));
                        }
                    }
                }
                Val {
                    shape: Shape::Object(Rc::new(object)),
                    taints,
                    ..Val::unknown()
                }
            }
            Expr::Function(id) => {
                let this = self.lookup("this").and_then(|(_, this)| match this.shape {
                    Shape::Instance(class) => Some(class),
                    _ => None,
                });
                let this = this.filter(|_| program.functions[*id as usize].arrow);
                self.function(*id, this)
            }
            Expr::Class(id) => self.class(*id),
            Expr::Assign {
                target,
                value,
                declares,
            } => {
                let mut val = self.eval(*value);
                if let Target::Name(name) = target
                    && !val.taints.is_empty()
                {
                    val.taints = val.taints.through(name, span);
                }
                self.assign(target, val.clone(), *declares);
                val
            }
            Expr::Each(binds, value) => {
                for (target, over) in binds {
                    let over = self.eval(*over);
                    let element = self.element(&over);
                    self.assign(target, element, true);
                }
                let value = self.eval(*value);
                let taints = value.taints.clone();
                Val {
                    taints,
                    ..Val::list(vec![value])
                }
            }
        }
    }

    fn concat(&mut self, parts: &[Id], span: Span) -> Val {
        let mut text = Value::default();
        let mut taints = Taints::default();
        let mut lists: Vec<Val> = Vec::new();
        for part in parts {
            let val = self.eval(*part);
            if let Some(items) = val.items() {
                lists.extend_from_slice(items);
            } else if val.text.0.is_empty() && !matches!(val.shape, Shape::Plain) {
                text.push(Part::Unknown);
            }
            text.extend(&val.text);
            taints.join(&val.all_taints(span));
        }
        if !lists.is_empty() {
            return Val {
                taints,
                ..Val::list(lists)
            };
        }
        if let Some(known) = text.as_text() {
            self.out.string(known, span);
        } else if text.prefix().contains("://") {
            self.out.string(&text.rendered(), span);
        }
        Val::of(text, taints)
    }

    /// A decoded constant: a child to be read, and a value that remembers it.
    fn decoded(&mut self, how: &str, text: String, span: Span) -> Val {
        if text.len() >= 8 {
            self.out.child(crate::out::Child {
                origin: crate::Origin::Decoded {
                    how: vec![how.to_owned()],
                    at: span,
                },
                language: None,
                text: crate::out::ChildText::Own(text.clone()),
                top_level: self.out.top_level,
            });
        }
        self.out.string(&text, span);
        Val::of(
            Value::text(text),
            Taints::of(crate::Origination::Decoded(how.to_owned()), span),
        )
    }

    fn global(&self, name: &Rc<str>) -> Val {
        match &**name {
            "__file__" | "__filename__" | "__dirname" | "__filename" => Val::of(
                Value::part(Part::Input(name.to_string())),
                Taints::default(),
            ),
            "undefined" | "NaN" | "None" => Val::text(""),
            "globalThis" | "window" | "global" | "self" | "builtins" | "__builtins__" | "top"
                if self.language != Language::Python || name.contains("builtins") =>
            {
                Val::api("")
            }
            _ => Val::api(Rc::clone(name)),
        }
    }

    fn member(&mut self, object: &Val, name: &str, span: Span) -> Val {
        match &object.shape {
            Shape::Api(path)
                if domain::is_environment(path) && !models::is_mapping_method(name) =>
            {
                env(self.out, name, span, path)
            }
            Shape::Api(path) => {
                let full = if path.is_empty() {
                    canonical(name)
                } else {
                    canonical(&format!("{path}.{name}"))
                };
                if domain::is_environment(&full) && !path.is_empty() {
                    return Val {
                        taints: object.taints.clone(),
                        ..Val::api(full)
                    };
                }
                if let Some(known) = models::constant(&full) {
                    return Val::of(known, Taints::default());
                }
                Val {
                    taints: object.taints.clone(),
                    ..Val::api(full)
                }
            }
            Shape::Object(fields) => match fields.get(name) {
                Some(val) => val.clone().with(&object.taints),
                None => Val::tainted(object.taints.clone()),
            },
            Shape::Instance(class) | Shape::Class(class) => self
                .field(*class, name, 0)
                .unwrap_or_else(Val::unknown)
                .with(&object.taints),
            Shape::Handle(kind, about) if name == "parent" => {
                let parent =
                    about.map_text(|t| t.rsplit_once('/').map_or("", |(p, _)| p).to_owned());
                Val {
                    text: parent.clone(),
                    ..Val::handle(Rc::clone(kind), parent, object.taints.clone())
                }
            }
            Shape::Handle(kind, about) => Val {
                taints: object.taints.clone(),
                ..Val::handle(
                    canonical(&format!("{kind}.{name}")),
                    Value::clone(about),
                    Taints::default(),
                )
            },
            Shape::Plain if name == "constructor" => Val::api("<constructor>"),
            Shape::List(_) | Shape::Function { .. } if name == "constructor" => {
                Val::api("<constructor>")
            }
            _ => Val::tainted(object.taints.clone()),
        }
    }

    fn field(&self, class: u32, name: &str, depth: u32) -> Option<Val> {
        if let Some(val) = self.fields.get(&(class, Rc::from(name))) {
            return Some(val.clone());
        }
        match self.fields.get(&(class, "<base>".into()))?.shape {
            Shape::Class(base) if depth < 8 => self.field(base, name, depth + 1),
            _ => None,
        }
    }
}

/// What a parameter holds when nobody is seen to pass it.
fn input(param: &Param) -> Value {
    match &param.target {
        Target::Name(name) => Value::part(Part::Input(name.to_string())),
        _ => Value::unknown(),
    }
}

/// One name for what goes under several.
fn canonical(name: &str) -> Rc<str> {
    let mut name = name.strip_prefix("node:").unwrap_or(name);
    for prefix in [
        "globalThis.",
        "window.",
        "global.",
        "builtins.",
        "__builtins__.",
        "default.",
    ] {
        name = name.strip_prefix(prefix).unwrap_or(name);
    }
    if let Some(rest) = name.strip_prefix("fs/promises") {
        return format!("fs{rest}").into();
    }
    if let Some(rest) = name
        .strip_prefix("fs.promises")
        .or_else(|| name.strip_prefix("fs-extra"))
    {
        return format!("fs{rest}").into();
    }
    if name.ends_with("constructor.constructor") {
        return "Function".into();
    }
    if let Some(rest) = name.strip_suffix(".default") {
        return rest.into();
    }
    name.into()
}
