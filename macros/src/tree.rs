//! Syntax trees that the compiler makes itself, put together by hand.
//!
//! # The problem
//! `parse_quote!` writes tokens and has syn parse them again. Cargo builds macros without optimisation, where that was 40 % of
//! an expansion: for each token syn tries one keyword after the other, and asks rustc for the token's text each time.
//!
//! # The design
//! What is made for every function, or every suspension, is made here. The rest is parsed: it can be read.

use crate::visit::{self, Visit};
use proc_macro2::{Ident, Span};
use syn::punctuated::Punctuated;
use syn::{Block, Expr, GenericArgument, Pat, Path, PathArguments, PathSegment, Stmt, Token, Type, token};

/// `name`
pub fn name(name: Ident) -> Expr {
    Expr::Path(syn::ExprPath { attrs: Vec::new(), qself: None, path: name.into() })
}

/// `::first::second`
pub fn global(span: Span, names: &[&str]) -> Path {
    let mut path = Path { leading_colon: Some(Token![::](span)), segments: Punctuated::new() };
    for name in names {
        if !path.segments.empty_or_trailing() {
            path.segments.push_punct(Token![::](span));
        }
        path.segments.push_value(PathSegment::from(Ident::new(name, span)));
    }
    path
}

/// `()`
pub fn unit() -> Expr {
    unit_at(Span::call_site())
}

/// `()`
pub fn unit_at(span: Span) -> Expr {
    Expr::Tuple(syn::ExprTuple { attrs: Vec::new(), paren_token: token::Paren(span), elems: Punctuated::new() })
}

/// `return value`
pub fn leave(span: Span, value: Expr) -> Expr {
    let expr = Some(Box::new(value));
    Expr::Return(syn::ExprReturn { attrs: Vec::new(), return_token: Token![return](span), expr })
}

/// `::first::second(argument)`
pub fn call(span: Span, function: Path, argument: Expr) -> Expr {
    Expr::Call(syn::ExprCall {
        attrs: Vec::new(),
        func: Box::new(Expr::Path(syn::ExprPath { attrs: Vec::new(), qself: None, path: function })),
        paren_token: token::Paren(span),
        args: [argument].into_iter().collect(),
    })
}

/// `name::<argument>`
pub fn with_argument(name: Ident, argument: Type) -> Path {
    let span = name.span();
    let arguments = PathArguments::AngleBracketed(syn::AngleBracketedGenericArguments {
        colon2_token: Some(Token![::](span)),
        lt_token: Token![<](span),
        args: [GenericArgument::Type(argument)].into_iter().collect(),
        gt_token: Token![>](span),
    });
    PathSegment { ident: name, arguments }.into()
}

/// `&mut value`
pub fn borrow_mut(span: Span, value: Expr) -> Expr {
    Expr::Reference(syn::ExprReference {
        attrs: Vec::new(),
        and_token: Token![&](span),
        mutability: Some(Token![mut](span)),
        expr: Box::new(value),
    })
}

/// `(*slot.at())`
pub fn slot(span: Span, slot: Ident) -> Expr {
    let op = syn::UnOp::Deref(Token![*](span));
    let place = Box::new(method(span, name(slot), "at", []));
    parentheses(span, Expr::Unary(syn::ExprUnary { attrs: Vec::new(), op, expr: place }))
}

/// `{ value }`
pub fn braces(span: Span, value: Expr) -> Expr {
    block(Block { brace_token: token::Brace(span), stmts: vec![Stmt::Expr(value, None)] })
}

/// `{ … }`
pub fn block(block: Block) -> Expr {
    Expr::Block(syn::ExprBlock { attrs: Vec::new(), label: None, block })
}

/// `receiver.name`
pub fn field(span: Span, receiver: Expr, name: &str) -> syn::ExprField {
    syn::ExprField {
        attrs: Vec::new(),
        base: Box::new(receiver),
        dot_token: Token![.](span),
        member: syn::Member::Named(Ident::new(name, span)),
    }
}

/// `name: value`
pub fn field_value(span: Span, name: &str, value: Expr) -> syn::FieldValue {
    syn::FieldValue {
        attrs: Vec::new(),
        member: syn::Member::Named(Ident::new(name, span)),
        colon_token: Some(Token![:](span)),
        expr: value,
    }
}

/// `receiver.name(…)`
pub fn method<const ARGUMENTS: usize>(span: Span, receiver: Expr, name: &str, arguments: [Expr; ARGUMENTS]) -> Expr {
    Expr::MethodCall(syn::ExprMethodCall {
        attrs: Vec::new(),
        receiver: Box::new(receiver),
        dot_token: Token![.](span),
        method: Ident::new(name, span),
        turbofish: None,
        paren_token: token::Paren(span),
        args: arguments.into_iter().collect(),
    })
}

