//! Whether the runtime's public items say what their users must know.
//!
//! rustc sees to it that each has documentation (`missing_docs`), clippy that fallible functions name their errors
//! (`missing_errors_doc`). Here it is what cancelling does to whatever can be awaited, and that each type is shown in use:
//! where it is, or where a link of its documentation leads.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Attribute, Ident, ImplItem, Item, ReturnType, TraitItem, Visibility};

/// What the source files say.
#[derive(Default)]
struct Source {
    /// The documentation of types by their names, of methods by their type's name and their own. One name may be two items'.
    docs: BTreeMap<String, Vec<String>>,
    /// Functions: name, output, documentation.
    functions: Vec<(String, String, String)>,
    /// What can be awaited.
    coroutines: BTreeSet<String>,
    /// What users reach: what is re-exported, or is in a public module.
    public: BTreeSet<String>,
    in_public_module: bool,
}

/// The documentation, as tokens are written; `None` if it is hidden.
fn docs(attributes: &[Attribute]) -> Option<String> {
    let docs = attributes.iter().filter(|attribute| attribute.path().is_ident("doc"));
    let docs: String = docs.map(|attribute| attribute.to_token_stream().to_string() + "\n").collect();
    (!docs.contains("doc (hidden)")).then_some(docs)
}

fn words(code: &str) -> Vec<&str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect()
}

impl Source {
    fn named(&mut self, name: &Ident, attributes: &[Attribute]) {
        let Some(docs) = docs(attributes) else { return };
        if self.in_public_module {
            self.public.insert(name.to_string());
        }
        self.docs.entry(name.to_string()).or_default().push(docs);
    }

    fn function(&mut self, owner: &str, signature: &syn::Signature, attributes: &[Attribute]) {
        let Some(docs) = docs(attributes) else { return };
        let name = format!("{owner}{}", signature.ident);
        if let ReturnType::Type(_, output) = &signature.output {
            self.functions.push((name.clone(), output.to_token_stream().to_string(), docs.clone()));
        }
        self.docs.entry(name).or_default().push(docs);
    }
}

impl<'a> Visit<'a> for Source {
    fn visit_item(&mut self, item: &'a Item) {
        let public = |visibility: &Visibility| matches!(visibility, Visibility::Public(_));
        match item {
            Item::Struct(item) if public(&item.vis) => self.named(&item.ident, &item.attrs),
            Item::Enum(item) if public(&item.vis) => self.named(&item.ident, &item.attrs),
            Item::Fn(item) if public(&item.vis) => self.function("", &item.sig, &item.attrs),
            Item::Use(item) if public(&item.vis) && docs(&item.attrs).is_some() => {
                let tree = item.tree.to_token_stream().to_string();
                self.public.extend(words(&tree).into_iter().map(String::from));
            }
            Item::Trait(item) if public(&item.vis) => {
                self.named(&item.ident, &item.attrs);
                for part in &item.items {
                    if let TraitItem::Fn(part) = part {
                        self.function(&format!("{}::", item.ident), &part.sig, &part.attrs);
                    }
                }
            }
            // A macro of ours that begins as an item does: documentation, then the type's name.
            Item::Macro(item) => {
                let head = |input: syn::parse::ParseStream| {
                    let head = (input.call(Attribute::parse_outer)?, input.parse::<Ident>()?);
                    input.parse::<proc_macro2::TokenStream>().map(|_| head)
                };
                match item.mac.parse_body_with(head) {
                    Ok((attributes, name)) if !attributes.is_empty() => self.named(&name, &attributes),
                    _ => {}
                }
            }
            Item::Mod(item) if docs(&item.attrs).is_none() => {}
            Item::Mod(_) | Item::Impl(_) => visit::visit_item(self, item),
            _ => {}
        }
    }

