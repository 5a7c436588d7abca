//! What the file of a function shows: what a method stands in, an `impl` of a trait or one of its type's own; what fields structures
//! have; what functions give.
//!
//! # The problem
//! A method that implements a trait's must have the signature that the trait declares, while a private one of a type's own may get a
//! lifetime for its frame, without which some of them do not compile. An attribute sees the method alone. And what a method leaves of
//! `self` can be written down if `Self` is a structure that has the fields which the method names ([`structures`](crate::structures));
//! what fields a variable has, and what `..` stands for, tells what is left of it at all ([`aggregates`](crate::aggregates),
//! [`rest_patterns`](crate::rest_patterns)).
//!
//! # The design
//! The source is there: the compiler says in which file and line a token stands. The file is read, once for all its functions, for
//! its braces and what stands before them. Where that is not possible, since a macro has written the method, nothing is known, and
//! the signature stays as it is. What is found is checked: where the method should be, there has to be its name, behind `fn`.

mod structures;
mod words;

use std::cell::{OnceCell, RefCell};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use proc_macro2::{Ident, Span};
use syn::Member;

pub use structures::Field;
use structures::{Structure, seen, structures};
use words::{Words, is_letter};

/// What is around a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosing {
    /// What kind of item it is.
    pub around: Around,
    /// The names of those of that item's parameters of which nothing tells how long they live.
    pub parameters: Vec<String>,
    /// The name of the type that an `impl` is for.
    pub of: Option<String>,
}

/// A kind of item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Around {
    /// An `impl` of a trait, or a trait.
    Trait,
    /// Something else.
    Other,
}

/// What is around the function of this name, if it is known.
pub fn of(name: &Ident) -> Option<Enclosing> {
    in_file(name, |file| find(&file.functions, &name.to_string(), name.span().start().line))
}

/// The fields of a structure, if the file of the function of this name declares one such structure, is known, and the function may name
/// them all.
pub fn fields(structure: &str, function: &Ident) -> Option<Vec<String>> {
    of_structure(structure, function, |found| Some(found.fields.iter().map(|field| field.name.clone()).collect()))
}

/// As [`fields`], with their types, if it is certain that there are these in any case.
pub fn certain(structure: &str, function: &Ident) -> Option<Vec<Field>> {
    of_structure(structure, function, |found| found.is_certain.then(|| found.fields.clone()))
}

/// The same, of a structure that can be taken apart by a pattern, for all that its file shows.
pub fn whole(structure: &str, function: &Ident) -> Option<Vec<Field>> {
    let is_whole = |found: &Structure| found.is_certain && found.has_no_destructor;
    of_structure(structure, function, |found| is_whole(found).then(|| found.fields.clone()))
}

/// What a function of the file gives.
pub struct Returns {
    pub ty: syn::Type,
    /// When it is awaited.
    pub is_async: bool,
}

/// What the one function gives that the file declares by a name, freely or in an `impl` of a type, if it is seen by another one.
pub fn returns(name: &str, of: Option<&str>, function: &Ident) -> Option<Returns> {
    in_file(function, |file| {
        let around = &declared(&file.functions, &function.to_string(), function.span().start().line)?.modules;
        let is_of = |found: &&Declared| {
            let enclosing = found.enclosing.as_ref();
            let is_of = |enclosing: &Enclosing| match of {
                Some(of) => enclosing.of.as_deref() == Some(of),
                None => enclosing.around == Around::Other && enclosing.of.is_none(),
            };
            found.name == name && enclosing.is_some_and(is_of) && around.starts_with(&found.modules)
        };
        let depth = file.functions.iter().filter(is_of).map(|found| found.modules.len()).max()?;
        let mut found = file.functions.iter().filter(is_of).filter(|found| found.modules.len() == depth);
        let first = found.next().filter(|_| found.next().is_none())?;
        let result = first.result.as_ref()?;
        let ty = match (syn::parse_str(&result.words.join(" ")).ok()?, of) {
            (syn::Type::Path(ty), Some(of)) if ty.path.is_ident("Self") => syn::parse_str(of).ok()?,
            (ty, _) => ty,
        };
        Some(Returns { ty, is_async: result.is_async })
    })
}

