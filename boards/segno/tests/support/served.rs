//! Programs that serve, for clients on the other side.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The boards with a network.
pub const ETHERNET: [&str; 3] = ["mps2-an386", "lm3s6965evb", "mps2-an505"];

/// Those that can be run here.
pub fn networked_boards() -> impl Iterator<Item = &'static str> {
    ETHERNET.into_iter().filter(|board| super::boards().contains(board))
}

/// Runs in QEMU end by themselves.
pub const LIMIT: &str = "60s";

/// A program that serves, on this machine or in QEMU. Dropping it ends it.
pub struct Served {
    child: Child,
    /// On loopback; none if the board's network is another one.
    pub port: String,
    /// The terminals that are its serial ports.
    pub terminals: Vec<String>,
}

impl Served {
    /// Runs `cargo segno` with these arguments, and waits until the program says that its network is up.
    pub fn start(arguments: &[&str]) -> Served {
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
            // The first that is named: firmware behind a forwarded port knows its own only.
            let named = line.split_once("127.0.0.1:").or_else(|| line.split_once(" on port "));
            port = port.or(named.map(|(_, number)| number.trim().to_owned()));
            terminals.extend(line.split_whitespace().filter(|word| word.starts_with("/dev/")).map(String::from));
            if line.trim() == "net up" {
                break;
            }
        }
        Served { child, port: port.unwrap_or_default(), terminals }
    }

    /// Runs a client, and checks what it says.
    pub fn meets(&self, client: &str, arguments: &[&str], says: &str) {
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
