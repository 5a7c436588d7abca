//! What the spelling of a type tells about values of it.

use proc_macro2::Ident;
use syn::{GenericArgument, PathArguments, Type, TypeParamBound};

use crate::graph::{Borrowing, Variable};

/// Notes of a variable what its written type tells.
pub fn tell(ty: &Type, variable: &mut Variable) {
    variable.plain = is_plain(ty);
    variable.copied = is_copied(ty);
    variable.numeric = is_numeric(ty);
    variable.number = number(ty).cloned();
    variable.owned = is_owned(ty);
    variable.boxed = is_boxed(ty);
    variable.called_once = is_boxed_once(ty);
    variable.borrowing = borrowing(ty);
    variable.shared = is_shared(ty);
}

/// Types that their spelling shows to have no destructor.
fn is_plain(ty: &Type) -> bool {
    match ty {
        Type::Reference(_) | Type::Ptr(_) => true,
        Type::Paren(inner) => is_plain(&inner.elem),
        Type::Array(array) => is_plain(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_plain),
        other => number(other).is_some(),
    }
}

/// The name of a number's type, `bool` or `char`.
pub fn number(ty: &Type) -> Option<&Ident> {
    let Type::Path(path) = ty else { return None };
    let name = path.path.get_ident().filter(|_| path.qself.is_none())?;
    is_primitive(&name.to_string()).then_some(name)
}

/// Types that their spelling shows to have no references in them.
fn is_numeric(ty: &Type) -> bool {
    match ty {
        Type::Paren(inner) => is_numeric(&inner.elem),
        Type::Array(array) => is_numeric(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_numeric),
        other => number(other).is_some(),
    }
}

/// Types that their spelling shows to be `Copy`.
fn is_copied(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => reference.mutability.is_none(),
        Type::Paren(inner) => is_copied(&inner.elem),
        Type::Array(array) => is_copied(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_copied),
        other => is_plain(other),
    }
}

/// Types that are boxes by custom: there is no `Box` that cannot be moved out of, but one of another crate.
fn is_boxed(ty: &Type) -> bool {
    match ty {
        Type::Paren(inner) => is_boxed(&inner.elem),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == "Box"),
        _ => false,
    }
}

/// A box of a function that may be called once: `Box<dyn FnOnce()>`.
fn is_boxed_once(ty: &Type) -> bool {
    let is_once = |bound: &TypeParamBound| {
        matches!(bound, TypeParamBound::Trait(bound)
            if bound.path.segments.last().is_some_and(|last| last.ident == "FnOnce"))
    };
    match ty {
        Type::Paren(inner) => is_boxed_once(&inner.elem),
        Type::Path(path) if is_boxed(ty) => match path.path.segments.last().map(|last| &last.arguments) {
            Some(PathArguments::AngleBracketed(arguments)) => arguments.args.iter().any(|argument| {
                matches!(argument, GenericArgument::Type(Type::TraitObject(object)) if object.bounds.iter().any(is_once))
            }),
            _ => false,
        },
        _ => false,
    }
}

fn is_shared(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference) if reference.mutability.is_none())
}

/// What a type's spelling tells about implicit reborrows.
pub(super) fn borrowing(ty: &Type) -> Borrowing {
    match ty {
        Type::Reference(reference) if reference.mutability.is_some() => Borrowing::Mutable,
        Type::Reference(_) | Type::Ptr(_) => Borrowing::No,
        Type::Paren(inner) => borrowing(&inner.elem),
        Type::Path(_) | Type::Array(_) | Type::Tuple(_) | Type::ImplTrait(_) => Borrowing::No,
        _ => Borrowing::Unknown,
    }
}

pub fn is_primitive(name: &str) -> bool {
    const NAMES: [&str; 16] = [
        "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32",
        "f64",
    ];
    NAMES.contains(&name)
}

/// Types that are no references, whatever their names stand for: generics and aliases may be.
fn is_owned(ty: &Type) -> bool {
    match ty {
        Type::Paren(inner) => is_owned(&inner.elem),
        Type::Array(_) | Type::Tuple(_) => true,
        // One letter is a type parameter by custom.
        Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident.to_string().len() > 1),
        _ => false,
    }
}
