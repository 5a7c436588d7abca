//! What `cargo segno ps` and a firmware say to each other on a serial line.
//!
//! # The problem
//! The host asks for bytes of a chip's memory, on a line on which the program's own traffic goes on. What belongs to the
//! one must not be taken for the other, in either direction, whatever the program sends.
//!
//! # The design
//! A request is twelve bytes: a mark, a question, a number, and a check sum over all of it. There is no escaping: a byte
//! is a request's if eleven others around it make it one, and the program's if not. So the program's bytes stay as they
//! are, and no more than twelve of them are ever held back to see what they are ([`look`]).
//!
//! ```text
//! request   F5 'p' 's' kind   number   words   address (4)          sum (2)
//! answer    F5 'P' 'S' status number   words   data (4 * words)     sum (2)
//! ```
//! Addresses and sums are little-endian; data is as the memory has it, in whole words. The mark begins with a byte that no
//! UTF-8 text has. An answer's sum begins with that of its request: an answer to another question is a damaged one.
//!
//! | question | kind | answer |
//! |---|---|---|
//! | who are you? | `?` | version, the first address of RAM, the first behind it, the note with the linker's build id |
//! | what is in the memory? | `m` | so many words from the address on, as they were at one moment |
//!
//! # Costs
//! Random bytes are taken for a request once in 2^48 or so. What the line damages is found by a sum of 16 bits.

#![no_std]

use crc::{CRC_16_IBM_SDLC, Crc, Digest, NoTable};

/// Bytes of a request.
pub const REQUEST: usize = 12;

/// Words of data in an answer, at most.
pub const WORDS: usize = 32;

/// Bytes in front of an answer's data.
pub const HEADER: usize = 6;

/// Bytes of a sum.
pub const SUM: usize = 2;

/// What both sides must agree on.
pub const VERSION: u32 = 1;

/// Words in front of the note in the answer to [`Question::Who`].
pub const WHO: usize = 3;

const ASKED: [u8; 3] = [0xF5, b'p', b's'];
const ANSWERED: [u8; 3] = [0xF5, b'P', b'S'];
const KIND_WHO: u8 = b'?';
const KIND_MEMORY: u8 = b'm';

static CRC: Crc<u16, NoTable> = Crc::<u16, NoTable>::new(&CRC_16_IBM_SDLC);

/// A check sum that is not finished.
#[derive(Clone)]
pub struct Sum(Digest<'static, u16, NoTable>);

impl Sum {
    fn new() -> Sum {
        Sum(CRC.digest())
    }

    /// Adds bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// What stands behind the bytes.
    pub fn finish(self) -> [u8; SUM] {
        self.0.finalize().to_le_bytes()
    }
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Which program are you?
    Who,
    /// What is in the memory?
    Memory {
        /// A multiple of four.
        address: u32,
        /// 1 to [`WORDS`].
        words: u8,
    },
}

/// A question, with a number that its answer has too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// What is asked.
    pub question: Question,
    /// Another one than that of the request before.
    pub number: u8,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The data is what was asked for.
    Here = 0,
    /// It is of addresses that are not RAM. There is no data.
    Refused = 1,
}

/// What bytes on a line may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Not the beginning of a request.
    Other,
    /// The beginning of a request, so far.
    Beginning,
    /// A request, to its end.
    Request(Request),
}

/// What `bytes`, up to [`REQUEST`] of them, may be. They are an iterator, as who looks has them in a ring.
pub fn look(mut bytes: impl Iterator<Item = u8>) -> Look {
    let mut request = [0; REQUEST];
    for (at, place) in request.iter_mut().enumerate() {
        let Some(byte) = bytes.next() else { return Look::Beginning };
        let known = match at {
            0..3 => byte == ASKED[at],
            3 => [KIND_WHO, KIND_MEMORY].contains(&byte),
            _ => true,
        };
        if !known {
            return Look::Other;
        }
        *place = byte;
    }
    match Request::decode(&request) {
        Some(request) => Look::Request(request),
        None => Look::Other,
    }
}

impl Request {
    /// As it is on the line.
    pub fn encode(&self) -> [u8; REQUEST] {
        let (kind, address, words) = match self.question {
            Question::Who => (KIND_WHO, 0, 0),
            Question::Memory { address, words } => (KIND_MEMORY, address, words),
        };
        let [a, b, c, d] = address.to_le_bytes();
        let mut bytes = [ASKED[0], ASKED[1], ASKED[2], kind, self.number, words, a, b, c, d, 0, 0];
        let mut sum = Sum::new();
        sum.add(&bytes[..REQUEST - SUM]);
        bytes[REQUEST - SUM..].copy_from_slice(&sum.finish());
        bytes
    }