/// `(…)`
pub fn parentheses(span: Span, inner: Expr) -> Expr {
    Expr::Paren(syn::ExprParen { attrs: Vec::new(), paren_token: token::Paren(span), expr: Box::new(inner) })
}

/// The pattern `name`, or `mut name`.
pub fn binding(mutability: Option<Token![mut]>, name: Ident) -> Pat {
    Pat::Ident(syn::PatIdent { attrs: Vec::new(), by_ref: None, mutability, ident: name, subpat: None })
}

/// The pattern `_`.
pub fn wild() -> Pat {
    Pat::Wild(syn::PatWild { attrs: Vec::new(), underscore_token: Token![_](Span::call_site()) })
}

/// `::core::option::Option::Some(pattern)`
pub fn some(pattern: Pat) -> Pat {
    let span = Span::call_site();
    Pat::TupleStruct(syn::PatTupleStruct {
        attrs: Vec::new(),
        qself: None,
        path: global(span, &["core", "option", "Option", "Some"]),
        paren_token: token::Paren(span),
        elems: [pattern].into_iter().collect(),
    })
}

/// `::core::option::Option::None`
pub fn none() -> Pat {
    let path = global(Span::call_site(), &["core", "option", "Option", "None"]);
    Pat::Path(syn::PatPath { attrs: Vec::new(), qself: None, path })
}

/// `pattern => body`
pub fn arm(span: Span, pat: Pat, body: Expr, with_comma: bool) -> syn::Arm {
    let fat_arrow_token = Token![=>](span);
    let comma = with_comma.then(|| Token![,](span));
    syn::Arm { attrs: Vec::new(), pat, fat_arrow_token, body: Box::new(body), comma }
}

/// The type `()`.
pub fn unit_type() -> Type {
    Type::Tuple(syn::TypeTuple { attrs: Vec::new(), paren_token: token::Paren::default(), elems: Punctuated::new() })
}

/// Whether an expression is nothing but this name.
pub fn is_name(expr: &Expr, name: &Ident) -> bool {
    matches!(bare(expr), Expr::Path(path) if path.path.is_ident(name))
}

/// Without parentheses.
pub fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(inner) => bare(&inner.expr),
        Expr::Group(inner) => bare(&inner.expr),
        expr => expr,
    }
}

/// The closure that an expression gives: it is one, or a block that binds what one takes and ends with it.
pub fn closure(expr: &Expr) -> Option<&syn::ExprClosure> {
    match bare(expr) {
        Expr::Closure(closure) => Some(closure),
        Expr::Block(inner) if inner.label.is_none() => match inner.block.stmts.last() {
            Some(Stmt::Expr(last, None)) => closure(last),
            _ => None,
        },
        _ => None,
    }
}

/// The expression that is the closure which an expression gives, see [`closure`].
pub fn closure_mut(expr: &mut Expr) -> Option<&mut Expr> {
    match expr {
        Expr::Closure(_) => Some(expr),
        Expr::Paren(inner) => closure_mut(&mut inner.expr),
        Expr::Group(inner) => closure_mut(&mut inner.expr),
        Expr::Block(inner) if inner.label.is_none() => match inner.block.stmts.last_mut() {
            Some(Stmt::Expr(last, None)) => closure_mut(last),
            _ => None,
        },
        _ => None,
    }
}

/// Whether an operator assigns to its left operand: `+=`.
pub fn is_assignment(op: &syn::BinOp) -> bool {
    use syn::BinOp::*;
    matches!(
        op,
        AddAssign(_)
            | SubAssign(_)
            | MulAssign(_)
            | DivAssign(_)
            | RemAssign(_)
            | BitXorAssign(_)
            | BitAndAssign(_)
            | BitOrAssign(_)
            | ShlAssign(_)
            | ShrAssign(_)
    )
}

/// Whether an expression ends with a `return` on all ways.
pub fn always_returns(expr: &Expr) -> bool {
    always(expr, Ends::Returns)
}

/// Whether it is seen of an expression that nothing behind it is reached: it ends with a `return`, `break`, `continue` or a panic on
/// all ways.
pub fn always_leaves(expr: &Expr) -> bool {
    always(expr, Ends::Leaves)
}

/// The same, of a block.
pub fn always_leaves_block(block: &syn::Block) -> bool {
    always_in_block(block, Ends::Leaves)
}

/// The same, but not with a `continue`: if it is in a loop, it is not come to again.
pub fn goes_away(block: &syn::Block) -> bool {
    always_in_block(block, Ends::GoesAway)
}

/// How a block may be left, beside returns and panics.
#[derive(Default)]
pub struct Jumps {
    /// There is a `break` out of a loop around it, or one with a label.
    pub breaks: bool,
    /// The same of `continue`.
    pub continues: bool,
}

