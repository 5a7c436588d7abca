//! Requests among hostile bytes, on a line whose other end is the test.
//!
//! `SEED` and `CASES` in the environment choose other runs, and how many; a failure says its seed.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use segno::EventLoop;
use segno::board::{Clock, Console, Idle};
use segno::time::Instant;
use segno::transport::{LineError, Serial};
use segno_inspect_protocol::{Found, Question, REQUEST, Request, Status, WHO, WORDS};

use super::{Answering, HELD, Policy, Readable};
use crate::random::{Random, cases};
use crate::serial::fake::{self, Fake, plain};
use crate::serial::{BufferedUart, FlowPins, Received, Uart, UartHardware};

const FIRST: u32 = 0x2000_0000;
const RAM: usize = 64;

static MEMORY: [u32; RAM] = {
    let mut words = [0; RAM];
    let mut at = 0;
    while at < RAM {
        words[at] = 0x0101_0101 * at as u32;
        at += 1;
    }
    words
};
static NOTE: [u32; 6] = [4, 8, 3, 0x0055_4E47, 0x1234_5678, 0x9ABC_DEF0];

fn readable() -> Readable {
    // SAFETY: statics that nobody changes.
    unsafe { Readable::new(FIRST, &raw const MEMORY, &raw const NOTE) }
}

struct Keeps;

impl Policy for Keeps {
    const LOSES: bool = false;

    fn readable() -> Readable {
        readable()
    }
}

struct Loses;

impl Policy for Loses {
    const LOSES: bool = true;

    fn readable() -> Readable {
        readable()
    }
}

type Shared<P = Keeps> = BufferedUart<Answering<Fake, P>, 16, 16>;
type Program<P = Keeps> = Uart<Answering<Fake, P>, 16, 16>;

fn uart<P: Policy>() -> (&'static Shared<P>, Program<P>) {
    let shared: &'static Shared<P> = Box::leak(Box::new(BufferedUart::new(Answering::new(Fake::default()))));
    (shared, Uart::new(shared))
}

/// Bytes arrive, interrupts come as long as there is a reason, and what was sent has left.
fn arrive(fake: &Fake, interrupt: impl Fn(), received: impl IntoIterator<Item = Received>) {
    fake.line().arrive(received);
    fake.interrupts(true, interrupt);
}

impl<P: Policy> Shared<P> {
    fn fake(&self) -> &Fake {
        self.hardware()
    }

    fn arrive(&self, received: impl IntoIterator<Item = Received>) {
        arrive(self.fake(), || self.on_interrupt(), received);
    }

    fn bytes(&self, bytes: &[u8]) {
        self.arrive(fake::good(bytes));
    }

    fn sent(&self) -> Vec<u8> {
        self.fake().sent()
    }
}

fn memory(number: u8, word: u32, words: u8) -> Request {
    Request { question: Question::Memory { address: FIRST + 4 * word, words }, number }
}

/// What the program reads until it would have to wait.
fn read_all<P: Policy>(shared: &Shared<P>, uart: &mut Program<P>) -> Vec<Result<u8, LineError>> {
    let mut all = Vec::new();
    loop {
        let mut byte = [0];
        match uart.try_read(&mut byte) {
            Ok(_) => all.push(Ok(byte[0])),
            Err(nb::Error::Other(error)) => all.push(Err(error)),
            Err(nb::Error::WouldBlock) => return all,
        }
        shared.bytes(&[]);
    }
}

fn good(bytes: &[u8]) -> Vec<Result<u8, LineError>> {
    bytes.iter().copied().map(Ok).collect()
}

#[track_caller]
fn assert_answered(sent: &[u8], request: Request, word: usize, words: usize) {
    let Found::Answer(status, data) = request.find(sent) else { panic!("no answer in {sent:02x?}") };
    assert_eq!(status, Status::Here);
    let expected: Vec<u8> = MEMORY[word..word + words].iter().flat_map(|word| word.to_ne_bytes()).collect();
    assert_eq!(data, expected);
}

#[test]
fn a_request_is_answered_and_the_program_does_not_see_it() {
    let (shared, mut uart) = uart::<Keeps>();
    shared.bytes(b"he");
    shared.bytes(&memory(1, 3, 5).encode());
    shared.bytes(b"llo");
    assert_answered(&shared.sent(), memory(1, 3, 5), 3, 5);
    assert_eq!(read_all(shared, &mut uart), good(b"hello"));
}

#[test]
fn who_asks_who_is_told_where_the_ram_is_and_what_the_linker_noted() {
    let (shared, _) = uart::<Keeps>();
    let who = Request { question: Question::Who, number: 9 };
    shared.bytes(&who.encode());
    let sent = shared.sent();
    let Found::Answer(Status::Here, data) = who.find(&sent) else { panic!("{sent:02x?}") };
    let words: Vec<u32> = data.chunks(4).map(|word| u32::from_ne_bytes(word.try_into().unwrap())).collect();
    assert_eq!(words[..WHO], [1, FIRST, FIRST + 4 * RAM as u32]);
    assert_eq!(words[WHO..], NOTE);
}

