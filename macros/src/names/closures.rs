//! Which variables may hold closures.
//!
//! Whether a closure is `Copy` rustc knows when it has seen all of the function, so that cannot be asked: where it is, what is
//! not used again is held as if it was not.

use syn::{Expr, Generics, Pat, Type, TypeParamBound, UnOp, WherePredicate};

use super::{Resolver, is_constructor, makes_box};
use crate::lower::bound;
use crate::walk::has_anywhere;

/// Whether a value may contain a closure: whether that is `Copy` is not known while its function is being inferred.
pub(super) fn has_closure(expr: &Expr) -> bool {
    has_anywhere(expr, |expr| matches!(expr, Expr::Closure(_)))
}

/// Whether a parameter's type has one of these traits, by the bounds that are written in the signature.
pub(super) fn is(traits: &[&str], ty: &Type, generics: &Generics) -> bool {
    let named = |bound: &TypeParamBound| {
        matches!(bound, TypeParamBound::Trait(bound)
            if bound.path.segments.last().is_some_and(|last| traits.iter().any(|name| last.ident == name)))
    };
    match ty {
        Type::Paren(inner) => is(traits, &inner.elem, generics),
        Type::ImplTrait(opaque) => opaque.bounds.iter().any(named),
        Type::Path(path) => {
            let own = generics.type_params().filter(|parameter| path.path.is_ident(&parameter.ident));
            let clauses = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
            own.flat_map(|parameter| &parameter.bounds).any(named)
                || clauses.into_iter().any(|predicate| {
                    matches!(predicate, WherePredicate::Type(bounded)
                        if bounded.bounded_ty == *ty && bounded.bounds.iter().any(named))
                })
        }
        _ => false,
    }
}

impl Resolver<'_> {
    /// Whether a value is a closure, or is made of one.
    fn holds_closure(&self, value: &Expr) -> bool {
        match value {
            Expr::Closure(_) => true,
            Expr::Paren(inner) => self.holds_closure(&inner.expr),
            Expr::Path(_) => {
                self.variables.of_path(value).is_some_and(|variable| self.variables[variable].holds_closure)
            }
            Expr::Field(inner) => self.holds_closure(&inner.base),
            Expr::Unary(inner) if matches!(inner.op, UnOp::Deref(_)) => self.holds_closure(&inner.expr),
            Expr::Call(call) => {
                (is_constructor(&call.func) || makes_box(value))
                    && call.args.iter().any(|argument| self.holds_closure(argument))
            }
            Expr::MethodCall(call) => {
                const HANDED_ON: [&str; 6] = ["take", "unwrap", "expect", "clone", "into_iter", "ok"];
                HANDED_ON.iter().any(|name| call.method == name) && self.holds_closure(&call.receiver)
            }
            Expr::Tuple(tuple) => tuple.elems.iter().any(|element| self.holds_closure(element)),
            Expr::Array(array) => array.elems.iter().any(|element| self.holds_closure(element)),
            Expr::Struct(structure) => structure.fields.iter().any(|field| self.holds_closure(&field.expr)),
            _ => false,
        }
    }

    /// What a pattern binds of a value that holds a closure may be it.
    pub(super) fn bind_closures(&mut self, pattern: &Pat, value: &Expr) {
        if !self.holds_closure(value) {
            return;
        }
        for variable in bound(pattern, &self.variables) {
            let entry = &mut self.variables[variable];
            (entry.unprobed, entry.closure, entry.holds_closure) = (true, true, true);
        }
    }
}
