//! Items inside a body.
//!
//! # The problem
//! The twin and the machine need the same items: types must be the same ones for both, and an `impl` may be written once. And
//! the machine's pieces lie side by side, so a piece does not stand in the block whose items it mentions.
//!
//! # The design
//! Items are moved to the function's beginning, where all of them share one scope. An item whose name is mentioned outside
//! of its block, where it means something else, gets a name of its own, and all that sees the item is told: code, other
//! items, the tokens of macros. [`scopes`] knows what a name means where, [`rename`] walks, [`declared`] knows what an item
//! declares, [`types`] renames types so that nobody sees it, [`globs`] looks after imports without names.
//!
//! A `macro_rules!` may name variables, which are not there at the function's beginning, and what is an item in it depends on
//! where it is used. Both become parameters: `($e:expr) => { $e + k }` is moved as `($__k:tt, $e:expr) => { $e + $__k }`,
//! and used as `plus!(k, 1)`, see [`rules`].
//!
//! Others go by spelling alone, so some items get another spelling: a macro with the name of one that is known to this
//! crate, and a constant in patterns that looks like a variable, see [`constants`].
//!
//! What cannot be renamed is refused.

mod constants;
mod declared;
mod globs;
mod imports;
mod jumps;
mod rename;
mod rules;
mod scopes;
mod tokens;
mod types;

use std::collections::{BTreeMap, HashSet};

use crate::visit::{self, Visit};
use crate::visit_mut::VisitMut;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Block, FnArg, Item, Stmt};

use self::scopes::{Meaning, Scopes, Space};
use self::tokens::Mentions;
use crate::error::{self, Errors};
use crate::function::Function;
use crate::names::is_known;

/// The names of known macros that are other macros in this body.
pub fn known_names(body: &Block) -> HashSet<String> {
    struct Known(HashSet<String>);
    impl<'ast> Visit<'ast> for Known {
        fn visit_stmt(&mut self, statement: &'ast Stmt) {
            match statement {
                Stmt::Item(Item::Macro(mac)) => {
                    self.0.extend(mac.ident.iter().map(Ident::to_string).filter(|name| is_known(name)));
                }
                Stmt::Item(Item::Use(import)) => {
                    let leaves = declared::leaves(&import.tree);
                    let other = leaves.iter().filter(|leaf| leaf.is_other_macro()).filter_map(declared::Leaf::name);
                    self.0.extend(other.map(|name| name.to_string()));
                }
                other => visit::visit_stmt(self, other),
            }
        }
    }
    let mut known = Known(HashSet::new());
    known.visit_block(body);
    known.0
}

/// The names of items that a pattern may name; none if imports do not tell.
pub fn named_in_patterns(items: &[Item]) -> Option<HashSet<String>> {
    let mut names = HashSet::new();
    for item in items {
        match item {
            Item::Const(item) => drop(names.insert(item.ident.to_string())),
            Item::Static(item) => drop(names.insert(item.ident.to_string())),
            Item::Struct(item) => drop(names.insert(item.ident.to_string())),
            Item::Use(import) => {
                for leaf in declared::leaves(&import.tree) {
                    names.insert(leaf.name()?.to_string());
                }
            }
            _ => {}
        }
    }
    Some(names)
}

