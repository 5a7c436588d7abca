//! `echo` and `lines` on a simulated serial line: what a good line gets, and what a bad one. Both answer alike.

use segno::time::{Duration, ExtU64};
use segno::transport::LineError;
use segno_sim::{Board, Node, Random, Sim};

type Program = fn(Board);

const SERVICES: [(&str, Program); 2] = [
    ("echo", |board| segno_examples::echo::main(board.event_loop(), board.uart(0))),
    ("lines", |board| segno_examples::lines::main(board.event_loop(), board.uart(0))),
];

/// Runs a program on a node of its own while `script` uses its line; answers what it said, and how long it ran if it has
/// ended within the hour.
fn run(program: Program, script: impl FnOnce(&Node)) -> (Vec<u8>, Option<Duration>) {
    let mut sim = Sim::new(1);
    let node = sim.node("service", program);
    script(&node);
    sim.try_run(None).unwrap_or_else(|panic| panic!("{panic}"));
    assert_eq!(node.console(), "");
    let ended = node.finished().then(|| sim.now().duration_since_epoch());
    (node.uart(0).received().to_vec(), ended)
}

/// Checks what both say, and that both end.
#[track_caller]
fn check_script(script: impl Fn(&Node), expected: impl AsRef<[u8]>) {
    let expected = expected.as_ref();
    for (name, program) in SERVICES {
        let (said, ended) = run(program, &script);
        assert!(said == expected, "{name} said\n{}\ninstead of\n{}", said.escape_ascii(), expected.escape_ascii());
        assert!(ended.is_some(), "{name} has not ended");
    }
}

/// Checks what both answer to an input that ends.
#[track_caller]
fn check(input: impl AsRef<[u8]>, expected: impl AsRef<[u8]>) {
    let send = |node: &Node| {
        node.uart(0).send(input.as_ref());
        node.uart(0).close();
    };
    check_script(send, expected);
}

#[test]
fn lines_come_back() {
    check("", "> ");
    check("\n", "> \n> ");
    check("hello\nworld\n", "> hello\n> world\n> ");
    check("Übung macht den Meister\n", "> Übung macht den Meister\n> ");
    check("a\r\nb\rc\n", "> a\n> b\n> c\n> ");
}

#[test]
fn a_last_line_without_an_end_comes_back() {
    check("hello\nwor", "> hello\n> wor\n");
}

#[test]
fn end_of_transmission_ends_the_session() {
    check_script(|node| node.uart(0).send("hello\n\x04not read\n"), "> hello\n> ");
    check_script(|node| node.uart(0).send("\x04"), "> ");
    check("no\x04end\n", "> no\x04end\n> ");
}

#[test]
fn nothing_of_a_long_line_is_lost() {
    let notice = "error: line longer than 64 bytes, echoed in parts";
    let full = "x".repeat(64);
    check(format!("{full}\n"), format!("> {full}\n> "));
    check(format!("{full}y\n"), format!("> {notice}\n{full}\ny\n> "));
    check(format!("{full}{full}{full}y\nok\n"), format!("> {notice}\n{full}\n{full}\n{full}\ny\n> ok\n> "));
    check(format!("{full}y"), format!("> {notice}\n{full}\ny\n"));
}

#[test]
fn bytes_that_are_not_text_are_shown() {
    check(b"hi\xff!\nok\n", "> error: not UTF-8 at byte 2: 68 69 ff 21\n> ok\n> ");
    check(b"\xc3\n", "> error: not UTF-8 at byte 0: c3\n> ");
    check(b"\0\x07\x1b[1m\n", b"> \0\x07\x1b[1m\n> ");
}

#[test]
fn errors_of_the_line_are_reported_and_the_line_goes_on() {
    for (error, word) in
        [(LineError::Overrun, "overrun"), (LineError::Framing, "framing"), (LineError::Parity, "parity")]
    {
        let disturbed = |node: &Node| {
            node.uart(0).send("he");
            node.uart(0).inject(error);
            node.uart(0).send("llo\n");
            node.uart(0).close();
        };
        check_script(disturbed, format!("> error: {word}\nhello\n> "));
    }
}

