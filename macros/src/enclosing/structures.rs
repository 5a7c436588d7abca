//! The structures and variants that a source file declares, by name, and what fields they have.

use super::words::{Words, is_letter};
use super::{implementing, module, without_attributes};

/// A `struct` of a file, or a variant of an `enum`.
pub struct Structure {
    /// Of a variant with that of the `enum`: `Event::Key`.
    name: String,
    /// The modules of the file around it.
    modules: Vec<String>,
    pub fields: Vec<Field>,
    /// They are all `pub`.
    is_open: bool,
    /// It has these fields in any case, without a `#[cfg]`.
    pub is_certain: bool,
    /// Nothing shows that it has a destructor of its own, as a `Drop` of the file does, or `#[pin_project]`.
    pub has_no_destructor: bool,
    /// It is `Copy`, for all that is seen.
    is_copy: bool,
}

/// A field of a structure.
#[derive(Clone)]
pub struct Field {
    /// Its name, or number.
    pub name: String,
    /// The words of its type, which have no quotes before lifetimes.
    ty: Vec<String>,
}

impl Field {
    /// Its type, if that can be told: not where there are lifetimes, or parameters of the structure.
    pub fn ty(&self) -> Option<syn::Type> {
        syn::parse_str(&self.ty.join(" ")).ok()
    }

    /// Whether its type is shown by its spelling to have no destructor.
    pub fn is_plain(&self) -> bool {
        self.is_reference() || self.ty().is_some_and(|ty| crate::names::number(&ty).is_some())
    }

    /// Whether it is of a type that its spelling shows to be a reference.
    pub fn is_reference(&self) -> bool {
        self.ty.first().is_some_and(|first| first == "&")
    }

    /// Whether it is of a type that its spelling shows to be `&mut`.
    pub fn is_mutable_reference(&self) -> bool {
        self.is_reference() && self.ty.iter().take(3).any(|word| word == "mut")
    }
}

/// The structure of a name that is meant in a module, and of which all fields can be named there.
pub fn seen<'s>(structures: &'s [Structure], name: &str, around: &[String]) -> Option<&'s Structure> {
    let of_name = || structures.iter().filter(|found| found.name == name);
    // What is private is seen in its module and in those inside of it; the innermost of these is meant.
    let depth = of_name().filter(|found| around.starts_with(&found.modules)).map(|found| found.modules.len()).max();
    let mut found = of_name().filter(|found| match depth {
        Some(depth) => found.modules.len() == depth && around.starts_with(&found.modules),
        None => true,
    });
    found.next().filter(|first| found.next().is_none() && (depth.is_some() || first.is_open))
}

/// Whether a type of this name is shown to be `Copy`.
pub fn is_copy(structures: &[Structure], name: &str) -> bool {
    let mut found = structures.iter().filter(|found| found.of() == name).peekable();
    found.peek().is_some() && found.all(|found| found.is_copy)
}

impl Structure {
    /// The name of its type: of a variant that of the `enum`.
    fn of(&self) -> &str {
        self.name.split("::").next().unwrap_or_default()
    }
}

/// The structures and variants of a file.
pub fn structures(text: &str) -> Vec<Structure> {
    let mut implemented = Implemented::default();
    let mut found = declared(text, &mut implemented);
    for found in &mut found {
        let is_in = |names: &[String]| names.iter().any(|name| name == found.of());
        (found.has_no_destructor, found.is_copy) =
            (found.has_no_destructor && !is_in(&implemented.dropped), found.is_copy || is_in(&implemented.copied));
    }
    found
}

/// The names of the types that traits are implemented for.
#[derive(Default)]
struct Implemented {
    /// `Drop`.
    dropped: Vec<String>,
    /// `Copy`.
    copied: Vec<String>,
}

/// The same, without what is implemented elsewhere in it.
fn declared(text: &str, implemented: &mut Implemented) -> Vec<Structure> {
    let mut words = Words::new(text);
    let mut found = Vec::new();
    let mut open: Vec<Option<String>> = Vec::new();
    let mut head = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "{" => {
                for (of_trait, names) in [("Drop", &mut implemented.dropped), ("Copy", &mut implemented.copied)] {
                    let is_of = head.windows(2).any(|pair| pair == [of_trait, "for"]);
                    names.extend(is_of.then(|| implementing(&without_attributes(&head))).flatten());
                }
                open.push(module(&head));
                head.clear();
            }
            "}" => {
                open.pop();
                head.clear();
            }
            ";" => head.clear(),
            _ => head.push(word),
        }
        if !matches!(word, "struct" | "enum") {
            continue;
        }
        let (is_plain, is_copy) = (has_plain_attributes(&head), head.contains(&"Copy"));
        head.clear();
        let Some(name) = words.next().filter(|name| is_letter(name.as_bytes()[0])) else { continue };
        // Up to its fields: parameters, and what they are bounded by.
        let (mut depth, mut before) = (0, "");
        let mut parameters = Vec::new();
        let begin = loop {
            let Some(word) = words.next() else { return found };
            parameters.extend(Some(word).filter(|word| is_letter(word.as_bytes()[0])));
            match word {
                "<" => depth += 1,
                ">" if before != "-" => depth -= 1,
                "(" | "{" | ";" if depth == 0 => break word,
                _ => {}
            }
            before = word;
        };
        let all = match word {
            "struct" => fields_behind(begin, &mut words).map(|fields| vec![(name.to_owned(), fields)]),
            _ => variants_behind(begin, &mut words).map(|variants| {
                variants.into_iter().map(|(variant, fields)| (format!("{name}::{variant}"), fields)).collect()
            }),
        };
        for (name, Fields { mut list, is_open, is_certain }) in all.unwrap_or_default() {
            for field in list.iter_mut().filter(|field| field.ty.iter().any(|word| parameters.contains(&&**word))) {
                let is_reference = field.is_reference();
                field.ty.retain(|word| is_reference && matches!(&**word, "&" | "mut"));
            }
            let modules = open.iter().flatten().cloned().collect();
            found.push(Structure {
                name,
                modules,
                fields: list,
                is_open,
                is_certain,
                has_no_destructor: is_plain,
                is_copy,
            });
        }
    }
    found
}

