//! What [`echo`](crate::echo) and [`lines`](crate::lines) share: bytes go in, the answers to lines come out.
//!
//! A line ends with `\n`, with `\r` (the Enter key of most terminals) or with both.

use core::fmt::Write;

use heapless::{String, Vec};

/// The longest line, in bytes without its end, that is answered in one part.
pub const CAPACITY: usize = 64;

/// Stands before every line.
pub const PROMPT: &str = "> ";

/// Said when nobody has ended a line for too long.
pub const GOODBYE: &str = "bye\n";

/// How many seconds that is.
pub const PATIENCE: u64 = 30;

/// The byte that ends the session when a line begins with it: Ctrl-D on a terminal.
const END_OF_TRANSMISSION: u8 = 0x04;

/// The length of the longest answer, in bytes: both notices, a position of up to 20 digits, three characters for every byte of a line
/// that is not text, the end of the line and the prompt.
pub const ANSWER: usize = 50 + 26 + 20 + 3 * CAPACITY + 1 + PROMPT.len();

/// What a line came to when a byte was added to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// [`Line::answer`] is to be written; the line begins anew, or goes on with its next part.
    Answer,
    /// The other side ends the session.
    End,
}

/// The line that is being received, at most [`CAPACITY`] bytes of it, and the answer to what came before.
#[derive(Debug, Default)]
pub struct Line {
    bytes: Vec<u8, CAPACITY>,
    /// How many bytes of this line have been answered, because they did not fit.
    answered: usize,
    after_return: bool,
    answer: String<ANSWER>,
}

impl Line {
    /// An empty line.
    pub const fn new() -> Line {
        Line { bytes: Vec::new(), answered: 0, after_return: false, answer: String::new() }
    }

    /// Adds a byte: `None` while the line goes on.
    pub fn push(&mut self, byte: u8) -> Option<Input> {
        let after_return = core::mem::replace(&mut self.after_return, byte == b'\r');
        match byte {
            b'\n' if after_return => None,
            b'\n' | b'\r' => {
                self.answer_last_part();
                self.answer.push_str(PROMPT).ok();
                Some(Input::Answer)
            }
            END_OF_TRANSMISSION if self.is_empty() => Some(Input::End),
            _ => {
                let full = self.bytes.is_full();
                if full {
                    self.answer_first_part();
                }
                self.bytes.push(byte).ok();
                full.then_some(Input::Answer)
            }
        }
    }

    /// What is to be written after [`Input::Answer`].
    pub fn answer(&self) -> &str {
        &self.answer
    }

    /// The answer to a line that has no end because the input has ended; nothing if there is none.
    pub fn finish(&mut self) -> &str {
        if self.is_empty() {
            return "";
        }
        self.answer_last_part();
        &self.answer
    }

    fn is_empty(&self) -> bool {
        self.answered == 0 && self.bytes.is_empty()
    }

    fn answer_last_part(&mut self) {
        self.answer.clear();
        self.answer_bytes(self.bytes.len());
        self.answered = 0;
    }