/// A field's name, as code has it.
pub fn member(name: &str, span: Span) -> Member {
    match (name.parse::<usize>(), name.strip_prefix("r#")) {
        (Ok(index), _) => Member::from(index),
        (_, Some(raw)) => Member::Named(Ident::new_raw(raw, span)),
        _ => Member::Named(Ident::new(name, span)),
    }
}

/// The reverse.
pub fn spelt(member: &Member) -> String {
    match member {
        Member::Named(name) => name.to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}

/// Whether the file declares a type of this name, and shows it to be `Copy`.
pub fn is_copy(name: &str, function: &Ident) -> bool {
    in_file(function, |file| Some(structures::is_copy(file.structures(), name))).unwrap_or(false)
}

fn of_structure<T>(structure: &str, function: &Ident, tell: impl FnOnce(&Structure) -> Option<T>) -> Option<T> {
    in_file(function, |file| {
        let around = &declared(&file.functions, &function.to_string(), function.span().start().line)?.modules;
        seen(file.structures(), structure, around).and_then(tell)
    })
}

fn in_file<T>(name: &Ident, find: impl FnOnce(&File) -> Option<T>) -> Option<T> {
    let path = name.span().local_file().or_else(|| READ.with_borrow(Clone::clone))?;
    LAST.with_borrow_mut(|last| {
        let state = State::of(path)?;
        let file = match last.take() {
            Some(file) if file.state == state => file,
            _ => {
                let functions = functions(&std::fs::read_to_string(&state.path).ok()?);
                File { functions, structures: OnceCell::new(), state }
            }
        };
        find(last.insert(file))
    })
}

/// Has functions of a file compiled by somebody who has read it, and is not rustc: it does not say where they stand.
pub fn within<T>(file: &Path, work: impl FnOnce() -> T) -> T {
    let before = READ.replace(Some(file.to_owned()));
    let result = work();
    READ.set(before);
    result
}

thread_local! {
    // A file's functions are expanded one after the other.
    static LAST: RefCell<Option<File>> = const { RefCell::new(None) };
    static READ: RefCell<Option<PathBuf>> = const { RefCell::new(None) };
}

/// What a file was when it was read. (An editor keeps the macro loaded while its user writes.)
#[derive(PartialEq, Eq)]
struct State {
    path: PathBuf,
    length: u64,
    modified: Option<SystemTime>,
}

impl State {
    fn of(path: PathBuf) -> Option<State> {
        let file = std::fs::metadata(&path).ok()?;
        Some(State { path, length: file.len(), modified: file.modified().ok() })
    }
}

struct File {
    state: State,
    functions: Vec<Declared>,
    /// Once they were asked for.
    structures: OnceCell<Vec<Structure>>,
}

impl File {
    fn structures(&self) -> &[Structure] {
        let read = || std::fs::read_to_string(&self.state.path).map_or_else(|_| Vec::new(), |text| structures(&text));
        self.structures.get_or_init(read)
    }
}

/// A function of a file.
struct Declared {
    name: String,
    line: usize,
    enclosing: Option<Enclosing>,
    /// The modules of the file around it.
    modules: Vec<String>,
    /// Unless it is within another one, or its type is none of the file's.
    result: Option<Result>,
}

/// The result of a function.
struct Result {
    /// The words of its type, which have no quotes before lifetimes.
    words: Vec<String>,
    is_async: bool,
}

fn declared<'f>(functions: &'f [Declared], name: &str, line: usize) -> Option<&'f Declared> {
    functions.iter().find(|function| function.line == line && function.name == name)
}

fn find(functions: &[Declared], name: &str, line: usize) -> Option<Enclosing> {
    declared(functions, name, line)?.enclosing.clone()
}

