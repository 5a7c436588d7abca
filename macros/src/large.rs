//! A warning of large values that are held while the coroutine is suspended.
//!
//! # The problem
//! A buffer that lives across an `.await` is a part of the frame, and so of every frame around it. On a chip that is what
//! RAM is spent on, and nothing in the source says so. The macro knows what is held, but no sizes.
//!
//! # The design
//! Where the spelling tells a size, it is told: arrays of primitives with a literal length, as a parameter's or a `let`'s
//! type, or as its value (`[0u8; 1024]`). A macro on stable Rust cannot warn; rustc does, of the use of a deprecated
//! constant that the expansion declares, at the variable's name. So the warning is one of the lint `deprecated`, and
//! `#[allow(deprecated)]` silences it, as the option `allow_large` does.

use std::collections::HashMap;

use crate::visit::{self, Visit};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{BinOp, Block, Expr, FnArg, Lit, Pat, Type};

use crate::Compiled;
use crate::emit::{Emitter, Mode};
use crate::function::Function;
use crate::graph::{VariableId, Variables};

/// Fewer bytes are not worth a warning.
const LARGE: usize = 512;

/// Bytes of the variables whose size their spelling tells, at least.
pub type Sizes = HashMap<VariableId, usize>;

/// Reads a function's parameters and its body with unique names.
pub fn sizes(function: &Function, body: &Block, variables: &Variables) -> Sizes {
    let mut find = Find { variables, sizes: Sizes::new() };
    for (argument, parameter) in function.signature.inputs.iter().zip(&function.parameters) {
        if let FnArg::Typed(typed) = argument {
            find.add(Some(parameter.variable), of_type(&typed.ty));
        }
    }
    find.visit_block(body);
    find.sizes
}

/// The warnings, as items of the function's body.
pub(crate) fn warnings(compiled: &Compiled) -> TokenStream {
    let Compiled { graph, facts, large, .. } = compiled;
    let mut large: Vec<_> = large.iter().filter(|&(_, &bytes)| bytes >= LARGE).collect();
    if large.is_empty() {
        return TokenStream::new();
    }
    large.sort();
    let emitter = Emitter::new(graph, facts);
    let suspensions = graph.suspensions();
    let is_held = |variable: VariableId| {
        // These have no destructors: what is not used again takes no room, unless it is in a slot.
        let holds = |mode| mode == Mode::Live || graph.variables[variable].anchored;
        let passed = |resume| emitter.passed((resume, 0)).iter().any(|&(held, mode)| held == variable && holds(mode));
        suspensions.iter().find(|suspension| suspension.output != variable && passed(suspension.resume))
    };
    let warnings = large.into_iter().filter_map(|(&variable, bytes)| {
        let suspension = is_held(variable)?;
        let line = graph.variables[suspension.output].name.span().start().line;
        let name = &graph.variables[variable].name;
        let spoken = crate::view::states::spoken(name);
        let note = format!(
            "`{spoken}` takes {bytes} bytes of the frame while the coroutine is suspended, first in line {line}: borrow it \
             from outside, let its scope end before, or say `#[segno::coroutine(allow_large)]`"
        );
        let held = quote_spanned!(name.span()=> held_across_a_suspension);
        Some(quote! {
            const _: () = {
                #[deprecated(note = #note)]
                #[allow(non_upper_case_globals)]
                const held_across_a_suspension: () = ();
                #held
            };
        })
    });
    warnings.collect()
}

struct Find<'a> {
    variables: &'a Variables,
    sizes: Sizes,
}

impl Find<'_> {
    fn add(&mut self, variable: Option<VariableId>, bytes: Option<usize>) {
        if let (Some(variable), Some(bytes)) = (variable, bytes) {
            self.sizes.insert(variable, bytes);
        }
    }
}

impl<'ast> Visit<'ast> for Find<'_> {
    fn visit_local(&mut self, local: &'ast syn::Local) {
        let (pattern, written) = match &local.pat {
            Pat::Type(typed) => (&*typed.pat, of_type(&typed.ty)),
            pattern => (pattern, None),
        };
        if let Pat::Ident(ident) = pattern {
            let value = local.init.as_ref().and_then(|init| of_value(&init.expr));
            self.add(self.variables.find(&ident.ident), written.or(value));
        }
        visit::visit_local(self, local);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

fn of_type(ty: &Type) -> Option<usize> {
    match ty {
        Type::Array(array) => of_type(&array.elem)?.checked_mul(number(&array.len)?),
        Type::Paren(inner) => of_type(&inner.elem),
        Type::Path(path) => of_primitive(&path.path.get_ident()?.to_string()),
        _ => None,
    }
}

fn of_value(value: &Expr) -> Option<usize> {
    match value {
        Expr::Repeat(repeat) => of_value(&repeat.expr)?.checked_mul(number(&repeat.len)?),
        Expr::Paren(inner) => of_value(&inner.expr),
        Expr::Lit(literal) => match &literal.lit {
            // Without a suffix, the smallest that it can be.
            Lit::Int(number) if number.suffix().is_empty() => Some(1),
            Lit::Float(number) if number.suffix().is_empty() => Some(4),
            Lit::Int(number) => of_primitive(number.suffix()),
            Lit::Float(number) => of_primitive(number.suffix()),
            Lit::Byte(_) | Lit::Bool(_) => Some(1),
            Lit::Char(_) => Some(4),
            _ => None,
        },
        _ => None,
    }
}

fn of_primitive(name: &str) -> Option<usize> {
    match name {
        "u8" | "i8" | "bool" => Some(1),
        "u16" | "i16" => Some(2),
        // Of the pointer-sized ones at least that.
        "u32" | "i32" | "f32" | "char" | "usize" | "isize" => Some(4),
        "u64" | "i64" | "f64" => Some(8),
        "u128" | "i128" => Some(16),
        _ => None,
    }
}

/// A length that is a literal or a product of some.
fn number(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => number.base10_parse().ok(),
            _ => None,
        },
        Expr::Paren(inner) => number(&inner.expr),
        Expr::Binary(binary) if matches!(binary.op, BinOp::Mul(_)) => {
            number(&binary.left)?.checked_mul(number(&binary.right)?)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{of_type, of_value};

    #[test]
    fn what_the_spelling_tells() {
        let ty = |text: &str| of_type(&syn::parse_str(text).unwrap());
        assert_eq!(ty("[u8; 1024]"), Some(1024));
        assert_eq!(ty("[[u16; 2 * 8]; 0x10]"), Some(512));
        assert_eq!(ty("[u8; N]"), None);
        assert_eq!(ty("[Frame; 4]"), None);
        assert_eq!(ty("&[u8; 1024]"), None);
        let value = |text: &str| of_value(&syn::parse_str(text).unwrap());
        assert_eq!(value("[0u32; 4]"), Some(16));
        assert_eq!(value("[0; 1024]"), Some(1024));
        assert_eq!(value("[b' '; 3]"), Some(3));
        assert_eq!(value("[Frame::new(); 4]"), None);
    }
}
