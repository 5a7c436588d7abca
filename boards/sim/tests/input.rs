//! Live input: what it means for virtual time.

mod support;

use std::io::{Cursor, Read, Write};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration as WallTime, Instant as WallClock};

use segno_sim::{Duration, InputKind, Outcome, Sim};
use support::{blinker, echoer};

/// A reader that takes its time before each chunk.
struct Slow(Vec<&'static [u8]>, WallTime);

impl Read for Slow {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        sleep(self.1);
        let Some(chunk) = (!self.0.is_empty()).then(|| self.0.remove(0)) else { return Ok(0) };
        buffer[..chunk.len()].copy_from_slice(chunk);
        Ok(chunk.len())
    }
}

/// A writer whose bytes can be looked at.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_stream_is_read_to_its_end_before_time_jumps() {
    let run = |reader: Box<dyn Read + Send>| {
        let mut sim = Sim::new(1);
        let node = sim.node("echo", echoer);
        sim.attach_input(node.uart(0), reader, InputKind::Stream);
        assert_eq!(sim.try_run(None), Ok(Outcome::Finished));
        assert_eq!(node.uart(0).received(), "hello\nworld\n");
        assert_eq!(sim.now().as_ticks(), 0);
        sim.trace()
    };
    let slow = run(Box::new(Slow(vec![b"hel", b"lo\nworl", b"d\n"], WallTime::from_millis(20))));
    let at_once = run(Box::new(Cursor::new("hello\nworld\n")));
    assert_eq!(slow, at_once, "the cut into chunks must not show");
}

#[test]
fn input_that_no_program_takes_does_not_hold_time_up() {
    let mut sim = Sim::new(1);
    let node = sim.node("lamp", blinker(Duration::from_millis(500)));
    sim.attach_input(node.uart(0), std::io::empty(), InputKind::Stream);
    sim.run_for(Duration::from_secs(3600));
    assert_eq!(node.pin("led").edges().len(), 7200);
}

#[test]
fn input_that_is_not_read_does_not_hold_time_up() {
    let mut sim = Sim::new(1);
    let node = sim.node("deaf", |board| {
        let _uart = board.uart(0);
        blinker(Duration::from_millis(500))(board);
    });
    sim.attach_input(node.uart(0), std::io::repeat(b'x'), InputKind::Stream);
    sim.run_for(Duration::from_secs(1));
    assert_eq!(node.pin("led").edges().len(), 2);
}

#[test]
fn at_a_terminal_time_keeps_pace_until_the_input_ends() {
    let start = WallClock::now();
    let mut sim = Sim::new(1);
    let node = sim.node("echo", |board| {
        let lp = board.event_loop();
        support::blink(lp, board.pin("led"), Duration::from_millis(10));
        lp.run_until_complete(support::Echo::new(board.uart(0))).unwrap();
        lp.run_forever().unwrap();
    });
    let typed = Slow(vec![b"a", b"b"], WallTime::from_millis(50));
    sim.attach_input(node.uart(0), typed, InputKind::Terminal);
    sim.run_for(Duration::from_secs(60));
    let elapsed = start.elapsed();
    assert!((0.14..10.0).contains(&elapsed.as_secs_f64()), "{elapsed:?}");
    assert_eq!(node.pin("led").edges().len(), 6000);
    let arrivals: Vec<_> = node.uart(0).arrivals().iter().map(|(time, _)| time.as_ticks()).collect();
    assert!(arrivals[0] >= 45_000 && arrivals[1] >= 90_000 && arrivals[1] < 2_000_000, "{arrivals:?}");
}

#[test]
fn in_real_time_input_is_echoed_when_it_comes() {
    let mut sim = Sim::new(1);
    sim.realtime();
    let node = sim.node("echo", echoer);
    sim.attach_input(node.uart(0), Slow(vec![b"a", b"b"], WallTime::from_millis(30)), InputKind::Stream);
    assert_eq!(sim.try_run(None), Ok(Outcome::Finished));
    assert_eq!(node.uart(0).received(), "ab");
    assert!(sim.now().as_ticks() >= 85_000, "{:?}", sim.now());
}

#[test]
fn the_view_shows_lines_bytes_and_edges_in_order() {
    let run = |pins| {
        let out = Shared::default();
        let mut sim = Sim::new(1);
        let node = sim.node("echo", echoer);
        sim.show(out.clone(), pins);
        node.uart(0).send_at(segno_sim::Instant::from_ticks(600_000), "> ");
        sim.run_for(Duration::from_secs(1));
        node.uart(0).close();
        sim.run_for(Duration::from_secs(1));
        String::from_utf8(out.0.lock().unwrap().clone()).unwrap()
    };
    assert_eq!(run(true), "led: 1 at 500.000 ms\n> \nled: 0 at 1000.000 ms\n2 bytes\n");
    assert_eq!(run(false), "> 2 bytes\n");
}

#[test]
fn a_run_ends_when_nobody_looks_any_more() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut sim = Sim::new(1);
    sim.node("lamp", blinker(Duration::from_millis(500)));
    sim.show(Closed, true).record(false);
    assert_eq!(sim.try_run(None), Ok(Outcome::OutputClosed));
}
