//! UARTs: pipes and timed lines, scripts, ends of input, errors, wires between nodes.

mod support;

use std::cell::RefCell;
use std::rc::Rc;

use embedded_hal_nb::serial::Read;
use segno::EventLoop;
use segno::transport::{LineError, Serial};
use segno_sim::{Board, Duration, Instant, Outcome, Sim, check_determinism};
use support::{Echo, echoer};

/// One byte at 9600 baud, in microseconds: ten bits of 104 1/6 µs.
const BYTE_9600: f64 = 10e6 / 9600.0;

#[test]
fn a_pipe_takes_no_time() {
    let mut sim = Sim::new(1);
    let node = sim.node("echo", echoer);
    node.uart(0).send("hello\n");
    sim.run_for(Duration::from_secs(3));
    assert_eq!(node.uart(0).received(), "hello\n");
    assert!(node.uart(0).arrivals().iter().all(|(time, _)| *time == Instant::from_ticks(0)));
    assert_eq!(node.pin("led").edges().len(), 6);
}

#[test]
fn a_script_comes_at_its_times_and_ends() {
    let mut sim = Sim::new(1);
    let node = sim.node("echo", echoer);
    node.uart(0).send_at(Instant::from_ticks(1_000_000), "one");
    node.uart(0).send_at(Instant::from_ticks(700_001), b"two".as_slice());
    sim.run_for(Duration::from_millis(800));
    assert_eq!(node.uart(0).received(), "two");
    node.uart(0).send("now");
    sim.run_for(Duration::from_secs(1));
    assert_eq!(node.uart(0).received(), b"twonowone");
    assert_eq!(node.uart(0).arrivals()[0], (Instant::from_ticks(700_001), b't'));
    assert!(!node.finished());
    node.uart(0).close();
    assert_eq!(sim.try_run(None), Ok(Outcome::Finished));
    assert_eq!(node.console(), "9 bytes\n");
}

#[test]
fn bytes_take_their_time_at_a_baud_rate() {
    let mut sim = Sim::new(1);
    let node = sim.node("echo", echoer);
    node.uart(0).baud(9600);
    node.uart(0).send("abc");
    sim.run_for(Duration::from_millis(100));
    // Each byte is sent back while the next one comes: the answer is one byte's time behind.
    let expected: Vec<_> =
        b"abc".iter().zip(2..).map(|(byte, n)| ((f64::from(n) * BYTE_9600).ceil() as u64, *byte)).collect();
    let found: Vec<_> = node.uart(0).arrivals().iter().map(|(time, byte)| (time.as_ticks(), *byte)).collect();
    assert!(found.iter().zip(&expected).all(|(one, other)| one.0.abs_diff(other.0) <= 1), "{found:?} {expected:?}");
    assert_eq!(node.uart(0).received(), "abc");
}

#[test]
fn a_burst_keeps_the_rhythm_of_the_line() {
    let mut sim = Sim::new(1);
    let node = sim.node("talker", |board| {
        let lp = board.event_loop();
        lp.run_until_complete(support::Say::new(board.uart(0), vec![b'x'; 1000])).unwrap();
        segno::println!("flushed");
    });
    node.uart(0).baud(115_200).rings(16, 16);
    assert_eq!(sim.try_run(None), Ok(Outcome::Finished));
    let arrivals = node.uart(0).arrivals();
    assert_eq!(arrivals.len(), 1000);
    assert_eq!(arrivals[0].0.as_ticks(), 87);
    // 1000 bytes of ten bits, not a microsecond each lost to rounding.
    assert!(arrivals[999].0.as_ticks().abs_diff(10_000_000_000 / 115_200) <= 2, "{:?}", arrivals[999]);
    let trace = sim.trace();
    let end = "sends 0x78 'x'\n0.086805 talker: prints \"flushed\"\n0.086805 talker: finishes\n";
    assert!(trace.ends_with(end), "{}", &trace[trace.len() - 200..]);
}

