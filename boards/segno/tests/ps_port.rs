//! `cargo segno ps --port`: firmware in QEMU that answers on a UART, on the one that is the program's too, and on one for this
//! alone. Without QEMU or without a target these tests say so and pass; with `SEGNO_REQUIRE_QEMU=1` they fail instead.

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use segno_inspect_protocol::{Found, Question, Request, Status};
use support::{BOARDS, boards, segno, stderr, stdout};

/// How long a firmware may take to come to where it waits, and to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A firmware's file is where that with other features is: one at a time.
static BUILDING: Mutex<()> = Mutex::new(());

fn building() -> MutexGuard<'static, ()> {
    BUILDING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A board with its machine of QEMU, one for each UART's driver. `BOARD` in the environment chooses any other.
const DRIVERS: [&str; 5] = ["lm3s6965evb", "mps2-an386", "microbit", "netduinoplus2", "riscv-virt"];

/// Builds a program with these features. Its file is a copy: nobody overwrites it, and nobody else deletes it.
fn build(board: &str, program: &str, features: &str) -> PathBuf {
    let _building = building();
    stdout(&segno(&["size", board, program, "--features", features], ""), 0);
    let (_, target) = BOARDS.iter().find(|(name, _)| *name == board).unwrap();
    let folder = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(board).join("target"));
    static COPIES: AtomicUsize = AtomicUsize::new(0);
    let (process, number) = (std::process::id(), COPIES.fetch_add(1, Relaxed));
    let copy = std::env::temp_dir().join(format!("segno-ps-{process}-{number}-{board}-{program}-{features}"));
    fs::copy(folder.join(target).join("release").join(program), &copy).unwrap();
    copy
}

/// A free TCP port of this host.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A machine of QEMU whose UART 0 is a TCP port of this host. It starts when somebody connects.
struct Machine {
    qemu: Child,
    port: u16,
    elf: PathBuf,
}

impl Machine {
    fn start(board: &str, program: &str, features: &str) -> Machine {
        let elf = build(board, program, features);
        let port = free_port();
        let (qemu, machine): (_, &[&str]) = match board {
            "riscv-virt" => ("qemu-system-riscv32", &["virt", "-bios", "none"]),
            "template" => ("qemu-system-arm", &["mps2-an385"]),
            _ => ("qemu-system-arm", &[board]),
        };
        let mut command = Command::new(qemu);
        command.arg("-M").args(machine).args(["-nographic", "-monitor", "none", "-kernel"]).arg(&elf);
        command.args(["-serial", &format!("tcp:127.0.0.1:{port},server=on,wait=on")]);
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Machine { qemu: quiet.spawn().unwrap(), port, elf }
    }

    /// Connects to `echo`, and hears it say that it reads. What is sent before that is lost on some boards: a USART that is not
    /// started receives nothing.
    fn connect_first(&self) -> Peer {
        let mut peer = self.connect();
        peer.wait_for(b"> ");
        peer
    }

