//! `cargo segno qemu`: builds the firmware and runs it in QEMU.
//!
//! The board's UART is stdin and stdout; the status is the firmware's, through semihosting. At a terminal, QEMU has
//! stdin itself, so that every key arrives at once. A pipe or file has an end, which a UART has not: then the bytes go
//! through this program, which sends one EOT (Ctrl-D, 0x04) in the place of the end. As not every machine of QEMU keeps
//! what arrives before the firmware has started its UART, they wait for the firmware's first output, or a second.
//!
//! QEMU's gdb stub listens on a socket of its own, for `cargo segno ps`: see [`live`](crate::live).
//!
//! An example that uses a network gets QEMU's user network; if it serves there, a free port of the host is forwarded to it: the
//! first line says which. `--nic` gives it another network instead. More serial ports than UART 0, and that one with `--pty`,
//! become pseudo-terminals, of which QEMU says the names.

use std::io::{self, IsTerminal, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::Ending;
use crate::arguments::{self, QemuOptions};
use crate::boards::Board;
use crate::build;
use crate::live::Live;
use crate::programs::{self, Role, Service};
use crate::require::require;

/// ASCII's "end of transmission".
const EOT: u8 = 0x04;

/// How long a firmware that says nothing is waited for.
const SILENCE: Duration = Duration::from_secs(1);

/// How often the end of a run with a time limit is looked for.
const POLL: Duration = Duration::from_millis(5);

/// Runs the firmware to its end or for as long as was asked.
pub(crate) fn run(options: &QemuOptions) -> Ending {
    if options.deterministic && programs::reads_input(&options.example) {
        let problem = "input arrives at the pace of the host, so the run is not the same every time";
        arguments::refuse(&format!(
            "`--deterministic` with `{0}`, which reads input: {problem}\n help: cargo segno sim {0}",
            options.example
        ));
    }
    let board = Board::named(&options.board);
    if !board.has(&options.example) {
        arguments::refuse(&programs::missing(&options.example, board.name));
    }
    let Some(machine) = board.machine() else {
        let (name, example) = (board.name, &options.example);
        return Err(format!(
            "`{name}` is hardware, which QEMU does not emulate\n help: cargo segno flash {name} {example}"
        ));
    };
    let qemu = machine.emulator.program;
    require(qemu, &format!("apt-get install {}", machine.emulator.package))?;
    let mut features = options.features.clone();
    features.extend(options.statistics.then(|| "statistics".to_owned()));
    let elf = build::firmware_with(board, &options.example, &features)?;
    let at_terminal = io::stdin().is_terminal() || options.pty;
    let more_ports =
        programs::serial_ports(&options.example) + usize::from(features.iter().any(|name| name == "inspect-uart1"));
    let mut command = Command::new(qemu);
    command
        .args([
            "-M",
            machine.name,
            "-nographic",
            "-monitor",
            "none",
            "-serial",
            if options.pty { "pty" } else { "stdio" },
        ])
        .args(machine.options)
        .args(["-semihosting-config", "enable=on,target=native", "-kernel"])
        .arg(&elf)
        .stdin(if at_terminal { Stdio::inherit() } else { Stdio::piped() })
        .stdout(if at_terminal { Stdio::inherit() } else { Stdio::piped() });
    if options.deterministic {
        command.args(["-icount", &format!("shift={},sleep=off,align=off", machine.shift)]);
    }
    for _ in 0..more_ports {
        command.args(["-serial", "pty"]); // QEMU says which
    }
    match (programs::role(&options.example), &options.nic) {
        (None, None) => {}
        (_, Some(backend)) => {
            command.args(["-nic", backend]);
        }
        (Some(Role::Client), None) => {
            command.args(["-nic", "user"]);
        }
        (Some(Role::Server(service)), None) => {
            let (address, forward) = forwarded(service).map_err(|error| format!("no free port: {error}"))?;
            command.args(["-nic", &format!("user,{forward}")]);
            println!("{} at {address}", options.example);
        }
    }
    // Without a folder for it, `cargo segno ps` does not find this one; everything else works.
    let announced = Live::announce(board.name, &options.example, &elf).ok();
    if let Some(announced) = &announced {
        command.args(["-gdb", &format!("unix:{},server=on,wait=off", announced.0.socket().display())]);
    }
    let mut child = command.spawn().map_err(|error| format!("{qemu} cannot be started: {error}"))?;
    let (spoke, first_output) = mpsc::channel();
    let output = child.stdout.take().map(|output| thread::spawn(move || show(output, &spoke)));
    if let Some(input) = child.stdin.take() {
        // It may be blocked in `read` when QEMU ends; it ends with this process.
        thread::spawn(move || forward(input, &first_output));
    }
    let limit = options.duration.map(|duration| Duration::from_micros(duration.as_ticks()));
    let status = wait(&mut child, limit).map_err(|error| format!("{qemu}: {error}"))?;
    if let Some(output) = output {
        output.join().ok();
    }
    let Some(status) = status else { return Ok(ExitCode::SUCCESS) };
    match status.code() {
        Some(code) => Ok(ExitCode::from(u8::try_from(code).unwrap_or(1))),
        None => Err(format!("{qemu}: {status}")),
    }
}

/// A free port of the host, and QEMU's option that forwards it to the service. Nobody else will take the port in the
/// moment before QEMU does: the host gives out others first.
fn forwarded(service: Service) -> io::Result<(SocketAddr, String)> {
    let any = (Ipv4Addr::LOCALHOST, 0);
    let (address, protocol, port) = match service {
        Service::Udp(port) => (UdpSocket::bind(any)?.local_addr()?, "udp", port),
        Service::Tcp(port) => (TcpListener::bind(any)?.local_addr()?, "tcp", port),
    };
    Ok((address, format!("hostfwd={protocol}:{address}-10.0.2.15:{port}")))
}

/// Waits for the end; `None` when the time was over first, and the child was killed.
fn wait(child: &mut Child, limit: Option<Duration>) -> io::Result<Option<std::process::ExitStatus>> {
    let Some(limit) = limit else { return child.wait().map(Some) };
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let left = limit.saturating_sub(start.elapsed());
        if left.is_zero() {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(left.min(POLL));
    }
}

/// Copies what the firmware writes to stdout, as it comes, and tells when something has come.
fn show(mut output: ChildStdout, spoke: &Sender<()>) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = output.read(&mut buffer) {
        let mut stdout = io::stdout().lock();
        // Nobody to show it to: QEMU goes on, and this program ends as it does.
        stdout.write_all(&buffer[..count]).and_then(|()| stdout.flush()).ok();
        spoke.send(()).ok();
    }
}

/// Copies stdin, and ends it with an EOT. The pipe stays open: to QEMU its end would mean nothing.
fn forward(mut input: ChildStdin, first_output: &Receiver<()>) {
    first_output.recv_timeout(SILENCE).ok();
    let mut buffer = [0; 4096];
    loop {
        let count = io::stdin().read(&mut buffer).unwrap_or(0);
        let bytes = if count == 0 { &[EOT][..] } else { &buffer[..count] };
        // QEMU has ended when this fails.
        if input.write_all(bytes).is_err() {
            return;
        }
        if count == 0 {
            break;
        }
    }
    loop {
        thread::park();
    }
}
