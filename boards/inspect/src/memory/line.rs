//! A board's memory over a serial line, of firmware that answers (`boards/support/src/inspect`).
//!
//! # The problem
//! The line is slow, loses and damages bytes, and is the program's too: what the program says is between the answers.
//!
//! # The design
//! One question at a time, of up to [`WORDS`] words, asked again if there is no answer or a damaged one. First of all the
//! firmware is asked who it is: with the ELF file of another build, everything would be read and nothing be true.
//!
//! # What is one moment's
//! The words of one answer. Between two answers the program goes on, so that one reading may contradict another: then it is
//! looked at again (see [`snapshot`](crate::snapshot)).
//!
//! # Costs
//! At 115,200 baud 13 ms for 128 bytes, and what the host's driver waits before it hands out what has come, up to 16 ms. All
//! looks at `echo` take 49 questions, at `trouble` with its eight tasks 57: as bytes on the line, 0.6 s and 0.7 s.

use std::io::{self, ErrorKind, Read, Write};
use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

use segno_inspect_protocol::{Found, HEADER, Question, Request, SUM, Status, VERSION, WHO, WORDS};

use super::{Memory, unreadable};
use crate::{Image, Problem};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_millis(1_000);

/// How often a question is asked.
const TRIES: usize = 4;

/// How long the program runs between two looks.
const MOMENT: Duration = Duration::from_millis(10);

const WORD: u64 = 4;
const PIECE: u64 = WORD * WORDS as u64;

/// The longest answer.
const ANSWER: usize = HEADER + PIECE as usize + SUM;

/// A serial line. Its reading is to end after some milliseconds with [`ErrorKind::TimedOut`] or [`ErrorKind::WouldBlock`] if
/// nothing has come.
pub trait Port: Read + Write {}

impl<P: Read + Write> Port for P {}

/// A line at whose other end is a program that answers.
pub struct Line {
    port: Box<dyn Port>,
    name: String,
    number: u8,
    ram: Range<u64>,
}

/// What was heard that was no answer.
#[derive(Default)]
struct Heard {
    bytes: usize,
    no_text: usize,
    damaged: usize,
}

impl Line {
    /// Asks who is there. `name` is what the user calls the port.
    ///
    /// # Errors
    /// If nobody answers, or the program is not that of the ELF file: it says so.
    pub fn connect(port: impl Port + 'static, name: &str, image: &Image) -> Result<Line, Problem> {
        // Not with the number that this program began with when it was last run: an answer to that may be on its way.
        let number = std::process::id() as u8;
        let mut line = Line { port: Box::new(port), name: name.into(), number, ram: 0..0 };
        let (_, data) = line.ask(Question::Who)?;
        let word = |at: usize| data.get(4 * at..4 * at + 4).map(|word| image.number(word));
        let (Some(version), Some(start), Some(end)) = (word(0), word(1), word(2)) else {
            return Err(line.problem("an answer that makes no sense"));
        };
        if version != u64::from(VERSION) {
            return Err(line.problem(&format!(
                "the firmware answers in version {version}, and this program asks in version {VERSION}\n help: use the \
                 `cargo segno` of the segno that the firmware was built with"
            )));
        }
        let length = word(WHO + 1).unwrap_or(0) as usize;
        let noted = data.get(4 * (WHO + 4)..).and_then(|id| id.get(..length)).unwrap_or_default();
        line.check_build(noted, image)?;
        line.ram = start..end;
        Ok(line)
    }

    fn check_build(&self, noted: &[u8], image: &Image) -> Result<(), Problem> {
        let show = |id: &[u8]| id.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let of_file = match image.build_id() {
            _ if noted.is_empty() => {
                return Err(self.problem(
                    "the firmware has no build id, so that nobody knows whether this is its ELF file\n help: link it with \
                     `-Clink-arg=--build-id=fast`",
                ));
            }
            Some(id) if id == noted => return Ok(()),
            Some(id) => format!("of build {}", show(id)),
            None => "without a build id".into(),
        };
        Err(self.problem(&format!(
            "the firmware is build {}, and the ELF file is {of_file}\n help: give the ELF file that was written into the \
             board's flash: after every change it is another one, and so it is with other features",
            show(noted)
        )))
    }

