//! Streams against asyncio's trace, and what the trace does not show: several tasks that drain, and lost connections.
#![cfg(feature = "ours")]

use std::cell::RefCell;
use std::rc::Rc;

use segno::prelude::*;
use segno_tests::conformance::{Repr, conforms, new_loop, new_loop_of, raised_type, run, turn};
use segno_tests::memtransport::{Wire, pair};
use segno_tests::{log, logn, say};

/// The scenario's reader on a transport, of which it says when it is paused and resumed.
struct Watched {
    reader: StreamReader,
    transport: TransportHandle,
    reading: bool,
}

impl Watched {
    fn look(&mut self) {
        match (self.reading, self.transport.is_reading()) {
            (true, false) => log!("  transport.pause_reading"),
            (false, true) => log!("  transport.resume_reading"),
            _ => {}
        }
        self.reading = self.transport.is_reading();
    }

    fn feed(&mut self, data: &[u8]) {
        self.reader.feed_data(data).unwrap();
        self.look();
    }

    /// What a read has ended with.
    fn ended(&mut self, tag: &str, result: Result<Vec<u8>, ReadError>, buffer: &[u8]) {
        self.look();
        match result {
            Ok(data) => log!("{tag} -> {}", data.repr()),
            Err(ReadError::Incomplete { partial, expected }) => {
                let (partial, expected) = ((&buffer[..partial]).repr(), expected.map(|n| n as i32).repr());
                log!("{tag} -> IncompleteReadError partial {partial} expected {expected}");
            }
            Err(ReadError::LimitOverrun { consumed }) => log!("{tag} -> LimitOverrunError consumed {consumed}"),
            Err(error) => log!("{tag} -> {}", raised_type(&error)),
        }
    }
}

#[segno::coroutine]
async fn make(lp: &'static EventLoop, limit: usize, data: &[u8], eof: bool) -> Watched {
    let (mine, theirs) = pair();
    let (reader, writer) = lp.open_stream::<128, 16>(mine).await.unwrap();
    // The other end is not used, and stays open.
    Box::leak(Box::new(theirs));
    reader.set_limit(limit).unwrap();
    let mut watched = Watched { reader, transport: writer.transport().clone(), reading: true };
    watched.feed(data);
    if eof {
        watched.reader.feed_eof();
    }
    watched
}

// The scenario's `attempt`, for each call.

#[segno::coroutine]
async fn readline(r: &mut Watched, tag: &str) {
    let mut buffer = [0; 100];
    let result = r.reader.readline(&mut buffer).await;
    r.ended(tag, result.map(|count| buffer[..count].to_vec()), &buffer);
}

#[segno::coroutine]
async fn read(r: &mut Watched, tag: &str, n: usize) {
    let mut buffer = vec![0; n];
    let result = r.reader.read(&mut buffer).await;
    r.ended(tag, result.map(|count| buffer[..count].to_vec()), &buffer);
}

#[segno::coroutine]
async fn read_to_end(r: &mut Watched, tag: &str) {
    let mut buffer = [0; 100];
    let result = r.reader.read_to_end(&mut buffer).await;
    r.ended(tag, result.map(|count| buffer[..count].to_vec()), &buffer);
}

#[segno::coroutine]
async fn readexactly(r: &mut Watched, tag: &str, n: usize) {
    let mut buffer = vec![0; n];
    let result = r.reader.readexactly(&mut buffer).await;
    r.ended(tag, result.map(|()| buffer.clone()), &buffer);
}

#[segno::coroutine]
async fn readuntil(r: &mut Watched, tag: &str, separator: &[u8]) {
    let mut buffer = [0; 100];
    let result = r.reader.readuntil(separator, &mut buffer).await;
    r.ended(tag, result.map(|count| buffer[..count].to_vec()), &buffer);
}

fn later(lp: &'static EventLoop, ticks: u64, reader: &StreamReader, data: &'static [u8]) {
    let reader = reader.clone();
    lp.call_later(ticks.millis(), move |_| reader.feed_data(data).unwrap()).unwrap();
}

fn end_later(lp: &'static EventLoop, ticks: u64, reader: &StreamReader) {
    let reader = reader.clone();
    lp.call_later(ticks.millis(), move |_| reader.feed_eof()).unwrap();
}

#[segno::coroutine]
async fn read_ten(reader: StreamReader) {
    let mut buffer = [0; 10];
    reader.read(&mut buffer).await.unwrap();
}

