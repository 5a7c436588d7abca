//! Which variables a block may change.
//!
//! # The problem
//! What a block uses by value and the function around uses later is `Copy`, and rustc's block borrows it: what the block changes,
//! is changed outside. A machine that takes a copy is smaller, but does that only where nothing is changed.
//!
//! # The design
//! Whatever may change a variable by its spelling counts: assignments, `&mut`, `&raw mut` and `ref mut`, the receivers of methods,
//! what is called. Of macros that are known the arguments are looked at; in others everything that is mentioned may be changed.
//!
//! The block of an `async` closure takes anew what it takes whenever the closure is called: a change to a copy would be lost. What is
//! changed for certain, and is not known to happen once, is refused if it is `Copy`.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, Expr, Macro, Pat, PointerMutability, parse_quote};

use crate::anchor::root;
use crate::graph::{VariableId, Variables};
use crate::walk::uses;
use crate::{names, tree};

/// Macros that do with their arguments what an expression of the same spelling does, or only read them.
const KNOWN: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "dbg",
    "debug",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "eprint",
    "eprintln",
    "error",
    "format",
    "format_args",
    "gather",
    "info",
    "join",
    "matches",
    "panic",
    "print",
    "println",
    "select",
    "todo",
    "trace",
    "try_gather",
    "unimplemented",
    "unreachable",
    "vec",
    "warn",
    "write",
    "writeln",
];

/// The variables that a block may change.
pub struct Changed {
    pub maybe: HashSet<VariableId>,
    /// Those of them that it changes, whatever the types are.
    pub certain: HashSet<VariableId>,
}

impl Changed {
    pub fn by(block: &Block, variables: &Variables) -> Changed {
        let changed = Changed { maybe: HashSet::new(), certain: HashSet::new() };
        let mut find = Find { variables, changed };
        find.visit_block(block);
        find.changed
    }
}

struct Find<'a> {
    variables: &'a Variables,
    changed: Changed,
}

impl Find<'_> {
    fn place(&mut self, place: &Expr) {
        let root = root(place, self.variables);
        self.changed.maybe.extend(root);
        self.changed.certain.extend(root);
    }

    /// A place of which only types tell whether it is changed.
    fn used(&mut self, place: &Expr) {
        self.changed.maybe.extend(root(place, self.variables));
    }

    /// What is matched against some patterns.
    fn matched<'p>(&mut self, place: &Expr, patterns: impl IntoIterator<Item = &'p Pat>) {
        if patterns.into_iter().any(borrows_mutably) {
            self.place(place);
        }
    }

    /// The words of a macro of which nothing is known.
    fn words(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(name) => self.changed.maybe.extend(self.variables.find(&name)),
                TokenTree::Group(group) => self.words(group.stream()),
                TokenTree::Literal(literal) => {
                    // `"{n}"` may be anything.
                    let captured = names::captures(&literal.to_string());
                    let names = captured.iter().filter_map(|name| syn::parse_str(name).ok());
                    self.changed.maybe.extend(names.filter_map(|name: Ident| self.variables.find(&name)));
                }
                TokenTree::Punct(_) => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Find<'_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Assign(assign) => self.place(&assign.left),
            Expr::Binary(binary) if tree::is_assignment(&binary.op) => self.place(&binary.left),
            Expr::Reference(reference) if reference.mutability.is_some() => self.place(&reference.expr),
            Expr::RawAddr(raw) if matches!(raw.mutability, PointerMutability::Mut(_)) => self.place(&raw.expr),
            Expr::MethodCall(call) => self.used(&call.receiver),
            Expr::Call(call) => self.used(&call.func),
            Expr::Let(condition) => self.matched(&condition.expr, [&*condition.pat]),
            Expr::Match(choice) => self.matched(&choice.expr, choice.arms.iter().map(|arm| &arm.pat)),
            _ => {}
        }
        visit::visit_expr(self, expr);
    }
    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init {
            self.matched(&init.expr, [&local.pat]);
        }
        visit::visit_local(self, local);
    }
    fn visit_macro(&mut self, mac: &'ast Macro) {
        let name = mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        let arguments = names::arguments(mac).filter(|_| KNOWN.contains(&name.as_str()));
        let Some(arguments) = arguments else {
            return self.words(mac.tokens.clone());
        };
        if let ("write" | "writeln", Some(first)) = (name.as_str(), arguments.list.first()) {
            self.place(first);
        }
        for argument in &arguments.list {
            Find::visit_expr(self, names::value_of(argument));
        }
    }
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// Whether a pattern has a `ref mut`.
fn borrows_mutably(pattern: &Pat) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
            self.0 |= ident.by_ref.is_some() && ident.mutability.is_some();
            visit::visit_pat_ident(self, ident);
        }
        fn visit_expr(&mut self, _: &'ast Expr) {}
    }
    let mut find = Find(false);
    find.visit_pat(pattern);
    find.0
}

/// Whether a closure is called once, or never: it is bound to a name that is mentioned once. `here` stands in it.
pub fn is_called_once(body: &Block, here: &Ident, variables: &Variables) -> bool {
    struct Bound<'a> {
        here: &'a Ident,
        found: Option<Ident>,
    }
    impl<'ast> Visit<'ast> for Bound<'_> {
        fn visit_local(&mut self, local: &'ast syn::Local) {
            if let Some(init) = &local.init
                && let Expr::Closure(closure) = tree::bare(&init.expr)
                && matches!(&*closure.body, Expr::Path(path) if path.path.is_ident(self.here))
            {
                self.found = crate::lower::name(&local.pat).cloned();
            }
            visit::visit_local(self, local);
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut bound = Bound { here, found: None };
    bound.visit_block(body);
    let Some(variable) = bound.found.and_then(|name| variables.find(&name)) else { return false };
    let sites = uses(&tree::block(body.clone()), variables);
    let mut mentions = sites.iter().filter(|site| site.variable == variable);
    mentions.next().is_none_or(|first| !first.repeated && !first.closure) && mentions.next().is_none()
}

/// What a closure's block takes, if that is not `Copy`.
pub fn check(place: &Expr, value: Expr) -> Expr {
    let at = crate::place::place(place.span());
    parse_quote!((&&&__probe(&#place)).captured().changed::<_, #at>(#value))
}
