//! Gives items their names, wherever they are mentioned.

use crate::visit_mut::{self, VisitMut};
use proc_macro2::Ident;
use syn::{Attribute, Block, Expr, Item, Macro, Pat, Path, UseTree};

use super::Hoist;
use super::jumps::Around;
use super::scopes::{Meaning, Space};
use crate::names::{arguments, binds, is_known, value_of_mut};
use crate::walk::{block_suspends, suspends};

impl Hoist<'_> {
    fn scoped(&mut self, work: impl FnOnce(&mut Self)) {
        self.scopes.push();
        work(self);
        self.scopes.pop();
    }

    fn name_in(&mut self, space: Space, name: &mut Ident) {
        self.mentioned(&[space], name);
        if let Some(unique) = self.scopes.renamed(space, name) {
            *name = unique;
        }
    }

    /// The first name of a path; alone it is looked for in `alone`, else it is one of a type or module.
    fn path(&mut self, path: &mut Path, alone: Space) {
        let mut space = if path.segments.len() == 1 { alone } else { Space::Type };
        if self.either && alone == Space::Value && path.get_ident().is_some_and(|name| self.is_type(name)) {
            space = Space::Type;
        }
        if let (None, Some(first)) = (path.leading_colon, path.segments.first_mut()) {
            self.name_in(space, &mut first.ident);
        }
        path.segments.iter_mut().for_each(|segment| self.visit_path_arguments_mut(&mut segment.arguments));
    }

    /// Whether a name that may be a value or a type has another name as a type only.
    fn is_type(&self, name: &Ident) -> bool {
        self.scopes.number(&name.to_string()).is_none()
            && self.scopes.renamed(Space::Value, name).is_none()
            && self.scopes.renamed(Space::Type, name).is_some()
    }

    /// Declares the variables of a pattern.
    pub(super) fn bind(&mut self, pattern: &Pat) {
        struct Bind<'a, 'b>(&'a mut Hoist<'b>);
        impl<'ast> crate::visit::Visit<'ast> for Bind<'_, '_> {
            fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
                if binds(pattern) && !self.0.names_constant(pattern) {
                    self.0.scopes.variable(pattern.ident.to_string());
                }
                crate::visit::visit_pat_ident(self, pattern);
            }
            fn visit_expr(&mut self, _: &'ast Expr) {}
        }
        crate::visit::Visit::visit_pat(&mut Bind(self), pattern);
    }

    fn declare_pattern(&mut self, pattern: &mut Pat) {
        self.visit_pat_mut(pattern);
        self.bind(pattern);
    }

    /// The first name of an import.
    pub(super) fn first_of_tree(&mut self, tree: &mut UseTree) {
        match tree {
            UseTree::Path(path) => self.name_in(Space::Type, &mut path.ident),
            UseTree::Group(group) => group.items.iter_mut().for_each(|tree| self.first_of_tree(tree)),
            _ => {}
        }
    }
}

