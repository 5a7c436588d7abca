//! The examples that serve on a network, talked to by Python's asyncio over loopback.

mod support;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use support::served::{LIMIT, Served, networked_boards};

/// The boards with a network and more than one serial port.
const SERIAL: [&str; 2] = ["mps2-an386", "lm3s6965evb"];

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
    for board in networked_boards() {
        let served = Served::start(&["qemu", board, "udp_echo", "--for", LIMIT]);
        served.meets("udp_echo.py", &["200", "4"], "200 of 200, 0 unexpected\n");
    }
}

#[test]
fn boards_serve_eight_shells_at_once() {
    for board in networked_boards() {
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

/// A server of TLS on the port that the firmware asks. Dropping it ends it.
struct TlsServer(Child);

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

const TLS_PORT: &str = "4433";

fn certificate(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tls/tests/certificates").join(name)
}

/// Python's asyncio as an echo server.
fn asyncio_with_tls() -> TlsServer {
    let mut child = Command::new("python3")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/tls.py"))
        .arg("server")
        .args([certificate("localhost.pem"), certificate("localhost.key")])
        .arg(TLS_PORT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    let (mut port, mut output) = (String::new(), BufReader::new(child.stdout.take().expect("it is piped")));
    output.read_line(&mut port).expect("text");
    assert_eq!(port.trim(), TLS_PORT);
    // It goes on talking.
    thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
    TlsServer(child)
}

/// `openssl s_server`, whose output is its input.
fn openssl() -> TlsServer {
    let mut child = Command::new("openssl")
        .args(["s_server", "-tls1_3", "-accept", TLS_PORT, "-cert"])
        .arg(certificate("localhost.pem"))
        .arg("-key")
        .arg(certificate("localhost.key"))
        .arg("-quiet")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl runs");
    let (mut output, mut input) = (child.stdout.take().expect("it is piped"), child.stdin.take().expect("it is piped"));
    thread::spawn(move || std::io::copy(&mut output, &mut input));
    // It says nothing, and a connection to try would count as one.
    thread::sleep(Duration::from_millis(500));
    TlsServer(child)
}

/// Without a heap, and with no secret: see `boards/programs/tls_client.rs`. One server after the other has the port.
#[test]
fn a_board_is_a_client_of_tls() {
    if !support::boards().contains(&"mps2-an386") {
        return;
    }
    for serve in [asyncio_with_tls, openssl] {
        let server = serve();
        let output = support::segno(&["qemu", "mps2-an386", "tls_client", "--for", LIMIT], "");
        let text = support::stdout(&output, 0);
        assert!(text.contains("50000 bytes, closed: Ok(())"), "{text}");
        drop(server);
    }
    let nobody = support::segno(&["qemu", "mps2-an386", "tls_client", "--for", LIMIT], "");
    assert!(support::stdout(&nobody, 0).contains("connection refused"));
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
    for board in networked_boards() {
        check_time(&support::stdout(&support::segno(&["qemu", board, "ntp", "--for", LIMIT], ""), 0), 1);
    }
    drop(server);
    let server = TimeServer::start("2");
    check_time(&support::stdout(&support::segno(&["sim", "ntp"], ""), 0), 3);
    for board in networked_boards().take(1) {
        check_time(&support::stdout(&support::segno(&["qemu", board, "ntp", "--for", LIMIT], ""), 0), 3);
    }
    drop(server);
}