#[segno::coroutine]
async fn calls(lp: &'static EventLoop) {
    let mut r = make(lp, 100, b"hello\nworld", true).await;
    readline(&mut r, "readline").await;
    readline(&mut r, "readline at EOF without newline").await;
    readline(&mut r, "readline after EOF").await;
    log!("at_eof {}", r.reader.at_eof().repr());
    let mut r = make(lp, 100, b"abcdef", false).await;
    let n0 = turn();
    read(&mut r, "read(4)", 4).await;
    read(&mut r, "read(100) returns what there is", 100).await;
    log!("turns spent with data buffered: {}", turn() - n0);
    read(&mut r, "read(0)", 0).await;
    later(lp, 5, &r.reader, b"late");
    read(&mut r, "read(2) waits for the first byte", 2).await;
    later(lp, 5, &r.reader, b"tail");
    end_later(lp, 9, &r.reader);
    read_to_end(&mut r, "read(-1) waits for EOF").await;
    read(&mut r, "read at EOF", 5).await;
    let mut r = make(lp, 100, b"12", false).await;
    later(lp, 3, &r.reader, b"34");
    later(lp, 6, &r.reader, b"56");
    readexactly(&mut r, "readexactly(5)", 5).await;
    end_later(lp, 2, &r.reader);
    readexactly(&mut r, "readexactly(5) cut by EOF", 5).await;
    readexactly(&mut r, "readexactly(0)", 0).await;
    // A buffer of a negative length cannot be made.
    log!("readexactly(-1) -> ValueError");
    let mut r = make(lp, 100, b"key: value\r", false).await;
    later(lp, 4, &r.reader, b"\nrest");
    readuntil(&mut r, "readuntil(CRLF) across two chunks", b"\r\n").await;
    end_later(lp, 1, &r.reader);
    readuntil(&mut r, "readuntil cut by EOF", b"\r\n").await;
    readuntil(&mut r, "readuntil(empty)", b"").await;
}

#[segno::coroutine]
async fn limits(lp: &'static EventLoop) {
    let mut r = make(lp, 8, b"0123456789AB\nxyz\n", false).await;
    readuntil(&mut r, "readuntil over the limit, separator present", b"\n").await;
    readuntil(&mut r, "data is still there", b"\n").await;
    readline(&mut r, "readline over the limit drops the line").await;
    readline(&mut r, "next line").await;
    log!("--- the transport is paused above 2*limit and resumed at or below limit");
    let mut r = make(lp, 4, b"", false).await;
    for chunk in ["12345678", "9", "ab"] {
        log!("feed {}", chunk.as_bytes().repr());
        r.feed(chunk.as_bytes());
    }
    for n in [6, 1, 1] {
        let tag = format!("read({n})");
        read(&mut r, &tag, n).await;
    }
    log!("--- one reader at a time; exceptions are sticky; cancel leaves the data");
    let mut r = make(lp, 100, b"", false).await;
    let t = lp.create_task(read_ten(r.reader.clone())).unwrap();
    sleep(0.millis()).await;
    read(&mut r, "second concurrent read", 1).await;
    t.cancel();
    t.as_any().wait().await;
    r.feed(b"kept");
    read(&mut r, "after cancel", 10).await;
    r.reader.set_exception(LineError::Framing);
    read(&mut r, "after set_exception", 1).await;
    readline(&mut r, "again").await;
}

#[segno::coroutine]
async fn scenario(lp: &'static EventLoop) {
    calls(lp).await;
    limits(lp).await;
}

#[test]
fn s34_every_read_call() {
    conforms(include_str!("../traces/34.out"), || run(scenario));
}

type Seen = Rc<RefCell<Vec<String>>>;

#[segno::coroutine]
async fn drains(writer: StreamWriter, name: &'static str, seen: Seen) {
    let result = writer.drain().catch_cancel().await;
    seen.borrow_mut().push(format!("{name}: {result:?}"));
}

#[segno::coroutine]
async fn several_drain(lp: &'static EventLoop, seen: Seen) {
    let wire = Wire::default();
    let (_, writer) = lp.open_stream::<16, 8>(wire.clone()).await.unwrap();
    writer.drain().await.unwrap();
    writer.write(b"1234567").unwrap();
    let tasks = ["a", "b", "c"].map(|name| lp.create_task(drains(writer.clone(), name, seen.clone())).unwrap());
    sleep(1.millis()).await;
    tasks[1].cancel();
    wire.accept(5);
    sleep(1.millis()).await;
    seen.borrow_mut().push("not yet at the low mark".into());
    wire.accept(1);
    sleep(1.millis()).await;
    // More than the buffer holds.
    let task = lp.create_task(writes(writer.clone(), seen.clone())).unwrap();
    for _ in 0..40 {
        wire.accept(1);
        sleep(1.millis()).await;
    }
    task.await;
    assert_eq!(wire.sent(), 39);
    // Closed in good order: who waits may go on, who comes later may not.
    wire.accept(1_000_000 - 1 - 7);
    writer.write(b"").unwrap();
    let late = lp.create_task(drains(writer.clone(), "late", seen.clone())).unwrap();
    late.await;
    writer.close();
    drains(writer.clone(), "closing", seen.clone()).await;
    drains(writer.clone(), "closed", seen.clone()).await;
    let closed = writer.wait_closed().await;
    seen.borrow_mut().push(format!("{closed:?}"));
}

