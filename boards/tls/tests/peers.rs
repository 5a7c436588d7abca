//! TLS with peers that nobody here wrote, over the host's loopback: openssl, and Python's asyncio, in both roles.

mod support;

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use segno::prelude::*;
use segno::{print, println};
use segno_sim::{Board, HostNetwork, Outcome, Sim};
use segno_tls::{Later, Side, Tls, client_context, server_context, start_tls};
use support::{AUTHORITY, CHAIN, KEY, echo};

const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

fn certificate(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates").join(name)
}

fn python() -> Command {
    let mut command = Command::new("python3");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/tls.py"));
    command
}

/// Whether the peer is installed.
fn is_there(program: &str) -> bool {
    let there = Command::new(program).arg("version").stdin(Stdio::null()).output().is_ok();
    if !there {
        std::println!("skipped: {program} is not installed");
    }
    there
}

/// Runs `peer` against a server, and checks that the server says this, and has nothing left.
fn serve(
    says: &str,
    start: impl FnOnce(&'static EventLoop, HostNetwork) -> Server + Send + 'static,
    peer: impl FnOnce(u16) + Send + 'static,
) {
    let (ports, port) = mpsc::channel();
    let (done, ended) = mpsc::channel();
    let mut sim = Sim::new(0);
    let node = sim.node("server", move |board: Board| {
        let lp = board.event_loop_of(1024 * 1024);
        let server = start(lp, board.host_network());
        let remote = lp.remote();
        ports.send(server.address().port()).unwrap();
        thread::spawn(move || {
            ended.recv().ok();
            remote.call_soon(EventLoop::stop).unwrap();
        });
        lp.run_forever().unwrap();
        lp.run_until_complete(sleep(100.millis())).unwrap();
        println!("{} connections", server.connections());
    });
    let peers = thread::spawn(move || {
        let port = port.recv().unwrap();
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| peer(port)));
        done.send(()).unwrap();
        result
    });
    sim.try_run(Some(100.secs())).unwrap();
    peers.join().unwrap().unwrap();
    // With the feature `debug` of segno the cause is told as well.
    let console = node.console().replace("failed: the stream was cut off\n", "failed\n");
    assert_eq!(console, format!("{says}0 connections\n"));
}

fn echo_server(lp: &'static EventLoop, network: HostNetwork) -> Server {
    let network = Tls::server(network, server_context(CHAIN, KEY).unwrap());
    lp.start_server::<8192, 8192>(network, echo, LOOPBACK).unwrap()
}

fn says(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn asyncio_is_a_client() {
    if is_there("python3") {
        serve("socket.accept() failed\n", echo_server, |port| {
            let authority = certificate("authority.pem");
            assert_eq!(
                says(python().args(["client", &port.to_string()]).arg(authority).args(["4", "300000"])),
                "4 clients\n"
            );
        });
    }
}

#[test]
fn openssl_is_a_client() {
    if !is_there("openssl") {
        return;
    }
    serve("", echo_server, |port| {
        for version in ["-tls1_2", "-tls1_3"] {
            let mut client = Command::new("openssl")
                .args([
                    "s_client",
                    "-quiet",
                    "-no_ign_eof",
                    "-verify_return_error",
                    "-servername",
                    "localhost",
                    version,
                ])
                .args(["-connect", &format!("127.0.0.1:{port}")])
                .arg("-CAfile")
                .arg(certificate("authority.pem"))
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut lines = BufReader::new(client.stdout.take().unwrap()).lines();
            let mut input = client.stdin.take().unwrap();
            for n in 0..100 {
                let line = format!("line {n} {}", "x".repeat(n * 30));
                writeln!(input, "{line}").unwrap();
                assert_eq!(lines.next().unwrap().unwrap(), line);
            }
            drop(input);
            assert!(client.wait().unwrap().success());
        }
    });
}

#[segno::coroutine]
async fn upgrades(reader: StreamReader, writer: StreamWriter) {
    let mut line = [0; 64];
    let count = reader.readline(&mut line).await.unwrap();
    assert_eq!(&line[..count], b"STARTTLS\n");
    writer.write_all(b"go ahead\n").await.unwrap();
    start_tls(writer.transport(), &Side::Server(server_context(CHAIN, KEY).unwrap())).await.unwrap();
    let count = reader.readline(&mut line).await.unwrap();
    writer.write_all(&line[..count]).await.unwrap();
    writer.close();
}

#[test]
fn asyncio_upgrades_a_connection() {
    if !is_there("python3") {
        return;
    }
    let start =
        |lp: &'static EventLoop, network| lp.start_server::<512, 512>(Later(network), upgrades, LOOPBACK).unwrap();
    serve("", start, |port| {
        let authority = certificate("authority.pem");
        let old =
            says(Command::new("python3").args(["-c", "import sys; print(sys.version_info < (3, 11))"])) == "True\n";
        if !old {
            assert_eq!(says(python().args(["starttls", &port.to_string()]).arg(authority)), "upgraded\n");
        }
    });
}

/// A peer that serves. Dropping it ends it.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn start(command: &mut Command) -> (Serving, impl Iterator<Item = String> + use<>) {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap()).lines().map(|line| line.unwrap());
    (Serving(child), output)
}