    fn problem(&self, words: &str) -> Problem {
        Problem::new(format!("{}: {words}", self.name))
    }

    /// Asks until there is an answer.
    fn ask(&mut self, question: Question) -> Result<(Status, Vec<u8>), Problem> {
        let mut heard = Heard::default();
        for _ in 0..TRIES {
            self.number = self.number.wrapping_add(1);
            let request = Request { question, number: self.number };
            match self.ask_once(&request, &mut heard) {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => {}
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                    return Err(self.problem("the other end has closed the line"));
                }
                Err(error) => return Err(self.problem(&error.to_string())),
            }
        }
        Err(self.no_answer(&heard))
    }

    /// Asks, and waits for the answer; `None` if it does not come or is damaged.
    fn ask_once(&mut self, request: &Request, heard: &mut Heard) -> io::Result<Option<(Status, Vec<u8>)>> {
        self.port.write_all(&request.encode())?;
        self.port.flush()?;
        let start = Instant::now();
        let mut input = Vec::new();
        let mut buffer = [0; 512];
        while start.elapsed() < PATIENCE {
            let came = match self.port.read(&mut buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => &buffer[..count],
                Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) => continue,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            heard.add(came);
            input.extend_from_slice(came);
            match request.find(&input) {
                Found::Answer(status, data) => return Ok(Some((status, data.to_vec()))),
                Found::Damaged => {
                    heard.damaged += 1;
                    return Ok(None);
                }
                // What the program says may be long.
                Found::Nothing => drop(input.drain(..input.len().saturating_sub(4 * ANSWER))),
            }
        }
        Ok(None)
    }

    fn no_answer(&self, heard: &Heard) -> Problem {
        let seconds = TRIES as f64 * PATIENCE.as_secs_f64();
        let (bytes, no_text) = (heard.bytes, heard.no_text);
        let (what, first) = match heard {
            Heard { damaged: 1.., .. } => (
                format!("the answers are damaged, {} of {TRIES}", heard.damaged),
                "the line is bad, or somebody else reads it too: a terminal program?",
            ),
            Heard { bytes: 0, .. } => (
                format!("no answer within {seconds} s, and not a single byte"),
                "is this the port? Is the rate right (`--baud`)? Does somebody else read it, such as a terminal program?",
            ),
            _ if 2 * no_text > bytes => (
                format!("no answer within {seconds} s; {bytes} bytes came, and most of them are no text"),
                "is the rate right (`--baud`)?",
            ),
            _ => (
                format!("no answer within {seconds} s; {bytes} bytes came, all of them what the program says"),
                "does somebody else read the port too, such as a terminal program?",
            ),
        };
        self.problem(&format!(
            "{what}\n help: {first}\n       Was the firmware built with the feature `inspect` of its board, and does it still \
             serve interrupts?"
        ))
    }
}

impl Heard {
    fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
        self.no_text += bytes.iter().filter(|byte| !byte.is_ascii_graphic() && !byte.is_ascii_whitespace()).count();
    }
}

impl Memory for Line {
    fn read(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), Problem> {
        let end = address.saturating_add(buffer.len() as u64);
        if address < self.ram.start || end > self.ram.end {
            let why = format!("the RAM is from {:#010x} to {:#010x}", self.ram.start, self.ram.end);
            return Err(unreadable(address, buffer.len(), &why));
        }
        let mut at = address - address % WORD;
        while at < end {
            let words = (end - at).min(PIECE).div_ceil(WORD);
            let question = Question::Memory { address: at as u32, words: words as u8 };
            let (status, data) = self.ask(question)?;
            if status == Status::Refused || data.len() as u64 != words * WORD {
                return Err(unreadable(at, data.len(), "the firmware refuses to tell"));
            }
            for (place, byte) in (at..end).zip(data).filter(|(place, _)| *place >= address) {
                buffer[(place - address) as usize] = byte;
            }
            at += words * WORD;
        }
        Ok(())
    }

    fn let_run(&mut self) -> Result<bool, Problem> {
        thread::sleep(MOMENT);
        Ok(true)
    }

    fn block(&self) -> u64 {
        PIECE
    }

    fn goes_on(&self) -> bool {
        true
    }
}