/// The functions of a file.
fn functions(text: &str) -> Vec<Declared> {
    let mut words = Words::new(text);
    let mut found = Vec::new();
    // What stands before each open brace; and before the next one.
    let mut open: Vec<Vec<&str>> = Vec::new();
    let mut head: Vec<&str> = Vec::new();
    let mut is_name = false;
    while let Some(word) = words.next() {
        let first = word.as_bytes()[0];
        if is_name && is_letter(first) {
            let head = open.last().map_or(Vec::new(), |head| without_attributes(head));
            let enclosing = around(&head).map(|around| Enclosing {
                around,
                parameters: parameters(&head),
                of: implementing(&head),
            });
            let modules = open.iter().filter_map(|head| module(head)).collect();
            found.push(Declared { name: word.to_owned(), line: words.line, enclosing, modules, result: None });
        }
        is_name = first == b'f' && word == "fn";
        match first {
            b'{' => {
                if let Some(last) = found.last_mut()
                    && !open.iter().any(|head| head.contains(&"fn"))
                {
                    last.result = last.result.take().or_else(|| result(&head, &last.name));
                }
                open.push(std::mem::take(&mut head));
            }
            b'}' => {
                open.pop();
                head.clear();
            }
            b';' => head.clear(),
            _ => head.push(word),
        }
    }
    found
}

/// `async fn load(size: usize) -> Config`: `Config`.
fn result(head: &[&str], name: &str) -> Option<Result> {
    let at = head.windows(2).position(|pair| pair == ["fn", name])?;
    let is_async = head[..at].contains(&"async");
    let behind = behind_generics(&head[at + 2..]);
    let generics = &head[at + 2..head.len() - behind.len()];
    let mut depth = 0;
    let end = behind.iter().position(|word| {
        depth += match *word {
            "(" => 1,
            ")" => -1,
            _ => 0,
        };
        depth == 0
    })?;
    let [_, "-", ">", ty @ ..] = &behind[end..] else { return None };
    let ty = ty.split(|word| *word == "where").next()?;
    // What is a parameter of the function is not known here.
    let is_known = !ty.iter().any(|word| is_letter(word.as_bytes()[0]) && generics.contains(word));
    is_known.then(|| Result { words: ty.iter().map(|&word| word.to_owned()).collect(), is_async })
}

/// `pub mod wires`: `wires`.
fn module(head: &[&str]) -> Option<String> {
    let at = head.len().checked_sub(2)?;
    (head[at] == "mod").then(|| head[at + 1].to_owned())
}

fn around(head: &[&str]) -> Option<Around> {
    if head.is_empty() {
        return Some(Around::Other);
    }
    let is_for = |(index, word): (usize, &&str)| *word == "for" && head.get(index + 1) != Some(&"<");
    let mut first = head.iter().filter(|word| !matches!(**word, "unsafe" | "default" | "const" | "pub"));
    match first.next() {
        Some(&"impl") => Some(if head.iter().enumerate().any(is_for) { Around::Trait } else { Around::Other }),
        Some(&"trait") => Some(Around::Trait),
        Some(&"mod" | &"fn" | &"async" | &"extern") => Some(Around::Other),
        // `pub(crate) trait`, the body of a macro, or something that does not matter.
        Some(&"(") if head.contains(&"trait") => Some(Around::Trait),
        _ => None,
    }
}

/// `impl<T> Bus for wires::Wire<T> where …`: `Wire`. Nothing, if it is no name: `&Wire`, `(A, B)`.
fn implementing(head: &[&str]) -> Option<String> {
    let begin = head.iter().position(|word| *word == "impl")?;
    let of_trait = (begin..head.len()).find(|&at| head[at] == "for" && head.get(at + 1) != Some(&"<"));
    let mut words = match of_trait {
        Some(at) => head[at + 1..].iter(),
        None => behind_generics(&head[begin + 1..]).iter(),
    };
    let mut name = None;
    let mut is_behind_colons = true;
    for word in &mut words {
        match *word {
            ":" => is_behind_colons = true,
            "<" | "where" => break,
            word if is_letter(word.as_bytes()[0]) && is_behind_colons => {
                name = Some(word.to_owned());
                is_behind_colons = false;
            }
            _ => return None,
        }
    }
    name.filter(|name| name != "dyn")
}