fn run(program: impl FnOnce(Board) + Send + 'static) -> String {
    let mut sim = Sim::new(0);
    let node = sim.node("client", program);
    assert_eq!(sim.try_run(Some(100.secs())), Ok(Outcome::Finished));
    node.console()
}

fn network(board: &Board) -> Tls<HostNetwork> {
    Tls::client(board.host_network(), client_context(AUTHORITY).unwrap(), "localhost").unwrap()
}

#[segno::coroutine]
async fn send_all(writer: StreamWriter, bytes: Vec<u8>) {
    writer.write_all(&bytes).await.unwrap();
}

#[segno::coroutine(allow_large)]
async fn exchange(lp: &'static EventLoop, network: impl Network, remote: SocketAddr) {
    let (reader, writer) = lp.open_connection::<8192, 8192>(network, remote).await.unwrap();
    let data: Vec<u8> = (0..1_000_000_u32).map(|n| (n.wrapping_mul(0x9E37_79B9) >> 13) as u8).collect();
    let sender = lp.create_task(send_all(writer.clone(), data.clone())).unwrap();
    let mut answer = vec![0; data.len()];
    reader.readexactly(&mut answer).await.unwrap();
    assert!(answer == data);
    sender.await;
    writer.close();
    writer.wait_closed().await.unwrap();
    println!("{} bytes", data.len());
}

#[test]
fn asyncio_is_a_server() {
    if !is_there("python3") {
        return;
    }
    let (_serving, mut lines) =
        start(python().arg("server").arg(certificate("localhost.pem")).arg(certificate("localhost.key")));
    let port: u16 = lines.next().unwrap().parse().unwrap();
    let console = run(move |board| {
        let lp = board.event_loop_of(4 * 1024 * 1024);
        let remote = SocketAddr::new(LOOPBACK.ip(), port);
        lp.run_until_complete(exchange(lp, network(&board), remote)).unwrap();
    });
    assert_eq!(console, "1000000 bytes\n");
    assert_eq!(lines.next().unwrap(), "the client's end");
}

#[segno::coroutine]
async fn reversed(lp: &'static EventLoop, network: impl Network, remote: SocketAddr) {
    let (reader, writer) = lp.open_connection::<512, 512>(network, remote).await.unwrap();
    let mut line = [0; 64];
    for text in [&b"hello\n"[..], b"segno\n"] {
        writer.write_all(text).await.unwrap();
        let count = reader.readline(&mut line).await.unwrap();
        print!("{}", String::from_utf8_lossy(&line[..count]));
    }
    writer.close();
    writer.wait_closed().await.unwrap();
}

#[test]
fn openssl_is_a_server() {
    if !is_there("openssl") {
        return;
    }
    for version in ["-tls1_2", "-tls1_3"] {
        let mut command = Command::new("openssl");
        command.args(["s_server", "-accept", "127.0.0.1:0", "-rev", version]);
        command.arg("-cert").arg(certificate("localhost.pem")).arg("-key").arg(certificate("localhost.key"));
        let (_serving, mut lines) = start(&mut command);
        let address = lines.find_map(|line| Some(line.strip_prefix("ACCEPT ")?.to_owned())).unwrap();
        let remote: SocketAddr = address.trim().parse().unwrap();
        let console = run(move |board| {
            let lp = board.event_loop();
            lp.run_until_complete(reversed(lp, network(&board), remote)).unwrap();
        });
        assert_eq!(console, "olleh\nonges\n");
    }
}
