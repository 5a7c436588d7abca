//! What names and types tell, by their spelling, about borrows.

use syn::{Expr, ExprMethodCall, GenericArgument, Lit, PathArguments, Stmt, Type, UnOp};

use crate::graph::{Variable, Variables};

/// Methods of the standard library that give a number, a `bool` or a text of their own. (Those of atomics are given an `Ordering`:
/// without one, `load` is somebody else's.)
pub fn gives_number(call: &ExprMethodCall) -> bool {
    const NAMES: [&str; 16] = [
        "len",
        "is_empty",
        "is_some",
        "is_none",
        "is_ok",
        "is_err",
        "is_some_and",
        "is_ok_and",
        "capacity",
        "contains",
        "contains_key",
        "starts_with",
        "ends_with",
        "to_string",
        "count",
        "sum",
    ];
    let method = call.method.to_string();
    let is_atomic = || matches!(method.as_str(), "load" | "swap") || method.starts_with("fetch_");
    NAMES.contains(&method.as_str()) || (is_atomic() && call.args.iter().any(is_ordering))
}

fn is_ordering(argument: &Expr) -> bool {
    let Expr::Path(path) = argument else { return false };
    path.path.segments.iter().any(|segment| {
        let name = segment.ident.to_string();
        matches!(name.as_str(), "Ordering" | "Relaxed" | "Acquire" | "Release" | "AcqRel" | "SeqCst")
    })
}

/// Methods whose value holds what their receiver holds, and does not borrow the receiver itself: it is moved, or copied from.
pub fn hands_on(call: &ExprMethodCall) -> bool {
    let method = call.method.to_string();
    matches!(method.as_str(), "clone" | "to_owned" | "to_vec" | "copied" | "cloned" | "replace" | "into" | "try_into")
        || method.starts_with("into_")
}

/// Of these the same is true where they are awaited.
pub fn hands_on_awaited(call: &ExprMethodCall) -> bool {
    matches!(call.method.to_string().as_str(), "into" | "into_iter" | "into_inner" | "into_future" | "into_coroutine")
}

/// Methods that make another future of one.
pub fn wraps_future(call: &ExprMethodCall) -> bool {
    let method = call.method.to_string();
    matches!(method.as_str(), "with_timeout" | "with_deadline" | "catch_cancel" | "boxed" | "fuse" | "into_future")
}

/// Functions and macros that make a future of others.
pub fn joins(name: &str) -> bool {
    matches!(name, "join" | "join3" | "join4" | "gather" | "try_gather" | "select" | "race" | "timeout" | "wait_for")
}

pub fn joins_futures(function: &Expr) -> bool {
    matches!(function, Expr::Path(path) if path.path.segments.last().is_some_and(|last| joins(&last.ident.to_string())))
}

/// Whether what is copied out of this is copied at once: an `Option` of a reference. Out of an iterator it is copied later.
pub fn is_copied_at_once(call: &ExprMethodCall) -> bool {
    let receiver = match crate::tree::bare(&call.receiver) {
        Expr::MethodCall(receiver) => receiver.method.to_string(),
        _ => String::new(),
    };
    match call.method.to_string().as_str() {
        "copied" | "cloned" => matches!(
            receiver.as_str(),
            "" | "get" | "first" | "last" | "next" | "next_back" | "nth" | "peek" | "find" | "min" | "max" | "as_ref"
        ),
        "clone" | "to_owned" => !matches!(
            receiver.as_str(),
            "iter" | "chars" | "bytes" | "lines" | "keys" | "values" | "split" | "windows" | "chunks" | "rev" | "skip"
        ),
        "to_vec" | "replace" => true,
        _ => false,
    }
}

/// Whether a method ends an iterator of copies, by which nothing is borrowed any more: `list.iter().copied().max()`.
pub fn ends_copies(call: &ExprMethodCall) -> bool {
    let method = call.method.to_string();
    let ends =
        matches!(method.as_str(), "collect" | "last" | "next" | "next_back" | "nth" | "find" | "fold" | "reduce")
            || method.starts_with("max")
            || method.starts_with("min");
    ends && copies(&call.receiver)
}

fn copies(iterator: &Expr) -> bool {
    let Expr::MethodCall(call) = iterator else { return false };
    matches!(call.method.to_string().as_str(), "copied" | "cloned") || copies(&call.receiver)
}

/// Methods that by their name and custom only look at what they are given.
pub fn only_looks(method: &str) -> bool {
    const NAMES: [&str; 22] = [
        "get",
        "get_mut",
        "contains",
        "contains_key",
        "remove",
        "starts_with",
        "ends_with",
        "strip_prefix",
        "strip_suffix",
        "eq",
        "ne",
        "cmp",
        "partial_cmp",
        "push_str",
        "insert_str",
        "write_str",
        "write_all",
        "write_fmt",
        "find",
        "position",
        "split_once",
        "eq_ignore_ascii_case",
    ];
    NAMES.contains(&method)
}

/// Methods that copy what the reference that they are given refers to.
pub fn copies_argument(method: &str) -> bool {
    method.ends_with("_from_slice")
}

/// Methods of the standard library that call a closure which they are given, and do not keep it where it would outlive their value.
pub fn calls_closure(method: &str) -> bool {
    const NAMES: [&str; 26] = [
        "all",
        "and_then",
        "any",
        "filter",
        "filter_map",
        "find",
        "find_map",
        "flat_map",
        "fold",
        "for_each",
        "inspect",
        "is_ok_and",
        "is_some_and",
        "ok_or_else",
        "or_else",
        "partition",
        "position",
        "retain",
        "retain_mut",
        "rposition",
        "scan",
        "skip_while",
        "take_while",
        "then",
        "unwrap_or_else",
        "with",
    ];
    let starts = |start: &&str| method.starts_with(start);
    NAMES.contains(&method) || ["map", "sort", "max_by", "min_by", "dedup_by", "binary_search"].iter().any(starts)
}

