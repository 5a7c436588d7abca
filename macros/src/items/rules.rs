//! `macro_rules!` in a body.
//!
//! # The problem
//! A variable in what a macro becomes is the one at the macro's definition; an item there is the one at the macro's use.
//! At the function's beginning there are no variables, and items may have other names.
//!
//! # The design
//! Each variable, and each item that may be another one elsewhere, becomes a parameter, in front of all others, which every
//! use of the macro hands over by its name. Where that is another variable than the one at the definition, it is refused.
//! A variable that the macro declares itself is no parameter.

use std::collections::HashSet;
use std::rc::Rc;

use proc_macro2::{Group, Ident, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Block, Item, ItemMacro, Stmt};

use super::Hoist;
use super::declared::are_items;
use super::jumps::Jumps;
use super::scopes::{Meaning, Space};
use super::tokens::{Role, parameter, role, with_stream};
use crate::error;
use crate::function::mentions;
use crate::names::captures;
use crate::walk::block_suspends;

/// A name that a macro is handed over.
#[derive(Clone)]
pub(super) struct Parameter {
    pub name: String,
    /// The variable that it is at the macro's definition.
    variable: Option<usize>,
}

pub(super) struct Rules {
    name: Ident,
    parameters: Vec<Parameter>,
    pub makes_items: bool,
    pub jumps: Jumps,
    /// It declares a variable of a name that it is given.
    pub declares: bool,
    awaits: bool,
}

