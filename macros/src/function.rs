//! The item under the attribute: a function, a method, or a method's declaration in a trait.

use std::cell::OnceCell;

use crate::visit::{self, Visit};
use crate::visit_mut::{self, VisitMut};
use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Attribute, Block, Signature, Token, Visibility};

use crate::enclosing::Enclosing;
use crate::error::{self, Errors};

/// A function that becomes a coroutine.
pub struct Function {
    pub attributes: Vec<Attribute>,
    pub visibility: Visibility,
    pub default: Option<Token![default]>,
    pub signature: Signature,
    /// The body until the pipeline takes it; `None` for a declaration in a trait.
    pub body: Option<Block>,
    /// Whether it mentions `Self`, so that it belongs to a type or a trait.
    pub mentions_self: bool,
    /// Whether it does so other than in paths that begin with it.
    pub mentions_self_as_type: bool,
    /// Its lifetimes that neither its body nor a bound of a type mentions: only its parameters and its result have them.
    pub lifetimes_of_signature: Vec<String>,
    /// What it stands in, once that was asked.
    enclosing: OnceCell<Option<Enclosing>>,
    /// How many lifetimes its parameters have, once that was asked: see [`lifetimes_meet`](crate::emit::signature::lifetimes_meet).
    pub lifetimes: OnceCell<usize>,
    /// How each parameter reaches the body, in order.
    pub parameters: Vec<crate::names::Parameter>,
}

struct Item {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    default: Option<Token![default]>,
    signature: Signature,
    body: Option<Block>,
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Item> {
        let mut attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let default = if input.peek(Token![default]) { Some(input.parse()?) } else { None };
        let signature = input.parse()?;
        let body = if input.peek(Token![;]) {
            input.parse::<Token![;]>()?;
            None
        } else {
            let statements;
            let brace_token = syn::braced!(statements in input);
            // They are the function's as well as those before it.
            attributes.extend(statements.call(Attribute::parse_inner)?.into_iter().map(|mut attribute| {
                attribute.style = syn::AttrStyle::Outer;
                attribute
            }));
            Some(Block { brace_token, stmts: statements.call(Block::parse_within)? })
        };
        Ok(Item { attributes, visibility, default, signature, body })
    }
}

impl Function {
    /// Parses and checks the item. `None`: it is not a function, or not Rust; the error says so.
    pub fn parse(item: TokenStream, errors: &mut Errors) -> Option<Function> {
        let item: Item = match syn::parse2(item.clone()) {
            Ok(item) => item,
            Err(cause) => {
                match syn::parse2::<syn::Item>(item) {
                    Ok(other) if !matches!(other, syn::Item::Fn(_) | syn::Item::Verbatim(_)) => errors.report(
                        error::NOT_A_FUNCTION,
                        other.span(),
                        "`#[segno::coroutine]` on something that is not a function",
                    ),
                    _ => errors.parse(cause),
                }
                return None;
            }
        };
        let mentions_self = mentions_self(&item);
        let mentions_self_as_type = mentions_self && mentions_as_type(own_tokens(&item));
        let lifetimes_of_signature = lifetimes_of_signature(&item);
        let signature = &item.signature;
        if let Some(token) = &signature.constness {
            errors.report(error::QUALIFIER, token.span(), "a coroutine cannot be `const`");
        }
        if let Some(abi) = &signature.abi {
            errors.report(error::QUALIFIER, abi.span(), "a coroutine cannot be `extern`");
        }
        if let Some(variadic) = &signature.variadic {
            errors.report(error::QUALIFIER, variadic.span(), "a coroutine cannot be variadic");
        }
        let mut signature = item.signature;
        // What was refused is left out of the stand-in, so that it is not refused again.
        signature.constness = None;
        signature.abi = None;
        signature.variadic = None;
        crate::anonymous::name(&mut signature);
        Some(Function {
            attributes: item.attributes,
            visibility: item.visibility,
            default: item.default,
            signature,
            body: item.body,
            mentions_self,
            mentions_self_as_type,
            lifetimes_of_signature,
            enclosing: OnceCell::new(),
            lifetimes: OnceCell::new(),
            parameters: Vec::new(),
        })
    }
}

impl Function {
    /// The item that it stands in, if that is known.
    pub fn enclosing(&self) -> Option<&Enclosing> {
        self.enclosing.get_or_init(|| crate::enclosing::of(&self.signature.ident)).as_ref()
    }
}