/// Methods through whose value the receiver can be changed.
pub fn gives_mutable(method: &str) -> bool {
    method.ends_with("_mut")
        || method.starts_with("or_")
        || matches!(method, "entry" | "lock" | "write" | "get_or_insert" | "get_or_insert_with" | "by_ref")
}

/// Macros whose value borrows nothing of what they are given.
pub fn gives_nothing(name: &str) -> bool {
    const NAMES: [&str; 14] = [
        "format", "print", "println", "eprint", "eprintln", "write", "writeln", "panic", "todo", "matches", "trace",
        "debug", "info", "warn",
    ];
    NAMES.contains(&name) || name == "error" || name.contains("assert") || name == "unreachable"
}

/// Functions of numbers and texts, `u32::from(…)`, whose value holds nothing of what they are given.
pub fn makes_number(function: &Expr) -> bool {
    let Expr::Path(path) = function else { return false };
    let segments = &path.path.segments;
    let owner = segments.len().checked_sub(2).map(|owner| segments[owner].ident.to_string());
    owner.is_some_and(|owner| {
        crate::names::is_primitive(&owner) || matches!(owner.as_str(), "String" | "Duration" | "Instant")
    })
}

/// `mem::swap(…)` and its like: they borrow only while they are called.
pub fn moves_between(function: &Expr) -> bool {
    let Expr::Path(path) = function else { return false };
    let mut names = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
    let is_known = names.next().is_some_and(|name| matches!(name.as_str(), "swap" | "replace" | "take"));
    is_known && names.next().is_some_and(|module| module == "mem")
}

/// Whether a value is known by its expression to hold no reference: a number, a text of its own.
pub fn is_bare(value: &Expr, variables: &Variables) -> bool {
    let is_bare = |value: &Expr| is_bare(value, variables);
    let tail = |block: &syn::Block| matches!(block.stmts.last(), Some(Stmt::Expr(tail, None)) if is_bare(tail));
    match value {
        Expr::Lit(literal) => !matches!(literal.lit, Lit::Str(_) | Lit::ByteStr(_) | Lit::CStr(_)),
        Expr::Binary(_) => true,
        Expr::Unary(unary) => !matches!(unary.op, UnOp::Deref(_)),
        Expr::Cast(cast) => is_number(&cast.ty),
        Expr::Path(_) => variables.of_path(value).is_some_and(|variable| is_numeric(&variables[variable])),
        Expr::MethodCall(call) => gives_number(call),
        Expr::Call(call) => makes_number(&call.func),
        Expr::Paren(inner) => is_bare(&inner.expr),
        Expr::Group(inner) => is_bare(&inner.expr),
        Expr::Repeat(repeat) => is_bare(&repeat.expr),
        Expr::Array(array) => !array.elems.is_empty() && array.elems.iter().all(is_bare),
        Expr::Tuple(tuple) => tuple.elems.iter().all(is_bare),
        Expr::If(branch) => {
            tail(&branch.then_branch) || branch.else_branch.as_ref().is_some_and(|(_, otherwise)| is_bare(otherwise))
        }
        Expr::Macro(inner) => inner.mac.path.is_ident("format"),
        _ => false,
    }
}

/// Whether a type's spelling is a number's, a `bool`'s or a `char`'s.
pub fn is_number(ty: &Type) -> bool {
    crate::names::number(ty).is_some()
}

/// Whether a variable is one, by its written type.
pub fn is_numeric(variable: &Variable) -> bool {
    variable.written.as_ref().is_some_and(is_number)
}

/// Whether a variable is a number, or a reference to a text: it has such a type, or a literal is its first value.
pub fn is_scalar(variable: &Variable) -> bool {
    is_numeric(variable) || (variable.written.is_none() && variable.copied)
}

/// Whether values of a type may hold references, by its spelling. Of a name that is not the standard library's, `unknown` is the
/// answer: its lifetime may be left out.
pub fn may_hold(ty: &Type, unknown: bool) -> bool {
    match ty {
        Type::Paren(inner) => may_hold(&inner.elem, unknown),
        Type::Group(inner) => may_hold(&inner.elem, unknown),
        Type::Array(inner) => may_hold(&inner.elem, unknown),
        Type::Slice(inner) => may_hold(&inner.elem, unknown),
        Type::Tuple(tuple) => tuple.elems.iter().any(|ty| may_hold(ty, unknown)),
        Type::Never(_) => false,
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else { return true };
            let of_argument = |argument: &GenericArgument| match argument {
                GenericArgument::Lifetime(_) => true,
                GenericArgument::Type(ty) => may_hold(ty, unknown),
                _ => false,
            };
            match &last.arguments {
                PathArguments::AngleBracketed(arguments) if arguments.args.iter().any(of_argument) => true,
                _ => unknown && !is_owned_name(&last.ident.to_string()),
            }
        }
        _ => true,
    }
}

/// Types of the standard library that hold no reference but in what they are given.
fn is_owned_name(name: &str) -> bool {
    const NAMES: [&str; 19] = [
        "String", "Vec", "VecDeque", "Option", "Result", "Box", "Rc", "Arc", "RefCell", "Cell", "Mutex", "HashMap",
        "BTreeMap", "HashSet", "BTreeSet", "Duration", "Instant", "PathBuf", "Ordering",
    ];
    NAMES.contains(&name) || crate::names::is_primitive(name) || name.starts_with("Atomic")
}
