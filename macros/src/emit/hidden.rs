//! A `return` or `?` that a macro hides.
//!
//! # The problem
//! `ensure!(ready)` may expand to `return Err(…)`, which nobody sees before rustc does. In the machine it would leave the
//! step, whose answer is no `Result`.
//!
//! # The design
//! Where a function that returns a `Result` or an `Option` calls a macro that is not known, the step's answer is one too:
//! `Result<Resume<…>, E>`. What the macro returns early fits in; what the machine itself returns is wrapped; around the step
//! both become one answer. A hidden `return Ok(…)` still is a type error.
//!
//! # Costs
//! A branch for each resume, where rustc does not see through it.

use crate::visit::Visit;
use crate::visit_mut::{self, VisitMut};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Block, Type, parse_quote};

use crate::graph::Graph;

/// Macros that return nothing early.
const KNOWN: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_matches",
    "assert_ne",
    "cfg",
    "column",
    "concat",
    "dbg",
    "debug",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_matches",
    "debug_assert_ne",
    "env",
    "eprint",
    "eprintln",
    "error",
    "file",
    "format",
    "format_args",
    "gather",
    "include_bytes",
    "include_str",
    "info",
    "join",
    "line",
    "log",
    "matches",
    "module_path",
    "option_env",
    "panic",
    "pin",
    "print",
    "println",
    "select",
    "stringify",
    "todo",
    "trace",
    "try_gather",
    "unimplemented",
    "unreachable",
    "unwrap",
    "vec",
    "warn",
    "write",
    "writeln",
];

/// The function's type, if some macro may return early from it.
pub fn early<'a>(graph: &Graph, output: Option<&'a Type>) -> Option<&'a Type> {
    output.filter(|output| is_result(output) && calls_unknown(graph))
}

fn is_result(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == "Option" || last.ident.to_string().ends_with("Result"))
}

fn calls_unknown(graph: &Graph) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_macro(&mut self, mac: &'ast syn::Macro) {
            let name = mac.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            self.0 |= crate::nested::Nested::of(mac).is_none() && !KNOWN.contains(&name.as_str());
            for argument in crate::names::arguments(mac).iter().flat_map(|arguments| &arguments.list) {
                self.visit_expr(argument);
            }
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(false);
    graph.blocks.iter().flat_map(|block| block.expressions()).for_each(|expr| find.visit_expr(expr));
    find.0
}

/// The body of a step that may be left early, with its answers wrapped.
pub fn wrap(body: &TokenStream, output: &Type) -> TokenStream {
    struct Wrap<'a>(&'a Type);
    impl VisitMut for Wrap<'_> {
        fn visit_expr_return_mut(&mut self, inner: &mut syn::ExprReturn) {
            visit_mut::visit_expr_return_mut(self, inner);
            if let Some(value) = &mut inner.expr {
                let (answer, output) = (&**value, self.0);
                **value = parse_quote!(__answered::<#output>(#answer));
            }
        }
        fn visit_expr_closure_mut(&mut self, _: &mut syn::ExprClosure) {}
        fn visit_item_mut(&mut self, _: &mut syn::Item) {}
    }
    let Ok(mut block) = syn::parse2::<Block>(quote!({ #body })) else { return body.clone() };
    Wrap(output).visit_block_mut(&mut block);
    quote!(__answered::<#output>(#block))
}
