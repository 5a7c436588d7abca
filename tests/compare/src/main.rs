//! Echo over the host's loopback, by segno, tokio's current-thread runtime and Python's asyncio: the same client for all of
//! them, in one run.
//!
//! ```console
//! $ cargo run --release --manifest-path tests/compare/Cargo.toml
//! ```
//! What is measured: the time of a round trip of 64 bytes, alone and with 50 connections at a time; how fast a stream goes
//! there and back; how many datagrams of 1,000 bytes do, 16 of them under way. Each server is a process of its own, and the
//! rounds of the three take turns. The best round counts: what disturbs a round makes it slower. Below, the processor's time
//! that the server has used for each operation (of a stream, 64 KiB), which a busy machine disturbs less.
//!
//! ```console
//! $ cargo run --release --manifest-path tests/compare/Cargo.toml -- qemu
//! ```
//! does the same on an emulated chip before, beside [Embassy and smoltcp alone](qemu). It needs qemu-system-arm and the target
//! thumbv7em-none-eabi.

mod client;
mod qemu;
mod servers;

use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Times that each of them is measured.
const ROUNDS: usize = 5;

/// Who is compared.
const SERVERS: [&str; 3] = ["segno", "tokio", "asyncio"];

/// A server. Dropping it ends it.
struct Serving {
    child: Child,
    port: u16,
}

impl Serving {
    fn start(server: &str, kind: &str) -> Serving {
        let mut command = match server {
            "asyncio" => {
                let mut command = Command::new("python3");
                command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("echo.py"));
                command
            }
            _ => {
                let mut command = Command::new(env::current_exe().expect("this program has a path"));
                command.arg(server);
                command
            }
        };
        let mut child = command.arg(kind).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect(server);
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut line).expect("a line");
        let port = line.trim().parse().unwrap_or_else(|_| panic!("{server} says `{line}`"));
        Serving { child, port }
    }
}

impl Serving {
    /// Microseconds of the processor's time that it has used.
    fn cpu(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("Linux says it");
        // Behind the name, which is in parentheses: `utime` and `stime`, in hundredths of a second.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() * 10_000.0
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Something that is measured, in units a second.
struct Measure {
    name: &'static str,
    unit: &'static str,
    kind: &'static str,
    run: fn(u16) -> f64,
    /// How many operations a round is, those that do not count included.
    operations: usize,
}

const MEASURES: [Measure; 5] = [
    Measure { name: "TCP round trip", unit: "a second", kind: "tcp", run: client::tcp_round_trips, operations: 5_500 },
    Measure { name: "TCP, 50 clients", unit: "a second", kind: "many", run: client::tcp_many, operations: 210 * 50 },
    Measure { name: "TCP stream", unit: "MB/s", kind: "tcp", run: client::tcp_stream, operations: 1_600 },
    Measure { name: "UDP round trip", unit: "a second", kind: "udp", run: client::udp_round_trips, operations: 5_500 },
    Measure { name: "UDP, 16 at a time", unit: "a second", kind: "udp", run: client::udp_window, operations: 20_016 },
];

fn compare() {
    println!("{:20} {:>12} {:>12} {:>12}   segno is", "", SERVERS[0], SERVERS[1], SERVERS[2]);
    for measure in MEASURES {
        let servers = SERVERS.map(|server| Serving::start(server, measure.kind));
        let mut best = [0_f64; SERVERS.len()];
        for _ in 0..ROUNDS {
            for (best, server) in best.iter_mut().zip(&servers) {
                *best = best.max((measure.run)(server.port));
            }
        }
        let operations = (ROUNDS * measure.operations) as f64;
        let [cpu_segno, cpu_tokio, cpu_asyncio] = servers.each_ref().map(|server| server.cpu() / operations);
        let [segno, tokio, asyncio] = best;
        println!(
            "{:20} {segno:12.0} {tokio:12.0} {asyncio:12.0}   {:.2} x tokio, {:.2} x asyncio ({})",
            measure.name,
            segno / tokio,
            segno / asyncio,
            measure.unit
        );
        println!(
            "{:20} {cpu_segno:12.1} {cpu_tokio:12.1} {cpu_asyncio:12.1}   {:.2} x tokio, {:.2} x asyncio",
            "  processor, us each",
            cpu_segno / cpu_tokio,
            cpu_segno / cpu_asyncio
        );
    }
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => compare(),
        ["qemu"] => {
            qemu::compare();
            println!();
            compare();
        }
        ["segno", kind] => servers::segno(kind),
        ["tokio", kind] => servers::tokio(kind),
        _ => panic!("usage: segno-compare [qemu]"),
    }
}
