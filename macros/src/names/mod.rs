//! Gives every binding of the function a name of its own.
//!
//! The lowering moves code about and holds shadowed variables beside the ones that shadow them, so a name must mean one
//! variable wherever it stands. The first binding of a name keeps it; later ones get a number. `self` becomes `__self`.
//! Nested items are gone by now, see [`crate::items`].

mod arguments;
mod closures;
mod declare;
mod fields;
mod known;
mod shown;
mod suspects;
mod types;

pub use arguments::{
    Arguments, arguments, captures, change_arguments, is_stringify, name_captures, value_of, value_of_mut,
};
pub use known::{is_known, is_quiet, may_jump};
pub use types::{is_primitive, number, tell};

use std::collections::{HashMap, HashSet};

use crate::visit_mut::{self, VisitMut};
use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use syn::{Block, Expr, FnArg, Item, Macro, Pat};

use self::closures::has_closure;
use self::shown::{Shown, Shows};
use self::suspects::Suspects;
use crate::error::{self, Errors};
use crate::function::Function;
use crate::graph::{Borrowing, VariableId, Variables};

/// How a parameter reaches the body.
pub struct Parameter {
    /// Its name in the emitted signature; `self` for the receiver.
    pub name: Ident,
    /// The user's pattern; `None` for the receiver.
    pub pattern: Option<Pat>,
    pub variable: VariableId,
    /// The pattern with unique names, to be bound at the body's start, if it is more than a name.
    pub unpack: Option<Pat>,
    /// What is declared then, of what `unpack` has bound.
    pub behind: Vec<(Pat, VariableId)>,
    /// It is what an `async` block takes: dropped in the order of capture, behind what the block itself declares.
    pub captured: bool,
}

/// Resolves parameters and body. Returns the variables, and the body with unique names. What must hold outside of the function
/// becomes an item.
pub fn resolve(function: &mut Function, body: Block, items: &mut Vec<Item>, errors: &mut Errors) -> (Variables, Block) {
    let showing = shown::macros(items);
    // A variable must not be called like a function that the body calls: `let delay = delay();`.
    let constants = crate::items::named_in_patterns(items);
    let before = Before { showing: showing.clone(), constants: constants.clone(), ..Before::default() };
    let mut unseen = Errors::default();
    let (first, renamed) = run(function, body.clone(), before, &mut unseen);
    let Resolver { mut variables, mut suspects, taken: given, foreign, shown, .. } = first;
    let (kept, mut resolved) = (shown.kept(), renamed);
    // Else the names would be the same.
    if !kept.is_empty() || !given.is_disjoint(&foreign) {
        let before = Before { taken: foreign, kept, showing: showing.clone(), constants };
        let (again, renamed) = run(function, body, before, errors);
        (variables, suspects, resolved) = (again.variables, again.suspects, renamed);
    } else {
        errors.append(unseen);
    }
    items.extend(suspects.check());
    variables.showing = showing;
    (variables, resolved)
}

/// What is known when the names are resolved.
#[derive(Default)]
struct Before {
    /// Names that no variable gets.
    taken: HashSet<String>,
    /// Which variable of a name keeps it, if that is not the first one.
    kept: HashMap<String, usize>,
    /// The macros of the body that show the words that they are given.
    showing: HashSet<String>,
    /// The items of the body that a pattern may name, unless that is not known.
    constants: Option<HashSet<String>>,
}

