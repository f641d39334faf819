//! Calls: of the file's own functions, of what is known, and of what is not.

use std::rc::Rc;

use super::{Args, Interpreter, MAX_CALLS, Shape, Val, apply, canonical, domain, input};
use crate::ir::{Expr, Id, Param, Target};
use crate::models;
use crate::out::Taints;
use crate::{Language, Span, Value};

impl Interpreter<'_> {
    fn args(&mut self, args: &[crate::ir::Arg]) -> Args {
        let mut out = Args::default();
        for arg in args {
            let val = self.eval(arg.value);
            match (&arg.name, arg.spread) {
                (Some(name), _) => out.named.push((Rc::clone(name), val)),
                (None, true) if val.items().is_some() => {
                    out.positional
                        .extend(val.items().unwrap_or_default().iter().cloned());
                }
                (None, true)
                    if matches!(val.shape, Shape::Object(_))
                        && self.language == Language::Python =>
                {
                    if let Shape::Object(fields) = &val.shape {
                        out.named
                            .extend(fields.iter().map(|(k, v)| (Rc::clone(k), v.clone())));
                    }
                }
                _ => out.positional.push(val),
            }
        }
        out
    }

    pub(super) fn call(&mut self, callee: Id, args: &[crate::ir::Arg], span: Span) -> Val {
        if let Expr::Member(object, name) = &self.program.exprs[callee as usize].0 {
            let name = Rc::clone(name);
            let receiver = self.eval(*object);
            let args = self.args(args);
            return self.call_method(*object, &receiver, &name, args, span);
        }
        let target = self.eval(callee);
        let args = self.args(args);
        self.call_value(&target, args, span)
    }

    fn call_method(
        &mut self,
        object: Id,
        receiver: &Val,
        name: &Rc<str>,
        args: Args,
        span: Span,
    ) -> Val {
        match &receiver.shape {
            Shape::Api(path) if models::is_mapping_method(name) && domain::is_environment(path) => {
                let path = Rc::clone(path);
                self.environment_method(&path, name, &args, span)
            }
            Shape::Api(_) | Shape::Instance(_) | Shape::Class(_) => {
                let target = self.member(receiver, name, span);
                if matches!(target.shape, Shape::Plain) {
                    return self.generic_method(object, receiver, name, args, span);
                }
                self.call_value(&target, args, span)
            }
            Shape::Object(fields) if fields.contains_key(name) => {
                let target = fields[name].clone();
                self.call_value(&target, args, span)
            }
            Shape::Function { .. } if matches!(&**name, "call" | "apply" | "bind") => {
                let mut args = args;
                if !args.positional.is_empty() {
                    args.positional.remove(0);
                }
                if &**name == "apply"
                    && let [list] = args.positional.as_slice()
                    && let Some(items) = list.items()
                {
                    args.positional = items.to_vec();
                }
                self.call_value(receiver, args, span)
            }
            Shape::Handle(kind, about) => {
                let full = canonical(&format!("{kind}.{name}"));
                if let Some(api) = self.table.get(&*full) {
                    let about = Value::clone(about);
                    let call = apply::Call {
                        name: &full,
                        receiver: Some(receiver),
                        about: &about,
                        span,
                    };
                    let result = self.apply(*api, &call, args);
                    // A socket that connects, a request that is opened: what it is about changes.
                    match (api, &result.shape) {
                        (models::Api::Connect, _) => self.replace(object, result.clone()),
                        (models::Api::NetRequest, Shape::Handle(_, url)) => {
                            self.replace(
                                object,
                                Val::handle(Rc::clone(kind), Value::clone(url), Taints::default()),
                            );
                        }
                        _ => {}
                    }
                    return result;
                }
                self.generic_method(object, receiver, name, args, span)
            }
            _ => self.generic_method(object, receiver, name, args, span),
        }
    }

    pub(super) fn call_value(&mut self, target: &Val, args: Args, span: Span) -> Val {
        match &target.shape {
            Shape::Function { id, scope, this } => self.enter(*id, *scope, *this, args),
            Shape::Class(class) => {
                let class = *class;
                for name in ["__init__", "constructor"] {
                    if let Some(Val {
                        shape: Shape::Function { id, scope, this },
                        ..
                    }) = self.field(class, name, 0)
                    {
                        self.enter(id, scope, this.map(|_| class), args);
                        break;
                    }
                }
                Val {
                    shape: Shape::Instance(class),
                    ..Val::unknown()
                }
            }
            Shape::Slot(slot) => {
                let slot = *slot;
                if let Some(val) = args.positional.into_iter().next() {
                    let old = std::mem::take(&mut self.slots[slot]);
                    self.slots[slot] = val.or(old);
                }
                Val::unknown()
            }
            Shape::Api(name) => {
                let name = Rc::clone(name);
                self.call_api(&name, args, span)
            }
            Shape::Handle(name, about) => {
                let (name, about) = (Rc::clone(name), Value::clone(about));
                match self.table.get(&*name) {
                    Some(api) => self.apply(
                        *api,
                        &apply::Call {
                            name: &name,
                            receiver: Some(target),
                            about: &about,
                            span,
                        },
                        args,
                    ),
                    None => self.unknown_call(&target.taints, &args, span),
                }
            }
            _ => self.unknown_call(&target.taints, &args, span),
        }
    }

    fn call_api(&mut self, name: &Rc<str>, args: Args, span: Span) -> Val {
        if let Some(api) = self.table.get(&**name) {
            let about = Value::unknown();
            return self.apply(
                *api,
                &apply::Call {
                    name,
                    receiver: None,
                    about: &about,
                    span,
                },
                args,
            );
        }
        let about = args
            .positional
            .first()
            .map_or_else(Value::unknown, Val::spoken);
        let result = self.unknown_call(&Taints::default(), &args, span);
        Val::handle(Rc::clone(name), about, result.taints)
    }

    /// A call of something that is not known: origins go through, callbacks are called with them.
    pub(super) fn unknown_call(&mut self, receiver: &Taints, args: &Args, span: Span) -> Val {
        let mut taints = args.taints(span);
        taints.join(receiver);
        let given = Val::tainted(taints.clone());
        let returned = self.call_back(args, &given);
        taints.join(&returned.taints);
        Val::tainted(taints)
    }

    /// Calls each function among the arguments, with `given` for each of its parameters.
    pub(super) fn call_back(&mut self, args: &Args, given: &Val) -> Val {
        let mut returned = Val::unknown();
        for callback in args
            .all()
            .filter(|a| matches!(a.shape, Shape::Function { .. }))
            .cloned()
            .collect::<Vec<_>>()
        {
            let Shape::Function { id, scope, this } = callback.shape else {
                continue;
            };
            let count = self.program.functions[id as usize].params.len().max(1);
            let args = Args {
                positional: vec![given.clone(); count],
                named: Vec::new(),
            };
            returned = returned.or(self.enter(id, scope, this, args));
        }
        returned
    }

    /// Runs a function of the file.
    pub(super) fn enter(&mut self, id: u32, scope: usize, this: Option<u32>, args: Args) -> Val {
        let times = self.called.entry(id).or_default();
        *times += 1;
        let again = *times > 1;
        if self.active.contains(&id)
            || self.active.len() >= MAX_CALLS
            || (again && (self.steps == 0 || self.called[&id] > 40))
        {
            return Val::tainted(args.taints(Span::default()));
        }
        let function = Rc::clone(&self.program.functions[id as usize]);
        self.active.push(id);
        self.returns.push(Vec::new());
        let outer = self.push_scope(scope, this);
        let maybe = std::mem::take(&mut self.maybe);
        self.bind(&function.params, args, this);
        self.block(&function.body);
        self.maybe = maybe;
        self.scope = outer;
        self.active.pop();
        let returned = self.returns.pop().unwrap_or_default();
        let mut val = returned
            .into_iter()
            .reduce(Val::or)
            .unwrap_or_else(Val::unknown);
        if !val.taints.is_empty() && !function.name.is_empty() {
            val.taints = val
                .taints
                .through(&format!("{}()", function.name), Span::default());
        }
        val
    }

    fn bind(&mut self, params: &[Param], args: Args, this: Option<u32>) {
        let mut positional = args.positional.into_iter();
        for (index, param) in params.iter().enumerate() {
            if index == 0
                && let (Some(class), Target::Name(name)) = (this, &param.target)
                && self.language == Language::Python
                && matches!(&**name, "self" | "cls")
            {
                self.declare(
                    Rc::clone(name),
                    Val {
                        shape: Shape::Instance(class),
                        ..Val::unknown()
                    },
                );
                continue;
            }
            if param.rest {
                let rest: Vec<_> = positional.by_ref().collect();
                self.assign(&param.target, Val::list(rest), true);
                continue;
            }
            let named = match &param.target {
                Target::Name(name) => args
                    .named
                    .iter()
                    .find(|(n, _)| n == name)
                    .map(|(_, v)| v.clone()),
                _ => None,
            };
            let val = match (named.or_else(|| positional.next()), param.default) {
                (Some(val), _) => val,
                (None, Some(default)) => self.eval(default),
                (None, None) => Val::of(input(param), Taints::default()),
            };
            self.assign(&param.target, val, true);
        }
    }
}
