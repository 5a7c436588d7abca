//! What a method stands in: an `impl` of a trait, or one of its type's own.
//!
//! # The problem
//! A method that implements a trait's must have the signature that the trait declares, while a private one of a type's own may get a
//! lifetime for its frame, without which some of them do not compile. An attribute sees the method alone.
//!
//! # The design
//! The source is there: the compiler says in which file and line a token stands. The file is read up to it, for its braces
//! and what stands before them. Where that is not possible, since a macro has written the method, nothing is known, and the signature
//! stays as it is. What is found is checked: where the method should be, there has to be its name, behind `fn`.

use proc_macro2::Ident;

/// What is around a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosing {
    /// What kind of item it is.
    pub around: Around,
    /// The names of that item's parameters.
    pub parameters: Vec<String>,
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
    let text = std::fs::read_to_string(name.span().local_file()?).ok()?;
    find(&text, &name.to_string(), name.span().start().line)
}

fn find(text: &str, name: &str, line: usize) -> Option<Enclosing> {
    let mut words = Words { rest: text, line: 1 };
    // What stands before each open brace; and before the next one.
    let mut open: Vec<Vec<&str>> = Vec::new();
    let mut head: Vec<&str> = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "{" => open.push(std::mem::take(&mut head)),
            "}" => {
                open.pop();
                head.clear();
            }
            ";" => head.clear(),
            _ if word == name && words.line == line && head.last() == Some(&"fn") => {
                let head = open.last().map_or(Vec::new(), |head| without_attributes(head));
                return Some(Enclosing { around: around(&head)?, parameters: parameters(&head) });
            }
            _ if words.line > line => return None,
            _ => head.push(word),
        }
    }
    None
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

/// `impl<'a, T: Bound<U>, const N: usize>`: `a`, `T` and `N`.
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
    found
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

/// A source's words and signs, without comments and texts.
struct Words<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<&'a str> {
        loop {
            let first = self.rest.chars().next()?;
            let length = match first {
                _ if first.is_whitespace() => first.len_utf8(),
                _ if self.rest.starts_with("//") => self.rest.find('\n').unwrap_or(self.rest.len()),
                _ if self.rest.starts_with("/*") => comment(self.rest),
                '"' => text(&self.rest[1..]) + 1,
                '\'' => character(self.rest),
                _ if first.is_alphanumeric() || first == '_' => {
                    let word = self.word();
                    let behind = &self.rest[word..];
                    if matches!(&self.rest[..word], "r" | "br" | "cr")
                        && (behind.starts_with('"') || behind.starts_with("#\"") || behind.starts_with("##"))
                    {
                        word + raw(behind)
                    } else {
                        return Some(self.take(word));
                    }
                }
                _ => return Some(self.take(first.len_utf8())),
            };
            self.take(length);
        }
    }

    fn word(&self) -> usize {
        self.rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(self.rest.len())
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }
}

/// The length of a comment, with those inside.
fn comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        let here = &rest[at..];
        if here.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// The length of a text, with the sign at its end.
fn text(rest: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of `#"…"#`, with as many signs as there are.
fn raw(rest: &str) -> usize {
    let signs = rest.len() - rest.trim_start_matches('#').len();
    let end = format!("\"{}", "#".repeat(signs));
    let begin = signs + 1;
    rest.get(begin..).and_then(|inside| inside.find(&end)).map_or(rest.len(), |at| begin + at + end.len())
}

/// The length of a character in quotes; of a lifetime, that of its quote.
fn character(rest: &str) -> usize {
    let mut letters = rest.char_indices().skip(1);
    match (letters.next(), letters.next()) {
        (Some((_, '\\')), Some((at, escaped))) => {
            let after = at + escaped.len_utf8();
            rest[after..].find('\'').map_or(rest.len(), |end| after + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{Around, find};

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
    fn its_parameters() {
        let parameters = |head: &str| {
            let text = format!("{head} {{ async fn f() {{}} }}");
            find(&text, "f", 1).map(|enclosing| enclosing.parameters.join(" "))
        };
        assert_eq!(parameters("impl Bus for Wire<T>"), Some("".into()));
        assert_eq!(
            parameters("unsafe impl<'a, T: Fn(&u8) -> Vec<U>, const N: usize> Bus<T> for Wire<'a, N> where T: Debug"),
            Some("a T N".into())
        );
        assert_eq!(parameters("pub trait Bus<W: Word = u8>: Debug"), Some("W".into()));
        assert_eq!(parameters("pub trait Bus: From<u8>"), Some("".into()));
        assert_eq!(parameters("mod bus"), Some("".into()));
    }
}