fn run<'a>(function: &mut Function, mut body: Block, before: Before, errors: &'a mut Errors) -> (Resolver<'a>, Block) {
    let mut resolver = Resolver {
        variables: Variables::default(),
        scopes: vec![HashMap::new()],
        taken: before.taken.clone(),
        before,
        shown: Shown::default(),
        shows: Shows::Nothing,
        suspects: Suspects::default(),
        foreign: HashSet::new(),
        contexts: HashMap::new(),
        closures: 0,
        errors,
    };
    let mut parameters = Vec::new();
    for (index, argument) in function.signature.inputs.iter().enumerate() {
        parameters.push(resolver.parameter(index, argument));
        if let FnArg::Typed(typed) = argument {
            let (variable, generics) = (parameters[index].variable, &function.signature.generics);
            resolver.variables[variable].lends = closures::is(&["AsyncFn", "AsyncFnMut"], &typed.ty, generics);
            resolver.variables[variable].called_once |= closures::is(&["FnOnce", "AsyncFnOnce"], &typed.ty, generics);
        }
    }
    // With patterns among them, rustc binds the parameters one by one: each gets a name of its own to be bound from.
    if parameters.iter().any(|parameter| parameter.unpack.is_some()) {
        for parameter in &mut parameters {
            if let (None, Some(pattern @ Pat::Ident(_))) = (&parameter.unpack, &parameter.pattern) {
                let raw = Ident::new(&format!("__raw_{}", parameter.name), parameter.name.span());
                let variable = resolver.variables.add(raw.clone());
                let (plain, borrowing) =
                    (resolver.variables[parameter.variable].plain, resolver.variables[parameter.variable].borrowing);
                resolver.variables[variable].plain = plain;
                resolver.variables[variable].borrowing = borrowing;
                let mut unpack = pattern.clone();
                if let Pat::Ident(ident) = &mut unpack {
                    ident.ident = parameter.name.clone();
                }
                *parameter = Parameter {
                    name: raw,
                    pattern: parameter.pattern.clone(),
                    variable,
                    unpack: Some(unpack),
                    behind: Vec::new(),
                    captured: false,
                };
            } else if let Some(pattern) = &mut parameter.unpack {
                resolver.declare(pattern);
            } else if let Some(pattern @ Pat::Wild(_)) = &parameter.pattern {
                parameter.unpack = Some(pattern.clone());
            }
        }
    }
    resolver.visit_block_mut(&mut body);
    function.parameters = parameters;
    (resolver, body)
}

struct Resolver<'a> {
    variables: Variables,
    scopes: Vec<HashMap<String, Ident>>,
    taken: HashSet<String>,
    before: Before,
    shown: Shown,
    /// How the macro shows what it is given, in whose arguments we are.
    shows: Shows,
    suspects: Suspects,
    /// Names in expressions that are no variables of this function.
    foreign: HashSet<String>,
    /// The hygiene context in which each name is used first.
    contexts: HashMap<String, String>,
    /// How many closures are open: their bindings are their own.
    closures: usize,
    errors: &'a mut Errors,
}

/// Whether an identifier pattern binds, rather than naming a constant or a unit variant: decided by convention, since
/// only names decide it.
pub fn binds(pattern: &syn::PatIdent) -> bool {
    pattern.by_ref.is_some()
        || pattern.mutability.is_some()
        || pattern.subpat.is_some()
        || pattern.ident.to_string().trim_start_matches('_').chars().next().is_none_or(|first| !first.is_uppercase())
}

/// A name in the pattern of a `let`, or of a `for`, is no constant, for that would not always match: `let N = 1;`, `let _Guard = lock();`. (It
/// may be a unit struct, which has a name with small letters.)
fn bind_always(pattern: &mut Pat) {
    match pattern {
        Pat::Ident(ident) if !binds(ident) => {
            let name = ident.ident.to_string();
            if name.starts_with('_') || !name.contains(char::is_lowercase) {
                ident.mutability = Some(Default::default());
            }
        }
        Pat::Type(inner) => bind_always(&mut inner.pat),
        Pat::Paren(inner) => bind_always(&mut inner.pat),
        Pat::Reference(inner) => bind_always(&mut inner.pat),
        Pat::Tuple(tuple) => tuple.elems.iter_mut().for_each(bind_always),
        Pat::Slice(slice) => slice.elems.iter_mut().for_each(bind_always),
        Pat::TupleStruct(tuple) => tuple.elems.iter_mut().for_each(bind_always),
        Pat::Struct(structure) => structure.fields.iter_mut().for_each(|field| bind_always(&mut field.pat)),
        _ => {}
    }
}

/// A name at another place; a raw one stays raw.
fn at(name: &Ident, span: Span) -> Ident {
    let mut name = name.clone();
    name.set_span(span);
    name
}

/// Whether a value is what a function of `Box` makes: `Box::new(…)`.
fn makes_box(value: &Expr) -> bool {
    let Expr::Call(call) = value else { return false };
    let Expr::Path(path) = &*call.func else { return false };
    let segments = &path.path.segments;
    segments.len() > 1 && segments[segments.len() - 2].ident == "Box" && segments[segments.len() - 1].ident == "new"
}

/// Whether a function's name is that of a tuple struct or variant.
pub fn is_constructor(function: &Expr) -> bool {
    matches!(function, Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident.to_string().starts_with(|first: char| first.is_uppercase())))
}

