//! A serial port of this host, or of another one.

use std::io::ErrorKind;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use segno_inspect::Image;
use segno_inspect::memory::Line;
use serial2::SerialPort;

/// How long a reading waits: short, as it is what a wait for an answer is made of.
const MOMENT: Duration = Duration::from_millis(20);

/// How long another host may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// What stands before a host and a port.
const TCP: &str = "tcp:";

/// Opens a port, and asks who is there.
pub(crate) fn open(name: &str, baud: u32, image: &Image) -> Result<Line, String> {
    let line = match name.strip_prefix(TCP) {
        Some(address) => Line::connect(connect(address).map_err(|error| format!("{name}: {error}"))?, name, image),
        None => Line::connect(serial(name, baud)?, name, image),
    };
    line.map_err(|problem| problem.to_string())
}

fn connect(address: &str) -> std::io::Result<TcpStream> {
    let mut last = std::io::Error::new(ErrorKind::InvalidInput, "write tcp:HOST:PORT, as in tcp:localhost:5555");
    if !address.contains(':') {
        return Err(last);
    }
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(MOMENT))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn serial(name: &str, baud: u32) -> Result<SerialPort, String> {
    let open = || {
        let mut port = SerialPort::open(name, baud)?;
        port.set_read_timeout(MOMENT)?;
        port.set_write_timeout(PATIENCE)?;
        Ok(port)
    };
    open().map_err(|error: std::io::Error| {
        let help = match error.kind() {
            ErrorKind::NotFound => "\n help: is the board plugged in? `ls /dev/tty*` shows what there is",
            ErrorKind::PermissionDenied => {
                "\n help: add yourself to the group that the port belongs to: `ls -l` shows it"
            }
            _ => "",
        };
        format!("{name}: {error}{help}")
    })
}