    /// Makes room for at least one byte. A character that is not complete stays for the next part.
    fn answer_first_part(&mut self) {
        self.answer.clear();
        if self.answered == 0 {
            writeln!(self.answer, "error: line longer than {CAPACITY} bytes, echoed in parts").ok();
        }
        let length = match core::str::from_utf8(&self.bytes) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => self.bytes.len(),
        };
        self.answer_bytes(length);
    }

    /// Answers the first `length` bytes and forgets them.
    fn answer_bytes(&mut self, length: usize) {
        let (part, rest) = self.bytes.split_at(length);
        match core::str::from_utf8(part) {
            Ok(text) => self.answer.push_str(text).ok(),
            Err(error) => {
                write!(self.answer, "error: not UTF-8 at byte {}:", self.answered + error.valid_up_to()).ok();
                part.iter().try_for_each(|byte| write!(self.answer, " {byte:02x}")).ok()
            }
        };
        self.answer.push('\n').ok();
        self.bytes = rest.iter().copied().collect();
        self.answered += length;
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::string::String;
    use std::{format, vec::Vec};

    use super::{CAPACITY, Input, Line};

    /// Everything that is written in answer to `input`; `[end]` where the session ends.
    fn session(input: &[u8]) -> String {
        let mut line = Line::new();
        let mut output = String::from("> ");
        for &byte in input {
            match line.push(byte) {
                None => {}
                Some(Input::Answer) => output.push_str(line.answer()),
                Some(Input::End) => return output + "[end]",
            }
        }
        output.push_str(line.finish());
        output
    }

    #[test]
    fn lines_are_echoed_after_a_prompt() {
        assert_eq!(session(b""), "> ");
        assert_eq!(session(b"\n"), "> \n> ");
        assert_eq!(session(b"hello\nworld\n"), "> hello\n> world\n> ");
        assert_eq!(session("gr\u{fc}\u{df} dich\n".as_bytes()), "> gr\u{fc}\u{df} dich\n> ");
        assert_eq!(session(b"a\0b\x1b\n"), "> a\0b\x1b\n> ");
    }

    #[test]
    fn every_end_of_line_is_understood() {
        assert_eq!(session(b"a\r\nb\rc\n\r\n\n"), "> a\n> b\n> c\n> \n> \n> ");
    }

    #[test]
    fn a_line_that_the_input_does_not_end_is_echoed() {
        assert_eq!(session(b"hello\nwor"), "> hello\n> wor\n");
    }

    #[test]
    fn end_of_transmission_counts_at_the_start_of_a_line_only() {
        assert_eq!(session(b"\x04more\n"), "> [end]");
        assert_eq!(session(b"a\n\x04more\n"), "> a\n> [end]");
        assert_eq!(session(b"a\x04\n"), "> a\x04\n> ");
        let long = format!("{}\x04\n", "x".repeat(CAPACITY));
        assert!(session(long.as_bytes()).ends_with("\n\x04\n> "));
    }

    #[test]
    fn a_long_line_is_echoed_in_parts() {
        let notice = "error: line longer than 64 bytes, echoed in parts";
        let fits = "x".repeat(64);
        assert_eq!(session(format!("{fits}\n").as_bytes()), format!("> {fits}\n> "));
        assert_eq!(session(format!("{fits}y\n").as_bytes()), format!("> {notice}\n{fits}\ny\n> "));
        assert_eq!(
            session(format!("{fits}{fits}z\nok\n").as_bytes()),
            format!("> {notice}\n{fits}\n{fits}\nz\n> ok\n> ")
        );
        assert_eq!(session(format!("{fits}{fits}").as_bytes()), format!("> {notice}\n{fits}\n{fits}\n"));
    }

    #[test]
    fn a_character_is_never_cut_in_two() {
        for before in 61..=64 {
            let line = format!("{}\u{1f3b5}{}", "x".repeat(before), "y".repeat(70));
            let echoed: String = session(format!("{line}\n").as_bytes()).lines().skip(1).collect();
            assert_eq!(echoed, format!("{line}> "), "{before} bytes before the character");
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_named() {
        assert_eq!(session(b"hi\xff!\n"), "> error: not UTF-8 at byte 2: 68 69 ff 21\n> ");
        assert_eq!(session(b"\xe2\x82\n"), "> error: not UTF-8 at byte 0: e2 82\n> ");
        assert_eq!(session(b"\xf0"), "> error: not UTF-8 at byte 0: f0\n");
        let mut long = Vec::from([b'x'; 70]);
        long.extend(b"\x80\n");
        assert!(session(&long).ends_with("\nerror: not UTF-8 at byte 70: 78 78 78 78 78 78 80\n> "));
    }

    #[test]
    fn the_longest_answer_fits() {
        let mut input = Vec::from([0xff; 3 * CAPACITY]);
        input.push(b'\n');
        let hex = " ff".repeat(CAPACITY);
        assert_eq!(
            session(&input),
            format!(
                "> error: line longer than 64 bytes, echoed in parts\n\
                 error: not UTF-8 at byte 0:{hex}\nerror: not UTF-8 at byte 64:{hex}\nerror: not UTF-8 at byte 128:{hex}\n> "
            )
        );
    }
}