#[segno::coroutine]
async fn writes(writer: StreamWriter, seen: Seen) {
    let result = writer.write_all(&[7; 32]).await;
    seen.borrow_mut().push(format!("write_all: {result:?}"));
}

#[test]
fn several_tasks_may_drain_and_each_may_be_cancelled() {
    let seen = Seen::default();
    run(|lp| several_drain(lp, seen.clone()));
    assert_eq!(
        *seen.borrow(),
        [
            "b: Err(Cancelled)",
            "not yet at the low mark",
            "a: Ok(Ok(()))",
            "c: Ok(Ok(()))",
            "write_all: Ok(())",
            "late: Ok(Ok(()))",
            "closing: Ok(Err(ConnectionReset))",
            "closed: Ok(Err(ConnectionReset))",
            "Ok(())"
        ]
    );
}

#[segno::coroutine]
async fn lost_while_draining(lp: &'static EventLoop, seen: Seen) {
    let (_, writer) = lp.open_stream::<16, 8>(Wire::default()).await.unwrap();
    writer.write(b"12345678").unwrap();
    let task = lp.create_task(drains(writer.clone(), "waiting", seen.clone())).unwrap();
    sleep(1.millis()).await;
    writer.transport().clone().abort_with(LineError::TimedOut);
    task.await;
    drains(writer.clone(), "later", seen.clone()).await;
    let closed = writer.wait_closed().await;
    let written = writer.write_all(b"x").await;
    seen.borrow_mut().push(format!("{closed:?} {written:?}"));
}

#[test]
fn a_lost_connection_wakes_who_drains_with_its_cause() {
    let seen = Seen::default();
    run(|lp| lost_while_draining(lp, seen.clone()));
    let expected = ["waiting: Ok(Err(TimedOut))", "later: Ok(Err(TimedOut))", "Err(TimedOut) Err(TimedOut)"];
    assert_eq!(*seen.borrow(), expected);
}

/// Lines of all lengths up to the limit, through buffers smaller than all of them together.
#[segno::coroutine]
async fn sends(writer: StreamWriter) {
    for length in 0..400 {
        let mut line = vec![b'a' + (length % 26) as u8; length % 16];
        line.push(b'\n');
        writer.write_all(&line).await.unwrap();
    }
    writer.write_eof().unwrap();
}

#[segno::coroutine]
async fn receives(reader: StreamReader) -> usize {
    let mut line = [0; 17];
    let mut count = 0;
    loop {
        let length = reader.readline(&mut line).await.unwrap();
        if length == 0 {
            return count;
        }
        assert_eq!(length, count % 16 + 1);
        assert!(line[..length - 1].iter().all(|byte| *byte == b'a' + (count % 26) as u8));
        count += 1;
    }
}

#[segno::coroutine]
async fn dialogue(lp: &'static EventLoop) -> usize {
    let (one, other) = pair();
    let (_, writer) = lp.open_stream::<4, 7>(one).await.unwrap();
    let (reader, answers) = lp.open_stream::<33, 8>(other).await.unwrap();
    let sender = lp.create_task(sends(writer.clone())).unwrap();
    let count = receives(reader).await;
    sender.await;
    answers.close();
    writer.close();
    writer.wait_closed().await.unwrap();
    count
}

#[test]
fn lines_go_through_small_buffers() {
    assert_eq!(run(dialogue), 400);
}

#[test]
fn a_read_that_is_dropped_lets_others_read() {
    let lp = new_loop();
    let reader = StreamReader::new::<16>(lp).unwrap();
    let mut buffer = [0; 4];
    let mut cx = Context::detached();
    {
        let mut read = std::pin::pin!(reader.read(&mut buffer));
        assert_eq!(read.as_mut().resume(&mut cx), Resume::Pending);
        let mut other = [0; 4];
        let mut second = std::pin::pin!(reader.readexactly(&mut other));
        assert_eq!(second.as_mut().resume(&mut cx), Resume::Done(Err(ReadError::AlreadyReading)));
    }
    assert_eq!(reader.feed_data(&[1; 20]), Err(WriteError::Full { written: 16 }));
    let mut big = [0; 18];
    let mut exactly = std::pin::pin!(reader.readexactly(&mut big));
    assert_eq!(exactly.as_mut().resume(&mut cx), Resume::Pending);
    reader.feed_data(&[2; 2]).unwrap();
    assert_eq!(exactly.as_mut().resume(&mut cx), Resume::Done(Ok(())));
}

