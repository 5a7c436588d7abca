//! The twin: the user's body as ordinary code that is never called.
//!
//! rustc checks it as it would the `async fn`: types, borrows, moves, `unsafe`, unused variables. What it reports is in
//! the user's words, at the user's tokens, and comes first, because the twin comes first.

use std::collections::BTreeSet;

use crate::visit::{self, Visit};
use crate::visit_mut::{self, VisitMut};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Block, Expr, ExprLet, ExprMatch, ExprStruct, Local, Pat, ReturnType, Stmt, parse_quote_spanned};

use super::result::{self, Returned};
use super::signature;
use crate::function::Function;
use crate::graph::Mention;
use crate::lower::lets_of;
use crate::{place, tree};

/// The statement that holds the twin.
pub fn twin(
    function: &Function,
    body: &Block,
    taken_whole: &BTreeSet<(usize, usize)>,
    gone: &BTreeSet<Mention>,
) -> TokenStream {
    let mut body = body.clone();
    if !taken_whole.is_empty() {
        Whole(taken_whole).visit_block_mut(&mut body);
    }
    let own = uncalled(function, body.clone(), &BTreeSet::new());
    if gone.is_empty() {
        return own;
    }
    // What is asked there would let the user assign to what is not `mut`: so it is asked of another one. (What rustc says twice, it
    // shows once.)
    let mut gone = Gone { places: gone, names: BTreeSet::new() };
    gone.visit_block_mut(&mut body);
    if gone.names.is_empty() {
        return own;
    }
    let asked = uncalled(function, body, &gone.names);
    quote!(#own #[allow(warnings)] { #asked })
}

/// A body as a closure that is not called. `names` of its variables can be assigned to.
fn uncalled(function: &Function, mut body: Block, names: &BTreeSet<String>) -> TokenStream {
    if !names.is_empty() {
        Mutable(names).visit_block_mut(&mut body);
    }
    let result = signature::output(function);
    let opaque = signature::is_opaque(&result);
    if !opaque {
        result::wrap_body(&mut body, &Returned::new(&result));
    }
    Await.visit_block_mut(&mut body);
    // Where rustc speaks of the closure, it shows the function's name; and it names what the closure captures.
    let span = function.signature.ident.span();
    let output = match &function.signature.output {
        ReturnType::Type(_, ty) if signature::is_opaque(ty) => quote!(),
        ReturnType::Type(..) => {
            let ty = signature::output(function);
            quote_spanned!(span=> -> #ty)
        }
        ReturnType::Default => quote!(-> ()),
    };
    let closure = quote_spanned!(span=> move || #output);
    let unpack = function.parameters.iter().filter_map(|parameter| {
        let pattern = parameter.pattern.as_ref()?;
        let name = &parameter.name;
        let again = Mutable(names).again(pattern);
        // `_` holds its argument to the end.
        match pattern {
            syn::Pat::Wild(_) => None,
            pattern if crate::anchor::refs(pattern) => {
                Some(quote_spanned!(pattern.span()=> #[allow(unused_mut)] let mut #name = #name; let #pattern = #name; #(#again)*))
            }
            // The receiving `let` is the user's own declaration.
            _ => Some(quote_spanned!(pattern.span()=> let #pattern = #name; #(#again)*)),
        }
    });
    let unpack: Vec<TokenStream> = unpack.collect();
    let whole = if unpack.is_empty() { quote!(#body) } else { quote_spanned!(span=> { #(#unpack)* #body }) };
    let whole = if names.contains("self") {
        {
            let whole = called_self(whole);
            quote!({ let mut __self = self; #whole })
        }
    } else {
        whole
    };
    quote! {
        // The body is a block of its own, so that its locals are dropped before the parameters.
        if false {
            __twin(#closure #whole);
        }
    }
}

/// Moves all of a variable, or of what a box holds, where the machine does (see [`Variables::taken_whole`]): what refers to a part of
/// it would refer to where it no longer is, which rustc finds out here.
///
/// [`Variables::taken_whole`]: crate::graph::Variables::taken_whole
struct Whole<'a>(&'a BTreeSet<(usize, usize)>);

impl Whole<'_> {
    fn is_here(&self, token: Span) -> bool {
        self.0.contains(&place::at(token))
    }

    /// A box that a pattern takes apart.
    fn matched(&self, value: &mut Expr) {
        if let Expr::Unary(unary) = tree::bare(value)
            && self.is_here(unary.op.span())
        {
            moved(value);
        }
    }
}

impl VisitMut for Whole<'_> {
    fn visit_expr_struct_mut(&mut self, structure: &mut ExprStruct) {
        visit_mut::visit_expr_struct_mut(self, structure);
        if let (Some(dots), Some(rest)) = (&structure.dot2_token, &mut structure.rest)
            && self.is_here(dots.span())
        {
            moved(rest);
        }
    }
    fn visit_expr_match_mut(&mut self, choice: &mut ExprMatch) {
        visit_mut::visit_expr_match_mut(self, choice);
        self.matched(&mut choice.expr);
    }
    fn visit_local_mut(&mut self, local: &mut Local) {
        visit_mut::visit_local_mut(self, local);
        if let Some(init) = &mut local.init {
            self.matched(&mut init.expr);
        }
    }
    fn visit_expr_let_mut(&mut self, condition: &mut ExprLet) {
        visit_mut::visit_expr_let_mut(self, condition);
        self.matched(&mut condition.expr);
    }
    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        crate::names::change_arguments(mac, |argument| self.visit_expr_mut(argument));
    }
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// Takes all of a variable where it leaves its slot (see [`Variables::gone`]), and gives it back: what refers to any of it, and is used
/// later, would refer to where it no longer is, which rustc finds out here. It is asked where the statement begins.
///
/// [`Variables::gone`]: crate::graph::Variables::gone
struct Gone<'a> {
    places: &'a BTreeSet<Mention>,
    /// The variables that are asked about.
    names: BTreeSet<String>,
}

impl Gone<'_> {
    /// What stands before a piece of code.
    fn before(&mut self, names: Names<'_>) -> Vec<Stmt> {
        let Names { found, bound, .. } = names;
        // (What a pattern within it binds is not there yet.)
        let found = found.into_iter().filter(|name| !bound.contains(&name.to_string()));
        found
            .map(|name| {
                self.names.insert(name.to_string());
                parse_quote_spanned!(name.span()=> if false { #name = __gone(#name); })
            })
            .collect()
    }
}

/// Lets variables of these names be assigned to: each is declared again behind its declaration. (In a pattern that looks through a
/// reference nothing may be `mut`.)
struct Mutable<'a>(&'a BTreeSet<String>);

impl Mutable<'_> {
    /// What a pattern binds, declared again.
    fn again(&self, pattern: &Pat) -> Vec<Stmt> {
        struct Find<'a>(&'a BTreeSet<String>, Vec<Ident>);
        impl<'ast> Visit<'ast> for Find<'_> {
            fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
                if self.0.contains(&pattern.ident.to_string()) && !self.1.contains(&pattern.ident) {
                    self.1.push(pattern.ident.clone());
                }
                visit::visit_pat_ident(self, pattern);
            }
            fn visit_expr(&mut self, _: &'ast Expr) {}
        }
        let mut find = Find(self.0, Vec::new());
        find.visit_pat(pattern);
        find.1.into_iter().map(|name| parse_quote_spanned!(name.span()=> let mut #name = #name;)).collect()
    }

    /// The same, of the `let`s of a condition.
    fn condition(&self, condition: &Expr) -> Vec<Stmt> {
        lets_of(condition).into_iter().flat_map(|inner| self.again(&inner.pat)).collect()
    }
}

impl VisitMut for Mutable<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        for mut statement in std::mem::take(&mut block.stmts) {
            self.visit_stmt_mut(&mut statement);
            let again = match &mut statement {
                Stmt::Local(Local { pat: Pat::Ident(ident), init: None, .. }) => {
                    ident.mutability.get_or_insert_default();
                    Vec::new()
                }
                Stmt::Local(Local { init: None, pat: Pat::Type(typed), .. }) => {
                    if let Pat::Ident(ident) = &mut *typed.pat {
                        ident.mutability.get_or_insert_default();
                    }
                    Vec::new()
                }
                Stmt::Local(local) => self.again(&local.pat),
                _ => Vec::new(),
            };
            block.stmts.push(statement);
            block.stmts.extend(again);
        }
    }
    fn visit_arm_mut(&mut self, arm: &mut syn::Arm) {
        visit_mut::visit_arm_mut(self, arm);
        let again = self.again(&arm.pat);
        if !again.is_empty() {
            let body = &arm.body;
            *arm.body = parse_quote_spanned!(body.span()=> { #(#again)* #body });
        }
    }
    fn visit_expr_if_mut(&mut self, branch: &mut syn::ExprIf) {
        visit_mut::visit_expr_if_mut(self, branch);
        branch.then_branch.stmts.splice(0..0, self.condition(&branch.cond));
    }
    fn visit_expr_while_mut(&mut self, repeat: &mut syn::ExprWhile) {
        visit_mut::visit_expr_while_mut(self, repeat);
        repeat.body.stmts.splice(0..0, self.condition(&repeat.cond));
    }
    fn visit_expr_for_loop_mut(&mut self, repeat: &mut syn::ExprForLoop) {
        visit_mut::visit_expr_for_loop_mut(self, repeat);
        repeat.body.stmts.splice(0..0, self.again(&repeat.pat));
    }
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// With another name for `self`, which cannot be declared again.
fn called_self(tokens: TokenStream) -> TokenStream {
    let mut tokens = tokens.into_iter().peekable();
    let mut called = TokenStream::new();
    while let Some(token) = tokens.next() {
        let is_path = matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
        called.extend([match token {
            TokenTree::Ident(name) if name == "self" && !is_path => Ident::new("__self", name.span()).into(),
            TokenTree::Group(group) => {
                let mut inner = proc_macro2::Group::new(group.delimiter(), called_self(group.stream()));
                inner.set_span(group.span());
                inner.into()
            }
            other => other,
        }]);
    }
    called
}

impl VisitMut for Gone<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        for mut statement in std::mem::take(&mut block.stmts) {
            let mut names = Names::new(self.places);
            names.visit_stmt(&statement);
            block.stmts.extend(self.before(names));
            visit_mut::visit_stmt_mut(self, &mut statement);
            block.stmts.push(statement);
        }
    }
    fn visit_arm_mut(&mut self, arm: &mut syn::Arm) {
        visit_mut::visit_arm_mut(self, arm);
        let mut names = Names::new(self.places);
        names.visit_expr(&arm.body);
        let before = self.before(names);
        if !before.is_empty() {
            let body = &arm.body;
            *arm.body = parse_quote_spanned!(body.span()=> { #(#before)* #body });
        }
    }
    fn visit_expr_closure_mut(&mut self, _: &mut syn::ExprClosure) {}
    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        crate::names::change_arguments(mac, |argument| self.visit_expr_mut(argument));
    }
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// The variables at places, in what is evaluated before any block or arm begins.
struct Names<'a> {
    places: &'a BTreeSet<Mention>,
    found: Vec<Ident>,
    bound: BTreeSet<String>,
}

impl Names<'_> {
    fn new(places: &BTreeSet<Mention>) -> Names<'_> {
        Names { places, found: Vec::new(), bound: BTreeSet::new() }
    }
}

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        // (A field that is a variable of its own bears the place of its structure.)
        let is_one = |name: &&Ident| {
            let (line, column) = place::at(name.span());
            self.places.contains(&(line, column, name.to_string()))
        };
        self.found.extend(path.path.get_ident().filter(is_one).cloned());
    }
    fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
        self.bound.insert(pattern.ident.to_string());
        visit::visit_pat_ident(self, pattern);
    }
    fn visit_local(&mut self, local: &'ast Local) {
        // What it binds may have the name of what it takes.
        local.init.iter().for_each(|init| self.visit_expr(&init.expr));
    }
    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        let mut mac = mac.clone();
        crate::names::change_arguments(&mut mac, |argument| self.visit_expr(&argument.clone()));
    }
    fn visit_block(&mut self, _: &'ast Block) {}
    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        self.visit_pat(&arm.pat);
    }
    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// Makes a value of a place.
fn moved(place: &mut Expr) {
    let span = place.span();
    *place = parse_quote_spanned!(span=> { #place });
}

struct Await;

impl VisitMut for Await {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::Closure(closure) = expr {
            crate::nested::reopen(closure);
        }
        if let Expr::Async(inner) = expr {
            // A closure borrows and moves as the block does.
            let (body, span) = (&inner.block, inner.async_token.span());
            *expr = if crate::nested::is_closed(inner) {
                parse_quote_spanned!(span=> __called(|| #body))
            } else {
                let capture = &inner.capture;
                parse_quote_spanned!(span=> __block(#capture || #body))
            };
        }
        if let Expr::Await(inner) = expr {
            let span = inner.await_token.span();
            let mut base = std::mem::replace(&mut *inner.base, tree::unit());
            while let Expr::Paren(inner) = base {
                base = *inner.expr;
            }
            let awaited = tree::call(span, Ident::new("__await", span).into(), base);
            let waited = tree::method(span, awaited, "wait", []);
            *expr = tree::method(span, waited, "output", []);
        }
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
