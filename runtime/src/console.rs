//! `println!` for programs that run anywhere.
//!
//! # The problem
//! The same example prints to standard output on a host and to a UART on a chip.
//!
//! # The design
//! The macros write to the console of the running loop ([`EventLoop::set_console`]), or of the loop that was set.
//! Without a loop, or without a console, they write nothing. In a crate that uses `std`, import them by name
//! (`use segno::println;`): against `std`'s own, a glob import is ambiguous.
//!
//! # Costs
//! `core::fmt`, a few kilobytes of flash, in programs that use them with arguments.

use core::fmt::{self, Write};

use crate::board::Console;
#[cfg(doc)]
use crate::event_loop::EventLoop;
use crate::event_loop::get_event_loop;

struct Writer(&'static dyn Console);

impl Write for Writer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write_str(text);
        Ok(())
    }
}

/// What the macros call.
#[doc(hidden)]
pub fn write(text: fmt::Arguments<'_>) {
    if let Ok(event_loop) = get_event_loop()
        && let Some(console) = event_loop.console()
    {
        write_to(console, text);
    }
}

/// What is written to a console.
#[inline(always)]
pub(crate) fn write_to(console: &'static dyn Console, text: fmt::Arguments<'_>) {
    match text.as_str() {
        Some(text) => console.write_str(text),
        None => drop(Writer(console).write_fmt(text)),
    }
}

/// Prints to the running loop's console, as `std`'s macro does to standard output.
#[macro_export]
macro_rules! print {
    ($($argument:tt)*) => {
        $crate::console::write(::core::format_args!($($argument)*))
    };
}

/// Prints a line to the running loop's console, as `std`'s macro does to standard output.
#[macro_export]
macro_rules! println {
    () => {
        $crate::console::write(::core::format_args!("\n"))
    };
    // Not `concat!`: a format string that a macro has put together cannot capture variables.
    ($($argument:tt)*) => {
        $crate::console::write(::core::format_args!("{}\n", ::core::format_args!($($argument)*)))
    };
}
