//! What an expression may do to places, by its spelling.
//!
//! # The problem
//! What is changed while something else is evaluated has to be read before that, if Rust does; and of a variable that a block
//! changes no copy may be taken instead. Only types tell what a method, or what an argument leads to, changes.
//!
//! # The design
//! One traversal tells of every place that an expression mentions in such a way, and how; whoever asks decides what counts. Assignments,
//! `&mut`, `&raw mut` and `ref mut` change a place for certain. Of macros that are known the arguments are looked at; in others
//! everything that is mentioned may be changed. A finished machine of a block tells what its block did.

use crate::visit::{self, Visit};
use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{Expr, Macro, Pat, PointerMutability};

use crate::graph::Variables;
use crate::nested::Nested;
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

/// What may happen to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is assigned to, or borrowed mutably.
    Written,
    /// A method is called on it.
    Receiver,
    /// It is called.
    Callee,
    /// It is an argument.
    Argument,
    /// A pattern binds parts of it: if it is a reference, perhaps mutably.
    Matched,
    /// A macro of which nothing is known mentions it.
    Word,
    /// A block has done one of the latter to it.
    Reached,
}

/// Tells of the places that an expression may change, each as it is written.
pub fn of_expr(expr: &Expr, variables: &Variables, found: &mut dyn FnMut(Change, &Expr)) {
    Find { variables, found }.visit_expr(expr);
}

/// The same, of a block.
pub fn of_block(block: &syn::Block, variables: &Variables, found: &mut dyn FnMut(Change, &Expr)) {
    Find { variables, found }.visit_block(block);
}

struct Find<'a> {
    variables: &'a Variables,
    found: &'a mut dyn FnMut(Change, &Expr),
}

impl Find<'_> {
    fn place(&mut self, place: &Expr) {
        (self.found)(Change::Written, place);
    }

    fn arguments<'e>(&mut self, arguments: impl IntoIterator<Item = &'e Expr>) {
        arguments.into_iter().for_each(|argument| (self.found)(Change::Argument, argument));
    }

    /// What is matched against some patterns.
    fn matched<'p>(&mut self, place: &Expr, patterns: impl IntoIterator<Item = &'p Pat>) {
        let bound = patterns.into_iter().map(Binds::of).fold(Binds::default(), Binds::or);
        if bound.mutably {
            self.place(place);
        } else if bound.parts {
            (self.found)(Change::Matched, place);
        }
    }

    fn word(&mut self, name: Ident) {
        if self.variables.find(&name).is_some() {
            (self.found)(Change::Word, &tree::name(name));
        }
    }

    /// The words of a macro of which nothing is known.
    fn words(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(name) => self.word(name),
                TokenTree::Group(group) => self.words(group.stream()),
                TokenTree::Literal(literal) => {
                    // `"{n}"` may be anything.
                    let captured = names::captures(&literal.to_string());
                    captured.iter().filter_map(|name| syn::parse_str(name).ok()).for_each(|name| self.word(name));
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
            Expr::MethodCall(call) => {
                (self.found)(Change::Receiver, &call.receiver);
                self.arguments(&call.args);
            }
            Expr::Call(call) => {
                (self.found)(Change::Callee, &call.func);
                self.arguments(&call.args);
            }
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
        if let Some(nested) = Nested::of(mac) {
            nested.changes.iter().for_each(|(change, place)| (self.found)(*change, place));
            return;
        }
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

/// What a pattern binds.
#[derive(Default)]
struct Binds {
    /// Something by `ref mut`.
    mutably: bool,
    /// Something that is not all of what is matched.
    parts: bool,
}

impl Binds {
    fn of(pattern: &Pat) -> Binds {
        let mut binds = Binds::default();
        binds.visit_pat(pattern);
        let is_name = matches!(pattern, Pat::Ident(ident) if ident.subpat.is_none());
        Binds { parts: binds.parts && !is_name, ..binds }
    }

    fn or(self, other: Binds) -> Binds {
        Binds { mutably: self.mutably || other.mutably, parts: self.parts || other.parts }
    }
}

impl<'ast> Visit<'ast> for Binds {
    fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
        self.mutably |= ident.by_ref.is_some() && ident.mutability.is_some();
        self.parts |= names::binds(ident);
        visit::visit_pat_ident(self, ident);
    }
    fn visit_expr(&mut self, _: &'ast Expr) {}
}