/// How a block may be left.
pub fn jumps(block: &Block) -> Jumps {
    #[derive(Default)]
    struct Find {
        loops: usize,
        found: Jumps,
    }
    impl Find {
        fn inside(&mut self, visit: impl FnOnce(&mut Find)) {
            self.loops += 1;
            visit(self);
            self.loops -= 1;
        }
    }
    impl<'ast> Visit<'ast> for Find {
        fn visit_expr_break(&mut self, jump: &'ast syn::ExprBreak) {
            self.found.breaks |= self.loops == 0 || jump.label.is_some();
            visit::visit_expr_break(self, jump);
        }
        fn visit_expr_continue(&mut self, jump: &'ast syn::ExprContinue) {
            self.found.continues |= self.loops == 0 || jump.label.is_some();
        }
        fn visit_expr_loop(&mut self, repeat: &'ast syn::ExprLoop) {
            self.inside(|find| visit::visit_expr_loop(find, repeat));
        }
        fn visit_expr_while(&mut self, repeat: &'ast syn::ExprWhile) {
            self.inside(|find| visit::visit_expr_while(find, repeat));
        }
        fn visit_expr_for_loop(&mut self, repeat: &'ast syn::ExprForLoop) {
            self.inside(|find| visit::visit_expr_for_loop(find, repeat));
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find::default();
    find.visit_block(block);
    find.found
}

/// How all ways end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    Returns,
    GoesAway,
    Leaves,
}

fn always(expr: &Expr, ends: Ends) -> bool {
    match expr {
        Expr::Paren(inner) => always(&inner.expr, ends),
        Expr::Group(inner) => always(&inner.expr, ends),
        Expr::Block(inner) if inner.label.is_none() => always_in_block(&inner.block, ends),
        Expr::Unsafe(inner) => always_in_block(&inner.block, ends),
        Expr::If(branch) => {
            let otherwise = branch.else_branch.as_ref();
            always_in_block(&branch.then_branch, ends)
                && otherwise.is_some_and(|(_, otherwise)| always(otherwise, ends))
        }
        Expr::Match(choice) => !choice.arms.is_empty() && choice.arms.iter().all(|arm| always(&arm.body, ends)),
        Expr::Loop(repeat) => ends == Ends::Leaves && !is_broken(repeat),
        Expr::Return(_) => true,
        Expr::Break(_) => ends != Ends::Returns,
        Expr::Continue(_) => ends == Ends::Leaves,
        Expr::Macro(inner) => ends != Ends::Returns && is_panic(&inner.mac),
        _ => false,
    }
}

/// Whether there is a `break` out of a loop in it, or what may be one.
fn is_broken(repeat: &syn::ExprLoop) -> bool {
    struct Find<'a> {
        label: Option<&'a syn::Lifetime>,
        loops: usize,
        found: bool,
    }
    impl Find<'_> {
        fn inside(&mut self, body: &Block) {
            self.loops += 1;
            self.visit_block(body);
            self.loops -= 1;
        }
    }
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_expr_break(&mut self, jump: &'ast syn::ExprBreak) {
            self.found |= match &jump.label {
                None => self.loops == 0,
                label => label.as_ref() == self.label,
            };
            visit::visit_expr_break(self, jump);
        }
        fn visit_expr_loop(&mut self, repeat: &'ast syn::ExprLoop) {
            self.inside(&repeat.body);
        }
        fn visit_expr_while(&mut self, repeat: &'ast syn::ExprWhile) {
            self.inside(&repeat.body);
        }
        fn visit_expr_for_loop(&mut self, repeat: &'ast syn::ExprForLoop) {
            self.visit_expr(&repeat.expr);
            self.inside(&repeat.body);
        }
        // It may hide one.
        fn visit_macro(&mut self, _: &'ast syn::Macro) {
            self.found = true;
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find { label: repeat.label.as_ref().map(|label| &label.name), loops: 0, found: false };
    find.visit_block(&repeat.body);
    find.found
}

fn always_in_block(block: &syn::Block, ends: Ends) -> bool {
    match block.stmts.last() {
        Some(syn::Stmt::Expr(last, _)) => always(last, ends),
        Some(syn::Stmt::Macro(last)) => ends != Ends::Returns && is_panic(&last.mac),
        _ => false,
    }
}

/// Whether an expression is a macro that panics, by its name.
pub fn panics(expr: &Expr) -> bool {
    matches!(expr, Expr::Macro(inner) if is_panic(&inner.mac))
}

fn is_panic(mac: &syn::Macro) -> bool {
    const NAMES: [&str; 4] = ["panic", "unreachable", "todo", "unimplemented"];
    mac.path.segments.last().is_some_and(|last| NAMES.iter().any(|name| last.ident == name))
}