#[test]
fn an_overrun_is_reported_once_and_in_order() {
    let mut sim = Sim::new(1);
    let node = sim.node("sleeper", |board| {
        let lp = board.event_loop();
        let uart = board.uart(0);
        // Nobody reads for 10 ms.
        lp.call_later(Duration::from_millis(10), |lp| lp.stop()).ok().unwrap();
        lp.run_forever().unwrap();
        lp.run_until_complete(Echo::new(uart)).unwrap();
    });
    node.uart(0).baud(115_200).rings(4, 64);
    node.uart(0).send("abcdefgh");
    node.uart(0).send_at(Instant::from_ticks(20_000), "ij");
    node.uart(0).send_at(Instant::from_ticks(20_001), "");
    sim.run_for(Duration::from_millis(30));
    assert_eq!(node.uart(0).received(), "abcd!ij");
    let trace = sim.trace();
    assert_eq!(trace.matches("uart 0 receives an error: Overrun").count(), 4, "{trace}");
}

#[test]
fn a_pipe_never_overruns() {
    let mut sim = Sim::new(1);
    let node = sim.node("echo", echoer);
    node.uart(0).send(vec![b'x'; 10_000]);
    sim.run_for(Duration::from_millis(1));
    assert_eq!(node.uart(0).received().len(), 10_000);
}

#[test]
fn injected_errors_arrive_in_their_place() {
    for error in [LineError::Framing, LineError::Parity, LineError::Break] {
        let mut sim = Sim::new(1);
        let node = sim.node("echo", echoer);
        let uart = node.uart(0);
        uart.send("ab");
        uart.inject(error);
        uart.send("c");
        sim.run_for(Duration::from_millis(1));
        assert_eq!(uart.received(), "ab!c");
        assert!(sim.trace().contains(&format!("echo: uart 0 receives an error: {error:?}\n")));
    }
}

#[test]
fn noise_is_decided_by_the_seed() {
    let noisy = |sim: &mut Sim| {
        let node = sim.node("echo", echoer);
        node.uart(0).noise(10);
        node.uart(0).send(vec![b'x'; 200]);
        sim.run_for(Duration::from_millis(1));
        let errors = node.uart(0).received().iter().filter(|byte| **byte == b'!').count();
        assert!((5..50).contains(&errors), "{errors}");
    };
    assert_ne!(check_determinism(1, noisy), check_determinism(2, noisy));
}

#[test]
fn two_nodes_talk_over_a_wire() {
    let run = |baud| {
        let mut sim = Sim::new(1);
        let asks = sim.node("asks", |board| {
            let lp = board.event_loop();
            lp.run_until_complete(support::Say::new(board.uart(1), b"ping".to_vec())).unwrap();
        });
        let answers = sim.node("answers", |board| {
            let lp = board.event_loop();
            lp.run_until_complete(Echo::new(board.uart(2))).unwrap();
        });
        asks.uart(1).baud(baud);
        answers.uart(2).baud(baud);
        sim.connect(asks.uart(1), answers.uart(2));
        sim.run_for(Duration::from_millis(10));
        assert_eq!(answers.uart(2).received(), "ping");
        answers.uart(2).arrivals()[3].0.as_ticks()
    };
    // A microsecond on a wire without a baud rate; four bytes there and one more time back with one.
    assert_eq!(run(0), 1);
    assert_eq!(run(9600), (5.0 * BYTE_9600).ceil() as u64);
}

/// Reads four bytes every millisecond, as slowly as a transport that is paused now and then.
fn slow_reader(board: Board) {
    let (lp, mut uart) = (board.event_loop(), board.uart(0));
    let mut text = String::new();
    loop {
        lp.run_until_complete(segno::sleep(Duration::from_millis(1))).unwrap();
        let mut buffer = [0; 4];
        match uart.try_read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => text.push_str(std::str::from_utf8(&buffer[..count]).unwrap()),
            Err(nb::Error::WouldBlock) => {}
            Err(nb::Error::Other(error)) => text.push_str(&format!("[{error}]")),
        }
        if text.ends_with('.') {
            break;
        }
    }
    segno::println!("{text}");
}

/// Twice as many bytes as the reader reads in that time, and an error among them.
#[test]
fn a_line_with_flow_control_waits_for_its_reader() {
    let run = |flow_control: bool| {
        let mut sim = Sim::new(1);
        let node = sim.node("slow", slow_reader);
        node.uart(0).baud(115_200).rings(16, 16).flow_control(flow_control);
        node.uart(0).send("0123456789".repeat(50));
        node.uart(0).inject(LineError::Parity);
        node.uart(0).send("the end.");
        node.uart(0).close();
        sim.run_until_idle();
        node.console()
    };
    let all = "0123456789".repeat(50);
    assert_eq!(run(true), format!("{all}[parity error]the end.\n"));
    let some = run(false);
    let digits = some.chars().filter(char::is_ascii_digit).count();
    assert!(some.contains("[overrun: bytes were lost]") && digits < 400, "{digits} digits in {some}");
}

