//! The structures that a source file declares, by name, and what fields they have.

use super::words::{Words, is_letter};
use super::{module, without_attributes};

/// A `struct` of a file.
pub struct Structure {
    name: String,
    /// The modules of the file around it.
    modules: Vec<String>,
    /// Their names, or numbers.
    pub fields: Vec<String>,
    /// They are all `pub`.
    is_open: bool,
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

/// The structures of a file that have fields.
pub fn structures(text: &str) -> Vec<Structure> {
    let mut words = Words::new(text);
    let mut found = Vec::new();
    let mut open: Vec<Option<String>> = Vec::new();
    let mut head = ["", ""];
    while let Some(word) = words.next() {
        match word {
            "{" => open.push(module(&head)),
            "}" => drop(open.pop()),
            _ => {}
        }
        head = [head[1], word];
        if word != "struct" {
            continue;
        }
        let Some(name) = words.next().filter(|name| is_letter(name.as_bytes()[0])) else { continue };
        // Up to its fields: parameters, and what they are bounded by.
        let (mut depth, mut before) = (0, "");
        let begin = loop {
            let Some(word) = words.next() else { return found };
            match word {
                "<" => depth += 1,
                ">" if before != "-" => depth -= 1,
                "(" | "{" | ";" if depth == 0 => break word,
                _ => {}
            }
            before = word;
        };
        if let Some((fields, is_open)) = fields_behind(begin, &mut words) {
            let modules = open.iter().flatten().cloned().collect();
            found.push(Structure { name: name.to_owned(), modules, fields, is_open });
        }
    }
    found
}

/// The names of fields, or their numbers, behind the brace or parenthesis before them; and whether they are all `pub`.
fn fields_behind(open: &str, words: &mut Words<'_>) -> Option<(Vec<String>, bool)> {
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
    let mut is_open = true;
    let name = |(index, words): (usize, &Vec<&str>)| {
        let kept = without_attributes(words);
        is_open &= matches!(kept[..], ["pub", next, ..] if next != "(" || open == "(");
        let kept = match kept.as_slice() {
            ["pub", "(", rest @ ..] => &rest[rest.iter().position(|word| *word == ")")? + 1..],
            ["pub", rest @ ..] => rest,
            all => all,
        };
        if open == "(" { Some(index.to_string()) } else { kept.first().map(|&name| name.to_owned()) }
    };
    let names: Option<Vec<String>> = fields.iter().enumerate().map(name).collect();
    Some((names?, is_open))
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
            enum Other { First { struct_: u8 } }
        "#;
        let found = super::structures(STRUCTURES);
        let found: Vec<_> = found.iter().map(|found| format!("{} {}", found.name, found.fields.join(" "))).collect();
        assert_eq!(found, ["Wire r second third", "Two 0 1", "Unit ", "None "]);
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
