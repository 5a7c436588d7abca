//! Hostile input and long runs: drivers, parsers and servers against random bytes, bad wires and bad clients.
//!
//! # The problem
//! What comes from outside may be anything. Nothing of it may end the program, hang it, or be taken for something else.
//!
//! # The design
//! Property tests that need nothing but stable Rust: [`cases`] runs a property with many generators of random numbers, each
//! of which the seed and the case's number decide; a failure says both. With these in the environment,
//!
//! ```console
//! $ SEED=7 CASES=100000 cargo test --release -p segno-hostile
//! $ SEED=7 CASE=4711 cargo test -p segno-hostile readers
//! ```
//! other cases are run, more of them, or one alone.
//!
//! | test | what is fed | with what |
//! |---|---|---|
//! | `ethernet_drivers` | LAN9118 and Stellaris, through their registers | runts, giants, damaged frames, noise |
//! | `frames` | the stack on the simulator's Ethernet | noise, truncated and malformed ARP, IP, UDP, TCP, ICMP |
//! | `services` | DHCP and DNS of the stack | answers that are cut, changed, noise, or lead to themselves |
//! | `readers` | every read of a `StreamReader` | chunks cut anywhere, ends, small buffers, cancelled reads |
//! | `datagrams` | an endpoint over a socket that fails as it likes | sizes, addresses, full queues |
//! | `clients` | servers on the simulator's network and on the host's | who never reads, never closes, resets at any point, comes too many |
//! | `soak` | servers on a wire that loses, repeats, reorders, damages and is cut | connections and resets each second, for a day |
//!
//! UARTs' drivers are fed in `boards/support`, by the same rules.

mod packets;

use std::env;
use std::fmt::Display;
use std::net::SocketAddr;
use std::str::FromStr;

pub use packets::{first_segment, packet};
use segno::prelude::*;
pub use segno_sim::Random;
use segno_sim::seed;

fn number<T: FromStr>(name: &str) -> Option<T>
where
    T::Err: Display,
{
    let text = env::var(name).ok()?;
    Some(text.trim().parse().unwrap_or_else(|error| panic!("{name} is `{text}`: {error}")))
}

/// Says how to repeat a case that fails.
struct Repeat {
    seed: u64,
    case: u64,
}

impl Drop for Repeat {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("reproduce: SEED={} CASE={}", self.seed, self.case);
        }
    }
}

/// Runs a property `count` times, or `CASES` times.
pub fn cases(count: u64, mut property: impl FnMut(&mut Random)) {
    let seed = seed();
    let (first, end) = match number("CASE") {
        Some(case) => (case, case + 1),
        None => (0, number("CASES").unwrap_or(count)),
    };
    for case in first..end {
        let repeat = Repeat { seed, case };
        property(&mut Random::new(seed, case));
        drop(repeat);
    }
}

/// Random bytes, `least` to `most` of them.
pub fn bytes(random: &mut Random, least: usize, most: usize) -> Vec<u8> {
    let count = least + random.below((most - least + 1) as u64) as usize;
    (0..count).map(|_| random.next_u64() as u8).collect()
}

/// One of these.
pub fn one_of<T: Copy>(random: &mut Random, choices: &[T]) -> T {
    choices[random.below(choices.len() as u64) as usize]
}

/// How much a loop's pool has room for: so many callbacks of 256 bytes. Nothing stays.
pub fn room(lp: &'static EventLoop) -> usize {
    let mut handles = Vec::new();
    let filler = [0_u8; 256];
    while let Ok(handle) = lp.call_later(1.secs(), move |_| assert_eq!(filler[0], 0)) {
        handles.push(handle);
    }
    handles.iter().for_each(TimerHandle::cancel);
    handles.len()
}

/// Sends back what comes, until it ends.
#[segno::coroutine(allow_large)]
pub async fn echo(reader: StreamReader, writer: StreamWriter) {
    let mut buffer = [0; 500];
    while let Ok(count @ 1..) = reader.read(&mut buffer).await {
        if writer.write_all(&buffer[..count]).await.is_err() {
            break;
        }
    }
    writer.close();
}

/// Sends back datagrams. What there is no room for is lost, as UDP may.
pub struct EchoDatagrams;

impl DatagramProtocol for EchoDatagrams {
    fn datagram_received(&mut self, transport: &mut dyn DatagramTransport, data: &[u8], from: SocketAddr) {
        transport.sendto(data, Some(from)).ok();
    }
}