    fn visit_item_impl(&mut self, item: &'a syn::ItemImpl) {
        let last = |path: &syn::Path| path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        let syn::Type::Path(own) = &*item.self_ty else { return };
        match &item.trait_ {
            Some((path, _)) if last(path) == "Coroutine" => drop(self.coroutines.insert(last(&own.path))),
            Some(_) => {}
            None => {
                for part in &item.items {
                    if let ImplItem::Fn(part) = part
                        && matches!(part.vis, Visibility::Public(_))
                    {
                        self.function(&format!("{}::", last(&own.path)), &part.sig, &part.attrs);
                    }
                }
            }
        }
    }
}

fn read(folder: &Path, modules: &[String], source: &mut Source) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            // What expansions are made of is no user's business.
            if !path.ends_with("machine") {
                read(&path, modules, source);
            }
        } else {
            source.in_public_module = modules.iter().any(|module| path.ends_with(module));
            source.visit_file(&syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap());
        }
    }
}

fn source() -> Source {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/src");
    let root = syn::parse_file(&fs::read_to_string(folder.join("lib.rs")).unwrap()).unwrap();
    let modules = root.items.iter().filter_map(|item| match item {
        Item::Mod(item) if matches!(item.vis, Visibility::Public(_)) && docs(&item.attrs).is_some() => {
            Some(&item.ident)
        }
        _ => None,
    });
    let modules: Vec<_> = modules.flat_map(|name| [format!("src/{name}.rs"), format!("src/{name}/mod.rs")]).collect();
    let mut source = Source::default();
    read(&folder, &modules, &mut source);
    source
}

/// The items that are linked to, by the keys of [`Source::docs`]: where a link has a target, by that.
fn links(docs: &str) -> impl Iterator<Item = String> {
    docs.split("[`").skip(1).filter_map(|rest| rest.split_once("`]")).map(|(text, rest)| {
        let target = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(text, |(target, _)| target);
        let parts: Vec<_> = target.trim_end_matches(['(', ')']).split("::").collect();
        let of_a_type = parts.len() > 1 && parts[parts.len() - 2].starts_with(char::is_uppercase);
        parts[parts.len() - if of_a_type { 2 } else { 1 }..].join("::")
    })
}

#[test]
fn what_can_be_awaited_says_what_cancelling_does() {
    let source = source();
    let (mut checked, mut silent) = (0, Vec::new());
    for (name, output, docs) in &source.functions {
        let owner = name.split("::").next().unwrap_or_default();
        // `Self :: Child` is a type that somebody else names.
        let words = words(output);
        let awaited = |word: &str| word == "Coroutine" || source.coroutines.contains(word);
        let awaitable = (0..words.len()).any(|at| awaited(words[at]) && (at == 0 || words[at - 1] != "Self"));
        // What is awaited already has said it where it was made, and `Context` is resumed with.
        let builder = source.coroutines.contains(owner) || owner == "Context";
        if awaitable && source.public.contains(owner) && !builder {
            checked += 1;
            if !docs.to_lowercase().contains("cancel") && !docs.contains("As [`") {
                silent.push(name);
            }
        }
    }
    assert!(silent.is_empty(), "no word on what cancelling does: {silent:?}");
    assert!(checked > 50, "{checked}: the functions are not found any more");
}

#[test]
fn each_type_is_shown_in_use() {
    let source = source();
    let shown = |name: &str| source.docs.get(name).is_some_and(|all| all.iter().any(|docs| docs.contains("```")));
    let shown = |name: &str| shown(name) || name.split_once("::").is_some_and(|(owner, _)| shown(owner));
    let types: Vec<_> = source.public.iter().filter(|name| name.starts_with(char::is_uppercase)).collect();
    let mut not_shown = Vec::new();
    for name in types.iter().filter(|name| source.docs.contains_key(**name)) {
        let method = |key: &String| key.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with("::"));
        let by_a_method = source.docs.keys().any(|key| method(key) && shown(key));
        let by_a_link = |docs: &String| docs.contains("```") || links(docs).any(|link| shown(&link));
        if !by_a_method && !source.docs[*name].iter().all(by_a_link) {
            not_shown.push(name);
        }
    }
    assert!(not_shown.is_empty(), "neither an example nor a link to one: {not_shown:?}");
    assert!(types.len() > 100, "{}: the types are not found any more", types.len());
}