    fn connect(&self) -> Peer {
        let start = Instant::now();
        loop {
            if let Ok(stream) = TcpStream::connect(("127.0.0.1", self.port)) {
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                return Peer { stream, heard: Vec::new() };
            }
            assert!(start.elapsed() < PATIENCE, "QEMU does not listen");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn ps(&self, port: &str) -> Output {
        segno(&["ps", "--elf", self.elf.to_str().unwrap(), "--port", port], "")
    }

    /// Asks until the answer has all of these.
    fn shows(&self, port: &str, wanted: &[&str]) -> String {
        shows(|| self.ps(port), wanted)
    }

    fn tcp(&self) -> String {
        format!("tcp:127.0.0.1:{}", self.port)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.qemu.kill().ok();
        self.qemu.wait().ok();
        fs::remove_file(&self.elf).ok();
    }
}

fn shows(ask: impl Fn() -> Output, wanted: &[&str]) -> String {
    let start = Instant::now();
    loop {
        let output = ask();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if wanted.iter().all(|part| text.contains(part)) {
            return text;
        }
        assert!(start.elapsed() < PATIENCE, "{text}{}\nlacks one of {wanted:?}", stderr(&output));
        thread::sleep(Duration::from_millis(100));
    }
}

/// Who the program talks to.
struct Peer {
    stream: TcpStream,
    heard: Vec<u8>,
}

impl Peer {
    fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// Listens until this has come; what came before it is in the answer, and forgotten.
    fn wait_for(&mut self, wanted: &[u8]) -> Vec<u8> {
        self.until(wanted, |heard| {
            let at = heard.windows(wanted.len()).position(|part| part == wanted)?;
            Some((at, at + wanted.len()))
        })
    }

    /// Listens until something is found: where the answer ends, and what is forgotten.
    fn until(&mut self, wanted: &[u8], find: impl Fn(&[u8]) -> Option<(usize, usize)>) -> Vec<u8> {
        loop {
            if let Some((end, forgotten)) = find(&self.heard) {
                let before = self.heard[..end].to_vec();
                self.heard.drain(..forgotten);
                return before;
            }
            let mut buffer = [0; 256];
            let count = self.stream.read(&mut buffer).unwrap_or(0);
            let (wanted, heard) = (String::from_utf8_lossy(wanted), String::from_utf8_lossy(&self.heard));
            assert!(count > 0, "`{wanted}` does not come: {heard:?}");
            self.heard.extend_from_slice(&buffer[..count]);
        }
    }

    /// Sends a line, and waits for the answer with the next prompt.
    fn talk(&mut self, line: &str) {
        self.send(format!("{line}\n").as_bytes());
        self.wait_for(format!("{line}\n> ").as_bytes());
    }
}

/// `FILE:LINE` of what stands in a file of the repository.
fn place(file: &str, code: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    let text = fs::read_to_string(path).unwrap();
    let line = text.lines().position(|line| line.contains(code)).unwrap_or_else(|| panic!("{file}: {code}"));
    format!("{file}:{}", line + 1)
}

/// `hello` in pieces, with questions between them, on one connection: both are answered.
fn talk_in_pieces(peer: &mut Peer) {
    peer.send(b"he");
    for number in 1..20 {
        let request = Request { question: Question::Who, number };
        peer.send(&request.encode());
        let before = peer.until(b"an answer", |heard| match request.find(heard) {
            Found::Answer(Status::Here, data) => {
                let end = data.as_ptr().addr() - heard.as_ptr().addr() + data.len() + 2;
                Some((end - data.len() - 8, end))
            }
            _ => None,
        });
        assert_eq!(String::from_utf8_lossy(&before), "", "something before answer {number}");
    }
    // What is no question goes to the program, in the same order.
    peer.send(b"l\xF5\xF5ps?o\n");
    peer.wait_for(b"error: not UTF-8 at byte 3: 68 65 6c f5 f5 70 73 3f 6f\n> ");
}

#[test]
fn a_uart_that_is_the_programs_too_answers_and_the_program_goes_on() {
    let available = boards();
    for board in available.iter().filter(|board| available.len() == 1 || DRIVERS.contains(*board)) {
        let machine = Machine::start(board, "echo", "inspect");
        let mut peer = machine.connect_first();
        peer.talk("hello");
        drop(peer);
        let text = machine.shows(&machine.tcp(), &["session", ".reader"]);
        // The file is that of the coroutine around it.
        let waits =
            place("examples/src/echo.rs", "block!(serial.read())").replace("examples/src/echo.rs:", "read_line :");
        assert!(text.contains(&waits), "{board}: {waits} is not in\n{text}");
        assert!(!text.contains("warning"), "{board}: {text}");
        let mut peer = machine.connect();
        peer.talk("again");
        talk_in_pieces(&mut peer);
        peer.talk("at last");
    }
}

#[test]
fn planted_trouble_is_named_over_the_uart_also_by_a_loop_that_is_stuck() {
    let board = "lm3s6965evb";
    if !boards().contains(&board) {
        return;
    }
    let machine = Machine::start(board, "trouble", "inspect");
    // A question that comes while the UART is started loses its head, and the rest is what the program reads.
    machine.connect().wait_for(b"ready\n");
    let text = machine.shows(&machine.tcp(), &["(impatient) is busy"]);
    for wanted in [
        "(logger) is stuck: there is no code in the program that sets the event FLUSHED",
        "(orphan) is stuck: nobody else has a handle of Future-",
        &place("boards/programs/trouble.rs", "FLUSHED.wait().await"),
        "lock BUS",
        "radio ",
    ] {
        assert!(text.contains(wanted), "`{wanted}` is not in\n{text}");
    }
    let mut peer = machine.connect();
    peer.send(b"x");
    peer.wait_for(b"spinning");
    drop(peer);
    let text = machine.shows(&machine.tcp(), &["(spinner) does not yield"]);
    assert!(text.contains("(impatient) does not get its turn"), "{text}");
}

#[test]
fn a_uart_for_this_alone_is_a_terminal_of_the_host() {
    let board = "lm3s6965evb";
    if !boards().contains(&board) {
        return;
    }
    let elf = build(board, "trouble", "inspect-uart1");
    let own_folder = std::env::temp_dir().join(format!("segno-ps-{}", std::process::id()));
    fs::create_dir_all(&own_folder).unwrap();
    let building = building();
    let mut command = Command::new(env!("CARGO_BIN_EXE_segno"));
    command.args(["qemu", board, "trouble", "--features", "inspect-uart1", "--for", "90s"]);
    command.env("TMPDIR", &own_folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut segno_qemu = command.spawn().unwrap();
    let mut output = BufReader::new(segno_qemu.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut port = None;
    let ready = output.by_ref().any(|line| {
        let name = line.strip_prefix("char device redirected to ").and_then(|rest| rest.split(' ').next());
        port = port.take().or(name.map(str::to_owned));
        line == "ready"
    });
    drop(building);
    let port = port.filter(|_| ready).expect("QEMU says which terminal it is, and the program that it is ready");
    let ask = || segno(&["ps", "--elf", elf.to_str().unwrap(), "--port", &port, "--baud", "115200"], "");
    shows(ask, &["(impatient) is busy", "(logger) is stuck"]);
    segno_qemu.stdin.as_mut().unwrap().write_all(b"x").unwrap();
    assert!(output.any(|line| line == "spinning"));
    shows(ask, &["(spinner) does not yield"]);
    let children = format!("/proc/{0}/task/{0}/children", segno_qemu.id());
    for qemu in fs::read_to_string(children).unwrap_or_default().split_whitespace() {
        Command::new("kill").arg(qemu).status().ok();
    }
    segno_qemu.kill().ok();
    segno_qemu.wait().ok();
    fs::remove_dir_all(own_folder).ok();
    fs::remove_file(elf).ok();
}

/// A line between the host and a machine on which every so many bytes from the machine one has another bit.
fn damaging(machine: &Machine, every: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let name = format!("tcp:{}", listener.local_addr().unwrap());
    let target = machine.port;
    thread::spawn(move || {
        for host in listener.incoming().map_while(Result::ok) {
            let board = TcpStream::connect(("127.0.0.1", target)).unwrap();
            let (mut from_host, mut to_board) = (host.try_clone().unwrap(), board.try_clone().unwrap());
            thread::spawn(move || {
                std::io::copy(&mut from_host, &mut to_board).ok();
                to_board.shutdown(std::net::Shutdown::Both).ok();
            });
            let (mut from_board, mut to_host) = (board, host);
            let mut buffer = [0; 256];
            let mut passed = 0;
            while let Ok(count @ 1..) = from_board.read(&mut buffer) {
                for byte in &mut buffer[..count] {
                    passed += 1;
                    if passed % every == 0 {
                        *byte ^= 4;
                    }
                }
                if to_host.write_all(&buffer[..count]).is_err() {
                    break;
                }
            }
        }
    });
    name
}

#[test]
fn what_the_line_damages_is_asked_for_again() {
    let board = "lm3s6965evb";
    if !boards().contains(&board) {
        return;
    }
    // First, because they may take longer than `lines` waits for a line.
    let another = build(board, "trouble", "inspect");
    let plain = build(board, "lines", "");
    let machine = Machine::start(board, "lines", "inspect");
    machine.shows(&machine.tcp(), &["stream_transport"]);
    let text = stdout(&machine.ps(&damaging(&machine, 1_009)), 0);
    assert!(text.contains("stream_transport") && !text.contains("warning"), "{text}");
    let output = machine.ps(&damaging(&machine, 13));
    assert_eq!(stdout(&output, 1), "");
    assert!(stderr(&output).contains("the answers are damaged, "), "{}", stderr(&output));

    // Another program's file, and the same program's without the feature.
    let output = segno(&["ps", "--elf", another.to_str().unwrap(), "--port", &machine.tcp()], "");
    assert_eq!(stdout(&output, 1), "");
    assert!(
        stderr(&output).contains("the firmware is build ") && stderr(&output).contains("is of build "),
        "{output:?}"
    );
    let output = segno(&["ps", "--elf", plain.to_str().unwrap(), "--port", &machine.tcp()], "");
    assert!(stderr(&output).contains("the ELF file is without a build id\n help: "), "{}", stderr(&output));
    fs::remove_file(another).ok();

    // Firmware that does not answer.
    let mute = Machine::start(board, "echo", "");
    mute.connect_first().talk("hello");
    let output = mute.ps(&mute.tcp());
    assert!(stderr(&output).contains("no answer within 4 s") && stderr(&output).contains("`inspect`"), "{output:?}");
    // The file of a firmware that runs nowhere is enough for what follows.
    let wrong = |port: &str| {
        let output = segno(&["ps", "--elf", plain.to_str().unwrap(), "--port", port], "");
        assert_eq!(stdout(&output, 1), "");
        stderr(&output)
    };
    let text = wrong("/dev/does-not-exist");
    assert!(text.contains("/dev/does-not-exist: ") && text.contains("is the board plugged in?"), "{text}");
    let text = wrong("tcp:localhost");
    assert!(text.contains("write tcp:HOST:PORT"), "{text}");
    let text = wrong(&format!("tcp:127.0.0.1:{}", free_port()));
    assert!(text.contains("refused"), "{text}");
    let text = wrong("Cargo.toml");
    assert!(text.starts_with("error: Cargo.toml: "), "{text}");
    fs::remove_file(plain).ok();
}

#[test]
fn a_port_alone_does_not_say_which_program_it_is() {
    let output = segno(&["ps", "--port", "/dev/null"], "");
    assert_eq!(stdout(&output, 2), "");
    assert!(stderr(&output).contains("add `--elf FILE`"), "{}", stderr(&output));
}
