//! Last words: a panic or a HardFault is printed on the board's console by polling, and the program exits with
//! [`exit::FAILED`](crate::exit::FAILED).
//!
//! Nothing here needs the event loop, interrupts or memory, so it works wherever the fault has happened.

use core::cell::Cell;
#[cfg(any(doc, all(feature = "handlers", target_os = "none")))]
use core::fmt;

use critical_section::Mutex;
use segno::board::Console;

static CONSOLE: Mutex<Cell<Option<&'static dyn Console>>> = Mutex::new(Cell::new(None));

/// Where last words go. A board calls this first of all; before it, the exit status is all that is seen.
pub fn set_console(console: &'static dyn Console) {
    critical_section::with(|cs| CONSOLE.borrow(cs).set(Some(console)));
}

/// Prints to the console that [`set_console`] has named.
#[cfg(any(doc, all(feature = "handlers", target_os = "none")))]
fn print(words: fmt::Arguments<'_>) {
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

#[cfg(all(feature = "handlers", target_os = "none"))]
mod handlers {
    use core::panic::PanicInfo;

    use cortex_m::interrupt;
    use cortex_m_rt::{ExceptionFrame, exception};

    use super::print;
    use crate::exit::{FAILED, exit};

    #[panic_handler]
    fn panic(info: &PanicInfo) -> ! {
        interrupt::disable();
        print(format_args!("{info}\n"));
        exit(FAILED)
    }

    #[exception]
    unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
        // SAFETY: the System Control Block of every Cortex-M; reading the fault status registers changes nothing.
        let scb = unsafe { &*cortex_m::peripheral::SCB::PTR };
        print(format_args!(
            "HardFault at {:#010x}, called from {:#010x} (HFSR {:#010x}, CFSR {:#010x})\n",
            frame.pc(),
            frame.lr(),
            scb.hfsr.read(),
            scb.cfsr.read(),
        ));
        exit(FAILED)
    }
}
