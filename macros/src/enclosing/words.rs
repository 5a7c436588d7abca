//! The words of a source file.

/// A source's words and signs, without comments and texts. Whoever builds for development does not have the macro optimised: so this
/// goes from byte to byte, without what costs little only then. (What is not ASCII stands in names, texts and comments alone.)
pub struct Words<'a> {
    text: &'a str,
    at: usize,
    /// Where the last one stands.
    pub line: usize,
}

impl<'a> Words<'a> {
    pub fn new(text: &'a str) -> Words<'a> {
        Words { text, at: 0, line: 1 }
    }

    pub fn next(&mut self) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        loop {
            let begin = self.at;
            let first = *bytes.get(begin)?;
            match first {
                b'\n' => {
                    self.line += 1;
                    self.at += 1;
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'/' if bytes.get(begin + 1) == Some(&b'/') => {
                    self.at = self.text[begin..].find('\n').map_or(bytes.len(), |length| begin + length);
                }
                b'/' if bytes.get(begin + 1) == Some(&b'*') => self.skip(comment(bytes, begin)),
                b'"' => self.skip(text(bytes, begin + 1)),
                b'\'' => self.skip(character(self.text, begin)),
                _ if is_letter(first) => {
                    let mut end = begin + 1;
                    while end < bytes.len() && is_letter(bytes[end]) {
                        end += 1;
                    }
                    let word = &self.text[begin..end];
                    self.at = end;
                    if !matches!(word, "r" | "br" | "cr") {
                        return Some(word);
                    }
                    match raw(self.text, end) {
                        Some(after) => self.skip(after),
                        None => return Some(word),
                    }
                }
                _ => {
                    self.at += 1;
                    return Some(&self.text[begin..begin + 1]);
                }
            }
        }
    }

    /// Goes on there.
    fn skip(&mut self, to: usize) {
        let to = to.min(self.text.len());
        let mut rest = &self.text[self.at..to];
        while let Some(at) = rest.find('\n') {
            self.line += 1;
            rest = &rest[at + 1..];
        }
        self.at = to;
    }
}

/// Whether this may stand in a name.
pub fn is_letter(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | 128..)
}

/// Where a comment ends, with those inside.
fn comment(bytes: &[u8], begin: usize) -> usize {
    let (mut depth, mut at) = (0, begin);
    while at + 1 < bytes.len() {
        match (bytes[at], bytes[at + 1]) {
            (b'/', b'*') => {
                depth += 1;
                at += 2;
            }
            (b'*', b'/') => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Where a text ends that begins there.
fn text(bytes: &[u8], begin: usize) -> usize {
    let mut at = begin;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Where `#"…"#` ends that begins there, with as many signs as there are.
fn raw(text: &str, begin: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = begin;
    while bytes.get(at) == Some(&b'#') {
        at += 1;
    }
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let end = format!("\"{}", "#".repeat(at - begin));
    Some(text[at + 1..].find(&end).map_or(text.len(), |length| at + 1 + length + end.len()))
}

/// Where a character in quotes ends; of a lifetime, its quote.
fn character(text: &str, begin: usize) -> usize {
    let mut letters = text[begin..].char_indices().skip(1);
    match (letters.next(), letters.next()) {
        (Some((_, '\\')), Some((at, escaped))) => {
            let after = begin + at + escaped.len_utf8();
            text[after..].find('\'').map_or(text.len(), |length| after + length + 1)
        }
        (Some(_), Some((at, '\''))) => begin + at + 1,
        _ => begin + 1,
    }
}
