//! The macros that are known by their names.
//!
//! A macro of the body that has such a name is another one: [`crate::items`] gives it a name that is not here.

use proc_macro2::{TokenStream, TokenTree};
use syn::Macro;

/// Where the text stands that captures names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// There is none.
    No,
    /// It is this argument.
    At(usize),
    /// It is the first one that is a text.
    First,
    /// Every text may be one.
    Any,
}

/// Where a macro has its text.
pub fn text(name: &str) -> Text {
    match name {
        "format" | "format_args" | "print" | "println" | "eprint" | "eprintln" | "panic" | "unreachable" | "todo"
        | "unimplemented" => Text::At(0),
        "write" | "writeln" | "assert" | "debug_assert" => Text::At(1),
        "assert_eq" | "assert_ne" | "debug_assert_eq" | "debug_assert_ne" => Text::At(2),
        "trace" | "debug" | "info" | "warn" | "error" | "log" => Text::First,
        "vec" | "dbg" | "matches" | "gather" | "try_gather" | "join" | "select" | "block" | "pin" | "stringify"
        | "concat" | "cfg" | "env" | "option_env" | "include_str" | "include_bytes" => Text::No,
        _ => Text::Any,
    }
}

/// Whether somebody here goes by this name.
pub fn is_known(name: &str) -> bool {
    const OTHERS: [&str; 11] = [
        "assert_matches",
        "debug_assert_matches",
        "column",
        "expect",
        "file",
        "line",
        "module_path",
        "pin_mut",
        "unwrap",
        "try_join",
        "include",
    ];
    text(name) != Text::Any || OTHERS.contains(&name)
}

/// Whether a macro is known not to show the words that it is given. (`assert!` and `dbg!` do, and those for logs show the
/// names of fields.)
pub fn is_quiet(name: &str) -> bool {
    let shows = matches!(name, "assert" | "debug_assert" | "dbg" | "assert_matches" | "debug_assert_matches");
    is_known(name) && !shows && text(name) != Text::First
}

/// Whether a macro may leave the loop around it, or start it again.
pub fn may_jump(mac: &Macro) -> bool {
    fn jumps(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(word) => word == "break" || word == "continue",
            TokenTree::Group(group) => jumps(group.stream()),
            _ => false,
        })
    }
    !mac.path.segments.last().is_some_and(|last| is_known(&last.ident.to_string())) || jumps(mac.tokens.clone())
}
