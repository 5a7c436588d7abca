//! QEMU with a program, and its count of instructions.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::client::Peer;
use super::firmware::Firmware;

pub const QEMU: &str = "qemu-system-arm";

/// The port of the service on the chip.
const SERVICE: u16 = 7;

/// An address of the host whose port is free for datagrams and connections. Nobody else will take it in the moment before QEMU
/// does: the host gives out others first.
fn free_port() -> SocketAddr {
    loop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("it has one");
        if UdpSocket::bind(address).is_ok() {
            return address;
        }
    }
}

/// A machine that runs a program. Dropping it ends it.
pub struct Machine {
    child: Child,
    /// QEMU's machine protocol.
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    pub peer: Peer,
}

impl Machine {
    /// Starts it, and waits until it answers. While instructions are counted, an instruction takes 64 ns of its time.
    pub fn start(program: &Firmware, counting: bool) -> Machine {
        let address = free_port();
        let mut command = Command::new(QEMU);
        command.args(["-M", "mps2-an386", "-display", "none", "-serial", "null", "-monitor", "none", "-qmp", "stdio"]);
        // Both kinds, for the reason that `Peer::meet_tcp` says.
        let forward = |kind| format!("hostfwd={kind}:{address}-10.0.2.15:{SERVICE}");
        command.arg("-nic").arg(format!("user,{},{}", forward("udp"), forward("tcp")));
        if counting {
            command.args(["-icount", "shift=6"]);
        }
        command.arg("-kernel").arg(&program.elf).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("qemu-system-arm is installed");
        let commands = child.stdin.take().expect("it is piped");
        let answers = BufReader::new(child.stdout.take().expect("it is piped"));
        let peer = Peer::meet(program.kind, address);
        let mut machine = Machine { child, commands, answers, peer };
        machine.ask("qmp_capabilities");
        machine
    }

    /// Has a command executed; answers what it returns.
    fn ask(&mut self, command: &str) -> String {
        writeln!(self.commands, "{{\"execute\": \"{command}\"}}").expect("QEMU runs");
        loop {
            let mut line = String::new();
            let length = self.answers.read_line(&mut line).expect("QEMU runs");
            assert!(length > 0 && !line.contains("\"error\""), "QEMU's answer to {command}: {line}");
            // Before, there are a greeting and events.
            if line.contains("\"return\"") {
                return line;
            }
        }
    }

    /// How many instructions it has executed.
    pub fn instructions(&mut self) -> u64 {
        let answer = self.ask("query-replay");
        let count = answer.split_once("\"icount\": ").map(|(_, rest)| rest);
        let digits = count.and_then(|rest| rest.split(|letter: char| !letter.is_ascii_digit()).next());
        digits.and_then(|digits| digits.parse().ok()).unwrap_or_else(|| panic!("no count of instructions: {answer}"))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
