//! Which variables are structures that can be written down: `Config { … }`.
//!
//! What is left of such a variable when fields have been moved out of it can be held across a suspension (see
//! [`emit::rest`](crate::emit)). It has to be certain that there is such a structure with such fields, for rustc would refuse another
//! one even where it is not needed: a field may be one of what the variable points to. `self` and a parameter are known by
//! their file, which has to declare the structure; what is made by `let config = Config { … }` by that.

use crate::visit::{self, Visit};
use proc_macro2::Ident;
use syn::{Expr, FnArg, Pat, ReceiverKind, Type, parse_quote};

use crate::enclosing::{self, spelt};
use crate::function::Function;
use crate::graph::Variables;

/// A structure, as expressions name it.
#[derive(Clone)]
pub struct Structure {
    pub path: syn::Path,
    known: Known,
}

/// How its fields are known.
#[derive(Clone)]
enum Known {
    /// They are those of a value that is written in the function.
    Fields(Vec<String>),
    /// If the file declares a structure of this name: of the `impl` around the function, where there is none.
    ByName(Option<String>),
}

impl Structure {
    /// Whether it has all these fields; `function` is the one that it is used in.
    pub fn has<'m>(&self, mut fields: impl Iterator<Item = &'m syn::Member>, function: &Ident) -> bool {
        let declared = match &self.known {
            Known::Fields(fields) => Some(fields.clone()),
            Known::ByName(Some(name)) => enclosing::fields(name, function),
            Known::ByName(None) => {
                let of = enclosing::of(function).and_then(|enclosing| enclosing.of);
                of.and_then(|name| enclosing::fields(&name, function))
            }
        };
        declared.is_some_and(|declared| fields.all(|field| declared.contains(&spelt(field))))
    }
}

/// Notes it down for all variables of a function. The body's names are unique.
pub fn tell(function: &Function, body: &syn::Block, variables: &mut Variables) {
    for (argument, parameter) in function.signature.inputs.iter().zip(&function.parameters) {
        let structure = match argument {
            FnArg::Receiver(receiver) if matches!(receiver.kind, ReceiverKind::Value) => {
                Some(Structure { path: parse_quote!(Self), known: Known::ByName(None) })
            }
            FnArg::Typed(typed) if parameter.unpack.is_none() && !variables[parameter.variable].plain => {
                of_type(&typed.ty)
            }
            _ => None,
        };
        variables[parameter.variable].structure = structure.map(Box::new);
    }
    Literals(variables).visit_block(body);
    variables.home = Some(function.signature.ident.clone());
}

fn of_type(ty: &Type) -> Option<Structure> {
    let Type::Path(ty) = ty else { return None };
    if ty.qself.is_some() {
        return None;
    }
    let mut path = ty.path.clone();
    path.segments.iter_mut().for_each(|segment| segment.arguments = syn::PathArguments::None);
    let name = path.segments.last()?.ident.to_string();
    Some(Structure { path, known: Known::ByName(Some(name).filter(|name| name != "Self")) })
}

struct Literals<'a>(&'a mut Variables);

impl<'ast> Visit<'ast> for Literals<'_> {
    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let (Pat::Ident(ident), Some(init)) = (&local.pat, &local.init)
            && let Expr::Struct(made) = &*init.expr
            && made.rest.is_none()
            && made.qself.is_none()
            && let Some(variable) = self.0.find(&ident.ident)
        {
            let fields = made.fields.iter().map(|field| spelt(&field.member)).collect();
            self.0[variable].structure =
                Some(Box::new(Structure { path: made.path.clone(), known: Known::Fields(fields) }));
        }
        visit::visit_local(self, local);
    }
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}