/// Takes the items out of a body, and gives them back with names that may stand side by side.
pub fn hoist(function: &Function, body: &mut Block, errors: &mut Errors) -> Vec<Item> {
    let Some(Find { inner, has_globs, .. }) = Find::in_body(body) else { return Vec::new() };
    let signature = &function.signature;
    let mut hoist = Hoist {
        scopes: Scopes::default(),
        mentions: Mentions::of(quote!(#signature #body)),
        inner,
        bound: constants::bound(body),
        globs: globs::Globs::new(has_globs),
        in_item: false,
        either: false,
        jumps: jumps::Around::new(function),
        beside: BTreeMap::new(),
        numbers: 0,
        rules: Vec::new(),
        items: Vec::new(),
        errors,
    };
    hoist.scopes.push();
    for argument in &signature.inputs {
        match argument {
            FnArg::Receiver(_) => hoist.scopes.variable("self".into()),
            FnArg::Typed(typed) => hoist.bind(&typed.pat),
        }
    }
    hoist.mention_signature(signature);
    hoist.visit_block_mut(body);
    let checks = hoist.globs.checks().into_iter().chain(imports::checks(&hoist.beside)).collect::<Vec<_>>();
    // A `macro_rules!` is in scope behind itself.
    hoist.rules.into_iter().chain(hoist.items).chain(checks).collect()
}

/// Looks for items, and for the names of those in inner blocks.
#[derive(Default)]
struct Find {
    found: bool,
    depth: usize,
    /// The names of the items in inner blocks.
    inner: HashSet<String>,
    /// Everything is imported in some inner block.
    has_globs: bool,
}

impl Find {
    /// `None` if a body has no items at all.
    fn in_body(body: &Block) -> Option<Find> {
        let mut find = Find::default();
        find.visit_block(body);
        Some(find).filter(|find| find.found)
    }
}

impl<'ast> Visit<'ast> for Find {
    fn visit_block(&mut self, block: &'ast Block) {
        self.depth += 1;
        for statement in &block.stmts {
            let declares = match statement {
                Stmt::Item(item) => declared::all(item),
                Stmt::Macro(mac) if declared::makes_items(mac) => declared::in_tokens(&mac.mac.tokens),
                // What it makes may be an item of that name.
                Stmt::Macro(mac) if self.depth > 1 => {
                    self.inner.extend(tokens::first_name(&mac.mac.tokens).map(|name| name.to_string()));
                    continue;
                }
                _ => continue,
            };
            self.found = true;
            if self.depth > 1 {
                self.has_globs |= matches!(statement, Stmt::Item(Item::Use(import)) if globs::is_glob(&import.tree));
                self.inner.extend(declares.into_iter().map(|(name, _)| name.to_string()));
            }
        }
        visit::visit_block(self, block);
        self.depth -= 1;
    }
    fn visit_item(&mut self, _: &'ast Item) {}
}

struct Hoist<'a> {
    scopes: Scopes,
    /// How often each name is mentioned in the function.
    mentions: Mentions,
    /// The names of the items in inner blocks: what they mean depends on the place.
    inner: HashSet<String>,
    /// Names in patterns that look like variables.
    bound: HashSet<String>,
    /// The imports of everything in inner blocks.
    globs: globs::Globs,
    /// Items inside of items stay where they are.
    in_item: bool,
    /// We are in the arguments of a macro, of which it is not known whether they are values or types.
    either: bool,
    /// What jumps of macros would leave.
    jumps: jumps::Around,
    /// Imports beside a variable of their name.
    beside: BTreeMap<String, (Ident, TokenStream)>,
    /// How many names were given.
    numbers: usize,
    rules: Vec<Item>,
    items: Vec<Item>,
    errors: &'a mut Errors,
}

impl Hoist<'_> {
    /// What a name that is declared in a part of the function is to be called at the function's beginning: in the same
    /// style, for rustc has opinions on that.
    fn name(&mut self, name: &Ident, space: Space, part: &Mentions) -> Meaning {
        let is_taken = space == Space::Macro && is_known(&name.to_string());
        if !is_taken && !self.mentions.outside(name, part) {
            return Meaning::Kept;
        }
        let text = name.to_string();
        self.numbered(text.trim_start_matches("r#"), name, space)
    }

    /// A name that does not occur in the function.
    fn numbered(&mut self, text: &str, name: &Ident, space: Space) -> Meaning {
        let is_upper = !text.chars().any(char::is_lowercase) && (text.len() > 1 || space == Space::Value);
        let more = match text.starts_with(char::is_uppercase) {
            _ if is_upper => "_ITEM",
            true => "Item",
            false => "_item",
        };
        loop {
            self.numbers += 1;
            let unique = Ident::new(&format!("{text}{more}{}", self.numbers), name.span());
            if !self.mentions.any(&unique) {
                return Meaning::Renamed(unique);
            }
        }
    }

    fn declare(&mut self, name: &Ident, spaces: &[Space], part: &Mentions) {
        // A name of two items, or of one in two forms, is changed in the same way for both.
        let known = [Space::Type, Space::Value].iter().find_map(|&space| self.scopes.declared_here(space, name));
        let meaning = known.unwrap_or_else(|| self.name(name, spaces[0], part));
        spaces.iter().for_each(|&space| self.scopes.insert(space, name, meaning.clone()));
    }

    fn renamed(&self, name: &Ident) -> bool {
        let spaces = [Space::Type, Space::Value];
        spaces.iter().any(|&space| matches!(self.scopes.declared_here(space, name), Some(Meaning::Renamed(_))))
    }

    /// Takes the items out of a block. They are in scope in all of it, before their own place too.
    fn block(&mut self, block: &mut Block) {
        let statements: Vec<Stmt> = std::mem::take(&mut block.stmts).into_iter().map(declared::as_item).collect();
        let has_items = statements.iter().any(|statement| matches!(statement, Stmt::Item(_)));
        let part = if has_items { Mentions::of(quote!(#(#statements)*)) } else { Mentions::default() };
        let mut names = Vec::new();
        let mut statements = statements;
        for statement in &statements {
            if let Stmt::Item(Item::Enum(item)) = statement
                && !self.in_item
            {
                self.scopes.add_enum(item);
            }
        }
        for statement in &mut statements {
            match statement {
                Stmt::Item(Item::Use(import)) if !self.in_item => self.expand_glob(import, &part),
                _ => {}
            }
        }
        statements.iter().for_each(|statement| self.constants(statement));
        for (index, statement) in statements.iter().enumerate() {
            let Stmt::Item(item) = statement else { continue };
            if let Item::Macro(mac) = item
                && let Some(name) = &mac.ident
            {
                // Its scope begins where it stands.
                let rest = statements[index..].iter().map(ToTokens::to_token_stream).collect::<TokenStream>();
                names.push(if self.in_item {
                    Meaning::Kept
                } else {
                    self.name(name, Space::Macro, &Mentions::of(rest))
                });
            }
            if let Item::Use(import) = item {
                self.imports(import, &part);
            }
            for (name, spaces) in declared::all(item) {
                match self.in_item {
                    true => spaces.iter().for_each(|&space| self.scopes.insert(space, &name, Meaning::Kept)),
                    false => self.declare(&name, spaces, &part),
                }
            }
        }
        let open = self.globs.open();
        for statement in &statements {
            if let Stmt::Item(Item::Use(import)) = statement {
                self.add_glob(import);
            }
        }
        let mut names = names.into_iter();
        let mut statements = statements.into_iter();
        while let Some(statement) = statements.next() {
            self.check_declared(&statement, statements.as_slice());
            match self.made(statement, &part) {
                Stmt::Item(Item::Macro(mac)) if mac.ident.is_some() => {
                    let name = names.next().unwrap_or(Meaning::Kept);
                    if let Some(kept) = self.rules(mac, name) {
                        block.stmts.push(Stmt::Item(kept));
                    }
                }
                Stmt::Item(mut item) if self.in_item => {
                    self.visit_item_mut(&mut item);
                    block.stmts.push(Stmt::Item(item));
                }
                Stmt::Item(Item::Use(import)) => self.import(import),
                Stmt::Item(item) => self.item(item),
                mut other => {
                    self.visit_stmt_mut(&mut other);
                    block.stmts.push(other);
                }
            }
        }
        self.globs.close(open);
    }

    /// A call of a `macro_rules!` of this body that makes items is an item.
    fn made(&mut self, statement: Stmt, part: &Mentions) -> Stmt {
        let Stmt::Macro(mac) = &statement else { return statement };
        let Some(name) = mac.mac.path.get_ident() else { return statement };
        match self.scopes.meaning(Space::Macro, &name.to_string()) {
            Some(Meaning::Rules(rules)) if rules.makes_items && !self.in_item => {
                if let Some(name) = tokens::first_name(&mac.mac.tokens) {
                    self.declare(&name, &[Space::Type, Space::Value], part);
                }
                declared::item_of(mac.clone())
            }
            _ => statement,
        }
    }

    fn item(&mut self, mut item: Item) {
        let renamed: Vec<Ident> =
            declared::all(&item).into_iter().map(|(name, _)| name).filter(|name| self.renamed(name)).collect();
        if let Some(name) = renamed.iter().find(|_| declared::is_fixed(&item)) {
            self.errors.report(
                error::ITEM_TWICE,
                name.span(),
                format!("the name `{name}` also stands for something else in this coroutine"),
            );
        }
        let shown = (!renamed.is_empty()).then(|| types::debug(&mut item)).flatten();
        self.in_item = true;
        self.visit_item_mut(&mut item);
        if let Some(mut shown) = shown {
            self.visit_item_mut(&mut shown);
            self.items.push(shown);
        }
        self.in_item = false;
        if let Some(name) = declared::name_of(&mut item)
            && let Some(Meaning::Renamed(unique)) =
                [Space::Type, Space::Value].iter().find_map(|&space| self.scopes.declared_here(space, name))
        {
            *name = unique;
        }
        self.items.push(item);
    }
}
