//! What an item declares.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, ForeignItem, Item, Stmt, StmtMacro, UseTree};

use super::scopes::Space;

/// The names that an item declares, but for the one of a `macro_rules!`.
pub(super) fn all(item: &Item) -> Vec<(Ident, &'static [Space])> {
    match item {
        Item::Use(import) => {
            leaves(&import.tree).iter().filter_map(Leaf::name).map(|name| (name, &Space::ALL[..])).collect()
        }
        Item::ForeignMod(block) => {
            let name = |item: &ForeignItem| match item {
                ForeignItem::Fn(item) => Some((item.sig.ident.clone(), &[Space::Value][..])),
                ForeignItem::Static(item) => Some((item.ident.clone(), &[Space::Value][..])),
                ForeignItem::Type(item) => Some((item.ident.clone(), &[Space::Type][..])),
                _ => None,
            };
            block.items.iter().filter_map(name).collect()
        }
        Item::Macro(mac) if mac.ident.is_none() => in_tokens(&mac.mac.tokens),
        _ => {
            let spaces: &[Space] = match item {
                Item::Const(_) | Item::Static(_) | Item::Fn(_) => &[Space::Value],
                Item::Struct(item) if !matches!(item.fields, syn::Fields::Named(_)) => &[Space::Type, Space::Value],
                _ => &[Space::Type],
            };
            let mut item = item.clone();
            let name = name_of(&mut item).map(|name| name.clone()).filter(|name| name != "_");
            name.into_iter().map(|name| (name, spaces)).collect()
        }
    }
}

/// The one name of an item.
pub(super) fn name_of(item: &mut Item) -> Option<&mut Ident> {
    match item {
        Item::Const(item) => Some(&mut item.ident),
        Item::Static(item) => Some(&mut item.ident),
        Item::Fn(item) => Some(&mut item.sig.ident),
        Item::Struct(item) => Some(&mut item.ident),
        Item::Enum(item) => Some(&mut item.ident),
        Item::Union(item) => Some(&mut item.ident),
        Item::Type(item) => Some(&mut item.ident),
        Item::Trait(item) => Some(&mut item.ident),
        Item::TraitAlias(item) => Some(&mut item.ident),
        Item::Mod(item) => Some(&mut item.ident),
        _ => None,
    }
}

/// Whether the name of an item, or of one of its parts, is seen by others than rustc.
pub(super) fn is_fixed(item: &Item) -> bool {
    /// What these make does not say the type's name; for `Debug` see [`super::types`].
    const QUIET: [&str; 9] = ["Clone", "Copy", "PartialEq", "Eq", "PartialOrd", "Ord", "Hash", "Default", "Debug"];
    let attributes = match item {
        Item::ForeignMod(_) => return true,
        // What a macro makes of a type's name is its own business.
        Item::Macro(mac) => {
            let types = ["struct", "enum", "union"];
            return types.iter().any(|word| crate::function::mentions(mac.mac.tokens.clone(), word));
        }
        Item::Fn(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| {
        if attribute.path().is_ident("derive") {
            return !derives(attribute).iter().all(|name| QUIET.iter().any(|quiet| name == quiet));
        }
        crate::function::mentions(attribute.to_token_stream(), "no_mangle")
    })
}

/// The names of the traits that an attribute derives.
pub(super) fn derives(attribute: &Attribute) -> Vec<Ident> {
    let parse = syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated;
    let paths = attribute.parse_args_with(parse).unwrap_or_default();
    paths.iter().filter_map(|path| path.segments.last()).map(|last| last.ident.clone()).collect()
}

/// A statement, as an item if it is a macro that makes items: `thread_local! { … }`.
pub(super) fn as_item(statement: Stmt) -> Stmt {
    match statement {
        Stmt::Macro(mac) if makes_items(&mac) => item_of(mac),
        other => other,
    }
}

pub(super) fn item_of(mac: StmtMacro) -> Stmt {
    let StmtMacro { attrs, mac, semi_token } = mac;
    Stmt::Item(Item::Macro(syn::ItemMacro { attrs, ident: None, mac, semi_token }))
}

/// Whether what a macro is given are items.
pub(super) fn makes_items(mac: &StmtMacro) -> bool {
    let is_statement = mac.semi_token.is_some() || matches!(mac.mac.delimiter, syn::MacroDelimiter::Brace(_));
    is_statement && are_items(&mac.mac.tokens, false)
}

/// Whether tokens are items, and nothing else: a statement among them would be run where the items stand. In what a macro
/// becomes also the last one has to end.
pub(super) fn are_items(tokens: &TokenStream, ends: bool) -> bool {
    let tokens = without_parameters(tokens);
    let mut rest = &tokens[..];
    while !rest.is_empty() {
        let Some(word) = first_of_item(rest) else { return false };
        let by_semicolon = matches!(word.as_str(), "static" | "const" | "type" | "use");
        let last = rest.iter().position(|token| match token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => !by_semicolon && group.delimiter() == Delimiter::Brace,
            _ => false,
        });
        match last {
            Some(last) => rest = &rest[last + 1..],
            None => return !ends,
        }
    }
    !tokens.is_empty()
}