/// Whether nothing before a structure may give it a destructor, or change its fields. (`#[…]` has been cut at its words.)
fn has_plain_attributes(head: &[&str]) -> bool {
    const PLAIN: [&str; 16] = [
        "derive",
        "repr",
        "allow",
        "expect",
        "warn",
        "deny",
        "doc",
        "must_use",
        "non_exhaustive",
        "deprecated",
        "cfg",
        "cfg_attr",
        "serde",
        "defmt",
        "error",
        "diagnostic",
    ];
    let changes = |word: &&str| *word == "packed" || word.contains("Drop") || word.contains("drop");
    let is_plain = |(at, word): (usize, &&str)| {
        let begins = *word == "[" && at > 0 && head[at - 1] == "#";
        !begins || head.get(at + 1).is_some_and(|name| PLAIN.contains(name))
    };
    !head.iter().any(changes) && head.iter().enumerate().all(is_plain)
}

/// The fields of a structure, or of a variant.
struct Fields {
    list: Vec<Field>,
    /// They are all `pub`.
    is_open: bool,
    /// They are there in any case.
    is_certain: bool,
}

/// The variants behind the brace before them.
fn variants_behind<'t>(open: &str, words: &mut Words<'t>) -> Option<Vec<(&'t str, Fields)>> {
    let mut found = Vec::new();
    let mut next = (open == "{").then(|| words.next())??;
    while next != "}" {
        match next {
            "," => next = words.next()?,
            "#" => {
                let (mut depth, mut word) = (0, words.next()?);
                while word != "]" || depth > 1 {
                    depth += i32::from(word == "[") - i32::from(word == "]");
                    word = words.next()?;
                }
                next = words.next()?;
            }
            name => {
                next = words.next()?;
                let mut fields = Fields { list: Vec::new(), is_open: true, is_certain: true };
                if matches!(next, "(" | "{") {
                    fields = Fields { is_open: true, ..fields_behind(next, words)? };
                    next = words.next()?;
                }
                found.push((name, fields));
                // A number: `= 1`, in which there may be anything.
                let mut depth = 0;
                while depth > 0 || !matches!(next, "," | "}") {
                    depth += i32::from(matches!(next, "(" | "[" | "{")) - i32::from(matches!(next, ")" | "]" | "}"));
                    next = words.next()?;
                }
            }
        }
    }
    Some(found)
}

/// The fields behind the brace or parenthesis before them.
fn fields_behind(open: &str, words: &mut Words<'_>) -> Option<Fields> {
    let mut fields: Vec<Vec<&str>> = vec![Vec::new()];
    let (mut depth, mut before) = (1, "");
    while depth > 0 && open != ";" {
        let word = words.next()?;
        match word {
            "<" | "(" | "[" | "{" => depth += 1,
            ">" if before == "-" => {}
            ">" | ")" | "]" | "}" => depth -= 1,
            "," if depth == 1 => fields.push(Vec::new()),
            _ => {}
        }
        if depth > 0 && !(word == "," && depth == 1) {
            fields.last_mut()?.push(word);
        }
        before = word;
    }
    fields.retain(|words| !words.is_empty());
    let (mut is_open, mut is_certain) = (true, true);
    let field = |(index, words): (usize, &Vec<&str>)| {
        is_certain &= !words.windows(2).any(|pair| pair == ["[", "cfg"]);
        let kept = without_attributes(words);
        is_open &= matches!(kept[..], ["pub", next, ..] if next != "(" || open == "(");
        let kept = match kept.as_slice() {
            ["pub", "(", rest @ ..] => &rest[rest.iter().position(|word| *word == ")")? + 1..],
            ["pub", rest @ ..] => rest,
            all => all,
        };
        let (name, ty) = match kept {
            ty if open == "(" => (index.to_string(), ty),
            ["r", "#", name, ":", ty @ ..] => (format!("r#{name}"), ty),
            [name, ":", ty @ ..] => ((*name).to_owned(), ty),
            _ => return None,
        };
        Some(Field { name, ty: ty.iter().map(|&word| word.to_owned()).collect() })
    };
    let list: Option<Vec<Field>> = fields.iter().enumerate().map(field).collect();
    Some(Fields { list: list?, is_open, is_certain })
}