/// Also at the ends of the address space.
#[test]
fn nothing_is_read_outside_of_ram() {
    let readable = readable();
    for (address, words, here) in [
        (FIRST, RAM, true),
        (FIRST + 4 * (RAM as u32 - 1), 1, true),
        (FIRST + 4 * RAM as u32, 0, true),
        (FIRST, RAM + 1, false),
        (FIRST - 4, 1, false),
        (FIRST + 2, 1, false),
        (FIRST + 4 * RAM as u32, 1, false),
        (0, 1, false),
        (u32::MAX - 3, 1, false),
        (0xE000_E000, 32, false),
    ] {
        assert_eq!(readable.copy(address, &mut vec![0; words]), here, "{words} at {address:#x}");
    }
    let (shared, _) = uart::<Keeps>();
    let request = memory(2, RAM as u32 - 1, 2);
    shared.bytes(&request.encode());
    assert_eq!(request.find(&shared.sent()), Found::Answer(Status::Refused, &[]));
}

#[test]
fn an_answer_is_in_one_piece_and_the_programs_bytes_are_around_it() {
    let (shared, mut uart) = uart::<Keeps>();
    assert_eq!(uart.try_write(b"0123456789abcdef"), Ok(16));
    let request = memory(3, 0, WORDS as u8);
    shared.bytes(&request.encode());
    let sent = shared.sent();
    assert_answered(&sent, request, 0, WORDS);
    let start = sent.iter().position(|&byte| byte == 0xF5).unwrap();
    let rest = [&sent[..start], &sent[start + 8 + 4 * WORDS..]].concat();
    assert_eq!(rest, b"0123456789abcdef");
}

/// Last words, with interrupts masked: nobody calls the handler any more.
#[test]
fn a_console_that_polls_ends_the_answer_first() {
    let (shared, _) = uart::<Keeps>();
    let request = memory(4, 0, 2);
    shared.fake().line().arrive(request.encode().map(plain));
    shared.on_interrupt(); // begins to answer: four bytes
    std::thread::scope(|scope| {
        let line = scope.spawn(|| {
            let mut sent = Vec::new();
            while !sent.ends_with(b"panicked") {
                shared.fake().line().transmit();
                sent.extend(shared.fake().sent());
                std::thread::yield_now();
            }
            sent
        });
        shared.write_str("panicked");
        assert_answered(&line.join().unwrap(), request, 0, 2);
    });
}

#[test]
fn a_request_is_answered_while_the_program_does_not_read() {
    let (shared, mut uart) = uart::<Keeps>();
    shared.bytes(&[b'x'; 15]); // of 16 slots one is kept for an overrun
    assert!(shared.sent().is_empty());
    shared.bytes(&memory(5, 0, 1).encode());
    assert_answered(&shared.sent(), memory(5, 0, 1), 0, 1);
    // Here nothing may be lost: so what is behind a byte without room waits.
    shared.bytes(b"y");
    shared.bytes(&memory(6, 0, 1).encode());
    assert!(shared.sent().is_empty());
    assert_eq!(read_all(shared, &mut uart), good(b"xxxxxxxxxxxxxxxy"));
    assert_answered(&shared.sent(), memory(6, 0, 1), 0, 1);
}

#[test]
fn a_line_that_loses_bytes_anyway_is_answered_behind_them_and_says_so() {
    let (shared, mut uart) = uart::<Loses>();
    shared.bytes(&[b'x'; 40]);
    shared.bytes(&memory(7, 0, 1).encode());
    assert_answered(&shared.sent(), memory(7, 0, 1), 0, 1);
    let read = read_all(shared, &mut uart);
    assert_eq!(read.len(), 15);
    shared.bytes(b"yz");
    assert_eq!(read_all(shared, &mut uart), [vec![Err(LineError::Overrun)], good(b"yz")].concat());
}

#[test]
fn a_uart_for_this_alone_drops_what_is_no_request() {
    let answering: Answering<_, Keeps> = Answering::new(Fake::default());
    for number in 0..3 {
        let request = memory(number, 1, 2);
        let bytes = [b"noise\xF5p".as_slice(), &request.encode(), b"\xF5"].concat();
        arrive(&answering, || answering.on_interrupt(), bytes.into_iter().map(plain));
        let sent = answering.sent();
        assert_answered(&sent, request, 1, 2);
    }
}

/// RTS and CTS, which the fake has without being asked.
struct Pins;

impl FlowPins<Answering<Fake, Loses>> for Pins {
    fn connect(self, _: &Answering<Fake, Loses>) {}
}

/// A line that loses what is not fetched keeps it once it has got flow control.
#[test]
fn with_flow_control_nothing_is_lost() {
    let (shared, uart) = uart::<Loses>();
    let mut uart = uart.with_flow_control(Pins);
    let text: Vec<u8> = (0..100).map(|n| b'a' + n % 26).collect();
    shared.bytes(&text);
    assert_eq!(read_all(shared, &mut uart), good(&text));
}

/// A clock that leaps to the next deadline.
#[derive(Default)]
struct Leaping(AtomicU64);

