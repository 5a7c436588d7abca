//! A machine of QEMU, through its gdb stub.
//!
//! # The problem
//! QEMU shows a machine's memory to a debugger, and stops the machine as soon as one connects.
//!
//! # The design
//! Of gdb's remote protocol this speaks what is needed to look: read memory (`m`), go on (`c`), stop (the byte 3) and
//! detach (`D`). Nothing is ever written. When this is dropped it detaches, and the machine goes on.
//!
//! # Costs
//! While one looks, the machine stands still; with it its clock, unless that follows the host's.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use super::{Memory, unreadable};
use crate::Problem;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long the machine runs between two looks.
const MOMENT: Duration = Duration::from_millis(10);

/// Bytes that are asked for at a time: QEMU's packets have 4,096 characters, two for each byte.
const PIECE: usize = 1024;

/// Stops the machine.
const INTERRUPT: u8 = 3;

/// A connection to a machine, which stands still as long as there is one.
pub struct Qemu {
    stream: UnixStream,
    running: bool,
}

impl Qemu {
    /// Connects to the socket on which QEMU was told to listen, by `-gdb unix:PATH,server=on,wait=off`.
    ///
    /// # Errors
    /// If nobody listens there, or does not answer as QEMU does.
    pub fn connect(path: &Path) -> Result<Qemu, Problem> {
        let start = || {
            let stream = UnixStream::connect(path)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            let mut qemu = Qemu { stream, running: false };
            // Why it has stopped: because of this connection.
            qemu.send("?")?;
            qemu.receive()?;
            Ok(qemu)
        };
        start().map_err(|error: io::Error| Problem::new(format!("QEMU at {}: {error}", path.display())))
    }

    fn send(&mut self, packet: &str) -> io::Result<()> {
        let sum = packet.bytes().fold(0u8, u8::wrapping_add);
        self.stream.write_all(format!("${packet}#{sum:02x}").as_bytes())
    }

    /// The next packet, without the acknowledgements before it; acknowledges it.
    fn receive(&mut self) -> io::Result<String> {
        while self.byte()? != b'$' {}
        let mut packet = String::new();
        loop {
            match self.byte()? {
                b'#' => break,
                byte => packet.push(char::from(byte)),
            }
        }
        let sum = [self.byte()?, self.byte()?];
        let expected = packet.bytes().fold(0u8, u8::wrapping_add);
        let sum = std::str::from_utf8(&sum).ok().and_then(|sum| u8::from_str_radix(sum, 16).ok());
        if sum != Some(expected) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a packet with a wrong checksum"));
        }
        self.stream.write_all(b"+")?;
        Ok(packet)
    }

    /// The answer to a packet. That the machine has stopped, QEMU says also without being asked.
    fn ask(&mut self, packet: &str) -> io::Result<String> {
        self.send(packet)?;
        loop {
            let answer = self.receive()?;
            if !answer.starts_with('T') {
                return Ok(answer);
            }
        }
    }

    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.stream.read_exact(&mut byte)?;
        Ok(byte[0])
    }

    fn read_piece(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), Problem> {
        let count = buffer.len();
        let answer = self
            .ask(&format!("m{address:x},{count:x}"))
            .map_err(|error| unreadable(address, count, &format!("QEMU does not answer: {error}")))?;
        let digits = answer.as_bytes();
        if digits.len() != 2 * count {
            return Err(unreadable(address, count, &format!("QEMU answers `{answer}`")));
        }
        for (byte, digits) in buffer.iter_mut().zip(digits.chunks(2)) {
            let digits = std::str::from_utf8(digits).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok());
            *byte = digits.ok_or_else(|| unreadable(address, count, "QEMU's answer is no number"))?;
        }
        Ok(())
    }

    fn go_on_and_stop(&mut self) -> io::Result<()> {
        self.send("c")?;
        self.running = true;
        std::thread::sleep(MOMENT);
        self.stream.write_all(&[INTERRUPT])?;
        self.receive()?;
        self.running = false;
        Ok(())
    }
}

impl Memory for Qemu {
    fn read(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), Problem> {
        let mut at = address;
        for piece in buffer.chunks_mut(PIECE) {
            self.read_piece(at, piece)?;
            at += piece.len() as u64;
        }
        Ok(())
    }

    fn let_run(&mut self) -> Result<bool, Problem> {
        match self.go_on_and_stop() {
            Ok(()) => Ok(true),
            Err(error) => Err(Problem::new(format!("QEMU does not answer: {error}"))),
        }
    }
}

impl Drop for Qemu {
    fn drop(&mut self) {
        // QEMU has ended when this fails. Its answer says that the machine goes on.
        if !self.running {
            self.ask("D").ok();
        }
    }
}