impl Resolver<'_> {
    fn lookup(&self, name: &str) -> Option<&Ident> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name))
    }

    fn scoped(&mut self, work: impl FnOnce(&mut Self)) {
        self.scopes.push(HashMap::new());
        work(self);
        self.scopes.pop();
    }

    /// Renames inside a macro whose grammar is unknown, word by word.
    fn rename_tokens(&mut self, tokens: TokenStream) -> TokenStream {
        let mut after_dot = false;
        let mut result = Vec::new();
        for token in tokens {
            let next = match token {
                TokenTree::Ident(name) if !after_dot => match self.lookup(&name.to_string()).cloned() {
                    Some(unique) => {
                        self.mentioned(&name, &unique);
                        TokenTree::Ident(at(&unique, name.span()))
                    }
                    None => TokenTree::Ident(name),
                },
                TokenTree::Group(group) => {
                    if arguments::is_stringify(&result) {
                        result.push(TokenTree::Group(group));
                        continue;
                    }
                    let inner = self.rename_tokens(group.stream());
                    let mut renamed = Group::new(group.delimiter(), inner);
                    renamed.set_span(group.span());
                    TokenTree::Group(renamed)
                }
                TokenTree::Literal(literal) => {
                    for name in captures(&literal.to_string()) {
                        let unique = self.lookup(&name).cloned();
                        unique.iter().for_each(|unique| self.suspects.mentioned(unique));
                        if unique.is_some_and(|unique| unique != name) {
                            self.errors.report(
                                error::SHADOWED_IN_MACRO,
                                literal.span(),
                                format!("`{name}` in this text may mean a variable that shadows another"),
                            );
                        }
                    }
                    TokenTree::Literal(literal)
                }
                other => other,
            };
            after_dot = matches!(&next, TokenTree::Punct(punct) if punct.as_char() == '.');
            result.push(next);
        }
        result.into_iter().collect()
    }
}

