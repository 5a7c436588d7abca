//! `block!` and the known macros, in the few forms that are lowered.
//!
//! `block!(operation)` becomes a loop that suspends while the operation would block.
//!
//! nb's own `block!` spins. Here the operation is evaluated again at each resume; the suspension lasts until whatever
//! the operation registered with wakes the task, or else until the next interrupt.

use std::collections::HashSet;

use crate::visit_mut::{self, VisitMut};
use quote::quote_spanned;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Block, Expr, Macro, Pat, Stmt, Token, parse_quote_spanned};

use crate::error::Errors;
use crate::tree;
use crate::walk::has_anywhere;

/// Rewrites every `block!` and `nb::block!` outside of nested items and closures.
pub fn body(mut block: Block, errors: &mut Errors) -> Block {
    let own = crate::items::known_names(&block);
    Desugar { pinned: 0, own, errors }.visit_block_mut(&mut block);
    block
}

struct Desugar<'a> {
    /// How many values of `pin!` and the like have got a name.
    pinned: usize,
    /// The names of known macros that are macros of the body here.
    own: HashSet<String>,
    errors: &'a mut Errors,
}

/// The variables that a statement `pin_mut!(a, b);` pins.
fn pinned_variables(statement: &Stmt) -> Option<Vec<syn::Ident>> {
    let Stmt::Macro(mac) = statement else { return None };
    let last = mac.mac.path.segments.last()?;
    if last.ident != "pin_mut" && last.ident != "pin" {
        return None;
    }
    let parse = Punctuated::<syn::Ident, Token![,]>::parse_terminated;
    let names = syn::parse::Parser::parse2(parse, mac.mac.tokens.clone()).ok()?;
    Some(names.into_iter().collect())
}

/// What `pin!` is given.
fn pinned(expr: &Expr) -> Option<Expr> {
    let Expr::Macro(mac) = expr else { return None };
    let mut segments = mac.mac.path.segments.iter().rev();
    let is_pin = segments.next().is_some_and(|last| last.ident == "pin");
    // Other crates' macros of this name take several futures, or a variable.
    let home = segments.next().is_none_or(|home| home.ident == "pin");
    (is_pin && home).then(|| syn::parse2(mac.mac.tokens.clone()).ok()).flatten()
}

/// Whether a macro is nb's `block!`, under whatever name the path begins with: the crate may have been renamed.
fn is_block(mac: &Macro) -> bool {
    let mut segments = mac.path.segments.iter().rev();
    let last = segments.next().is_some_and(|segment| segment.ident == "block");
    let home = ["nb", "prelude", "segno"];
    last && segments.next().is_none_or(|segment| home.iter().any(|home| segment.ident == home))
}

impl Desugar<'_> {
    /// Whether a macro is one of the body's.
    fn is_own(&self, mac: &Macro) -> bool {
        !self.own.is_empty() && mac.path.get_ident().is_some_and(|name| self.own.contains(&name.to_string()))
    }

    /// What `pin!` is given.
    fn pinned(&self, expr: &Expr) -> Option<Expr> {
        pinned(expr).filter(|_| !matches!(expr, Expr::Macro(mac) if self.is_own(&mac.mac)))
    }

    fn expand(&mut self, mac: &Macro) -> Option<Expr> {
        if !is_block(mac) || self.is_own(mac) {
            return None;
        }
        let operation: Expr = match syn::parse2(mac.tokens.clone()) {
            Ok(operation) => operation,
            Err(cause) => {
                self.errors.parse(cause);
                return None;
            }
        };
        let span = mac.path.span();
        let machine = quote_spanned!(span => ::segno::machine);
        Some(parse_quote_spanned! {span=>
            loop {
                match #machine::attempt(#operation) {
                    #machine::Attempt::Finished(__answer) => break __answer,
                    #machine::Attempt::Blocked => #machine::blocked().await,
                }
            }
        })
    }
}

/// How many of a macro's first arguments are evaluated once, in order, before anything else happens.
fn eager(name: &str) -> usize {
    match name {
        "format" | "print" | "println" | "eprint" | "eprintln" | "write" | "writeln" | "panic" | "unreachable"
        | "todo" | "vec" | "dbg" | "trace" | "debug" | "info" | "warn" | "error" | "gather" | "try_gather"
        | "select" => usize::MAX,
        "assert" | "debug_assert" | "unwrap" | "expect" => 1,
        "assert_eq" | "assert_ne" | "debug_assert_eq" | "debug_assert_ne" => 2,
        _ => 0,
    }
}