/// Whether `Self` is somewhere in the signature or the body, other than in the items in it: their `Self` is another.
fn mentions_self(item: &Item) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_path(&mut self, path: &'ast syn::Path) {
            self.0 |= path.segments.first().is_some_and(|first| first.ident == "Self");
            visit::visit_path(self, path);
        }
        fn visit_macro(&mut self, mac: &'ast syn::Macro) {
            self.0 |= mentions(mac.tokens.clone(), "Self");
        }
        fn visit_type(&mut self, ty: &'ast syn::Type) {
            match ty {
                syn::Type::Verbatim(tokens) => self.0 |= mentions(tokens.clone(), "Self"),
                other => visit::visit_type(self, other),
            }
        }
        fn visit_expr(&mut self, expr: &'ast syn::Expr) {
            match expr {
                syn::Expr::Verbatim(tokens) => self.0 |= mentions(tokens.clone(), "Self"),
                other => visit::visit_expr(self, other),
            }
        }
        fn visit_pat(&mut self, pattern: &'ast syn::Pat) {
            match pattern {
                syn::Pat::Verbatim(tokens) => self.0 |= mentions(tokens.clone(), "Self"),
                other => visit::visit_pat(self, other),
            }
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut find = Find(false);
    find.visit_signature(&item.signature);
    item.body.iter().for_each(|body| find.visit_block(body));
    find.0
}

/// The signature and the body, without the items in it: their `Self` is another.
fn own_tokens(item: &Item) -> TokenStream {
    struct WithoutItems;
    impl VisitMut for WithoutItems {
        fn visit_block_mut(&mut self, block: &mut Block) {
            block.stmts.retain(|statement| !matches!(statement, syn::Stmt::Item(_)));
            visit_mut::visit_block_mut(self, block);
        }
    }
    let mut body = item.body.clone();
    body.iter_mut().for_each(|body| WithoutItems.visit_block_mut(body));
    let signature = &item.signature;
    quote!(#signature #body)
}

/// See [`Function::lifetimes_of_signature`]. One that outlives another, or is outlived, is one only if the other is.
fn lifetimes_of_signature(item: &Item) -> Vec<String> {
    let generics = &item.signature.generics;
    if generics.lifetimes().next().is_none() {
        return Vec::new();
    }
    let mut bounds: Vec<(String, String)> = Vec::new();
    let mut bound = |lifetime: &syn::Lifetime, others: Vec<&syn::Lifetime>| {
        bounds.extend(others.into_iter().map(|other| (lifetime.ident.to_string(), other.ident.to_string())));
    };
    let mut of_types = TokenStream::new();
    for parameter in &generics.params {
        match parameter {
            syn::GenericParam::Lifetime(parameter) => bound(&parameter.lifetime, parameter.bounds.iter().collect()),
            other => other.to_tokens(&mut of_types),
        }
    }
    for predicate in generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
        match predicate {
            syn::WherePredicate::Lifetime(predicate) => bound(&predicate.lifetime, predicate.bounds.iter().collect()),
            other => other.to_tokens(&mut of_types),
        }
    }
    let body = &item.body;
    let mentioned = quote!(#of_types #body);
    let mut own: Vec<String> = generics.lifetimes().map(|parameter| parameter.lifetime.ident.to_string()).collect();
    own.retain(|lifetime| !mentions_lifetime(mentioned.clone(), lifetime));
    loop {
        let before = own.len();
        for (one, other) in &bounds {
            if !(own.contains(one) && own.contains(other)) {
                own.retain(|lifetime| lifetime != one && lifetime != other);
            }
        }
        if own.len() == before {
            return own;
        }
    }
}

/// Whether a word is somewhere among the tokens.
pub fn mentions(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(name) => name == word,
        TokenTree::Group(group) => mentions(group.stream(), word),
        _ => false,
    })
}

/// Whether a lifetime is somewhere among the tokens, or a label of its name.
pub fn mentions_lifetime(tokens: TokenStream, name: &str) -> bool {
    let mut follows_quote = false;
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => std::mem::take(&mut follows_quote) && word == name,
        TokenTree::Group(group) => mentions_lifetime(group.stream(), name),
        TokenTree::Punct(punct) => {
            follows_quote = punct.as_char() == '\'';
            false
        }
        TokenTree::Literal(_) => false,
    })
}

/// Whether `Self` is somewhere among the tokens, with no `::` behind it.
fn mentions_as_type(tokens: TokenStream) -> bool {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let found = match token {
            TokenTree::Ident(name) => {
                name == "Self"
                    && !tokens
                        .peek()
                        .is_some_and(|next| matches!(next, TokenTree::Punct(punct) if punct.as_char() == ':'))
            }
            TokenTree::Group(group) => mentions_as_type(group.stream()),
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}
