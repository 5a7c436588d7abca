//! How a program starts on a board, and how it ends.
//!
//! A board is a type that implements [`Board`]; its library has the name `board`, whatever its package is called, so that
//! programs do not name it. One source is the program of every board:
//! ```text
//! use board::{Board, entry, start};
//!
//! #[entry]
//! fn main() -> ! {
//!     static MEMORY: LoopMemory<4096> = LoopMemory::new();
//!     start(&MEMORY, |lp, board: Board| segno_examples::echo::main(lp, board.uart0))
//! }
//! ```

use core::cell::Cell;

use critical_section::Mutex;
use segno::board::Console;
use segno::{EventLoop, LoopMemory, set_event_loop};

use crate::clock::Sleep;
use crate::fault;
use crate::selftest::{Bench, Outcome};

/// The hardware of a board, handed out once. Its fields are its devices: `uart0`, `led`, and what else there is.
pub trait Board: Sized {
    /// Starts the hardware. `None` after the first time.
    fn take() -> Option<Self>;

    /// What it has in statics.
    fn statics() -> Statics;

    /// Time since [`take`](Board::take).
    fn clock() -> &'static dyn Sleep {
        Self::statics().clock
    }

    /// Where `println!` and last words go.
    fn console() -> &'static dyn FlushConsole {
        Self::statics().console
    }

    /// Called once the loop is there, before the program: what the board itself has running on the loop.
    fn on_loop(&mut self, lp: &'static EventLoop) {
        let _ = lp;
    }

    /// Ends the program, when everything that it has written is sent. Without anybody to tell the status to, the processor
    /// stops.
    fn exit(status: u32) -> ! {
        Self::console().flush();
        crate::exit(status)
    }

    /// For the self-test: what is to be checked on this board only.
    fn check(bench: &Bench) -> Outcome {
        let _ = bench;
        Ok(())
    }
}

/// What a board has in statics: what there is of it before it is taken, and without it.
pub struct Statics {
    /// Time since [`take`](Board::take).
    pub clock: &'static dyn Sleep,
    /// Where `println!` and last words go.
    pub console: &'static dyn FlushConsole,
    /// For the self-test: makes an interrupt pending that no device uses, and whose handler calls
    /// [`count_spare_interrupt`](crate::selftest::count_spare_interrupt). On a Cortex-M that is the default handler, which
    /// the program `selftest` has, so a line that nobody handles will do.
    pub request_spare_interrupt: fn(),
}

/// `None` after the first time: for a [`take`](Board::take) without a HAL's or a PAC's that says so.
pub fn take_once() -> Option<()> {
    static TAKEN: Mutex<Cell<bool>> = Mutex::new(Cell::new(false));
    critical_section::with(|cs| (!TAKEN.borrow(cs).replace(true)).then_some(()))
}

/// A console of which the end of a program can wait until everything is sent.
pub trait FlushConsole: Console {
    /// Waits until everything is sent, by polling.
    fn flush(&self);

    /// Called when there is a loop.
    #[cfg(feature = "inspect")]
    fn on_loop(&'static self, lp: &'static EventLoop) {
        let _ = lp;
    }
}

/// What a program may end with.
pub trait Termination {
    /// The status to exit with: 0 if all is well.
    fn status(self) -> u32;
}

impl Termination for () {
    fn status(self) -> u32 {
        0
    }
}

impl Termination for u32 {
    fn status(self) -> u32 {
        self
    }
}

/// Takes the board, starts a loop in `memory`, and runs `program`; ends with its status.
///
/// The loop's console is the board's, and [`segno::get_event_loop`] gives the loop.
///
/// # Panics
/// If it is called a second time.
pub fn start<B: Board, T: Termination, const BYTES: usize>(
    memory: &'static LoopMemory<BYTES>,
    program: impl FnOnce(&'static EventLoop, B) -> T,
) -> ! {
    let mut board = B::take().unwrap();
    #[cfg(feature = "defmt")]
    crate::log::start(B::clock());
    fault::set_console(B::console());
    let lp = memory.start(B::clock()).unwrap();
    lp.set_console(B::console());
    set_event_loop(Some(lp));
    #[cfg(feature = "inspect")]
    B::console().on_loop(lp);
    board.on_loop(lp);
    B::exit(program(lp, board).status())
}