/// What is behind `<…>`, if it begins so.
fn behind_generics<'w, 't>(words: &'w [&'t str]) -> &'w [&'t str] {
    if words.first() != Some(&"<") {
        return words;
    }
    let mut depth = 0;
    for (index, word) in words.iter().enumerate() {
        match *word {
            "<" => depth += 1,
            ">" if words[index - 1] != "-" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &words[index + 1..];
        }
    }
    &[]
}

/// `impl<'a, T: Send, U: Word, const N: usize>`: `a` and `T`. (What a user's trait stands for may live as long as the program:
/// `trait Word: 'static`.)
fn parameters(head: &[&str]) -> Vec<String> {
    let Some(begin) = head.iter().position(|word| matches!(*word, "impl" | "trait")) else { return Vec::new() };
    // Behind `trait` stands its name.
    let behind = begin + if head[begin] == "impl" { 1 } else { 2 };
    if head.get(behind) != Some(&"<") {
        return Vec::new();
    }
    let (mut found, mut depth, mut is_next, mut before) = (Vec::new(), 1, true, "");
    for &word in &head[behind + 1..] {
        match word {
            "<" | "(" | "[" => depth += 1,
            ">" if before == "-" => {}
            ">" | ")" | "]" => depth -= 1,
            "," if depth == 1 => is_next = true,
            "const" if is_next => {}
            _ => {
                found.extend((is_next && depth == 1).then(|| word.to_owned()));
                is_next = false;
            }
        }
        if depth == 0 {
            break;
        }
        before = word;
    }
    found.retain(|name| !is_bounded(name, &head[behind..]));
    found
}

/// Whether a parameter has a bound that may tell how long it lives.
fn is_bounded(name: &str, head: &[&str]) -> bool {
    const TELL_NOTHING: [&str; 16] = [
        "Send", "Sync", "Sized", "Unpin", "Copy", "Clone", "Debug", "Default", "core", "std", "marker", "clone", "fmt",
        "default", "for", "dyn",
    ];
    let bounds = |at: usize| {
        let is_bound = head[at..].get(..2) == Some(&[name, ":"]) && head.get(at + 2) != Some(&":");
        is_bound.then(|| &head[at + 2..])
    };
    (0..head.len()).filter_map(bounds).any(|bounds| {
        let mut depth = 0;
        for &word in bounds {
            match word {
                "<" | "(" | "[" => depth += 1,
                ">" | ")" | "]" => depth -= 1,
                "," | "=" if depth == 0 => return false,
                "where" => return false,
                _ if depth == 0 && is_letter(word.as_bytes()[0]) && !TELL_NOTHING.contains(&word) => return true,
                _ => {}
            }
            if depth < 0 {
                return false;
            }
        }
        false
    })
}

