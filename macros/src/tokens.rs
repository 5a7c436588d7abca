//! Tokens, put together without looking at each of them.
//!
//! In a macro a stream of tokens is rustc's, and so is whatever goes through its tokens one by one. Cargo builds macros without
//! optimisation, so that putting tokens together is most of what an expansion takes.

use proc_macro2::TokenStream;

/// Writes text behind what is there.
pub fn append(to: &mut TokenStream, text: TokenStream) {
    if to.is_empty() {
        *to = text;
    } else if !text.is_empty() {
        to.extend([text]);
    }
}

/// Text that may be empty: nothing costs nothing where it is written.
pub fn any(text: TokenStream) -> Option<TokenStream> {
    (!text.is_empty()).then_some(text)
}
