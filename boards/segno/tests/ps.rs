//! `cargo segno ps` and `cargo segno pstree`: firmware that waits in QEMU, and the same from a dump. Without QEMU or without
//! a target these tests say so and pass; with `SEGNO_REQUIRE_QEMU=1` they fail instead.

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use segno_inspect::Memory;
use segno_inspect::memory::Qemu;

use support::{boards, stderr, stdout};

/// How long a firmware may take to come to where it waits.
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder of its own for temporary files, so that no test sees the machines of others.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("segno-test-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn segno(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_segno"));
        command.args(arguments).env("TMPDIR", &self.0);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.segno(arguments).output().unwrap()
    }

    /// Starts a program in QEMU, with a pipe as its input that stays open.
    fn start(&self, board: &str, program: &str) -> Running {
        // Built before the clock is looked at.
        stdout(&self.run(&["size", board, program]), 0);
        let mut child = self
            .segno(&["qemu", board, program, "--for", "60s"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Running { child, output }
    }

    /// What QEMU's folder has: the socket of its gdb stub.
    fn socket(&self) -> PathBuf {
        let mut folders = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path());
        folders.find(|path| path.to_string_lossy().contains("segno-run-")).unwrap().join("gdb")
    }

    /// Asks until the answer has all of these, for the firmware may be on its way there.
    fn shows(&self, arguments: &[&str], wanted: &[&str]) -> String {
        let start = Instant::now();
        loop {
            let output = self.run(arguments);
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            if wanted.iter().all(|part| text.contains(part)) {
                return text;
            }
            assert!(start.elapsed() < PATIENCE, "{arguments:?}: {text}{}\nlacks one of {wanted:?}", stderr(&output));
            thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// A program in QEMU.
struct Running {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
}

impl Running {
    /// Reads the output up to this line.
    fn wait_for(&mut self, line: &str) {
        let mut text = String::new();
        while self.output.read_line(&mut text).unwrap() > 0 {
            if text.trim_end() == line {
                return;
            }
            text.clear();
        }
        panic!("the output has ended without `{line}`");
    }

    fn send(&mut self, text: &str) {
        self.child.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // `segno` ends its QEMU when the time is over; here the time is over now.
        let children = format!("/proc/{0}/task/{0}/children", self.child.id());
        for qemu in fs::read_to_string(children).unwrap_or_default().split_whitespace() {
            Command::new("kill").arg(qemu).status().ok();
        }
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The number of the line in which this stands, in a file of the repository.
fn line_of(file: &str, code: &str) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    let text = fs::read_to_string(path).unwrap();
    text.lines().position(|line| line.contains(code)).unwrap_or_else(|| panic!("{file}: {code}")) + 1
}

/// `FILE:LINE`.
fn place(file: &str, code: &str) -> String {
    format!("{file}:{}", line_of(file, code))
}

#[test]
fn every_line_of_echo_is_shown_on_every_board_while_it_waits() {
    let lines = [
        place("examples/src/echo.rs", "serve(lp, &mut serial).catch_cancel()"),
        place("examples/src/echo.rs", "read_line(serial, &mut line).await"),
        place("examples/src/echo.rs", "block!(serial.read())"),
    ];
    for board in boards() {
        let folder = Folder::new(board);
        let _running = folder.start(board, "echo");
        let text = folder.shows(&["pstree", board, "echo"], &[": session", "serve", "read_line", ".reader"]);
        for line in &lines {
            assert!(text.contains(line), "{board}: {line} is not in\n{text}");
        }
        assert!(!text.contains("warning"), "{board}: {text}");
    }
}

#[test]
fn a_dump_shows_what_the_machine_shows() {
    let board = "lm3s6965evb";
    if !boards().contains(&board) {
        return;
    }
    let folder = Folder::new("dump");
    let _running = folder.start(board, "lines");
    let live = folder.shows(&["pstree"], &["serve", "stream_transport", "UART0_BUFFERS.reader"]);
    let ram = folder.0.join("ram.bin");
    let mut bytes = vec![0; 64 * 1024];
    Qemu::connect(&folder.socket()).unwrap().read(0x2000_0000, &mut bytes).unwrap();
    fs::write(&ram, bytes).unwrap();
    let elf = fs::read_to_string(folder.socket().with_file_name("program")).unwrap();
    let elf = elf.lines().last().unwrap();
    let dump = format!("{}@0x20000000", ram.display());
    let dead = stdout(&folder.run(&["pstree", "--elf", elf, "--dump", &dump]), 0);
    let tasks = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(tasks(&dead), tasks(&live));
    let waits = place("examples/src/lines.rs", "transport.wait_closed().await");
    assert!(dead.contains(&waits), "{waits} is not in\n{dead}");

    // As if the dump had been taken at another address, or of another program.
    let elsewhere = format!("{}@0x10000000", ram.display());
    let output = folder.run(&["ps", "--elf", elf, "--dump", &elsewhere]);
    assert_eq!(stdout(&output, 1), "");
    assert!(stderr(&output).contains("the dump is of 0x10000000 to 0x10010000"), "{}", stderr(&output));
}

#[test]
fn planted_trouble_is_named() {
    let board = "lm3s6965evb";
    if !boards().contains(&board) {
        return;
    }
    let folder = Folder::new("trouble");
    let mut running = folder.start(board, "trouble");
    running.wait_for("ready");
    let file = "boards/programs/trouble.rs";
    // While it runs, its line is not known.
    let text = folder.shows(&["ps"], &["(impatient) is busy", &place(file, "sleep(0.secs()).await")]);
    for wanted in [
        "(logger) is stuck: there is no code in the program that sets the event FLUSHED",
        "(orphan) is stuck: nobody else has a handle of Future-",
        &place(file, "FLUSHED.wait().await"),
        "lock BUS",
        "item of queue COMMANDS",
        "radio ",
    ] {
        assert!(text.contains(wanted), "`{wanted}` is not in\n{text}");
    }
    for fine in ["(server)", "(command)", "(owner)", "(user)", "(parent)", "(spinner)"] {
        let warned = text.lines().any(|line| line.starts_with("warning") && line.contains(fine));
        assert!(!warned, "{fine}: {text}");
    }
    running.send("x");
    running.wait_for("spinning");
    let text = folder.shows(&["pstree"], &["(spinner) does not yield"]);
    assert!(text.contains("(impatient) does not get its turn"), "{text}");
}

#[test]
fn the_machine_goes_on_when_it_has_been_looked_at() {
    let board = "lm3s6965evb";
    if !boards().contains(&board) {
        return;
    }
    let folder = Folder::new("goes-on");
    let mut running = folder.start(board, "lines");
    folder.shows(&["ps"], &["stream_transport"]);
    running.send("hello\n");
    running.wait_for("> hello");
}

/// The simulator's programs count, so that here all columns have numbers.
#[test]
fn a_simulation_is_looked_at_while_it_runs() {
    let folder = Folder::new("sim");
    let mut command = folder.segno(&["sim", "lines", "--realtime", "--for", "60s"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let running = Running { child, output };
    let waits = place("examples/src/lines.rs", "transport.wait_closed().await");
    let text = folder.shows(&["ps", "sim", "lines"], &[&waits, "(stream_transport)"]);
    let row = text.lines().find(|line| line.contains("serve ")).unwrap();
    assert!(!row.contains(" - "), "{text}");
    let tree = folder.shows(&["pstree", "--pid", &running.child.id().to_string()], &[&waits]);
    assert!(tree.contains("polls: "), "{tree}");
}

#[test]
fn what_cannot_be_looked_at_is_said_with_the_way_out() {
    let folder = Folder::new("errors");
    let error = |arguments: &[&str], status| {
        let output = folder.run(arguments);
        assert_eq!(stdout(&output, status), "");
        stderr(&output)
    };
    let text = error(&["ps"], 1);
    assert!(text.contains("no program runs\n help:") && text.contains("cargo segno qemu"), "{text}");

    let dump = folder.0.join("ram.bin");
    fs::write(&dump, [0; 64]).unwrap();
    let at = format!("{}@0x20000000", dump.display());
    let text = error(&["ps", "--dump", &at], 2);
    assert!(text.contains("--elf FILE"), "{text}");
    let text = error(&["ps", "--elf", "x", "--dump", "ram.bin"], 2);
    assert!(text.contains("FILE@0x20000000"), "{text}");
    let text = error(&["ps", "--elf", dump.to_str().unwrap(), "--dump", &at], 1);
    assert!(text.contains("not an ELF file"), "{text}");
}

/// The smallest ELF file: a header, and no sections.
#[test]
fn an_elf_file_without_debug_information_is_told_which_line_to_add() {
    let folder = Folder::new("bare");
    let mut elf = vec![0; 52];
    elf[..7].copy_from_slice(b"\x7fELF\x01\x01\x01");
    (elf[16], elf[18], elf[20], elf[40]) = (2, 40, 1, 52);
    let file = folder.0.join("bare.elf");
    fs::write(&file, elf).unwrap();
    fs::write(folder.0.join("ram.bin"), [0; 64]).unwrap();
    let dump = format!("{}@0x20000000", folder.0.join("ram.bin").display());
    let output = folder.run(&["ps", "--elf", file.to_str().unwrap(), "--dump", &dump]);
    assert_eq!(stdout(&output, 1), "");
    let text = stderr(&output);
    assert!(
        text.contains("it has no debug information") && text.contains("`debug = 2` to `[profile.release]`"),
        "{text}"
    );
}
