//! The examples as programs of a simulated node. Names and descriptions are those of the examples' own crate.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use segno::{Duration, println};
use segno_examples::{EXAMPLES, Example, ntp, subprocess, tcp_shell, uart_gateway, udp_echo};
use segno_sim::Board;

/// Where servers listen: on any free port, for peers on this machine only.
const LOOPBACK: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0));

/// What runs on a simulated board.
pub(crate) type Program = fn(Board);

/// An example that can be run.
struct Entry {
    name: &'static str,
    /// Whether it reads UART 0.
    reads_input: bool,
    /// What it does on a network, which not every board has.
    network: Option<Role>,
    /// How many serial ports it uses besides UART 0, which not every board has.
    serial_ports: usize,
    program: Program,
}

/// What an example is on a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Server(Service),
    Client,
}

/// A port of a network on which an example listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Udp(u16),
    Tcp(u16),
}

/// One that reads nothing.
const fn silent(name: &'static str, program: Program) -> Entry {
    Entry { name, reads_input: false, network: None, serial_ports: 0, program }
}

/// One that reads UART 0.
const fn reader(name: &'static str, program: Program) -> Entry {
    Entry { name, reads_input: true, network: None, serial_ports: 0, program }
}

/// One that uses a network.
const fn networked(name: &'static str, role: Role, program: Program) -> Entry {
    Entry { name, reads_input: false, network: Some(role), serial_ports: 0, program }
}

/// How to start each example on a simulated board.
const PROGRAMS: &[Entry] = &[
    silent("hello", |board| segno_examples::hello::main(board.event_loop())),
    silent("future", |board| segno_examples::future::main(board.event_loop())),
    silent("coroutine", |board| segno_examples::coroutine::main(board.event_loop())),
    silent("tasks", |board| segno_examples::tasks::main(board.event_loop())),
    silent("blinky", |board| segno_examples::blinky::main(board.event_loop(), board.pin("led"))),
    reader("echo", |board| segno_examples::echo::main(board.event_loop(), board.uart(0))),
    reader("lines", |board| segno_examples::lines::main(board.event_loop(), board.uart(0))),
    networked("udp_echo", Role::Server(Service::Udp(udp_echo::PORT)), |board| {
        udp_echo::main(board.event_loop(), board.host_network(), LOOPBACK);
    }),
    networked("tcp_shell", Role::Server(Service::Tcp(tcp_shell::PORT)), |board| {
        tcp_shell::main(board.event_loop(), board.host_network(), LOOPBACK);
    }),
    Entry {
        serial_ports: 2,
        ..networked("uart_gateway", Role::Server(Service::Udp(uart_gateway::PORT)), |board| {
            let lp = board.event_loop();
            let (Ok(one), Ok(two)) = (board.host_serial(), board.host_serial()) else {
                return println!("error: this machine has no pseudo-terminals");
            };
            println!("uart 1 at {}\nuart 2 at {}", one.path(), two.path());
            uart_gateway::main(lp, one, two, board.host_network(), LOOPBACK);
        })
    },
    networked("ntp", Role::Client, |board| {
        ntp::main(board.event_loop(), board.host_network(), "localhost", ntp::PORT);
    }),
    silent(HOSTED, |board| subprocess::main(board.event_loop(), board.host_processes(), PATIENCE)),
];

/// The one that has something to do on a host only.
const HOSTED: &str = "subprocess";

/// How long that one waits for a child.
const PATIENCE: Duration = Duration::from_ticks(1_000_000);

/// Every example that can be run.
pub(crate) fn examples() -> impl Iterator<Item = &'static Example> {
    EXAMPLES.iter().filter(|example| program(example.name).is_some())
}

/// The names of all programs, the boards' own among them.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    examples().map(|example| example.name).chain(CHECKS).chain([TWO_CORES, TROUBLE, SLOW_READER, TLS_CLIENT])
}

/// Whether the program with this name needs a network, which not every board has.
#[cfg(test)]
fn is_networked(name: &str) -> bool {
    role(name).is_some()
}

/// Checks of a board, which are no examples: not for the simulator.
pub(crate) const CHECKS: [&str; 2] = ["selftest", "conformance"];

/// Two loops on two cores, which is no example either: for boards that have them.
pub(crate) const TWO_CORES: &str = "two_cores";

/// Tasks that are stuck or busy, for `cargo segno ps`; not on every board.
pub(crate) const TROUBLE: &str = "trouble";

/// A reader that holds its sender back, for boards that have RTS and CTS.
pub(crate) const SLOW_READER: &str = "slow_reader";

/// A client of TLS, for boards with a network and room for it; no example, because its random numbers are no secret.
pub(crate) const TLS_CLIENT: &str = "tls_client";

/// Why a board does not have a program.
pub(crate) fn missing(program: &str, board: &str) -> String {
    let needs = match program {
        TROUBLE => return format!("`{board}` has no program `{program}`"),
        TWO_CORES => "a second core",
        SLOW_READER => "RTS and CTS",
        TLS_CLIENT => "a network, and a feature `tls`",
        HOSTED => "processes",
        _ if serial_ports(program) > 0 => "a network and more serial ports",
        _ => "a network",
    };
    format!("`{program}` needs {needs}, which `{board}` has not")
}

/// Every program that each board has, whether it has a network or not.
#[cfg(test)]
pub(crate) fn firmware() -> impl Iterator<Item = &'static str> {
    examples().map(|example| example.name).filter(|name| !is_networked(name) && *name != HOSTED).chain(CHECKS)
}

/// The program with this name.
pub(crate) fn program(name: &str) -> Option<Program> {
    entry(name).map(|entry| entry.program)
}

/// Whether the program with this name reads input.
pub(crate) fn reads_input(name: &str) -> bool {
    entry(name).is_some_and(|entry| entry.reads_input)
}

/// What the program with this name is on a network, if it uses one.
pub(crate) fn role(name: &str) -> Option<Role> {
    if name == TLS_CLIENT { Some(Role::Client) } else { entry(name)?.network }
}

/// How many serial ports the program with this name uses besides UART 0.
pub(crate) fn serial_ports(name: &str) -> usize {
    entry(name).map_or(0, |entry| entry.serial_ports)
}

fn entry(name: &str) -> Option<&'static Entry> {
    PROGRAMS.iter().find(|entry| entry.name == name)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{EXAMPLES, PROGRAMS};

    #[test]
    fn every_example_can_be_run() {
        let examples: Vec<_> = EXAMPLES.iter().map(|example| example.name).collect();
        let programs: Vec<_> = PROGRAMS.iter().map(|entry| entry.name).collect();
        assert_eq!(examples, programs);
    }

    #[test]
    fn those_that_are_fed_read_input() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/expected");
        for entry in PROGRAMS {
            let fed = folder.join(entry.name).with_extension("in").is_file();
            assert_eq!(fed, entry.reads_input, "{}", entry.name);
        }
    }
}
