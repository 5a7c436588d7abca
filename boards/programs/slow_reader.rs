//! A protocol that reads for a moment and pauses for a second, on a serial line with RTS and CTS: whoever sends is held back
//! meanwhile, and every byte arrives. Without them (`lines`), it would hear of an overrun.
//!
//! At the other end, `head -c 100000 /dev/urandom` into a port with `stty crtscts` takes the time of the pauses, and no
//! `overrun` is said; an EOT (Ctrl-D, 0x04) at the end of a piece ends the program.

#![no_std]
#![no_main]

use board::{Board, entry, start};
use segno::prelude::*;
use segno::transport::{LineError, Transport};
use segno::{LoopMemory, Refused};

/// As many bytes are read between two pauses, or a few more.
const PIECE: u32 = 1000;

/// ASCII's "end of transmission".
const EOT: u8 = 0x04;

/// How many bytes have been read.
#[derive(Default)]
struct SlowReader {
    total: u32,
    pauses: u32,
}

impl Protocol for SlowReader {
    fn data_received(&mut self, transport: &mut dyn Transport, data: &[u8]) {
        self.total += data.len() as u32;
        if data.last() == Some(&EOT) {
            println!("{} bytes, {} pauses", self.total, self.pauses);
            return transport.close();
        }
        if self.total >= PIECE * (self.pauses + 1) {
            self.pauses += 1;
            let mut paused = transport.handle();
            // Without memory for a timer there is no pause.
            if transport.event_loop().call_later(1.secs(), move |_| paused.resume_reading()).is_ok() {
                transport.pause_reading();
            }
        }
    }

    fn line_error(&mut self, _: &mut dyn Transport, error: LineError) {
        println!("{error}, behind {} bytes", self.total);
    }
}

#[segno::coroutine]
async fn read(lp: &'static EventLoop, board: Board) -> Result<(), Refused<()>> {
    let serial = board.uart0.with_flow_control(board.rts_cts);
    let (transport, _) = lp.connect_uart::<64, 64>(serial, SlowReader::default()).await?;
    println!("reading");
    transport.wait_closed().await;
    Ok(())
}

#[entry]
fn main() -> ! {
    static MEMORY: LoopMemory<2048> = LoopMemory::new();
    start(&MEMORY, |lp, board: Board| match lp.run_until_complete(read(lp, board)) {
        Ok(Ok(())) => {}
        Ok(Err(refused)) => println!("error: {refused}"),
        Err(error) => println!("error: {error}"),
    })
}