#[cfg(test)]
mod tests {
    use super::super::{declared, functions};

    #[test]
    fn the_fields_of_structures() {
        const STRUCTURES: &str = r#"
            pub(crate) struct Wire<'a, T: Fn(u8) -> u8 = fn(u8) -> u8, const N: usize = { 1 }> where T: Send {
                /// It's a field,
                #[cfg(feature = "a, b")] pub(in crate::x) r#first: Vec<(u8, T)>,
                second: [u8; N], pub third: fn(u8) -> u8
            }
            struct Two(pub u8, Vec<(u8, u8)>);
            struct Unit;
            struct None {}
            macro_rules! some { ($name:ident) => { struct $name { lost: u8 } } }
            pub enum Other<T> where T: Send {
                #[cfg(feature = "a, b")] /// It's a variant,
                First { struct_: u8, #[x([])] other: T } = { 1 } + f(2, 3),
                Second(u8, Vec<(u8, u8)>), Third = 3, Fourth
            }
            enum Never {}
        "#;
        let found = super::structures(STRUCTURES);
        let found: Vec<_> = found.iter().map(|found| format!("{} {}", found.name, names(found).join(" "))).collect();
        assert_eq!(
            found,
            [
                "Wire r#first second third",
                "Two 0 1",
                "Unit ",
                "None ",
                "Other::First struct_ other",
                "Other::Second 0 1",
                "Other::Third ",
                "Other::Fourth "
            ]
        );
    }

    fn names(found: &super::Structure) -> Vec<&str> {
        found.fields.iter().map(|field| &*field.name).collect()
    }

    #[test]
    fn what_may_have_a_destructor_or_other_fields() {
        let text = r#"
            #[derive(Debug, Clone)] #[repr(C)] pub struct Plain { a: u8 }
            mod inner { impl<'a, T> Drop for super::Dropped<'a, T> where T: Send { fn drop(&mut self) {} } }
            struct Dropped<'a, T> { a: &'a T }
            #[pin_project(PinnedDrop)] struct Pinned { a: u8 }
            #[derive(Zeroize, ZeroizeOnDrop)] struct Secret(u8);
            #[repr(C, packed)] struct Packed { a: u8 }
            struct Sometimes { #[cfg(feature = "x")] a: u8 }
            impl Trait for Other {} struct Other { a: u8 }
        "#;
        let found = super::structures(text);
        let whole: Vec<_> =
            found.iter().map(|found| (&*found.name, found.is_certain && found.has_no_destructor)).collect();
        let expected = [("Plain", true), ("Dropped", false), ("Pinned", false), ("Secret", false), ("Packed", false)];
        assert_eq!(whole[..5], expected);
        assert_eq!(whole[5..], [("Sometimes", false), ("Other", true)]);
    }

    #[test]
    fn what_is_copied() {
        let text = "
            #[derive(Clone, Copy)] #[repr(u8)] pub enum Mode { On, Off(u8) }
            #[derive(Clone)] struct Cloned { a: u8 }
            struct Own<T>(T); impl<T: Copy> Copy for Own<T> {}
            impl From<Copy> for Cloned {}
        ";
        let found = super::structures(text);
        let copied: Vec<_> =
            ["Mode", "Own", "Cloned", "Other"].iter().map(|name| super::is_copy(&found, name)).collect();
        assert_eq!(copied, [true, true, false, false]);
    }

    #[test]
    fn the_types_of_fields() {
        let text =
            "struct All<'a, T> { a: u32, b: &'a str, c: &'a mut [u8], d: Vec<u8>, e: &mut u8, f: (&'a u8, u8), g: T }";
        let found = super::structures(text);
        let all = found[0]
            .fields
            .iter()
            .map(|field| format!("{} {} {}", field.ty().is_some(), field.is_reference(), field.is_mutable_reference()));
        let expected = [
            "true false false",
            "false true false",
            "false true true",
            "true false false",
            "true true true",
            "false false false",
            "false false false",
        ];
        assert_eq!(all.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn who_sees_the_fields() {
        const MODULES: &str =
            "mod outer { pub mod inner { struct Private { pub a: T, b: T } struct Open { pub a: T } fn in_it() {} }
            impl X { fn beside() { fn nested() {} } } struct Behind { a: T } }";
        let found = super::structures(MODULES);
        let found: Vec<_> = found
            .iter()
            .map(|found| format!("{} {} {}", found.modules.join("::"), found.name, found.is_open))
            .collect();
        assert_eq!(found, ["outer::inner Private false", "outer::inner Open true", "outer Behind false"]);
        let modules = |name, line| declared(&functions(MODULES), name, line).map(|found| found.modules.join("::"));
        assert_eq!(modules("in_it", 1), Some("outer::inner".into()));
        assert_eq!(modules("nested", 2), Some("outer".into()));
    }
}