#[test]
fn what_does_not_fit_the_callers_buffer_stays() {
    let lp = new_loop();
    let reader = StreamReader::new::<16>(lp).unwrap();
    reader.feed_data(b"line\nrest").unwrap();
    assert!(reader.set_limit(0).is_err() && reader.set_limit(16).is_err());
    let mut cx = Context::detached();
    let mut small = [0; 4];
    let result = std::pin::pin!(reader.readline(&mut small)).resume(&mut cx);
    assert_eq!(result, Resume::Done(Err(ReadError::BufferTooSmall { needed: 5 })));
    let mut enough = [0; 5];
    assert_eq!(std::pin::pin!(reader.readline(&mut enough)).resume(&mut cx), Resume::Done(Ok(5)));
    // Without a separator, and without room for one.
    reader.feed_data(&[b'x'; 12]).unwrap();
    let mut all = [0; 16];
    let result = std::pin::pin!(reader.readuntil(b"long separator", &mut all)).resume(&mut cx);
    assert_eq!(result, Resume::Done(Err(ReadError::LimitOverrun { consumed: 3 })));
    reader.feed_eof();
    assert_eq!(std::pin::pin!(reader.read(&mut all)).resume(&mut cx), Resume::Done(Ok(16)));
    assert!(reader.at_eof());
}

/// Several separators: `tests/traces/programs/separators.py`.
mod separators {
    use super::*;

    const SEPARATORS: [&[&[u8]]; 9] = [
        &[b"b"],
        &[b"ab", b"b"],
        &[b"b", b"ab"],
        &[b"aab", b"ba"],
        &[b"aa", b"aba", b"bb"],
        &[b"bbb", b"ab"],
        &[b"aaab", b"b"],
        &[b"a", b""],
        &[],
    ];

    fn text(bytes: &[u8]) -> &str {
        str::from_utf8(bytes).unwrap()
    }

    fn fed(lp: &'static EventLoop, limit: usize) -> StreamReader {
        let reader = StreamReader::new::<64>(lp).unwrap();
        reader.set_limit(limit).unwrap();
        reader
    }

    #[segno::coroutine]
    async fn reads(lp: &'static EventLoop, pieces: [&[u8]; 2], separators: &[&[u8]]) -> String {
        let reader = fed(lp, 3);
        for (delay, piece) in pieces.into_iter().enumerate() {
            let (reader, piece) = (reader.clone(), piece.to_vec());
            lp.call_later((delay as u64).millis(), move |_| reader.feed_data(&piece).unwrap()).unwrap();
        }
        end_later(lp, 2, &reader);
        let mut ends = String::new();
        let mut buffer = [0; 32];
        loop {
            let end = match reader.readuntil(separators, &mut buffer).await {
                Ok(count) => {
                    ends += &format!(" ({})", text(&buffer[..count]));
                    continue;
                }
                Err(ReadError::Incomplete { partial, .. }) => format!("incomplete {}", text(&buffer[..partial])),
                Err(ReadError::LimitOverrun { consumed }) => format!("overrun {consumed}"),
                Err(error) => raised_type(&error).to_string(),
            };
            return ends + " (" + &end + ")";
        }
    }

    #[segno::coroutine]
    async fn main(lp: &'static EventLoop) {
        for separators in SEPARATORS {
            let names = separators.iter().map(|name| if name.is_empty() { " ''" } else { " " }.to_owned() + text(name));
            say!("---{}", names.collect::<String>());
            for length in 0..6 {
                for number in 0..1_usize << length {
                    let data: Vec<u8> = (0..length).rev().map(|bit| b"ab"[number >> bit & 1]).collect();
                    for cut in 0..if length < 4 { length + 1 } else { 1 } {
                        let pieces = [&data[..cut], &data[cut..]];
                        let ends = reads(lp, pieces, separators).await;
                        say!("{}|{}{ends}", text(pieces[0]), text(pieces[1]));
                    }
                }
            }
        }
        let reader = fed(lp, 8);
        reader.feed_data(b"one\r\ntwo\nthree;four").unwrap();
        let mut buffer = [0; 16];
        for _ in 0..3 {
            let count = reader.readuntil((b"\r\n", b"\n", b";"), &mut buffer).await.unwrap();
            say!("{}", (&buffer[..count]).repr());
        }
        let ends: [&[u8]; 2] = [b"\r\n", b"\n"];
        if wait_for(reader.readuntil(&ends, &mut buffer), 5.millis()).await.is_err() {
            let count = reader.read(&mut buffer[..10]).await.unwrap();
            logn!("cancelled: {}", (&buffer[..count]).repr());
        }
    }

    #[test]
    fn of_several_separators_the_one_that_ends_first_counts() {
        conforms(include_str!("../traces/programs/separators.out"), || {
            // Where a read ends at once, what was to be fed to it stays until time passes.
            let lp = new_loop_of(256 * 1024);
            lp.run_until_complete(main(lp)).unwrap();
            lp.close().unwrap();
        });
    }
}