#[test]
fn a_dead_line_ends_the_session() {
    for error in [LineError::Closed, LineError::Other] {
        check_script(|node| node.uart(0).inject(error), "> ");
    }
}

#[test]
fn thirty_seconds_without_a_line_end_the_session() {
    for (name, program) in SERVICES {
        assert_eq!(run(program, |_| {}), (b"> bye\n".to_vec(), Some(30.secs())), "{name}");

        // Each line grants another thirty seconds, its beginning does not.
        let slow = |node: &Node| {
            for (second, text) in [(20, "a\n"), (45, "b\n"), (70, "c")] {
                node.uart(0).send_at(segno_sim::Instant::from_ticks(second * 1_000_000), text);
            }
        };
        let (said, ended) = run(program, slow);
        assert_eq!(String::from_utf8_lossy(&said), "> a\n> b\n> bye\n", "{name}");
        assert_eq!(ended, Some(75.secs()), "{name}");
    }
}

/// Answers are sixteen times as long as what they answer, on a line that sends as fast as it receives.
#[test]
fn a_slow_line_makes_the_service_wait() {
    let input = b"\xff\n".repeat(200);
    let answer = "error: not UTF-8 at byte 0: ff\n> ".repeat(200);
    let slow = |node: &Node| {
        node.uart(0).baud(115_200).rings(1024, 16).send(&input);
        node.uart(0).close();
    };
    check_script(slow, format!("> {answer}"));
}

#[test]
fn what_a_small_ring_loses_is_reported() {
    for (name, program) in SERVICES {
        let (said, ended) = run(program, |node| {
            node.uart(0).baud(115_200).rings(16, 16).send(b"\xff\n".repeat(200));
            node.uart(0).close();
        });
        let said = String::from_utf8(said).unwrap();
        assert!(said.contains("error: overrun\n"), "{name} said\n{said}");
        assert!(ended.is_some(), "{name} has not ended");
    }
}

#[test]
fn whatever_is_sent_both_answer_alike_and_end() {
    const BYTES: [u8; 12] = [b'\n', b'\n', b'\r', b'a', b'b', b' ', 0, 0x04, 0x80, 0xc3, 0xa4, 0xff];
    let mut random = Random::new(7, 0);
    for _ in 0..200 {
        let length = random.below(300);
        // Some inputs are long lines.
        let kinds = if random.below(2) == 0 { BYTES.len() } else { 6 };
        let first = if kinds == 6 && random.below(2) == 0 { 3 } else { 0 };
        let input: Vec<u8> =
            (0..length).map(|_| BYTES[first + random.below((kinds - first) as u64) as usize]).collect();
        let [echo, lines] = SERVICES.map(|(_, program)| {
            run(program, |node| {
                node.uart(0).send(&input);
                node.uart(0).close();
            })
        });
        assert!(echo == lines, "to {}", input.escape_ascii());
        assert!(echo.1.is_some(), "no end after {}", input.escape_ascii());
    }
}

/// With ever less memory the services lose the timeout, then they say why they do not start. Nothing panics.
#[test]
fn too_little_memory_is_an_error_that_is_reported() {
    for bytes in (0..4096).step_by(8) {
        let programs: [Box<dyn FnOnce(Board) + Send>; 2] = [
            Box::new(move |board| segno_examples::echo::main(board.event_loop_of(bytes), board.uart(0))),
            Box::new(move |board| segno_examples::lines::main(board.event_loop_of(bytes), board.uart(0))),
        ];
        for program in programs {
            let mut sim = Sim::new(1);
            let node = sim.node("service", program);
            node.uart(0).send("hello\n");
            node.uart(0).close();
            sim.try_run(None).unwrap_or_else(|panic| panic!("with {bytes} bytes: {panic}"));
            let said = node.uart(0).received();
            match node.console().as_str() {
                "" => assert_eq!(said, "> hello\n> ", "with {bytes} bytes"),
                error => {
                    assert_eq!((error, said.len()), ("error: Event loop's memory is full\n", 0), "with {bytes} bytes")
                }
            }
            assert!(node.finished(), "with {bytes} bytes");
        }
    }
}
