//! Which calls take a receiver by value that has no variable, by their names.
//!
//! # The problem
//! In `iter.next().unwrap()` the `Option` is moved, in `lock.borrow_mut().push(1)` the guard is borrowed, and lives to the end of the
//! statement. Before something that suspends, a guard gets a variable of its own; of what is moved there would be nothing to hold.
//! Only types tell, and where a receiver is not named rustc cannot be asked without holding it.
//!
//! # The design
//! The standard library's methods are known by their names, and by what they are handed: `map` and its like want a function,
//! `expect` a text. What `borrow` and `borrow_mut` give is a guard, whatever is called on it. What is awaited is a future: so a call that
//! would give a number, or an iterator, is none of these: `sensor.lock().await.count().await`.

use crate::visit_mut::{self, VisitMut};
use syn::{Attribute, Block, Expr, ExprAwait, ExprMethodCall, Lit, parse_quote};

/// On a call that is awaited where it stands.
const AWAITED: &str = "__segno_awaited";

/// Marks the calls of a body that are awaited where they stand.
pub fn mark_awaited(body: &mut Block) {
    struct Mark;
    impl VisitMut for Mark {
        fn visit_expr_await_mut(&mut self, inner: &mut ExprAwait) {
            visit_mut::visit_expr_await_mut(self, inner);
            if let Expr::MethodCall(call) = &mut *inner.base {
                let name = quote::format_ident!("{}", AWAITED);
                call.attrs.push(parse_quote!(#[#name]));
            }
        }
        fn visit_item_mut(&mut self, _: &mut syn::Item) {}
    }
    Mark.visit_block_mut(body);
}

/// Takes the mark away again, before rustc sees the call.
pub fn unmark(call: &mut ExprMethodCall) {
    call.attrs.retain(|attribute| !is_mark(attribute));
}

fn is_mark(attribute: &Attribute) -> bool {
    attribute.path().is_ident(AWAITED)
}

/// Whether a call takes its receiver by value, as far as names tell.
pub(super) fn takes_value(call: &ExprMethodCall) -> bool {
    let method = call.method.to_string();
    let method = method.as_str();
    if is_guard(&call.receiver) {
        return false;
    }
    if call.attrs.iter().any(is_mark) {
        return takes_future(call, method);
    }
    takes_self(method)
        || takes_future(call, method)
        || (takes_function(method) && call.args.last().is_some_and(may_be_function))
        || (method == "take" && call.args.len() == 1)
        || (is_iterator(&call.receiver) && matches!(method, "skip_while" | "take_while" | "peekable"))
}

/// Those of which the result may be a future.
fn takes_future(call: &ExprMethodCall, method: &str) -> bool {
    let function = || call.args.last().is_some_and(may_be_function);
    match method {
        "expect" | "expect_err" => {
            let is_text = |argument: &Expr| match argument {
                Expr::Lit(literal) => matches!(literal.lit, Lit::Str(_)),
                Expr::Path(_) => !call.attrs.iter().any(is_mark),
                Expr::Reference(_) | Expr::Macro(_) | Expr::Field(_) | Expr::MethodCall(_) => true,
                _ => false,
            };
            call.args.first().is_some_and(is_text)
        }
        "unwrap" | "unwrap_or" | "unwrap_or_default" | "unwrap_err" | "unwrap_unchecked" | "into" | "try_into"
        | "or" | "flatten" | "collect" | "catch_cancel" => true,
        "map" | "map_or" | "map_or_else" | "map_err" | "and_then" | "or_else" | "unwrap_or_else" | "inspect"
        | "fold" => function(),
        _ => method.starts_with("into_"),
    }
}

/// Those that give a value, or an iterator.
fn takes_self(method: &str) -> bool {
    matches!(
        method,
        "ok" | "err"
            | "and"
            | "ok_or"
            | "rev"
            | "enumerate"
            | "zip"
            | "chain"
            | "skip"
            | "step_by"
            | "copied"
            | "cloned"
            | "sum"
            | "count"
            | "min"
            | "max"
            | "secs"
            | "millis"
            | "micros"
            | "nanos"
            | "minutes"
            | "hours"
            | "wrapping_add"
            | "wrapping_sub"
            | "xor"
            | "then_some"
            | "unzip"
    )
}

/// The same, with a function.
fn takes_function(method: &str) -> bool {
    matches!(method, "filter" | "map_while" | "ok_or_else" | "is_some_and" | "is_none_or" | "is_ok_and" | "is_err_and")
}

/// Whether an argument may be a function, by its form.
fn may_be_function(argument: &Expr) -> bool {
    !matches!(
        argument,
        Expr::Lit(_)
            | Expr::Await(_)
            | Expr::Binary(_)
            | Expr::Unary(_)
            | Expr::Reference(_)
            | Expr::Cast(_)
            | Expr::Index(_)
            | Expr::Range(_)
            | Expr::Array(_)
            | Expr::Repeat(_)
            | Expr::Tuple(_)
            | Expr::Struct(_)
            | Expr::Try(_)
    )
}

/// Whether an expression is a guard: what is called on it, is called on what it guards.
fn is_guard(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(inner) => is_guard(&inner.expr),
        Expr::MethodCall(call) => {
            let method = call.method.to_string();
            match method.as_str() {
                "borrow" | "borrow_mut" => call.args.is_empty(),
                "unwrap" | "expect" => may_guard(&call.receiver),
                _ => false,
            }
        }
        Expr::Try(inner) => may_guard(&inner.expr),
        Expr::Await(inner) => matches!(&*inner.base, Expr::MethodCall(call) if call.method == "lock"),
        _ => false,
    }
}

/// Whether an expression is a guard, unless somebody else has one: that of a lock of the standard library, or of a `RefCell`.
fn may_guard(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(inner) => may_guard(&inner.expr),
        Expr::MethodCall(call) => {
            let method = call.method.to_string();
            let locks = matches!(
                method.as_str(),
                "lock" | "try_lock" | "try_read" | "try_write" | "try_borrow" | "try_borrow_mut"
            );
            call.args.is_empty() && (locks || matches!(method.as_str(), "read" | "write" | "upgrade"))
        }
        _ => false,
    }
}

/// Whether an expression is an iterator, by the names of what makes it.
fn is_iterator(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(inner) => is_iterator(&inner.expr),
        Expr::Range(_) => true,
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => {
                let mut names = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
                let name = names.next();
                names.next().as_deref() == Some("iter")
                    || matches!(name.as_deref(), Some("repeat" | "repeat_n" | "repeat_with" | "successors" | "from_fn"))
            }
            _ => false,
        },
        Expr::MethodCall(call) => {
            let method = call.method.to_string();
            matches!(
                method.as_str(),
                "iter"
                    | "iter_mut"
                    | "into_iter"
                    | "by_ref"
                    | "chars"
                    | "bytes"
                    | "lines"
                    | "drain"
                    | "windows"
                    | "keys"
                    | "values"
                    | "values_mut"
                    | "char_indices"
                    | "matches"
            ) || ["split", "rsplit", "chunks", "rchunks"].iter().any(|prefix| method.starts_with(prefix))
                || is_iterator(&call.receiver)
        }
        _ => false,
    }
}
