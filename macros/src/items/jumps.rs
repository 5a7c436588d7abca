//! Jumps that the macros of a body hide.
//!
//! # The problem
//! `if $e { break }` in a macro leaves the loop around its use. Where that loop is taken apart, it would leave the machine's own;
//! a hidden `return` would leave the step.
//!
//! # The design
//! What a macro of the body becomes is read, and its use refused where it jumps out of what is taken apart. (Of other macros
//! nothing is seen; rustc refuses their jumps, see [`crate::emit`].)

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::Type;

use super::Hoist;
use super::rules::begins_closure;
use super::scopes::{Meaning, Space};
use super::tokens::{Role, role};
use crate::emit::signature;
use crate::function::Function;

/// What is around the place where we are.
#[derive(Clone, Copy)]
pub(super) struct Around {
    /// The innermost loop is taken apart.
    pub suspended_loop: bool,
    /// A hidden `return` would leave the step, and is no early one: see `emit::hidden`.
    pub step: bool,
}

impl Around {
    pub fn new(function: &Function) -> Around {
        let early = match signature::output(function) {
            Type::Path(path) => path.path.segments.last().is_some_and(|last| {
                let name = last.ident.to_string();
                name == "Option" || name.ends_with("Result")
            }),
            _ => false,
        };
        Around { suspended_loop: false, step: !early }
    }

    pub fn nothing() -> Around {
        Around { suspended_loop: false, step: false }
    }
}

/// How the tokens of a macro jump.
#[derive(Default, Clone, Copy)]
pub(super) struct Jumps {
    /// There is a `break` or `continue` of a loop around.
    pub out_of_loop: bool,
    /// There is a `return`.
    pub out_of_function: bool,
}

impl Hoist<'_> {
    /// In a loop, or in what jumps cannot leave.
    pub(super) fn jumping(&mut self, around: Around, work: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.jumps, around);
        work(self);
        self.jumps = before;
    }

    /// The body of a loop.
    pub(super) fn in_loop(&self, suspends: bool) -> Around {
        Around { suspended_loop: suspends, ..self.jumps }
    }

    pub(super) fn jumps_of(&self, tokens: TokenStream) -> Jumps {
        let mut jumps = Jumps::default();
        self.add_jumps(tokens, false, &mut jumps);
        jumps
    }

    fn add_jumps(&self, tokens: TokenStream, in_loop: bool, jumps: &mut Jumps) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        // The next block is a loop's, or that of a function of its own.
        let (mut repeats, mut apart) = (false, false);
        for (index, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Ident(word) => match word.to_string().as_str() {
                    "loop" | "while" | "for" => repeats = true,
                    "async" | "fn" => apart = true,
                    "break" | "continue" => {
                        let next = tokens.get(index + 1);
                        let is_labelled =
                            matches!(next, Some(TokenTree::Punct(quote)) if matches!(quote.as_char(), '\'' | '$'));
                        jumps.out_of_loop |= !in_loop && !apart && !is_labelled;
                    }
                    "return" => jumps.out_of_function |= !apart,
                    name if role(&tokens, index) == Role::Macro => {
                        if let Some(Meaning::Rules(rules)) = self.scopes.meaning(Space::Macro, name) {
                            jumps.out_of_loop |= rules.jumps.out_of_loop && !in_loop && !apart;
                            jumps.out_of_function |= rules.jumps.out_of_function && !apart;
                        }
                    }
                    _ => {}
                },
                TokenTree::Punct(mark) if mark.as_char() == '|' => {
                    apart |= begins_closure(index.checked_sub(1).map(|before| &tokens[before]));
                }
                TokenTree::Punct(mark) if mark.as_char() == ';' => (repeats, apart) = (false, false),
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    if !apart {
                        self.add_jumps(group.stream(), in_loop || repeats, jumps);
                    }
                    (repeats, apart) = (false, false);
                }
                TokenTree::Group(group) if !apart => self.add_jumps(group.stream(), in_loop, jumps),
                _ => {}
            }
        }
    }
}