/// Tokens with a name for each parameter of a macro, and what it repeats once.
fn without_parameters(tokens: &TokenStream) -> Vec<TokenTree> {
    let mut plain = Vec::new();
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        match (&token, tokens.peek()) {
            (TokenTree::Punct(dollar), Some(TokenTree::Group(repeated))) if dollar.as_char() == '$' => {
                plain.extend(without_parameters(&repeated.stream()));
                tokens.next();
                // What stands between the repetitions, and how many there are.
                while let Some(TokenTree::Punct(_)) = tokens.peek() {
                    let Some(TokenTree::Punct(mark)) = tokens.next() else { break };
                    if matches!(mark.as_char(), '*' | '+' | '?') {
                        break;
                    }
                }
            }
            (TokenTree::Punct(dollar), Some(TokenTree::Ident(_))) if dollar.as_char() == '$' => {}
            _ => plain.push(token),
        }
    }
    plain
}

/// The word that says what kind of item tokens begin with, if they do.
fn first_of_item(tokens: &[TokenTree]) -> Option<String> {
    let mut tokens = tokens.iter().peekable();
    while let Some(token) = tokens.next() {
        let next = tokens.peek();
        let named = |next: &&&TokenTree| matches!(next, TokenTree::Ident(word) if word != "move");
        match token {
            // An attribute, or the group of one.
            TokenTree::Punct(punct) if punct.as_char() == '#' => {}
            TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {}
            // `pub(crate)`
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {}
            TokenTree::Ident(word) => match word.to_string().as_str() {
                "pub" | "unsafe" | "async" => {}
                "const" if matches!(next, Some(TokenTree::Ident(word)) if word == "fn" || word == "unsafe") => {}
                "use" | "impl" => return next.map(|_| word.to_string()),
                "fn" | "struct" | "enum" | "trait" | "type" | "mod" | "static" | "const" => {
                    return next.filter(named).map(|_| word.to_string());
                }
                _ => return None,
            },
            _ => return None,
        }
    }
    None
}

/// The names that the items among the tokens of a macro declare.
pub(super) fn in_tokens(tokens: &TokenStream) -> Vec<(Ident, &'static [Space])> {
    let mut names: Vec<(Ident, &'static [Space])> = Vec::new();
    let mut spaces: Option<&'static [Space]> = None;
    for token in tokens.clone() {
        let TokenTree::Ident(word) = token else {
            spaces = None;
            continue;
        };
        match word.to_string().as_str() {
            "static" | "const" | "fn" => spaces = Some(&[Space::Value]),
            "struct" | "enum" | "union" | "trait" | "type" => spaces = Some(&[Space::Type, Space::Value]),
            // `static ref` of `lazy_static!`
            "ref" | "mut" | "unsafe" => {}
            _ => names.extend(spaces.take().map(|spaces| (word, spaces))),
        }
    }
    names
}

/// One name of an import.
pub(super) struct Leaf {
    path: Vec<Ident>,
    last: UseTree,
}

/// The names of an import, one by one.
pub(super) fn leaves(tree: &UseTree) -> Vec<Leaf> {
    fn walk(tree: &UseTree, path: &mut Vec<Ident>, found: &mut Vec<Leaf>) {
        match tree {
            UseTree::Path(inner) => {
                path.push(inner.ident.clone());
                walk(&inner.tree, path, found);
                path.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| walk(tree, path, found)),
            last => found.push(Leaf { path: path.clone(), last: last.clone() }),
        }
    }
    let mut found = Vec::new();
    walk(tree, &mut Vec::new(), &mut found);
    found
}

impl Leaf {
    /// What it declares.
    pub fn name(&self) -> Option<Ident> {
        let name = match &self.last {
            UseTree::Name(name) if name.ident == "self" => self.path.last()?.clone(),
            UseTree::Name(name) => name.ident.clone(),
            UseTree::Rename(rename) => rename.rename.clone(),
            _ => return None,
        };
        Some(name).filter(|name| name != "_")
    }

    /// Whether something else gets the name of a known macro.
    pub fn is_other_macro(&self) -> bool {
        let UseTree::Rename(rename) = &self.last else { return false };
        rename.ident != rename.rename && crate::names::is_known(&rename.rename.to_string())
    }

    /// The path to what is imported, and its last name.
    pub fn imported(&self) -> (&[Ident], Option<&Ident>) {
        match &self.last {
            UseTree::Name(name) => (&self.path, Some(&name.ident)),
            UseTree::Rename(rename) => (&self.path, Some(&rename.ident)),
            _ => (&self.path, None),
        }
    }

    /// The same, declaring another name.
    pub fn renamed(&self, unique: Option<Ident>) -> TokenStream {
        let Leaf { path, last } = self;
        let imported = match last {
            UseTree::Name(name) => &name.ident,
            UseTree::Rename(rename) => &rename.ident,
            other => return quote::quote!(#(#path::)* #other),
        };
        let unique = unique.unwrap_or_else(|| Ident::new("_", imported.span()));
        match imported == "self" {
            true => quote::quote!(#(#path::)* {#imported as #unique}),
            false => quote::quote!(#(#path::)* #imported as #unique),
        }
    }
}

/// The name of which all is imported: `use Name::*`.
pub(super) fn glob_of(tree: &UseTree) -> Option<Ident> {
    match tree {
        UseTree::Path(path) if matches!(*path.tree, UseTree::Glob(_)) => Some(path.ident.clone()),
        _ => None,
    }
}
