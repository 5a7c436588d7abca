//! A node that writes as fast as it may to a protocol that pauses: with RTS and CTS, and without.
//!
//! ```console
//! $ BYTES=5000000 cargo test --release -p segno-sim --test flow_control
//! ```

use std::sync::mpsc::{self, Receiver, Sender};

use segno::prelude::*;
use segno::transport::{LineError, Transport};
use segno_sim::{Board, Sim};

/// Between two pauses, as many bytes are read, or a few more.
const PIECE: usize = 4096;

/// How long a pause is, in milliseconds. In that time the line could bring as many bytes again, and half.
const PAUSE: u64 = 15;

const BAUD: u32 = 4_000_000;

/// What the reader has seen.
#[derive(Debug, Default)]
struct Seen {
    bytes: usize,
    wrong: usize,
    errors: Vec<LineError>,
    pauses: u64,
}

/// The bytes that are sent.
fn byte(place: usize) -> u8 {
    (place.wrapping_mul(0x9E37_79B9) >> 11) as u8
}

/// Reads a piece, pauses, and goes on.
struct Pauses {
    seen: Seen,
    /// Ends after so many bytes, or at the first error.
    total: usize,
    result: Sender<Seen>,
}

impl Pauses {
    fn end(&mut self, transport: &mut dyn Transport) {
        self.result.send(std::mem::take(&mut self.seen)).unwrap();
        transport.close();
    }
}

impl Protocol for Pauses {
    fn data_received(&mut self, transport: &mut dyn Transport, data: &[u8]) {
        assert!(transport.is_reading());
        let seen = &mut self.seen;
        seen.wrong += data.iter().enumerate().filter(|(n, found)| **found != byte(seen.bytes + n)).count();
        seen.bytes += data.len();
        if seen.bytes >= self.total {
            return self.end(transport);
        }
        if seen.bytes / PIECE > seen.pauses as usize {
            seen.pauses += 1;
            transport.pause_reading();
            let mut paused = transport.handle();
            transport.event_loop().call_later(PAUSE.millis(), move |_| paused.resume_reading()).unwrap();
        }
    }

    fn line_error(&mut self, transport: &mut dyn Transport, error: LineError) {
        self.seen.errors.push(error);
        self.end(transport);
    }
}

#[segno::coroutine]
async fn read_slowly(lp: &'static EventLoop, board: Board, total: usize, result: Sender<Seen>) {
    let protocol = Pauses { seen: Seen::default(), total, result };
    let (transport, _) = lp.connect_uart::<256, 64>(board.uart(0), protocol).await.unwrap();
    transport.wait_closed().await;
}

/// Writes everything, and says when it had been taken.
#[segno::coroutine]
async fn write_fast(lp: &'static EventLoop, board: Board, total: usize, result: Sender<Instant>) {
    let (_reader, writer) = lp.open_stream::<64, 512>(board.uart(0)).await.unwrap();
    let mut place = 0;
    while place < total {
        let piece: Vec<u8> = (place..total.min(place + 1000)).map(byte).collect();
        writer.write_all(&piece).await.unwrap();
        place += piece.len();
    }
    result.send(lp.time()).unwrap();
    writer.close();
    writer.wait_closed().await.unwrap();
}

/// What the reader has seen, and when the writer had written, if it has.
fn run(total: usize, flow_control: bool) -> (Seen, Receiver<Instant>) {
    let ((result, seen), (done, written)) = (mpsc::channel(), mpsc::channel());
    let mut sim = Sim::new(1);
    sim.record(false);
    let reads = sim.node("reads", move |board| {
        let lp = board.event_loop();
        lp.run_until_complete(read_slowly(lp, board, total, result)).unwrap();
    });
    let writes = sim.node("writes", move |board| {
        let lp = board.event_loop();
        lp.run_until_complete(write_fast(lp, board, total, done)).unwrap();
    });
    for node in [&reads, &writes] {
        node.uart(0).baud(BAUD).rings(64, 64).flow_control(flow_control);
    }
    sim.connect(reads.uart(0), writes.uart(0));
    sim.run_until_idle();
    (seen.recv().unwrap(), written)
}

#[test]
fn with_rts_and_cts_everything_reaches_a_protocol_that_pauses() {
    let total = std::env::var("BYTES").map_or(40_000, |text| text.parse().expect("BYTES is a number"));
    let (seen, written) = run(total, true);
    assert_eq!((seen.bytes, seen.wrong, &seen.errors[..]), (total, 0, &[][..]));
    assert_eq!(seen.pauses as usize, (total - 1) / PIECE);
    // The writer waited for all of the pauses but the last few, whose bytes were in rings and buffers.
    let (written, pauses) = (written.recv().unwrap().as_ticks() / 1000, (seen.pauses - 1) * PAUSE);
    let line = total as u64 * 10_000 / u64::from(BAUD);
    assert!(written >= pauses + line * 9 / 10, "{written} ms, {pauses} ms of pauses, {line} ms on the line");
}

#[test]
fn without_them_the_protocol_is_told_of_the_overrun() {
    let (seen, _) = run(100_000, false);
    assert_eq!(seen.errors, [LineError::Overrun]);
    assert_eq!(seen.wrong, 0);
    // The first pause, and the ring.
    assert!(seen.bytes >= PIECE + 64 && seen.bytes < PIECE + 64 + 256, "{} bytes", seen.bytes);
}
