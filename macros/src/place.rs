//! Where something stands in the user's file: as constant arguments, and as the place of code that is written for it.
//!
//! What a function of the runtime asserts about a type, rustc evaluates once for all of its calls with that type, and so it
//! reports the first place only. With the place among its arguments each is a function of its own, and all are reported at once.

use proc_macro2::{Literal, Span, TokenStream};
use quote::quote;

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