impl Hoist<'_> {
    /// Moves a `macro_rules!` to the function's beginning. Gives it back if it stays, in an item.
    pub(super) fn rules(&mut self, mut mac: ItemMacro, name: Meaning) -> Option<Item> {
        let Some(old) = mac.ident.clone() else { return Some(Item::Macro(mac)) };
        if self.in_item {
            mac.mac.tokens = self.tokens(mac.mac.tokens, &[]);
            self.scopes.insert(Space::Macro, &old, Meaning::Kept);
            return Some(Item::Macro(mac));
        }
        let unique = match name {
            Meaning::Renamed(unique) => unique,
            _ => old.clone(),
        };
        let arms = arms(mac.mac.tokens.clone());
        let transcribers: Vec<&Group> = arms.iter().filter(|arm| arm.is_transcriber).map(|arm| &arm.group).collect();
        let mut parameters: Vec<Parameter> = Vec::new();
        let (mut own, mut awaits) = (Vec::new(), false);
        for transcriber in &transcribers {
            let mut free = Free::default();
            self.free(transcriber.stream(), &mut free);
            awaits |= free.awaits && !free.makes_futures;
            for (name, is_declared_later) in free.names {
                let variable = self.scopes.number(&name.to_string());
                if variable.is_some() && is_declared_later {
                    self.two_variables(&name);
                }
                if parameters.iter().all(|parameter| name != parameter.name) {
                    parameters.push(Parameter { name: name.to_string(), variable });
                }
            }
            own.push(free.own);
        }
        let makes_items = !transcribers.is_empty() && transcribers.iter().all(|group| are_items(&group.stream(), true));
        let jumps = self.jumps_of(transcribers.iter().map(|group| TokenTree::from((*group).clone())).collect());
        let declares = transcribers.iter().any(|group| declares_given(&group.stream()));
        let rules =
            Rules { name: unique.clone(), parameters: parameters.clone(), makes_items, jumps, declares, awaits };
        self.scopes.insert(Space::Macro, &old, Meaning::Rules(Rc::new(rules)));
        let names: Vec<Ident> = parameters.iter().map(|handed| parameter(&handed.name, old.span())).collect();
        let mut tokens = TokenStream::new();
        let mut own = own.into_iter();
        for arm in arms {
            let inner = match arm.is_transcriber {
                true => {
                    let own = own.next().unwrap_or_default();
                    let foreign = parameters.iter().filter(|parameter| !own.contains(&parameter.name));
                    self.tokens(arm.group.stream(), &foreign.cloned().collect::<Vec<_>>())
                }
                false => {
                    let rest = arm.group.stream();
                    quote!(#($#names:tt,)* #rest)
                }
            };
            let (group, behind) = (with_stream(&arm.group, inner), arm.behind);
            tokens.extend(quote!(#group #behind));
        }
        mac.mac.tokens = tokens;
        mac.ident = Some(unique);
        self.rules.push(Item::Macro(mac));
        None
    }

    /// The name of a macro that is used, and what it is handed over in front.
    /// Inside of another one, those may be `parameters` of that.
    pub(super) fn call(&mut self, name: &Ident, parameters: &[Parameter]) -> (Ident, TokenStream) {
        let rules = match self.scopes.meaning(Space::Macro, &name.to_string()) {
            Some(Meaning::Rules(rules)) => rules.clone(),
            _ => return (self.scopes.renamed(Space::Macro, name).unwrap_or_else(|| name.clone()), TokenStream::new()),
        };
        if rules.awaits && !self.in_item && parameters.is_empty() {
            self.errors.report(error::AWAIT_IN_MACRO, name.span(), format!("`.await` in the macro `{name}`"));
        }
        let is_left =
            (rules.jumps.out_of_loop && self.jumps.suspended_loop) || (rules.jumps.out_of_function && self.jumps.step);
        if is_left && !self.in_item && parameters.is_empty() {
            self.errors.report(error::HIDDEN_JUMP, name.span(), format!("a jump in the macro `{name}`"));
        }
        let mut handed = TokenStream::new();
        for parameter in &rules.parameters {
            let word = match parameter.name.strip_prefix("r#") {
                Some(raw) => Ident::new_raw(raw, name.span()),
                None => Ident::new(&parameter.name, name.span()),
            };
            let here = self.scopes.number(&parameter.name);
            if here.is_some() && here != parameter.variable {
                self.two_variables(&word);
            }
            // Whether it is a type or a value is not seen of a name alone.
            let is_parameter = parameters.iter().any(|outer| outer.name == parameter.name);
            let renamed = [Space::Value, Space::Type].iter().find_map(|&space| self.scopes.renamed(space, &word));
            let word = renamed.filter(|_| here.is_none() && !is_parameter).unwrap_or(word);
            handed.extend(quote!(#word,));
        }
        let mut unique = rules.name.clone();
        unique.set_span(name.span());
        (unique, handed)
    }

    /// A variable that a macro declares is not there behind a suspension.
    pub(super) fn check_declared(&mut self, statement: &Stmt, behind: &[Stmt]) {
        let Stmt::Macro(mac) = statement else { return };
        let rules = mac.mac.path.get_ident().and_then(|name| self.scopes.meaning(Space::Macro, &name.to_string()));
        if self.in_item || !matches!(rules, Some(Meaning::Rules(rules)) if rules.declares) {
            return;
        }
        for token in mac.mac.tokens.clone() {
            let TokenTree::Ident(name) = token else { continue };
            let mentions = |statement: &Stmt| mentions(statement.to_token_stream(), &name.to_string());
            let last = behind.iter().rposition(mentions).map_or(0, |last| last + 1);
            let block = Block { brace_token: Default::default(), stmts: behind[..last].to_vec() };
            if self.scopes.number(&name.to_string()).is_none() && block_suspends(&block) {
                self.errors.report(error::HIDDEN_VARIABLE, name.span(), format!("`{name}` is declared by a macro"));
            }
        }
    }

    fn two_variables(&mut self, name: &Ident) {
        self.errors.report(
            error::TWO_CONTEXTS,
            name.span(),
            format!("two variables of the name `{name}` that only rustc can tell apart"),
        );
    }

    /// Finds the names in what a macro becomes that do not mean the same at the function's beginning.
    fn free(&self, tokens: TokenStream, free: &mut Free) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let declared = declarations(&tokens);
        for index in order(&tokens, &declared) {
            match &tokens[index] {
                TokenTree::Ident(name) => {
                    free.awaits |= name == "await";
                    free.makes_futures |= name == "async";
                    match role(&tokens, index) {
                        Role::None => {}
                        // A field's name, or that of a closure's parameter.
                        Role::Label if !declared[index] => {}
                        Role::Macro => {
                            if let Some(Meaning::Rules(rules)) = self.scopes.meaning(Space::Macro, &name.to_string()) {
                                free.awaits |= rules.awaits;
                                for parameter in &rules.parameters {
                                    let word = Ident::new(parameter.name.trim_start_matches("r#"), name.span());
                                    self.mention(&word, false, free);
                                }
                            }
                        }
                        _ => self.mention(name, free.declares || declared[index], free),
                    }
                }
                TokenTree::Group(group) => {
                    // Below a pattern there are patterns.
                    let outer = free.declares;
                    free.declares |= declared[index];
                    self.free(group.stream(), free);
                    free.declares = outer;
                }
                TokenTree::Literal(text) => {
                    for name in captures(&text.to_string()) {
                        self.mention(&Ident::new(&name, text.span()), false, free);
                    }
                }
                TokenTree::Punct(_) => {}
            }
        }
    }

    fn mention(&self, name: &Ident, declares: bool, free: &mut Free) {
        let text = name.to_string();
        let variable = self.scopes.number(&text).is_some();
        if !variable && !self.inner.contains(&text) {
            return;
        }
        if let Some((_, declared_later)) = free.names.iter_mut().find(|(other, _)| other == name) {
            *declared_later |= declares;
        } else if declares && (variable || !text.starts_with(char::is_uppercase)) {
            free.own.insert(text);
        } else if !free.own.contains(&text) {
            free.names.push((name.clone(), false));
        }
    }
}

/// Whether there is a `let $name` outside of all blocks.
fn declares_given(tokens: &TokenStream) -> bool {
    let words = tokens.clone().into_iter().filter(|token| !matches!(token, TokenTree::Ident(word) if word == "mut"));
    let words: Vec<TokenTree> = words.collect();
    words.windows(2).any(|pair| {
        matches!(pair, [TokenTree::Ident(word), TokenTree::Punct(mark)] if word == "let" && mark.as_char() == '$')
    })
}

/// What is found in what a macro becomes.
#[derive(Default)]
struct Free {
    /// Names, and whether the macro declares a variable of that name later.
    names: Vec<(Ident, bool)>,
    /// The variables that the macro declares itself.
    own: HashSet<String>,
    awaits: bool,
    /// There is an `async` block or function.
    makes_futures: bool,
    /// We are in a pattern.
    declares: bool,
}

/// Which of some tokens are parts of patterns: behind `let` and `for`, between the `|` of a closure, in front of `=>`.
fn declarations(tokens: &[TokenTree]) -> Vec<bool> {
    let mut declares = vec![false; tokens.len()];
    let (mut until, mut arm) = (None, 0);
    for (index, token) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| &tokens[before]);
        declares[index] = until.is_some();
        match token {
            TokenTree::Ident(word) if word == "let" => until = Some('='),
            TokenTree::Ident(word) if word == "for" => until = Some('i'),
            TokenTree::Ident(word) if word == "in" && until == Some('i') => until = None,
            TokenTree::Punct(punct) => {
                let mark = punct.as_char();
                let ends_arrow =
                    mark == '>' && matches!(before, Some(TokenTree::Punct(equals)) if equals.as_char() == '=');
                if until == Some(mark) || (until == Some('=') && mark == ';') {
                    until = None;
                } else if mark == '|' && until.is_none() && begins_closure(before) {
                    until = Some('|');
                }
                if ends_arrow {
                    // A guard mentions.
                    let is_guard = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "if");
                    let guard = tokens[arm..index].iter().position(is_guard);
                    declares[arm..guard.map_or(index, |guard| arm + guard)].fill(true);
                }
                if mark == ',' || ends_arrow {
                    arm = index + 1;
                }
            }
            TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::Brace => arm = index + 1,
            _ => {}
        }
    }
    declares
}