impl VisitMut for Resolver<'_> {
    fn visit_item_mut(&mut self, _: &mut Item) {}

    fn visit_block_mut(&mut self, block: &mut Block) {
        self.scoped(|this| {
            let statements = std::mem::take(&mut block.stmts);
            for mut statement in statements {
                this.visit_stmt_mut(&mut statement);
                block.stmts.push(statement);
            }
        });
    }

    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        if let Some(init) = &mut local.init {
            self.visit_expr_mut(&mut init.expr);
            if let Some((_, otherwise)) = &mut init.diverge {
                self.visit_expr_mut(otherwise);
            }
        }
        if local.init.as_ref().is_none_or(|init| init.diverge.is_none()) {
            bind_always(&mut local.pat);
        }
        match local.init.as_ref().is_some_and(|init| init.diverge.is_some()) {
            true => self.declare_refutable(&mut local.pat, false),
            false => self.declare(&mut local.pat),
        }
        if let Pat::Type(typed) = &local.pat
            && let Pat::Ident(ident) = &*typed.pat
            && ident.by_ref.is_none()
            && let Some(variable) = self.variables.find(&ident.ident)
        {
            self.variables[variable].written = Some((*typed.ty).clone());
            types::tell(&typed.ty, &mut self.variables[variable]);
        }
        // (What `ref` binds is not the value, but refers to it.)
        if let (Pat::Ident(ident), Some(init)) = (&local.pat, &local.init)
            && ident.by_ref.is_none()
            && let Some(variable) = self.variables.find(&ident.ident)
        {
            self.variables[variable].borrowing = match &*init.expr {
                Expr::Reference(reference) if reference.mutability.is_some() => Borrowing::Mutable,
                Expr::Reference(_)
                | Expr::Lit(_)
                | Expr::Struct(_)
                | Expr::Array(_)
                | Expr::Tuple(_)
                | Expr::Closure(_)
                | Expr::Binary(_)
                | Expr::Cast(_)
                | Expr::Repeat(_)
                | Expr::Range(_) => Borrowing::No,
                _ => Borrowing::Unknown,
            };
            self.variables[variable].owned = match &*init.expr {
                Expr::Struct(_) | Expr::Tuple(_) | Expr::Array(_) | Expr::Repeat(_) => true,
                Expr::Call(call) => is_constructor(&call.func),
                _ => false,
            };
            self.variables[variable].boxed |= makes_box(&init.expr);
            self.variables[variable].unprobed = has_closure(&init.expr);
            self.variables[variable].closure = self.variables[variable].unprobed;
            let literal = matches!(&*init.expr, Expr::Lit(_))
                || matches!(&*init.expr, Expr::Unary(unary) if matches!(&*unary.expr, Expr::Lit(_)));
            self.variables[variable].plain |= literal;
            self.variables[variable].copied |= literal;
        }
        if let Some(init) = &local.init {
            self.bind_closures(&local.pat, &init.expr);
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Path(path) if path.qself.is_none() => {
                // `size::<u32>` is no variable.
                if path.path.segments.len() == 1 && path.path.leading_colon.is_none() {
                    let first = &path.path.segments[0];
                    if !first.arguments.is_none() {
                        self.foreign.insert(first.ident.to_string());
                    }
                }
                if let Some(name) = path.path.get_ident().cloned() {
                    match self.lookup(&name.to_string()).cloned() {
                        Some(unique) => {
                            self.check_context(&name);
                            self.mentioned(&name, &unique);
                            let renamed = at(&unique, name.span());
                            path.path = renamed.into();
                        }
                        None => {
                            self.foreign.insert(name.to_string());
                        }
                    }
                }
            }
            Expr::Struct(structure) => {
                for field in &mut structure.fields {
                    let before = field.expr.clone();
                    self.visit_expr_mut(&mut field.expr);
                    if field.colon_token.is_none() && before != field.expr {
                        field.colon_token = Some(Default::default());
                    }
                }
                if let Some(rest) = &mut structure.rest {
                    self.visit_expr_mut(rest);
                }
            }
            Expr::Closure(closure) => self.scoped(|this| {
                this.closures += 1;
                closure.inputs.iter_mut().for_each(|input| this.declare(input));
                this.visit_expr_mut(&mut closure.body);
                this.closures -= 1;
            }),
            // A function of its own, whose bindings are variables also inside a closure.
            Expr::Async(inner) => {
                let closures = std::mem::take(&mut self.closures);
                self.visit_block_mut(&mut inner.block);
                self.closures = closures;
            }
            Expr::If(branch) => {
                self.scoped(|this| {
                    this.visit_expr_mut(&mut branch.cond);
                    this.visit_block_mut(&mut branch.then_branch);
                });
                if let Some((_, otherwise)) = &mut branch.else_branch {
                    self.visit_expr_mut(otherwise);
                }
            }
            Expr::While(branch) => self.scoped(|this| {
                this.visit_expr_mut(&mut branch.cond);
                this.visit_block_mut(&mut branch.body);
            }),
            Expr::Let(condition) => {
                self.visit_expr_mut(&mut condition.expr);
                self.declare_refutable(&mut condition.pat, true);
                self.bind_closures(&condition.pat, &condition.expr);
            }
            Expr::ForLoop(repeat) => {
                self.visit_expr_mut(&mut repeat.expr);
                bind_always(&mut repeat.pat);
                self.scoped(|this| {
                    this.declare(&mut repeat.pat);
                    this.bind_closures(&repeat.pat, &repeat.expr);
                    this.visit_block_mut(&mut repeat.body);
                });
            }
            Expr::Match(choice) => {
                self.visit_expr_mut(&mut choice.expr);
                let last = choice.arms.len().saturating_sub(1);
                for (index, arm) in choice.arms.iter_mut().enumerate() {
                    self.scoped(|this| {
                        this.declare_refutable(&mut arm.pat, index < last);
                        this.bind_closures(&arm.pat, &choice.expr);
                        this.visit_expr_mut(&mut arm.body);
                    });
                }
            }
            _ => visit_mut::visit_expr_mut(self, expr),
        }
    }

    fn visit_macro_mut(&mut self, mac: &mut Macro) {
        let last = mac.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        if last == "stringify" {
            return;
        }
        let shows = match () {
            () if self.before.showing.contains(&last) => Shows::Words,
            () if known::is_quiet(&last) => Shows::Nothing,
            () => Shows::Maybe,
        };
        let around = self.shows;
        self.shows = shows.max(around);
        if let Some(mut parsed) = arguments(mac) {
            parsed.list.iter_mut().for_each(|argument| self.visit_expr_mut(value_of_mut(argument)));
            parsed.name_captures(|name| {
                let unique = self.lookup(&name.to_string())?.clone();
                self.suspects.mentioned(&unique);
                if unique == *name { None } else { Some(syn::parse_quote!(#unique)) }
            });
            mac.tokens = quote::quote!(#parsed);
        } else {
            mac.tokens = self.rename_tokens(mac.tokens.clone());
        }
        self.shows = around;
    }
}
