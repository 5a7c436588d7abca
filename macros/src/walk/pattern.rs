//! Whether a pattern takes out of what it is matched against, or only looks at it.

use syn::Pat;

use super::Context;

/// Whether a pattern takes something out of what it is matched against.
pub fn takes(pattern: &Pat) -> bool {
    match pattern {
        Pat::Ident(ident) => {
            (ident.by_ref.is_none() && {
                let text = ident.ident.to_string();
                ident.mutability.is_some()
                    || !text.trim_start_matches('_').starts_with(|first: char| first.is_uppercase())
            }) || ident.subpat.as_ref().is_some_and(|(_, inner)| takes(inner))
        }
        Pat::Or(or) => or.cases.iter().any(takes),
        Pat::Paren(inner) => takes(&inner.pat),
        Pat::Type(inner) => takes(&inner.pat),
        Pat::Guard(inner) => takes(&inner.pat),
        Pat::Slice(slice) => slice.elems.iter().any(takes),
        Pat::Tuple(tuple) => tuple.elems.iter().any(takes),
        Pat::TupleStruct(tuple) => tuple.elems.iter().any(takes),
        Pat::Struct(structure) => structure.fields.iter().any(|field| takes(&field.pat)),
        _ => false,
    }
}

/// Whether a pattern leaves nothing where it does not match: `Some(name)`, for there is nothing in a `None`.
pub(super) fn takes_all(pattern: &Pat) -> bool {
    matches!(pattern, Pat::TupleStruct(tuple)
        if tuple.path.segments.last().is_some_and(|last| last.ident == "Some")
            && matches!(tuple.elems.first(), Some(Pat::Ident(ident)) if ident.by_ref.is_none() && ident.subpat.is_none()))
}

/// How what is matched against some patterns is used: by value if one of them takes something out.
pub fn matched<'p>(patterns: impl IntoIterator<Item = &'p Pat>) -> Context {
    if patterns.into_iter().any(takes) { Context::Value } else { Context::Place }
}
