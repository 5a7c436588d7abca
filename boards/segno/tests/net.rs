//! The examples that serve on a network, talked to by Python's asyncio over loopback.

mod support;

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The boards with a network.
const ETHERNET: [&str; 3] = ["mps2-an386", "lm3s6965evb", "mps2-an505"];

/// Those of them with more than one serial port.
const SERIAL: [&str; 2] = ["mps2-an386", "lm3s6965evb"];

/// Runs in QEMU end by themselves.
const LIMIT: &str = "60s";

/// A program that serves, on this machine or in QEMU. Dropping it ends it.
struct Served {
    child: Child,
    port: String,
    /// The terminals that are its serial ports.
    terminals: Vec<String>,
}

impl Served {
    /// Runs `cargo segno` with these arguments, and waits until the program says that its network is up.
    fn start(arguments: &[&str]) -> Served {
        let mut child = Command::new(env!("CARGO_BIN_EXE_segno"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("cargo segno runs");
        let (mut port, mut terminals) = (None, Vec::new());
        let output = child.stdout.take().expect("it is piped");
        for line in BufReader::new(output).lines() {
            let line = line.expect("text");
            if let Some((_, number)) = line.split_once("127.0.0.1:") {
                port = Some(number.trim().to_owned());
            }
            terminals.extend(line.split_whitespace().filter(|word| word.starts_with("/dev/")).map(String::from));
            if line.trim() == "net up" {
                break;
            }
        }
        Served { child, port: port.expect("it says where it listens"), terminals }
    }

    /// Runs a client, and checks what it says.
    fn meets(&self, client: &str, arguments: &[&str], says: &str) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers").join(client);
        let mut command = Command::new("python3");
        command.arg(script).args(["127.0.0.1", &self.port]).args(&self.terminals).args(arguments);
        let output = command.output().expect("python3 runs");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(text, says);
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // With the QEMU that it has started, which would go on. One that has ended by itself need not be killed.
        Command::new("kill")
            .args(["-KILL", "--", &format!("-{}", self.child.id())])
            .stderr(Stdio::null())
            .status()
            .ok();
        self.child.wait().ok();
    }
}

#[test]
fn the_host_echoes_datagrams_of_all_sizes() {
    let served = Served::start(&["sim", "udp_echo"]);
    served.meets("udp_echo.py", &["200"], "200 of 200, 0 unexpected\n");
    served.meets("udp_echo.py", &["20000", "32"], "20000 of 20000, 0 unexpected\n");
}

#[test]
fn the_host_serves_many_shells_at_once() {
    let served = Served::start(&["sim", "tcp_shell"]);
    served.meets("tcp_shell.py", &["8", "5000"], "8 clients\n");
    served.meets("tcp_shell.py", &["100", "200"], "100 clients\n");
}

#[test]
fn boards_echo_datagrams_of_all_sizes() {
    for board in ETHERNET.into_iter().filter(|board| support::boards().contains(board)) {
        let served = Served::start(&["qemu", board, "udp_echo", "--for", LIMIT]);
        served.meets("udp_echo.py", &["200", "4"], "200 of 200, 0 unexpected\n");
    }
}

#[test]
fn boards_serve_eight_shells_at_once() {
    for board in ETHERNET.into_iter().filter(|board| support::boards().contains(board)) {
        let served = Served::start(&["qemu", board, "tcp_shell", "--for", LIMIT]);
        served.meets("tcp_shell.py", &["8", "1000", "0.3"], "8 clients\n");
    }
}

#[test]
fn the_host_is_a_gateway_for_terminals() {
    let served = Served::start(&["sim", "uart_gateway"]);
    served.meets("uart_gateway.py", &["100000"], "100000 bytes each way on both ports\n");
}

#[test]
fn boards_are_gateways_for_their_serial_ports() {
    for board in SERIAL.into_iter().filter(|board| support::boards().contains(board)) {
        let served = Served::start(&["qemu", board, "uart_gateway", "--for", LIMIT]);
        served.meets("uart_gateway.py", &["10000"], "10000 bytes each way on both ports\n");
    }
}

/// A time server of Python's, at the example's port.
struct TimeServer(Child);

impl TimeServer {
    fn start(loses: &str) -> TimeServer {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/ntp_server.py");
        let arguments = [segno_examples::ntp::PORT.to_string(), loses.into()];
        let mut child =
            Command::new("python3").arg(script).args(arguments).stdout(Stdio::piped()).spawn().expect("python3 runs");
        let mut ready = String::new();
        BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut ready).expect("text");
        assert_eq!(ready, "ready\n");
        TimeServer(child)
    }
}

impl Drop for TimeServer {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Checks that the program has said this machine's time, after so many requests.
#[track_caller]
fn check_time(text: &str, requests: u32) {
    let line = text.lines().last().unwrap_or_default();
    let (time, rest) = line.split_once(" UTC, ").unwrap_or_else(|| panic!("{text}"));
    assert!(rest.ends_with(&format!(" us away, stratum 1, requests: {requests}")), "{text}");
    let seconds = Command::new("date").args(["--utc", "--date", time, "+%s"]).output().expect("date runs").stdout;
    let seconds: i64 = String::from_utf8(seconds).expect("text").trim().parse().expect("a number");
    let now = std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_secs() as i64;
    assert!((now - 5..=now).contains(&seconds), "{text} at {now}");
}

/// One server after the other has the port.
#[test]
fn host_and_boards_ask_a_time_server() {
    let nobody = support::segno(&["sim", "ntp"], "");
    let text = support::stdout(&nobody, 0);
    assert!(text.contains("ntp: connection refused\n"), "{text}");
    assert!(text.ends_with("error: no answer to 4 requests\n"), "{text}");
    let server = TimeServer::start("0");
    check_time(&support::stdout(&support::segno(&["sim", "ntp"], ""), 0), 1);
    for board in ETHERNET.into_iter().filter(|board| support::boards().contains(board)) {
        check_time(&support::stdout(&support::segno(&["qemu", board, "ntp", "--for", LIMIT], ""), 0), 1);
    }
    drop(server);
    let server = TimeServer::start("2");
    check_time(&support::stdout(&support::segno(&["sim", "ntp"], ""), 0), 3);
    for board in ETHERNET.into_iter().take(1).filter(|board| support::boards().contains(board)) {
        check_time(&support::stdout(&support::segno(&["qemu", board, "ntp", "--for", LIMIT], ""), 0), 3);
    }
    drop(server);
}
