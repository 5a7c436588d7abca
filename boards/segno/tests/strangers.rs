//! The examples and programs that nobody here wrote: netcat and socat, over loopback and on a terminal.

mod support;

use std::io::{Read, Write};
use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use support::program_is_there;
use support::served::{LIMIT, Served, networked_boards};

/// The host, and the boards that can be run here, with this program.
fn everywhere(program: &str) -> impl Iterator<Item = Served> {
    let boards = networked_boards().map(move |board| Served::start(&["qemu", board, program, "--for", LIMIT]));
    [Served::start(&["sim", program])].into_iter().chain(boards)
}

/// Runs a program with this input; answers what it has said, to its end.
fn run(program: &str, arguments: &[&str], input: &str) -> String {
    let mut child = start(program, arguments);
    child.stdin.take().expect("it is piped").write_all(input.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{program} {arguments:?}: {}", output.status);
    String::from_utf8(output.stdout).expect("text")
}

fn start(program: &str, arguments: &[&str]) -> Child {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}"))
}

const DIALOGUE: &str = "echo from afar\ncount 3\necho more\n";
const ANSWER: &str = "> from afar\n> 1\n2\n3\n> more\n> ";

#[test]
fn netcat_and_socat_are_clients_of_the_shell() {
    if !program_is_there("nc") || !program_is_there("socat") {
        return;
    }
    for served in everywhere("tcp_shell") {
        // They end their side of the connection behind their input.
        assert_eq!(run("nc", &["-N", "127.0.0.1", &served.port], DIALOGUE), ANSWER);
        assert_eq!(run("socat", &["-t", "10", "-", &format!("TCP4:127.0.0.1:{}", served.port)], DIALOGUE), ANSWER);
    }
}

#[test]
fn netcat_and_socat_are_clients_of_the_echo() {
    if !program_is_there("nc") || !program_is_there("socat") {
        return;
    }
    for served in everywhere("udp_echo") {
        let long = "from afar ".repeat(100);
        assert_eq!(run("nc", &["-u", "-w", "2", "127.0.0.1", &served.port], &long), long);
        assert_eq!(run("socat", &["-t", "2", "-", &format!("UDP4:127.0.0.1:{}", served.port)], &long), long);
    }
}

/// Socat has the terminal of a serial port, in both directions.
#[test]
fn socat_is_on_the_line_of_the_gateway() {
    if !program_is_there("socat") {
        return;
    }
    let served = Served::start(&["sim", "uart_gateway"]);
    let mut socat = start("socat", &["-", &format!("{},raw,echo=0", served.terminals[0])]);
    let (mut input, mut output) = (socat.stdin.take().expect("piped"), socat.stdout.take().expect("piped"));
    let peer = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    peer.connect(format!("127.0.0.1:{}", served.port)).expect("it is there");
    peer.set_read_timeout(Some(Duration::from_secs(10))).expect("a time");
    peer.send(b"1from the network").expect("it is sent");
    let mut heard = [0; 16];
    output.read_exact(&mut heard).expect("it comes");
    assert_eq!(&heard, b"from the network");
    input.write_all(b"from the line").expect("it is taken");
    input.flush().expect("it is sent");
    // In one datagram or more.
    let mut text: Vec<u8> = Vec::new();
    while text.len() < 13 {
        let mut datagram = [0; 300];
        let count = peer.recv(&mut datagram).expect("it comes");
        assert_eq!(datagram[0], b'1');
        text.extend(&datagram[1..count]);
    }
    assert_eq!(text, b"from the line");
    socat.kill().ok();
    socat.wait().ok();
}