#[test]
fn flow_control_reaches_the_writer_of_another_node() {
    let mut sim = Sim::new(1);
    let reads = sim.node("reads", slow_reader);
    let writes = sim.node("writes", |board| {
        let (lp, mut uart) = (board.event_loop(), board.uart(0));
        let text = "0123456789".repeat(50) + ".";
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            match uart.try_write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) => assert_eq!(error, nb::Error::WouldBlock),
            }
            lp.run_until_complete(segno::sleep(Duration::from_micros(100))).unwrap();
        }
        segno::println!("written at {} ms", lp.time().as_ticks() / 1000);
        while uart.try_flush().is_err() {
            lp.run_until_complete(segno::sleep(Duration::from_micros(100))).unwrap();
        }
    });
    for node in [&reads, &writes] {
        node.uart(0).baud(115_200).rings(16, 16).flow_control(true);
    }
    sim.connect(reads.uart(0), writes.uart(0));
    sim.run_until_idle();
    assert_eq!(reads.console(), "0123456789".repeat(50) + ".\n");
    // The line alone would take 43 ms.
    let console = writes.console();
    let millis: u64 = console.trim().strip_prefix("written at ").unwrap().strip_suffix(" ms").unwrap().parse().unwrap();
    assert!((110..130).contains(&millis), "{console}");
    assert!(writes.finished());
}

#[test]
fn the_input_ends_after_the_bytes_before_it() {
    let mut sim = Sim::new(1);
    let node = sim.node("echo", echoer);
    node.uart(0).baud(9600);
    node.uart(0).send("last words");
    node.uart(0).close();
    assert_eq!(sim.try_run(None), Ok(Outcome::Finished));
    assert_eq!(node.uart(0).received(), "last words");
    assert_eq!(node.console(), "10 bytes\n");
}

#[test]
fn the_end_of_the_input_has_two_spellings() {
    let mut sim = Sim::new(1);
    let node = sim.node("reads", |board| {
        let mut uart = board.uart(0);
        assert_eq!(uart.read(), Ok(b'x'));
        for _ in 0..2 {
            assert_eq!(uart.read(), Err(nb::Error::Other(LineError::Closed)));
            assert_eq!(uart.try_read(&mut [0; 4]), Ok(0));
        }
    });
    node.uart(0).send("x");
    node.uart(0).close();
    sim.run_until_idle();
    assert!(node.finished());
}

/// An echo without a coroutine: a reader while there is room, a writer while there is none.
#[test]
fn readers_and_writers_call_back() {
    let mut sim = Sim::new(1);
    let node = sim.node("echo", |board| {
        let (lp, serial) = (board.event_loop(), Rc::new(RefCell::new(board.uart(0))));
        let device = serial.borrow().device();
        let mut bytes = 0;
        lp.add_reader(device.clone(), move |lp| {
            let mut buffer = [0; 8];
            let count = serial.borrow_mut().try_read(&mut buffer).unwrap();
            match count {
                0 => {
                    assert!(lp.remove_reader(&device));
                    segno::println!("{bytes} bytes");
                    lp.stop();
                }
                _ => {
                    bytes += count;
                    send(lp, serial.clone(), buffer[..count].to_vec());
                }
            }
        })
        .unwrap();
        lp.run_forever().unwrap();
    });
    node.uart(0).baud(9600);
    node.uart(0).send("hello");
    node.uart(0).send_at(Instant::from_ticks(50_000), "world");
    sim.run_for(Duration::from_millis(200));
    assert_eq!(node.uart(0).received(), "helloworld");
    node.uart(0).close();
    assert_eq!(sim.try_run(None), Ok(Outcome::Finished));
    assert_eq!(node.console(), "10 bytes\n");
}

fn send(lp: &'static EventLoop, serial: Rc<RefCell<segno_sim::Uart>>, bytes: Vec<u8>) {
    let device = serial.borrow().device();
    let mut sent = 0;
    lp.add_writer(device.clone(), move |lp| {
        sent += serial.borrow_mut().try_write(&bytes[sent..]).unwrap();
        if sent == bytes.len() {
            assert!(lp.remove_writer(&device));
        }
    })
    .unwrap();
}
