//! Where something stands in the user's file: as constant arguments, and as the place of code that is written for it.
//!
//! What a function of the runtime asserts about a type, rustc evaluates once for all of its calls with that type, and so it
//! reports the first place only. With the place among its arguments each is a function of its own, and all are reported at once.

use proc_macro2::{Literal, Span, TokenStream};
use quote::quote;
use syn::spanned::Spanned;
use syn::{Expr, Member};

/// Of code that rustc may complain about: there, with the names that expansions have.
pub fn located(span: Span) -> Span {
    Span::call_site().located_at(span)
}

/// Both, of a question that is asked there.
pub fn here(span: Span) -> (Span, TokenStream) {
    (located(span), place(span))
}

/// The line and column, from 1.
pub fn at(span: Span) -> (usize, usize) {
    let start = span.start();
    (start.line, start.column + 1)
}

/// The same, as constant arguments.
pub fn place(span: Span) -> TokenStream {
    let number = |number: usize| Literal::u32_unsuffixed(u32::try_from(number).unwrap_or(0));
    let (line, column) = at(span);
    let (line, column) = (number(line), number(column));
    quote!(#line, #column)
}

/// An expression's span, as [`Spanned::span`] gives it: that writes all of the expression down in tokens, to look at the
/// first and the last.
pub fn of(expr: &Expr) -> Span {
    match ends(expr) {
        Some((first, last)) => first.join(last).unwrap_or(first),
        None => expr.span(),
    }
}

/// The first and the last token of an expression, if it is of a common kind.
fn ends(expr: &Expr) -> Option<(Span, Span)> {
    match expr {
        Expr::Binary(inner) if inner.attrs.is_empty() => Some((suffixed(&inner.left)?.0, suffixed(&inner.right)?.1)),
        Expr::Reference(inner) if inner.attrs.is_empty() => Some((inner.and_token.span, suffixed(&inner.expr)?.1)),
        other => suffixed(other),
    }
}

/// The same, of what syn writes without parentheses wherever it stands.
fn suffixed(expr: &Expr) -> Option<(Span, Span)> {
    match expr {
        Expr::Await(inner) if inner.attrs.is_empty() => Some((suffixed(&inner.base)?.0, inner.await_token.span)),
        Expr::Call(inner) if inner.attrs.is_empty() && matches!(*inner.func, Expr::Path(_)) => {
            Some((suffixed(&inner.func)?.0, inner.paren_token.span.join()))
        }
        Expr::Field(inner) if inner.attrs.is_empty() => {
            let last = match &inner.member {
                Member::Named(name) => name.span(),
                Member::Unnamed(index) => index.span,
            };
            Some((suffixed(&inner.base)?.0, last))
        }
        Expr::Index(inner) if inner.attrs.is_empty() => {
            Some((suffixed(&inner.expr)?.0, inner.bracket_token.span.join()))
        }
        Expr::Lit(inner) if inner.attrs.is_empty() => Some((inner.lit.span(), inner.lit.span())),
        Expr::MethodCall(inner) if inner.attrs.is_empty() => {
            Some((suffixed(&inner.receiver)?.0, inner.paren_token.span.join()))
        }
        Expr::Paren(inner) if inner.attrs.is_empty() => {
            Some((inner.paren_token.span.join(), inner.paren_token.span.join()))
        }
        Expr::Path(inner) if inner.attrs.is_empty() && inner.qself.is_none() => {
            let (first, last) = (inner.path.segments.first()?, inner.path.segments.last()?);
            let first = inner.path.leading_colon.map_or_else(|| first.ident.span(), |colons| colons.spans[0]);
            last.arguments.is_none().then(|| (first, last.ident.span()))
        }
        Expr::Try(inner) if inner.attrs.is_empty() => Some((suffixed(&inner.expr)?.0, inner.question_token.span)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_that_of_all_tokens() {
        let sources = [
            "value",
            "a::b",
            "::a::b",
            "a::b::<T>",
            "<T as Trait>::a",
            "17u8",
            "\"text\"",
            "true",
            "f(a, b)",
            "::a::f()",
            "(f)(a)",
            "(|x| x)(1)",
            "a.f",
            "a.0.1",
            "(a + b).f",
            "a[1].f",
            "a.b.m::<T>(c)?.d.await",
            "1.5.sin()",
            "(a)",
            "a + b",
            "a == b.f()",
            "a + b * c",
            "&a",
            "&mut a.f[2]",
            "&&a",
            "-a.f",
            "*a",
            "a as u8",
            "#[a] b",
            "#[a] f(b)",
            "S { f: 1 }",
            "if a { b } else { c }",
            "m!(a)",
            "a = b",
        ];
        for source in sources {
            let expr: Expr = syn::parse_str(source).unwrap();
            let ends = |span: Span| (span.start(), span.end());
            assert_eq!(ends(of(&expr)), ends(expr.span()), "{source}");
        }
        let made: Expr = syn::parse_str("a.m().n").unwrap();
        assert!(ends(&made).is_some(), "the common ones are told without tokens");
    }
}