/// The macros that take their arguments by value; others look at them where they are.
fn takes_values(name: &str) -> bool {
    matches!(name, "vec" | "dbg" | "unwrap" | "expect")
}

/// `vec![a, b]` of elements that are operands, and leave their temporaries to the statement.
fn elements<'e>(mac: &Macro, values: impl ExactSizeIterator<Item = &'e Expr>) -> Expr {
    let names: Vec<_> = (0..values.len()).map(|index| quote::format_ident!("__argument_{}", index)).collect();
    let mut vec = mac.clone();
    vec.tokens = quote::quote!(#(#names),*);
    parse_quote_spanned!(mac.path.span()=> match [#(#values),*] { [#(#names),*] => #vec })
}

/// `dbg!(a, b)` is `(dbg!(a), dbg!(b))`: each is shown before the next one is evaluated.
fn shown_in_turn<'e>(mac: &Macro, values: impl Iterator<Item = &'e Expr>) -> Expr {
    let each = values.map(|value| {
        let mut each = mac.clone();
        each.tokens = quote::quote!(#value);
        each
    });
    parse_quote_spanned!(mac.path.span()=> (#(#each),*))
}

/// Whether an argument can be evaluated behind the later ones as well: a literal, or, if it is not taken but looked at, a variable or
/// its field, which nothing changes meanwhile. (Of `v[i]` and `*p` the place is evaluated, of `p.field` too, if `p` is a reference.)
fn stays(arguments: &Punctuated<Expr, Token![,]>, index: usize, is_taken: bool) -> bool {
    fn value(argument: &Expr) -> &Expr {
        match argument {
            Expr::Assign(named) => &named.right,
            other => other,
        }
    }
    fn root(expr: &Expr) -> Option<&syn::Ident> {
        match expr {
            Expr::Path(path) => path.path.get_ident(),
            Expr::Field(field) => root(&field.base),
            Expr::Paren(inner) => root(&inner.expr),
            Expr::Group(inner) => root(&inner.expr),
            _ => None,
        }
    }
    let Some(argument) = arguments.get(index).map(value) else { return true };
    match tree::bare(argument) {
        Expr::Lit(_) => true,
        _ if is_taken => false,
        Expr::Path(_) => true,
        field @ Expr::Field(_) => root(field).is_some_and(|root| {
            !arguments.iter().skip(index + 1).any(|later| has_anywhere(value(later), |expr| may_assign(expr, root)))
        }),
        _ => false,
    }
}

/// Whether an expression gives a variable another value, or lends it to what may.
fn may_assign(expr: &Expr, variable: &syn::Ident) -> bool {
    let is_it = |place: &Expr| match place {
        Expr::Path(path) => path.path.is_ident(variable),
        Expr::Tuple(_) | Expr::Array(_) | Expr::Struct(_) | Expr::Call(_) => true,
        _ => false,
    };
    match expr {
        Expr::Assign(assign) => is_it(tree::bare(&assign.left)),
        Expr::Reference(reference) => reference.mutability.is_some() && is_it(tree::bare(&reference.expr)),
        _ => false,
    }
}

/// `matches!(value, pattern)` is a `match`. Without a guard its arguments look like a call's, and it may stay what it is.
fn matches(mac: &Macro, awaits: bool) -> Option<Expr> {
    let parse = |input: syn::parse::ParseStream<'_>| {
        let value: Expr = input.parse()?;
        input.parse::<syn::Token![,]>()?;
        let pattern = syn::Pat::parse_multi_with_leading_vert(input)?;
        let guard = match input.parse::<Option<syn::Token![if]>>()? {
            Some(_) => Some(input.parse::<Expr>()?),
            None => None,
        };
        input.parse::<Option<syn::Token![,]>>()?;
        Ok((value, pattern, guard))
    };
    let (value, pattern, guard) = syn::parse::Parser::parse2(parse, mac.tokens.clone()).ok()?;
    if !awaits && guard.is_none() {
        return None;
    }
    let guard = guard.map(|guard| quote::quote!(if #guard));
    Some(parse_quote_spanned!(mac.path.span()=> match #value { #pattern #guard => true, _ => false }))
}

/// Whether there are `async` blocks in an expression.
fn has_blocks(expr: &Expr) -> bool {
    has_anywhere(expr, |expr| matches!(expr, Expr::Async(_)))
}

impl Desugar<'_> {
    /// `assert_matches!(value, …)` becomes `match value { name => assert_matches!(name, …) }`.
    fn assert_matches(&mut self, mac: &Macro, is_debug: bool) -> Option<Expr> {
        let parse = |input: syn::parse::ParseStream<'_>| {
            let value: Expr = input.parse()?;
            let rest: proc_macro2::TokenStream = input.parse()?;
            Ok((value, rest))
        };
        let (value, rest) = syn::parse::Parser::parse2(parse, mac.tokens.clone()).ok()?;
        if crate::lower::awaits_in_tokens(rest.clone()) {
            return None;
        }
        // What follows does not look like a call's arguments, so the name is in no other macro.
        let name = quote::format_ident!("__matched_{}", self.pinned, span = value.span());
        self.pinned += 1;
        let mut bound = mac.clone();
        bound.tokens = quote::quote!(#name #rest);
        let asserted: Expr = parse_quote_spanned!(mac.path.span()=> match #value { #name => #bound });
        Some(match is_debug {
            true => parse_quote_spanned!(mac.path.span()=> if ::core::cfg!(debug_assertions) { #asserted }),
            false => asserted,
        })
    }

    /// `println!("{}", f().await)` becomes `{ let a = f().await; println!("{}", a) }`: for macros that are known to
    /// evaluate their arguments once and in order. Awaits in other macros are left for `lower::refuse`.
    fn bind_arguments(&mut self, mac: &Macro) -> Option<Expr> {
        let name = mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        let awaits = crate::lower::awaits_in_tokens(mac.tokens.clone());
        if name == "matches" && !self.is_own(mac) {
            return matches(mac, awaits);
        }
        if !awaits || self.is_own(mac) {
            return None;
        }
        if name == "assert_matches" || name == "debug_assert_matches" {
            return self.assert_matches(mac, name.starts_with("debug"));
        }
        let count = eager(&name);
        if count == 0 {
            return None;
        }
        let mut arguments = crate::names::arguments(mac)?;
        // Macros inside first: `assert!(matches!(f().await, …))`.
        arguments.list.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
        // An `async` block is lowered where it is not hidden in a macro.
        let taken = |argument: &&Expr| crate::walk::suspends(argument) || has_blocks(argument);
        let last = arguments.list.iter().take(count).collect::<Vec<_>>().iter().rposition(taken)?;
        if name == "vec" && !arguments.repeats {
            return Some(elements(mac, arguments.list.iter()));
        }
        if name == "dbg" && arguments.list.len() > 1 {
            return Some(shown_in_turn(mac, arguments.list.iter()));
        }
        // What is taken is taken before what follows is awaited.
        let is_taken = takes_values(&name);
        let stays: Vec<bool> = (0..=last).map(|index| stays(&arguments.list, index, is_taken)).collect();
        let mut lets: Vec<Stmt> = Vec::new();
        let (mut names, mut values): (Vec<Pat>, Vec<Expr>) = (Vec::new(), Vec::new());
        for (index, argument) in arguments.list.iter_mut().enumerate().take(last + 1) {
            let value = match argument {
                Expr::Assign(named) => &mut *named.right,
                other => other,
            };
            if stays[index] {
                continue;
            }
            let bound = quote::format_ident!("__argument_{}", index);
            let taken = std::mem::replace(value, syn::parse_quote!(#bound));
            if name.ends_with("assert") {
                // Its condition's temporaries end with it.
                lets.push(syn::parse_quote!(let #bound = #taken;));
                continue;
            }
            let is_written_to = index == 0 && matches!(name.as_str(), "write" | "writeln");
            let (pattern, taken): (Pat, Expr) = match &taken {
                _ if takes_values(&name) => (syn::parse_quote!(#bound), taken),
                Expr::Reference(_) if is_written_to => (syn::parse_quote!(mut #bound), taken),
                _ => {
                    *value = syn::parse_quote!(*#bound);
                    let and = if is_written_to { quote::quote!(&mut) } else { quote::quote!(&) };
                    (syn::parse_quote!(#bound), syn::parse_quote!(#and (#taken)))
                }
            };
            // Its temporaries are the statement's.
            names.push(pattern);
            values.push(taken);
        }
        let mut bound = mac.clone();
        bound.tokens = quote::quote!(#arguments);
        let bound: Expr = if names.is_empty() {
            syn::parse_quote!({ #(#lets)* #bound })
        } else {
            syn::parse_quote!(match (#(#values,)*) { (#(#names,)*) => #bound })
        };
        Some(match name.as_str() {
            // Its arguments are evaluated only where debug assertions are on.
            _ if name.starts_with("debug_assert") => syn::parse_quote!(if ::core::cfg!(debug_assertions) { #bound }),
            // The temporaries end in the macro.
            "format" => syn::parse_quote!({ let __formatted = #bound; __formatted }),
            _ if name.contains("print") => syn::parse_quote!({ #bound; }),
            _ => bound,
        })
    }
}

impl VisitMut for Desugar<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Some(value) = self.pinned(expr) {
            *expr = parse_quote_spanned!(value.span()=> __pin(&mut { #value }));
        }
        if let Expr::Macro(mac) = expr
            && let Some(bound) = self.bind_arguments(&mac.mac)
        {
            *expr = bound;
        }
        if let Expr::Macro(mac) = expr
            && let Some(expanded) = self.expand(&mac.mac)
        {
            *expr = expanded;
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        let statements = std::mem::take(&mut block.stmts);
        for mut statement in statements {
            if let Some(names) = pinned_variables(&statement)
                && !matches!(&statement, Stmt::Macro(mac) if self.is_own(&mac.mac))
            {
                // `pin_mut!(a, b);` of other crates.
                for variable in names {
                    let name = quote::format_ident!("__pinned_{}", self.pinned, span = variable.span());
                    self.pinned += 1;
                    let span = variable.span();
                    block.stmts.push(parse_quote_spanned!(span=> #[allow(unused_mut)] let mut #name = #variable;));
                    block
                        .stmts
                        .push(parse_quote_spanned!(span=> #[allow(unused_mut)] let mut #variable = __pin(&mut #name);));
                }
                continue;
            }
            if let Stmt::Local(local) = &mut statement
                && let Some(init) = &mut local.init
                && let Some(value) = self.pinned(&init.expr)
            {
                // What `pin!` holds lives as long as the variable.
                let name = quote::format_ident!("__pinned_{}", self.pinned, span = value.span());
                self.pinned += 1;
                block.stmts.push(parse_quote_spanned!(value.span()=> #[allow(unused_mut)] let mut #name = #value;));
                *init.expr = parse_quote_spanned!(value.span()=> __pin(&mut #name));
            }
            block.stmts.push(statement);
        }
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_stmt_mut(&mut self, stmt: &mut Stmt) {
        if let Stmt::Macro(mac) = stmt
            && let Some(bound) = self.bind_arguments(&mac.mac)
        {
            *stmt = Stmt::Expr(bound, mac.semi_token);
        }
        if let Stmt::Macro(mac) = stmt
            && let Some(expanded) = self.expand(&mac.mac)
        {
            // Without a semicolon it is the block's value, unless braces make it a statement.
            let semicolon = mac.semi_token;
            *stmt = Stmt::Expr(expanded, semicolon);
        }
        visit_mut::visit_stmt_mut(self, stmt);
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_expr_call_mut(&mut self, call: &mut syn::ExprCall) {
        call.args.iter_mut().for_each(crate::nested::hand_over);
        visit_mut::visit_expr_call_mut(self, call);
    }

    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        call.args.iter_mut().for_each(crate::nested::hand_over);
        visit_mut::visit_expr_method_call_mut(self, call);
    }

    /// A closure is left alone, but for the `async` blocks in it.
    fn visit_expr_closure_mut(&mut self, closure: &mut syn::ExprClosure) {
        struct Blocks<'a, 'b>(&'a mut Desugar<'b>);
        impl VisitMut for Blocks<'_, '_> {
            fn visit_expr_async_mut(&mut self, inner: &mut syn::ExprAsync) {
                self.0.visit_block_mut(&mut inner.block);
            }
            fn visit_item_mut(&mut self, _: &mut syn::Item) {}
        }
        crate::nested::close(closure);
        Blocks(self).visit_expr_mut(&mut closure.body);
    }
}