impl VisitMut for Hoist<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        self.scoped(|this| this.block(block));
    }

    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        if let Some(init) = &mut local.init {
            self.visit_expr_mut(&mut init.expr);
            if let Some((_, otherwise)) = &mut init.diverge {
                self.visit_expr_mut(otherwise);
            }
        }
        self.declare_pattern(&mut local.pat);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Path(path) => {
                if let Some(qself) = &mut path.qself {
                    self.visit_qself_mut(qself);
                }
                if !path.path.get_ident().is_some_and(|name| self.is_beside(name)) {
                    self.path(&mut path.path, Space::Value);
                }
            }
            Expr::Call(call) => {
                match &mut *call.func {
                    Expr::Path(path) if path.qself.is_none() => self.path(&mut path.path, Space::Value),
                    other => self.visit_expr_mut(other),
                }
                call.args.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
            }
            Expr::Struct(structure) => {
                for field in &mut structure.fields {
                    let before = field.expr.clone();
                    self.visit_expr_mut(&mut field.expr);
                    if field.colon_token.is_none() && before != field.expr {
                        field.colon_token = Some(Default::default());
                    }
                }
                self.path(&mut structure.path, Space::Type);
                structure.rest.iter_mut().for_each(|rest| self.visit_expr_mut(rest));
            }
            Expr::Closure(closure) => self.scoped(|this| {
                closure.inputs.iter_mut().for_each(|input| this.declare_pattern(input));
                this.visit_return_type_mut(&mut closure.output);
                this.jumping(Around::nothing(), |this| this.visit_expr_mut(&mut closure.body));
            }),
            Expr::Async(inner) => self.jumping(Around::nothing(), |this| this.visit_block_mut(&mut inner.block)),
            Expr::If(branch) => {
                self.scoped(|this| {
                    this.visit_expr_mut(&mut branch.cond);
                    this.visit_block_mut(&mut branch.then_branch);
                });
                if let Some((_, otherwise)) = &mut branch.else_branch {
                    self.visit_expr_mut(otherwise);
                }
            }
            Expr::While(_) => {
                let around = self.in_loop(suspends(expr));
                self.jumping(around, |this| this.scoped(|this| visit_mut::visit_expr_mut(this, expr)));
            }
            Expr::Loop(repeat) => {
                let around = self.in_loop(block_suspends(&repeat.body));
                self.jumping(around, |this| this.visit_block_mut(&mut repeat.body));
            }
            Expr::Let(condition) => {
                self.visit_expr_mut(&mut condition.expr);
                self.declare_pattern(&mut condition.pat);
            }
            Expr::ForLoop(repeat) => {
                self.visit_expr_mut(&mut repeat.expr);
                let around = self.in_loop(block_suspends(&repeat.body));
                self.scoped(|this| {
                    this.declare_pattern(&mut repeat.pat);
                    this.jumping(around, |this| this.visit_block_mut(&mut repeat.body));
                });
            }
            Expr::Match(choice) => {
                self.visit_expr_mut(&mut choice.expr);
                for arm in &mut choice.arms {
                    self.scoped(|this| {
                        this.bind(&arm.pat);
                        this.visit_pat_mut(&mut arm.pat);
                        this.visit_expr_mut(&mut arm.body);
                    });
                }
            }
            _ => visit_mut::visit_expr_mut(self, expr),
        }
    }

    fn visit_pat_mut(&mut self, pattern: &mut Pat) {
        match pattern {
            Pat::Ident(ident) if !binds(ident) || self.names_constant(ident) => {
                self.name_in(Space::Value, &mut ident.ident)
            }
            Pat::TupleStruct(tuple) => {
                self.path(&mut tuple.path, Space::Value);
                tuple.elems.iter_mut().for_each(|element| self.visit_pat_mut(element));
            }
            _ => visit_mut::visit_pat_mut(self, pattern),
        }
    }

    fn visit_expr_path_mut(&mut self, path: &mut syn::ExprPath) {
        path.qself.iter_mut().for_each(|qself| self.visit_qself_mut(qself));
        self.path(&mut path.path, Space::Value);
    }

    fn visit_path_mut(&mut self, path: &mut Path) {
        self.path(path, Space::Type);
    }

    fn visit_generic_argument_mut(&mut self, argument: &mut syn::GenericArgument) {
        // It is not seen whether a name is one of a type or of a constant.
        if let syn::GenericArgument::Type(syn::Type::Path(path)) = argument
            && let Some(name) = path.path.get_ident()
            && self.scopes.meaning(Space::Type, &name.to_string()).is_none()
        {
            return self.path(&mut path.path, Space::Value);
        }
        visit_mut::visit_generic_argument_mut(self, argument);
    }

    fn visit_macro_mut(&mut self, mac: &mut Macro) {
        if let Some(name) = mac.path.get_ident() {
            let (name, mut handed) = self.call(name, &[]);
            mac.path = name.into();
            handed.extend(std::mem::take(&mut mac.tokens));
            mac.tokens = handed;
        } else {
            self.path(&mut mac.path, Space::Macro);
        }
        let last = mac.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        // It shows what it is given.
        if last == "stringify" {
            return;
        }
        if let Some(mut parsed) = arguments(mac) {
            let either = std::mem::replace(&mut self.either, !is_known(&last));
            parsed.list.iter_mut().for_each(|argument| self.visit_expr_mut(value_of_mut(argument)));
            self.either = either;
            parsed.name_captures(|name| {
                self.mentioned(&[Space::Value], name);
                if self.is_beside(name) {
                    return None;
                }
                let unique = self.scopes.renamed(Space::Value, name)?;
                Some(crate::tree::name(unique))
            });
            mac.tokens = quote::quote!(#parsed);
        } else {
            mac.tokens = self.tokens(mac.tokens.clone(), &[]);
        }
    }

    fn visit_item_mut(&mut self, item: &mut Item) {
        match item {
            // It sees nothing of the function.
            Item::Mod(_) => {}
            Item::Use(import) => self.first_of_tree(&mut import.tree),
            item => self.scoped(|this| visit_mut::visit_item_mut(this, item)),
        }
    }

    fn visit_item_macro_mut(&mut self, mac: &mut syn::ItemMacro) {
        let (name, handed) = match mac.mac.path.get_ident() {
            Some(name) => self.call(name, &[]),
            None => return mac.mac.tokens = self.tokens(mac.mac.tokens.clone(), &[]),
        };
        mac.mac.path = name.into();
        let tokens = mac.mac.tokens.clone();
        mac.mac.tokens = self.tokens(quote::quote!(#handed #tokens), &[]);
    }

    fn visit_impl_item_mut(&mut self, item: &mut syn::ImplItem) {
        self.scoped(|this| visit_mut::visit_impl_item_mut(this, item));
    }

    fn visit_trait_item_mut(&mut self, item: &mut syn::TraitItem) {
        self.scoped(|this| visit_mut::visit_trait_item_mut(this, item));
    }

    fn visit_generics_mut(&mut self, generics: &mut syn::Generics) {
        for parameter in &generics.params {
            match parameter {
                syn::GenericParam::Type(ty) => self.scopes.insert(Space::Type, &ty.ident, Meaning::Kept),
                syn::GenericParam::Const(constant) => self.scopes.insert(Space::Value, &constant.ident, Meaning::Kept),
                syn::GenericParam::Lifetime(_) => {}
            }
        }
        visit_mut::visit_generics_mut(self, generics);
    }

    fn visit_fn_arg_mut(&mut self, argument: &mut syn::FnArg) {
        visit_mut::visit_fn_arg_mut(self, argument);
        match argument {
            syn::FnArg::Receiver(_) => self.scopes.variable("self".into()),
            syn::FnArg::Typed(typed) => self.bind(&typed.pat),
        }
    }

    fn visit_attribute_mut(&mut self, attribute: &mut Attribute) {
        if let syn::Meta::List(list) = &mut attribute.meta
            && list.path.is_ident("derive")
        {
            list.tokens = self.tokens(list.tokens.clone(), &[]);
        } else if let Some(name) = attribute.path().get_ident()
            && let Some(unique) = self.scopes.renamed(Space::Macro, name)
        {
            match &mut attribute.meta {
                syn::Meta::Path(path) => *path = unique.into(),
                syn::Meta::List(list) => list.path = unique.into(),
                syn::Meta::NameValue(_) => {}
            }
        }
    }

    fn visit_visibility_mut(&mut self, _: &mut syn::Visibility) {}
}
