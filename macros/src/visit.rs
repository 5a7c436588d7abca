//! [`syn::visit`], of which each function is there once, and not once for each visitor.
//!
//! # The problem
//! syn's traversal is generic: for each type that implements its trait, rustc makes some two hundred functions, and the compiler crate has
//! more than a hundred such types. They were 38,000 of its 65,000 functions, and optimised (`build-override`) it took minutes to build.
//! Every user builds it.
//!
//! # The design
//! The traversal is made for one type, [`Walk`], which hands each node to the visitor behind a trait object. The trait here is used as
//! syn's is: a method that is not written goes on to the node's parts, and so does the function of the same name, for those that are.
//! The lists name the nodes that some visitor is asked about; a new one is added to them.

macro_rules! visitors {
    ($($method:ident: $node:ty,)*) => {
        /// As [`syn::visit::Visit`].
        pub trait Visit<'ast>: Erased<'ast> {
            $(
                fn $method(&mut self, node: &'ast $node) {
                    parts::$method(self.erased(), node);
                }
            )*
        }

        $(
            /// Goes on to the parts of a node.
            #[allow(dead_code)]
            pub fn $method<'ast, V: Visit<'ast> + ?Sized>(visitor: &mut V, node: &'ast $node) {
                parts::$method(visitor.erased(), node);
            }
        )*

        impl<'ast> syn::visit::Visit<'ast> for Walk<'_, 'ast> {
            $(
                fn $method(&mut self, node: &'ast $node) {
                    self.0.$method(node);
                }
            )*
        }

        /// Where syn's functions are called. Inlined, LLVM would make a traversal of each visitor's own after all.
        mod parts {
            use super::*;

            $(
                #[inline(never)]
                pub fn $method<'ast>(visitor: &mut (dyn Visit<'ast> + '_), node: &'ast $node) {
                    syn::visit::$method(&mut Walk(visitor), node);
                }
            )*
        }
    };
}

struct Walk<'a, 'ast>(&'a mut (dyn Visit<'ast> + 'a));

/// A visitor as a trait object, also where its type is not known.
pub trait Erased<'ast> {
    fn erased<'a>(&'a mut self) -> &'a mut (dyn Visit<'ast> + 'a);
}

impl<'ast, V: Visit<'ast>> Erased<'ast> for V {
    fn erased<'a>(&'a mut self) -> &'a mut (dyn Visit<'ast> + 'a) {
        self
    }
}

visitors! {
    visit_arm: syn::Arm,
    visit_attribute: syn::Attribute,
    visit_block: syn::Block,
    visit_expr: syn::Expr,
    visit_expr_assign: syn::ExprAssign,
    visit_expr_async: syn::ExprAsync,
    visit_expr_await: syn::ExprAwait,
    visit_expr_binary: syn::ExprBinary,
    visit_expr_block: syn::ExprBlock,
    visit_expr_break: syn::ExprBreak,
    visit_expr_call: syn::ExprCall,
    visit_expr_closure: syn::ExprClosure,
    visit_expr_const: syn::ExprConst,
    visit_expr_continue: syn::ExprContinue,
    visit_expr_field: syn::ExprField,
    visit_expr_for_loop: syn::ExprForLoop,
    visit_expr_if: syn::ExprIf,
    visit_expr_index: syn::ExprIndex,
    visit_expr_let: syn::ExprLet,
    visit_expr_loop: syn::ExprLoop,
    visit_expr_macro: syn::ExprMacro,
    visit_expr_match: syn::ExprMatch,
    visit_expr_method_call: syn::ExprMethodCall,
    visit_expr_path: syn::ExprPath,
    visit_expr_raw_addr: syn::ExprRawAddr,
    visit_expr_reference: syn::ExprReference,
    visit_expr_repeat: syn::ExprRepeat,
    visit_expr_return: syn::ExprReturn,
    visit_expr_struct: syn::ExprStruct,
    visit_expr_unary: syn::ExprUnary,
    visit_expr_unsafe: syn::ExprUnsafe,
    visit_expr_while: syn::ExprWhile,
    visit_file: syn::File,
    visit_generic_argument: syn::GenericArgument,
    visit_ident: proc_macro2::Ident,
    visit_impl_item_fn: syn::ImplItemFn,
    visit_item: syn::Item,
    visit_item_fn: syn::ItemFn,
    visit_item_impl: syn::ItemImpl,
    visit_item_mod: syn::ItemMod,
    visit_item_trait: syn::ItemTrait,
    visit_lifetime: syn::Lifetime,
    visit_local: syn::Local,
    visit_macro: syn::Macro,
    visit_pat: syn::Pat,
    visit_pat_ident: syn::PatIdent,
    visit_pat_reference: syn::PatReference,
    visit_pat_type: syn::PatType,
    visit_path: syn::Path,
    visit_signature: syn::Signature,
    visit_stmt: syn::Stmt,
    visit_stmt_macro: syn::StmtMacro,
    visit_trait_item_fn: syn::TraitItemFn,
    visit_type: syn::Type,
    visit_type_array: syn::TypeArray,
    visit_type_fn_ptr: syn::TypeFnPtr,
    visit_type_impl_trait: syn::TypeImplTrait,
    visit_type_infer: syn::TypeInfer,
    visit_type_path: syn::TypePath,
    visit_type_ptr: syn::TypePtr,
    visit_type_reference: syn::TypeReference,
    visit_type_trait_object: syn::TypeTraitObject,
}
