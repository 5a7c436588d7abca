//! Finds requests among the bytes of a line, and makes their answers. It knows no hardware.
//!
//! Bytes are [fed](Responder::feed) one at a time. Of what may be a request up to twelve are held; as soon as they are none,
//! they are [passed on](Responder::pass), the oldest first, and the rest is looked at again: a request may begin anywhere. A
//! byte with an error is none of a request's.

use segno_inspect_protocol::{HEADER, Look, Question, REQUEST, Request, SUM, Status, Sum, VERSION, WHO, WORDS, look};

use super::memory::Readable;
use crate::serial::Received;

/// Bytes that were received, and an answer that is being sent.
pub struct Responder {
    /// Plain bytes, `count` of them from `start` on: first `passing` that are the program's, then those that may be a
    /// request's. A ring: to move bytes takes more flash than all the rest.
    held: [u8; RING],
    start: u8,
    count: u8,
    passing: u8,
    /// What came behind them, and is no plain byte, if there is such a one. (`None` would not be all zeros.)
    last: Received,
    is_last: bool,
    /// How many bytes have come, modulo 256.
    pub(super) fed: u8,
    answer: Option<Answer>,
}

/// Slots of the ring: room for a request, and a power of two.
const RING: usize = REQUEST.next_power_of_two();

const NOTHING: Received = Received { overrun: false, byte: Ok(0) };

/// An answer, as it was when it was asked for.
struct Answer {
    header: [u8; HEADER],
    data: [u32; WORDS],
    sum: Sum,
    /// Bytes of data.
    bytes: u8,
    /// The next byte to be sent: of the header, the data, or the sum.
    next: u8,
}

impl Responder {
    /// Nothing has come.
    pub const fn new() -> Responder {
        Responder {
            held: [0; RING],
            start: 0,
            count: 0,
            passing: 0,
            last: NOTHING,
            is_last: false,
            fed: 0,
            answer: None,
        }
    }

    /// Takes what was received; a request is answered, unless another answer is still being sent. To be called only while
    /// nothing [is to be passed on](Responder::is_passing).
    pub fn feed(&mut self, received: Received, readable: fn() -> Readable) {
        self.fed = self.fed.wrapping_add(1);
        match received {
            Received { overrun: false, byte: Ok(byte) } if usize::from(self.count) < REQUEST => {
                self.held[usize::from(self.start + self.count) % RING] = byte;
                self.count += 1;
                self.judge(readable);
            }
            other => {
                self.release();
                (self.last, self.is_last) = (other, true);
            }
        }
    }

    /// Lets go of what cannot be a request.
    fn judge(&mut self, readable: fn() -> Readable) {
        while self.passing < self.count {
            let held = (self.passing..self.count).map(|at| self.held[usize::from(self.start + at) % RING]);
            match look(held) {
                Look::Other => self.passing += 1,
                Look::Beginning => return,
                Look::Request(request) => {
                    self.count = self.passing;
                    if self.answer.is_none() {
                        self.answer = Some(Answer::new(&request, readable()));
                    }
                }
            }
        }
    }

    /// What is held is the program's.
    pub fn release(&mut self) {
        self.passing = self.count;
    }

    /// Whether bytes are held because they may be a request's.
    pub fn is_holding(&self) -> bool {
        self.count > self.passing
    }

    /// Whether there is something for the program.
    pub fn is_passing(&self) -> bool {
        self.passing > 0 || self.is_last
    }

    /// The next for the program.
    pub fn pass(&mut self) -> Option<Received> {
        if self.passing == 0 {
            return core::mem::take(&mut self.is_last).then_some(self.last);
        }
        let byte = self.held[usize::from(self.start) % RING];
        self.start = (self.start + 1) % RING as u8;
        self.passing -= 1;
        self.count -= 1;
        Some(Received { overrun: false, byte: Ok(byte) })
    }

    /// Whether there is something to be sent.
    pub fn is_answering(&self) -> bool {
        self.answer.is_some()
    }

    /// The next byte to be sent.
    pub fn next_byte(&mut self) -> Option<u8> {
        let answer = self.answer.as_mut()?;
        let byte = answer.next_byte();
        if byte.is_none() || answer.is_sent() {
            self.answer = None;
        }
        byte
    }
}

impl Answer {
    fn new(request: &Request, readable: Readable) -> Answer {
        let mut data = [0; WORDS];
        let (status, words) = match request.question {
            Question::Who => {
                let [start, end] = readable.ram();
                let (about, note) = data.split_at_mut(WHO);
                about.copy_from_slice(&[VERSION, start, end]);
                (Status::Here, WHO + readable.copy_note(note))
            }
            Question::Memory { address, words } => {
                let words = usize::from(words).min(WORDS);
                let here = readable.copy(address, &mut data[..words]);
                if here { (Status::Here, words) } else { (Status::Refused, 0) }
            }
        };
        let (header, sum) = request.answer(status, words as u8);
        Answer { header, data, sum, bytes: (4 * words) as u8, next: 0 }
    }

    fn next_byte(&mut self) -> Option<u8> {
        let at = usize::from(self.next);
        self.next += 1;
        if let Some(&byte) = self.header.get(at) {
            return Some(byte);
        }
        let at = at - HEADER;
        let bytes = usize::from(self.bytes);
        if at < bytes {
            let byte = self.data[at / 4 % WORDS].to_ne_bytes()[at % 4];
            self.sum.add(&[byte]);
            return Some(byte);
        }
        self.sum.clone().finish().get(at - bytes).copied()
    }

    fn is_sent(&self) -> bool {
        usize::from(self.next) == HEADER + usize::from(self.bytes) + SUM
    }
}