impl Clock for Leaping {
    fn now(&self) -> Instant {
        Instant::from_ticks(self.0.load(Relaxed))
    }

    fn idle(&self, idle: &Idle) {
        if let Some(deadline) = idle.deadline() {
            self.0.fetch_max(deadline.as_ticks(), Relaxed);
        }
    }
}

fn event_loop(shared: &'static Shared) -> &'static EventLoop {
    let clock: &'static Leaping = Box::leak(Box::default());
    let lp = segno::new_event_loop(clock, 1024);
    shared.hardware().on_loop(lp);
    lp
}

/// What is held back because it may begin a request, and is not followed by anything.
#[test]
fn the_loop_lets_go_of_what_is_held_back() {
    let (shared, mut uart) = uart::<Keeps>();
    let lp = event_loop(shared);
    let run_for = |duration| {
        lp.call_later(duration, |lp| lp.stop()).unwrap();
        lp.run_forever().unwrap();
        shared.bytes(&[]); // the interrupt that was asked for
    };
    for _ in 0..3 {
        shared.bytes(b"end\xF5p");
        assert_eq!(read_all(shared, &mut uart), good(b"end"));
        run_for(HELD / 2);
        shared.bytes(b"s"); // it goes on, so it is waited for from now on
        run_for(HELD * 3 / 4);
        assert_eq!(read_all(shared, &mut uart), []);
        run_for(HELD);
        assert_eq!(read_all(shared, &mut uart), good(b"\xF5ps"));
    }
}

#[test]
fn without_room_for_a_timer_requests_are_answered_all_the_same() {
    let (shared, mut uart) = uart::<Keeps>();
    let lp = event_loop(shared);
    let mut futures = Vec::new();
    while let Ok(future) = lp.create_future::<u8>() {
        futures.push(future);
    }
    for byte in memory(8, 0, 1).encode() {
        shared.bytes(&[byte]);
    }
    assert_answered(&shared.sent(), memory(8, 0, 1), 0, 1);
    shared.bytes(b"end\xF5p");
    assert_eq!(read_all(shared, &mut uart), good(b"end"));
    shared.bytes(b"\n");
    assert_eq!(read_all(shared, &mut uart), good(b"\xF5p\n"));
}

/// Something that looks like a request as much as it can without being one, or is one.
fn piece(random: &mut Random, number: u8) -> (Vec<Received>, Option<Request>) {
    let request = memory(number, random.below(RAM as u32 - 4), 1 + random.below(4) as u8);
    let mut bytes = request.encode();
    let whole = |bytes: &[u8]| bytes.iter().map(|&byte| plain(byte)).collect::<Vec<_>>();
    match random.below(6) {
        0 => ((0..random.below(30)).map(|_| plain(random.below(256) as u8)).collect(), None),
        // With one byte less, what comes next would make it whole now and then.
        1 => (whole(&bytes[..random.below(REQUEST as u32 - 1) as usize]), None),
        2 => {
            let bit = random.below(8 * REQUEST as u32) as usize;
            bytes[bit / 8] ^= 1 << (bit % 8);
            (whole(&bytes), None)
        }
        3 => {
            let mut damaged = whole(&bytes);
            let at = random.below(REQUEST as u32) as usize;
            damaged[at] = match random.below(3) {
                0 => Received { overrun: true, ..damaged[at] },
                1 => Received { overrun: false, byte: Err(LineError::Framing) },
                _ => Received { overrun: true, byte: Err(LineError::Parity) },
            };
            (damaged, None)
        }
        _ => (whole(&bytes), Some(request)),
    }
}

/// Every request is answered, and everything else is what the program reads: in its order, with its errors.
#[test]
fn hostile_bytes_go_to_the_program_and_requests_do_not() {
    let (count, pieces) = if cfg!(miri) { (1, 4) } else { (500, 20) };
    cases(count, |mut random| {
        let (shared, mut uart) = uart::<Keeps>();
        let (mut expected, mut read) = (Vec::new(), Vec::new());
        for number in 0..pieces {
            let (bytes, request) = piece(&mut random, number);
            for received in &bytes {
                shared.arrive([*received]);
                // Sometimes the program is slow: then an answer waits for it, if bytes are in front of the request.
                if random.below(3) == 0 {
                    read.extend(read_all(shared, &mut uart));
                }
            }
            read.extend(read_all(shared, &mut uart));
            let sent = shared.sent();
            match request {
                Some(request) => assert!(matches!(request.find(&sent), Found::Answer(Status::Here, _)), "{sent:02x?}"),
                None => assert_eq!(sent, []),
            }
            for received in bytes.iter().filter(|_| request.is_none()) {
                expected.extend(received.overrun.then_some(Err(LineError::Overrun)));
                expected.push(received.byte);
            }
        }
        // Not the beginning of anything, so nothing is held back any more.
        shared.bytes(&[b'\n'; REQUEST]);
        read.extend(read_all(shared, &mut uart));
        expected.extend(good(&[b'\n'; REQUEST]));
        assert_eq!(read, expected);
    });
}
