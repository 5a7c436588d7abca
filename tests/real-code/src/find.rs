//! The async functions of a folder.

use std::path::{Path, PathBuf};

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Signature, Visibility};

/// Where a function stands: its expansion parses only there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    Free,
    Method,
    Trait,
}

/// An async function.
#[derive(Debug, Clone)]
pub struct Found {
    pub file: PathBuf,
    pub name: String,
    pub home: Home,
    pub has_body: bool,
    /// It is a test.
    pub is_test: bool,
    /// It is a test, or in a module of tests.
    pub is_in_tests: bool,
    /// The names of its attributes.
    pub attributes: Vec<String>,
    /// Where an attribute can be put, in bytes of the file.
    pub at: usize,
    /// Lines of the file, from 1.
    pub line: usize,
    pub first_line: usize,
    pub last_line: usize,
    /// The item, without its documentation.
    pub item: TokenStream,
}

/// All of a folder's `.rs` files, in order; without links, and without folders named `target`.
pub fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() && entry.file_name() != "target" && entry.file_name() != ".git" {
            found.extend(files(&path)?);
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}

/// The async functions of a file.
///
/// # Errors
/// It cannot be read, or is not Rust: a template, or a part of a file.
pub fn functions(file: &Path) -> Result<Vec<Found>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let parsed = syn::parse_file(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut find = Find { file, tests: 0, found: Vec::new() };
    find.visit_file(&parsed);
    Ok(find.found)
}

struct Find<'a> {
    file: &'a Path,
    tests: usize,
    found: Vec<Found>,
}

fn is_test(attributes: &[Attribute]) -> bool {
    let marks = ["cfg (test)", "cfg(test)", "test", "rstest"];
    attributes.iter().any(|attribute| {
        let last = attribute.path().segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        let text = attribute.meta.to_token_stream().to_string();
        marks.contains(&last.as_str()) || marks.contains(&text.as_str()) || text.contains("futures_test")
    })
}

impl Find<'_> {
    fn add(&mut self, home: Home, attributes: &[Attribute], head: Head<'_>, item: TokenStream, whole: Span) {
        let Some(asyncness) = &head.signature.asyncness else { return };
        let start = match head.visibility {
            Some(visibility) if !matches!(visibility, Visibility::Inherited) => visibility.span(),
            _ => asyncness.span(),
        };
        let names = attributes.iter().filter_map(|attribute| attribute.path().segments.last());
        self.found.push(Found {
            file: self.file.to_path_buf(),
            name: head.signature.ident.to_string(),
            home,
            has_body: head.has_body,
            is_test: is_test(attributes),
            is_in_tests: self.tests > 0 || is_test(attributes),
            attributes: names.map(|name| name.ident.to_string()).collect(),
            at: start.byte_range().start,
            line: head.signature.ident.span().start().line,
            first_line: whole.start().line,
            last_line: whole.end().line,
            item,
        });
    }

    fn inside(&mut self, attributes: &[Attribute], work: impl FnOnce(&mut Self)) {
        let test = usize::from(is_test(attributes));
        self.tests += test;
        work(self);
        self.tests -= test;
    }
}

struct Head<'a> {
    visibility: Option<&'a Visibility>,
    signature: &'a Signature,
    has_body: bool,
}

/// Documentation would make every expansion longer, and says nothing.
fn undocumented(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes.iter().filter(|attribute| !attribute.path().is_ident("doc")).cloned().collect()
}

impl<'ast> Visit<'ast> for Find<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        let item = syn::ItemFn { attrs: undocumented(&function.attrs), ..function.clone() }.to_token_stream();
        let head = Head { visibility: Some(&function.vis), signature: &function.sig, has_body: true };
        self.add(Home::Free, &function.attrs, head, item, function.span());
        self.inside(&function.attrs, |this| visit::visit_item_fn(this, function));
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.inside(&module.attrs, |this| visit::visit_item_mod(this, module));
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        let item = syn::ImplItemFn { attrs: undocumented(&function.attrs), ..function.clone() }.to_token_stream();
        let head = Head { visibility: Some(&function.vis), signature: &function.sig, has_body: true };
        self.add(Home::Method, &function.attrs, head, item, function.span());
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        let item = syn::TraitItemFn { attrs: undocumented(&function.attrs), ..function.clone() }.to_token_stream();
        let head = Head { visibility: None, signature: &function.sig, has_body: function.default.is_some() };
        self.add(Home::Trait, &function.attrs, head, item, function.span());
        visit::visit_trait_item_fn(self, function);
    }
}