/// `#[…]` has been cut at its words.
fn without_attributes<'a>(head: &[&'a str]) -> Vec<&'a str> {
    let mut kept = Vec::new();
    let mut depth = 0;
    for (index, word) in head.iter().enumerate() {
        match *word {
            "[" if depth > 0 || head.get(index.wrapping_sub(1)) == Some(&"#") => depth += 1,
            "]" if depth > 0 => depth -= 1,
            "#" if head.get(index + 1) == Some(&"[") => {}
            word if depth == 0 => kept.push(word),
            _ => {}
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{Around, Enclosing, functions};

    fn find(text: &str, name: &str, line: usize) -> Option<Enclosing> {
        super::find(&functions(text), name, line)
    }

    const SOURCE: &str = r##"
//! It's a { module.
/* { /* nested { */ fn a */
const TEXT: (&str, char, &str) = ("{ \" {", '{', r#"{ " {"#);
fn free<'a>(x: &'a str) -> char { '\'' }
impl<T> Own<T> where for<'x> T: Fn(&'x u8) {
    async fn own(&self) { if true { } }
}
#[cfg(feature = "{")]
unsafe impl<'a, T> Trait<'a> for Own<T> {
    const N: usize = { 1 };
    async fn implemented(&self) {}
}
pub(crate) trait Declares { async fn declared(&self) { fn inner() {} } }
some_macro! { impl Own { fn generated(&self) {} } fn lost(&self) {} }
"##;

    #[test]
    fn what_is_around() {
        let around = |name: &str, line| find(SOURCE, name, line).map(|enclosing| enclosing.around);
        assert_eq!(around("free", 5), Some(Around::Other));
        assert_eq!(around("own", 7), Some(Around::Other));
        assert_eq!(around("implemented", 12), Some(Around::Trait));
        assert_eq!(around("declared", 14), Some(Around::Trait));
        assert_eq!(around("inner", 14), Some(Around::Other));
        assert_eq!(around("generated", 15), Some(Around::Other));
        assert_eq!(around("lost", 15), None);
        // Nothing of that name is there.
        assert_eq!(around("own", 12), None);
        assert_eq!(around("other", 12), None);
    }

    #[test]
    fn the_type() {
        let of = |head: &str| {
            let text = format!("{head} {{ async fn f() {{}} }}");
            find(&text, "f", 1).and_then(|enclosing| enclosing.of)
        };
        assert_eq!(of("impl Wire"), Some("Wire".into()));
        assert_eq!(of("impl<T: Fn() -> u8> wires::Wire<T> where T: Debug"), Some("Wire".into()));
        assert_eq!(of("unsafe impl<'a, T> Bus<'a, T> for crate::Wire<'a>"), Some("Wire".into()));
        assert_eq!(of("impl<T> Bus for T where for<'x> T: Fn(&'x u8)"), Some("T".into()));
        for other in
            ["impl Bus for &Wire", "impl Bus for (Wire, Wire)", "impl Bus for [Wire; 2]", "mod wires", "trait Bus"]
        {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn what_functions_give() {
        let text = "
            pub async fn load(size: usize, f: impl Fn(u8) -> u8) -> Result<Config, Error> where u8: Copy { fn inner() -> T {} }
            impl Config { fn new() -> Self { Config } #[inline] fn size(&self) -> [u8; 2] { x } }
            fn id<T: From<u8>>(t: T) -> T { t }
            fn nothing() { if x { y } }
        ";
        let found = functions(text);
        let result = |name: &str| {
            let found = found.iter().find(|found| found.name == name)?;
            let result = found.result.as_ref()?;
            Some(format!("{}{}", if result.is_async { "async " } else { "" }, result.words.join(" ")))
        };
        assert_eq!(result("load").as_deref(), Some("async Result < Config , Error >"));
        assert_eq!(result("new").as_deref(), Some("Self"));
        for none in ["inner", "size", "id", "nothing"] {
            assert_eq!(result(none), None, "{none}");
        }
    }

    #[test]
    fn its_parameters() {
        let parameters = |head: &str| {
            let text = format!("{head} {{ async fn f() {{}} }}");
            find(&text, "f", 1).map(|enclosing| enclosing.parameters.join(" "))
        };
        assert_eq!(parameters("impl Bus for Wire<T>"), Some("".into()));
        assert_eq!(
            parameters("unsafe impl<'a, T: Fn(&u8) -> Vec<U>, const N: usize> Bus<T> for Wire<'a, N> where T: Debug"),
            Some("a".into())
        );
        assert_eq!(parameters("impl<S, T> Stage<S> for First<T> where S: Send + Sync, T: Copy"), Some("S T".into()));
        assert_eq!(parameters("impl<'d, W: Word, M> Bus<W> for Spi<'d, M> where M: Mode"), Some("d".into()));
        assert_eq!(parameters("impl<W: core::marker::Copy + 'static> Bus<W> for Spi"), Some("".into()));
        assert_eq!(parameters("pub trait Bus<W = u8>: Debug"), Some("W".into()));
        assert_eq!(parameters("pub trait Bus<W: Word = u8>: Debug"), Some("".into()));
        assert_eq!(parameters("pub trait Bus: From<u8>"), Some("".into()));
        assert_eq!(parameters("mod bus"), Some("".into()));
    }
}
