//! Last words: a panic or a fault is printed on the board's console by polling, and the program ends with [`FAILED`].
//!
//! Nothing here needs the event loop, interrupts or memory, so it works wherever the fault has happened.

use core::cell::Cell;
use core::fmt;

use critical_section::Mutex;
use segno::board::Console;

/// The status of a program that has panicked or faulted: what Rust programs on a host exit with.
pub const FAILED: u32 = 101;

static CONSOLE: Mutex<Cell<Option<&'static dyn Console>>> = Mutex::new(Cell::new(None));

/// Where last words go. [`start`](crate::start) calls this when the board has started its hardware; before it, the exit
/// status is all that is seen.
pub fn set_console(console: &'static dyn Console) {
    critical_section::with(|cs| CONSOLE.borrow(cs).set(Some(console)));
}

/// Prints to the console that [`set_console`] has named; with feature `defmt`, also to the debugger.
pub fn print(words: fmt::Arguments<'_>) {
    #[cfg(feature = "defmt")]
    crate::log::last_words(&words);
    struct Printer(&'static dyn Console);
    impl fmt::Write for Printer {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.write_str(text);
            Ok(())
        }
    }
    if let Some(console) = critical_section::with(|cs| CONSOLE.borrow(cs).get()) {
        fmt::Write::write_fmt(&mut Printer(console), words).ok();
    }
}