    fn decode(bytes: &[u8; REQUEST]) -> Option<Request> {
        let &[_, _, _, kind, number, words, a, b, c, d, ..] = bytes;
        let address = u32::from_le_bytes([a, b, c, d]);
        let question = if kind == KIND_WHO { Question::Who } else { Question::Memory { address, words } };
        let request = Request { question, number };
        let sensible = match question {
            Question::Who => true,
            Question::Memory { address, words } => address % 4 == 0 && (1..=WORDS).contains(&usize::from(words)),
        };
        (sensible && request.encode() == *bytes).then_some(request)
    }

    /// What an answer begins with, and its sum so far.
    pub fn answer(&self, status: Status, words: u8) -> ([u8; HEADER], Sum) {
        let header = [ANSWERED[0], ANSWERED[1], ANSWERED[2], status as u8, self.number, words];
        let mut sum = Sum::new();
        sum.add(&self.encode()[REQUEST - SUM..]);
        sum.add(&header);
        (header, sum)
    }

    /// The answer to this among bytes of a line.
    pub fn find<'a>(&self, bytes: &'a [u8]) -> Found<'a> {
        let mut found = Found::Nothing;
        for at in 0..bytes.len() {
            let bytes = &bytes[at..];
            let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else { break };
            let status = [Status::Here, Status::Refused].into_iter().find(|status| *status as u8 == header[3]);
            let (Some(status), true) = (status, header.starts_with(&ANSWERED) && header[4] == self.number) else {
                continue;
            };
            let Some((data, rest)) = rest.split_at_checked(4 * usize::from(header[5])) else { continue };
            let Some(written) = rest.first_chunk::<SUM>() else { continue };
            let (known, mut sum) = self.answer(status, header[5]);
            sum.add(data);
            if known == *header && sum.finish() == *written {
                return Found::Answer(status, data);
            }
            found = Found::Damaged;
        }
        found
    }
}

/// What bytes of a line have of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'a> {
    /// Nothing yet, or not all of it.
    Nothing,
    /// What looks like it, but its sum is wrong.
    Damaged,
    /// The answer.
    Answer(Status, &'a [u8]),
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMORY: Request = Request { question: Question::Memory { address: 0x2000_0100, words: 2 }, number: 7 };

    fn answer(request: Request) -> [u8; HEADER + 8 + SUM] {
        let mut bytes = [0; HEADER + 8 + SUM];
        let (header, mut sum) = request.answer(Status::Here, 2);
        bytes[..HEADER].copy_from_slice(&header);
        bytes[HEADER..HEADER + 8].copy_from_slice(b"memories");
        sum.add(b"memories");
        bytes[HEADER + 8..].copy_from_slice(&sum.finish());
        bytes
    }

    #[test]
    fn a_request_is_known_by_all_of_its_bytes() {
        for request in [MEMORY, Request { question: Question::Who, number: 255 }] {
            let bytes = request.encode();
            for count in 0..REQUEST {
                assert_eq!(look(bytes[..count].iter().copied()), Look::Beginning, "{count}");
            }
            assert_eq!(look(bytes.into_iter()), Look::Request(request));
            for bit in 0..8 * REQUEST {
                let mut damaged = bytes;
                damaged[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(look(damaged.into_iter()), Look::Other, "bit {bit}");
            }
        }
    }

    #[test]
    fn what_nobody_may_ask_is_no_request() {
        let questions = [(0x2000_0001, 1), (0x2000_0000, 0), (0x2000_0000, 33)];
        for (address, words) in questions {
            let request = Request { question: Question::Memory { address, words }, number: 0 };
            assert_eq!(look(request.encode().into_iter()), Look::Other, "{request:?}");
        }
    }

    #[test]
    fn an_answer_is_found_among_what_the_program_says() {
        let mut line = [0; 64];
        line[..9].copy_from_slice(b"hello\n\xF5PS");
        line[9..25].copy_from_slice(&answer(MEMORY));
        for count in 0..25 {
            assert_eq!(MEMORY.find(&line[..count]), Found::Nothing, "{count}");
        }
        assert_eq!(MEMORY.find(&line), Found::Answer(Status::Here, b"memories"));
    }

    #[test]
    fn an_answer_to_another_question_is_damaged_or_nothing() {
        let bytes = answer(MEMORY);
        let elsewhere = Request { question: Question::Memory { address: 0x2000_0200, words: 2 }, number: 7 };
        assert_eq!(elsewhere.find(&bytes), Found::Damaged);
        assert_eq!(Request { number: 8, ..MEMORY }.find(&bytes), Found::Nothing);
        for bit in 8 * HEADER..8 * bytes.len() {
            let mut damaged = bytes;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(MEMORY.find(&damaged), Found::Damaged, "bit {bit}");
        }
    }
}