/// The order in which tokens are looked at: what a `let` declares is there behind its value.
fn order(tokens: &[TokenTree], declared: &[bool]) -> Vec<usize> {
    let mut order = Vec::with_capacity(tokens.len());
    let is = |index: usize, mark: char| matches!(&tokens[index], TokenTree::Punct(punct) if punct.as_char() == mark);
    let word = |index: usize, name: &str| matches!(&tokens[index], TokenTree::Ident(word) if word == name);
    let mut next = 0;
    while next < tokens.len() {
        let conditional = next > 0 && (word(next - 1, "if") || word(next - 1, "while") || is(next - 1, '&'));
        if !word(next, "let") || conditional {
            order.push(next);
            next += 1;
            continue;
        }
        let value = (next + 1..tokens.len()).find(|&index| !declared[index]).unwrap_or(tokens.len());
        let end = (value..tokens.len()).find(|&index| is(index, ';')).unwrap_or(tokens.len());
        order.extend(value..end);
        order.extend(next..value);
        next = end;
    }
    order
}

/// Whether a `|` behind a token begins a closure: behind an operand it is an operator.
pub(super) fn begins_closure(before: Option<&TokenTree>) -> bool {
    match before {
        Some(TokenTree::Ident(word)) => word == "move" || word == "return",
        // The second half of an operator.
        Some(TokenTree::Punct(mark)) if mark.as_char() == '|' && mark.spacing() == Spacing::Joint => false,
        Some(TokenTree::Punct(_)) | None => true,
        Some(_) => false,
    }
}

/// One half of a rule.
struct Arm {
    group: Group,
    is_transcriber: bool,
    /// `=>` or `;`
    behind: TokenStream,
}

/// The halves of the rules of a `macro_rules!`.
fn arms(tokens: TokenStream) -> Vec<Arm> {
    let mut arms: Vec<Arm> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let is_transcriber = arms.last().is_some_and(|last| !last.is_transcriber);
                arms.push(Arm { group, is_transcriber, behind: TokenStream::new() });
            }
            other => {
                if let Some(last) = arms.last_mut() {
                    last.behind.extend([other]);
                }
            }
        }
    }
    arms
}
