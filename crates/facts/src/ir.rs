//! One small program form for all languages with expressions: what a front end lowers a syntax
//! tree to, and what [`interpret`](crate::interpret) walks. It keeps what matters to facts (names,
//! calls, strings, assignments) and drops the rest (operators, types, control flow but its order).

use std::rc::Rc;

use crate::Span;

/// Index of an expression in [`Program::exprs`].
pub(crate) type Id = u32;

/// A file.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(crate) exprs: Vec<(Expr, Span)>,
    pub(crate) functions: Vec<Rc<Function>>,
    pub(crate) classes: Vec<Rc<Class>>,
    pub(crate) body: Vec<Stmt>,
}

impl Program {
    /// Adds an expression.
    pub(crate) fn add(&mut self, expr: Expr, span: Span) -> Id {
        self.exprs.push((expr, span));
        (self.exprs.len() - 1) as Id
    }
}

#[derive(Debug)]
pub(crate) enum Expr {
    /// Known text, and where it stands verbatim in the source.
    Text(Rc<str>, Option<Span>),
    Number(f64),
    /// Truth values, nothing, regular expressions: nothing to fold, nothing to follow.
    Constant,
    Name(Rc<str>),
    /// `this`; `self` is a parameter.
    This,
    Member(Id, Rc<str>),
    Index(Id, Id),
    Call {
        callee: Id,
        args: Vec<Arg>,
    },
    /// `+`, templates, f-strings.
    Concat(Vec<Id>),
    /// Python's `%`.
    Format(Id, Id),
    /// Python's `/`, which also joins paths.
    Divide(Id, Id),
    /// A reversing slice.
    Reversed(Id),
    /// Any other operation: neither text nor shape survives it, origins do.
    Mix(Vec<Id>),
    /// One of these.
    Choice(Vec<Id>),
    /// One after the other; the last is the value.
    Sequence(Vec<Id>),
    List(Vec<Id>),
    /// Without a key: spread, or a computed key that is not known.
    Object(Vec<(Option<Rc<str>>, Id)>),
    Function(u32),
    Class(u32),
    /// Whether it declares what it assigns to, in the innermost function.
    Assign {
        target: Target,
        value: Id,
        declares: bool,
    },
    /// A comprehension: the bindings, then the value for an element.
    Each(Vec<(Target, Id)>, Id),
}

#[derive(Debug)]
pub(crate) struct Arg {
    pub(crate) name: Option<Rc<str>>,
    pub(crate) value: Id,
    pub(crate) spread: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Target {
    Name(Rc<str>),
    Member(Id, Rc<str>),
    Index(Id, Id),
    Tuple(Vec<Target>),
    Object(Vec<(Rc<str>, Target)>),
    Nowhere,
}

#[derive(Debug)]
pub(crate) enum Stmt {
    Expr(Id),
    Return(Id),
    /// Code that may run: assignments in it don't replace what was there.
    Maybe(Vec<Stmt>),
    /// A loop, with what it binds to the elements of what.
    Loop(Option<(Target, Id)>, Vec<Stmt>),
    Function(Rc<str>, u32),
    Class(Rc<str>, u32),
    /// These names are the module's.
    Global(Vec<Rc<str>>),
    /// `module` as a whole (no member) or members of it under local names.
    Import {
        module: Rc<str>,
        binds: Vec<(Rc<str>, Option<Rc<str>>)>,
        span: Span,
    },
}

#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: Rc<str>,
    pub(crate) params: Vec<Param>,
    pub(crate) body: Vec<Stmt>,
    /// `this` and `arguments` are those of where it stands.
    pub(crate) arrow: bool,
}

#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) target: Target,
    pub(crate) default: Option<Id>,
    pub(crate) rest: bool,
}

#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) base: Option<Id>,
    pub(crate) methods: Vec<(Rc<str>, u32)>,
    /// Runs when the class is made.
    pub(crate) body: Vec<Stmt>,
}
