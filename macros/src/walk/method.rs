//! What the names of well-known methods tell about their receivers.

use proc_macro2::Ident;
use syn::{Expr, ExprMethodCall, GenericArgument, Type};

/// How it is found out whether a call moves its receiver.
pub(super) enum Question {
    /// It does.
    Certain,
    /// By types alone, of which it is known that they are in most cases those of iterators.
    Iterated,
    /// By the method's name, if it is called on an iterator, an `Option`, a `Result` or a future.
    Name,
    /// By types alone.
    Types,
}

/// How to find out whether a call moves its receiver, if it may.
pub(super) fn question(call: &ExprMethodCall) -> Option<Question> {
    let method = call.method.to_string();
    let closures = has_closures(call);
    if matches!(method.as_str(), "into" | "try_into" | "into_future" | "into_coroutine" | "catch_cancel") {
        Some(Question::Certain)
    } else if method == "into_iter" {
        Some(Question::Iterated)
    } else if is_trait_move(&method) || (closures && is_taking(&method)) {
        Some(Question::Name)
    } else if is_asked_with(call) && !is_borrow(&method) && !(closures && is_borrow_with(&method)) {
        Some(Question::Types)
    } else {
        None
    }
}

/// Whether what is written between `::<` and `>` can stand in a question: all of it are types for certain. (`N` may be a constant.)
fn is_asked_with(call: &ExprMethodCall) -> bool {
    let is_type = |argument: &GenericArgument| match argument {
        GenericArgument::Type(Type::Path(path)) if path.qself.is_none() => {
            let named = |name: &Ident| name.to_string().contains(|letter: char| letter.is_ascii_lowercase());
            path.path.get_ident().is_none_or(named)
        }
        GenericArgument::Type(ty) => !matches!(ty, Type::Infer(_) | Type::Macro(_)),
        _ => false,
    };
    // An `async` block in a closure is a macro by now, and what stands for it has a type of its own.
    let runs_later = |argument: &Expr| {
        crate::tree::closure(argument).is_some_and(|closure| matches!(&*closure.body, Expr::Macro(_)))
    };
    match &call.turbofish {
        Some(turbofish) => turbofish.args.iter().all(is_type) && !call.args.iter().any(runs_later),
        None => true,
    }
}

/// Whether an argument is a closure.
pub(super) fn has_closures(call: &ExprMethodCall) -> bool {
    call.args.iter().any(|argument| crate::tree::closure(argument).is_some())
}

/// Methods of the standard library's traits that take their receiver by value. (What asks rustc about a receiver cannot
/// tell these apart from its own question, see [`crate::emit`].)
fn is_trait_move(method: &str) -> bool {
    matches!(
        method,
        "into"
            | "try_into"
            | "rev"
            | "enumerate"
            | "zip"
            | "chain"
            | "skip_while"
            | "take_while"
            | "step_by"
            | "peekable"
            | "fuse"
            | "cycle"
            | "for_each"
            | "filter_map"
            | "flat_map"
            | "fold"
            | "collect"
            | "partition"
            | "count"
            | "sum"
            | "product"
            | "min"
            | "max"
            | "clamp"
            | "last"
            | "unzip"
            | "map_while"
            | "scan"
            // Those of traits that extend futures.
            | "with_timeout"
            | "with_deadline"
            // Those that make durations of numbers.
            | "nanos"
            | "micros"
            | "millis"
            | "secs"
            | "minutes"
            | "hours"
    )
}

/// Methods of `Option`, `Result` and iterators that take their receiver and a closure.
fn is_taking(method: &str) -> bool {
    matches!(
        method,
        "map"
            | "and_then"
            | "or_else"
            | "unwrap_or_else"
            | "map_err"
            | "map_or"
            | "map_or_else"
            | "ok_or_else"
            | "filter"
            | "inspect"
            | "is_some_and"
            | "is_none_or"
            | "is_ok_and"
            | "is_err_and"
            | "inspect_err"
            | "min_by"
            | "min_by_key"
            | "max_by"
            | "max_by_key"
            | "reduce"
            | "is_sorted_by"
            | "is_sorted_by_key"
    )
}

/// Methods that take a closure, and by their name and custom borrow their receiver.
fn is_borrow_with(method: &str) -> bool {
    matches!(
        method,
        "retain"
            | "retain_mut"
            | "sort_by"
            | "sort_by_key"
            | "sort_by_cached_key"
            | "sort_unstable_by"
            | "sort_unstable_by_key"
            | "dedup_by"
            | "dedup_by_key"
            | "binary_search_by"
            | "binary_search_by_key"
            | "partition_point"
            | "get_or_insert_with"
            | "resize_with"
            // Of locks, and of registers.
            | "lock"
            | "read"
            | "write"
            | "modify"
    )
}

/// Methods that by their name and custom borrow their receiver: not worth a question.
fn is_borrow(method: &str) -> bool {
    matches!(
        method,
        "len"
            | "is_empty"
            | "is_some"
            | "is_none"
            | "is_ok"
            | "is_err"
            | "clone"
            | "push_str"
            | "iter"
            | "iter_mut"
            | "as_ref"
            | "as_mut"
            | "as_str"
            | "as_slice"
            | "borrow"
            | "borrow_mut"
            | "to_string"
            | "starts_with"
            | "extend_from_slice"
            | "call_soon"
            | "call_later"
            | "call_at"
            | "create_task"
            | "create_future"
    )
}

/// Whether rustc is asked first whether a method is called on an iterator, or on what there is an iterator of, since it cannot tell the
/// methods of these traits from its question: the question.
pub fn iterates(method: &str) -> Option<&'static str> {
    match method {
        "into_iter" => Some("iterated"),
        "skip" | "take" | "copied" | "cloned" | "flatten" | "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "cmp"
        | "partial_cmp" | "is_sorted" => Some("iterates"),
        _ => None,
    }
}
