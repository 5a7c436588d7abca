//! [`syn::visit_mut`], of which each function is there once: see [`visit`](crate::visit).

macro_rules! visitors {
    ($($method:ident: $node:ty,)*) => {
        /// As [`syn::visit_mut::VisitMut`].
        pub trait VisitMut: Erased {
            $(
                fn $method(&mut self, node: &mut $node) {
                    parts::$method(self.erased(), node);
                }
            )*

            /// Nothing is around attributes to which a function would go on.
            fn visit_attributes_mut(&mut self, attributes: &mut Vec<syn::Attribute>) {
                for attribute in attributes {
                    self.visit_attribute_mut(attribute);
                }
            }
        }

        $(
            /// Goes on to the parts of a node.
            #[allow(dead_code)]
            pub fn $method<V: VisitMut + ?Sized>(visitor: &mut V, node: &mut $node) {
                parts::$method(visitor.erased(), node);
            }
        )*

        impl syn::visit_mut::VisitMut for Walk<'_> {
            $(
                fn $method(&mut self, node: &mut $node) {
                    self.0.$method(node);
                }
            )*

            fn visit_attributes_mut(&mut self, attributes: &mut Vec<syn::Attribute>) {
                self.0.visit_attributes_mut(attributes);
            }
        }

        /// Where syn's functions are called. Inlined, LLVM would make a traversal of each visitor's own after all.
        mod parts {
            use super::*;

            $(
                #[inline(never)]
                pub fn $method(visitor: &mut (dyn VisitMut + '_), node: &mut $node) {
                    syn::visit_mut::$method(&mut Walk(visitor), node);
                }
            )*
        }
    };
}

struct Walk<'a>(&'a mut (dyn VisitMut + 'a));

/// A visitor as a trait object, also where its type is not known.
pub trait Erased {
    fn erased<'a>(&'a mut self) -> &'a mut (dyn VisitMut + 'a);
}

impl<V: VisitMut> Erased for V {
    fn erased<'a>(&'a mut self) -> &'a mut (dyn VisitMut + 'a) {
        self
    }
}

visitors! {
    visit_arm_mut: syn::Arm,
    visit_attribute_mut: syn::Attribute,
    visit_block_mut: syn::Block,
    visit_bound_lifetimes_mut: syn::BoundLifetimes,
    visit_expr_async_mut: syn::ExprAsync,
    visit_expr_await_mut: syn::ExprAwait,
    visit_expr_call_mut: syn::ExprCall,
    visit_expr_closure_mut: syn::ExprClosure,
    visit_expr_for_loop_mut: syn::ExprForLoop,
    visit_expr_if_mut: syn::ExprIf,
    visit_expr_let_mut: syn::ExprLet,
    visit_expr_match_mut: syn::ExprMatch,
    visit_expr_method_call_mut: syn::ExprMethodCall,
    visit_expr_mut: syn::Expr,
    visit_expr_path_mut: syn::ExprPath,
    visit_expr_return_mut: syn::ExprReturn,
    visit_expr_struct_mut: syn::ExprStruct,
    visit_expr_while_mut: syn::ExprWhile,
    visit_field_pat_mut: syn::FieldPat,
    visit_fn_arg_mut: syn::FnArg,
    visit_generic_argument_mut: syn::GenericArgument,
    visit_generics_mut: syn::Generics,
    visit_ident_mut: proc_macro2::Ident,
    visit_impl_item_mut: syn::ImplItem,
    visit_item_macro_mut: syn::ItemMacro,
    visit_item_mut: syn::Item,
    visit_lifetime_mut: syn::Lifetime,
    visit_local_mut: syn::Local,
    visit_macro_mut: syn::Macro,
    visit_parenthesized_generic_arguments_mut: syn::ParenthesizedGenericArguments,
    visit_pat_ident_mut: syn::PatIdent,
    visit_pat_mut: syn::Pat,
    visit_pat_struct_mut: syn::PatStruct,
    visit_path_arguments_mut: syn::PathArguments,
    visit_path_mut: syn::Path,
    visit_qself_mut: syn::QSelf,
    visit_return_type_mut: syn::ReturnType,
    visit_signature_mut: syn::Signature,
    visit_stmt_mut: syn::Stmt,
    visit_trait_bound_mut: syn::TraitBound,
    visit_trait_item_mut: syn::TraitItem,
    visit_type_fn_ptr_mut: syn::TypeFnPtr,
    visit_type_impl_trait_mut: syn::TypeImplTrait,
    visit_type_mut: syn::Type,
    visit_type_reference_mut: syn::TypeReference,
    visit_visibility_mut: syn::Visibility,
}
