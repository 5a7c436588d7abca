//! The coroutines of the examples, over a port and a pin of one byte each.

use core::convert::Infallible;

use ::segno::machine::Blocked;
use ::segno::transport::LineError;
use segno_examples::line::Line;

use crate::worlds::both;

/// A pin.
struct Pin(bool);

impl embedded_hal::digital::ErrorType for Pin {
    type Error = Infallible;
}

impl embedded_hal::digital::OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.0 = false;
        Ok(())
    }
    fn set_high(&mut self) -> Result<(), Infallible> {
        self.0 = true;
        Ok(())
    }
}

impl embedded_hal::digital::StatefulOutputPin for Pin {
    fn is_set_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.0)
    }
    fn is_set_low(&mut self) -> Result<bool, Infallible> {
        Ok(!self.0)
    }
}

/// A serial port.
struct Port(u8);

impl embedded_hal_nb::serial::ErrorType for Port {
    type Error = LineError;
}

impl embedded_hal_nb::serial::Read<u8> for Port {
    fn read(&mut self) -> nb::Result<u8, LineError> {
        Ok(self.0)
    }
}

impl embedded_hal_nb::serial::Write<u8> for Port {
    fn write(&mut self, byte: u8) -> nb::Result<(), LineError> {
        self.0 = byte;
        Ok(())
    }
    fn flush(&mut self) -> nb::Result<(), LineError> {
        Ok(())
    }
}

impl segno::transport::Serial for Port {
    fn try_read(&mut self, _: &mut [u8]) -> nb::Result<usize, LineError> {
        Err(nb::Error::WouldBlock)
    }
    fn try_write(&mut self, _: &[u8]) -> nb::Result<usize, LineError> {
        Err(nb::Error::WouldBlock)
    }
    fn try_flush(&mut self) -> nb::Result<(), LineError> {
        Ok(())
    }
}

/// What is alive at the worst suspension, and one byte for each coroutine to tell its states apart. What pads a child to
/// its alignment is the child's: Rust gives it to nobody else.
pub fn bounds() -> Vec<(&'static str, usize)> {
    let (word, sleep, blocked) = (size_of::<usize>(), size_of::<segno::Sleep>(), size_of::<Blocked>());
    // The two references, and the suspension of `block!`.
    let read_line = 2 * word + blocked + 1;
    let padded = |frame: usize| frame.next_multiple_of(word);
    // The port, the bytes that are left of the text, the byte that is being sent.
    let print = 3 * word + 1 + blocked + 1;
    // The loop, the port, the line, the timeout.
    let timeout = size_of::<Option<segno::TimerHandle>>();
    let serve = 2 * word + size_of::<Line>() + timeout + padded(read_line) + 1;
    let add = 2 * 4 + sleep + 1;
    vec![
        ("blinky::blinky", 1 + sleep + 1),
        ("coroutine::add", add),
        ("coroutine::print_sum", 2 * 4 + add + 1),
        ("echo::print", print),
        ("echo::read_line", read_line),
        ("echo::serve", serve),
        ("echo::session", word + 1 + padded(serve) + 1),
        ("future::slow_operation", size_of::<segno::Future<&str>>() + sleep + 1),
        ("lines::serve", lines_serve()),
        ("tasks::run_all", sleep + 1),
        ("tasks::work", 4 + sleep + 1),
    ]
}

/// Either the connecting leaf with the loop, or the handle and the leaf that waits.
fn lines_serve() -> usize {
    ours::connecting() + 1
}

both! {
    use crate::worlds::{Frame, frame0, frame1, frame2};
    use core::any::Any;
    use embedded_hal::digital::StatefulOutputPin;
    use embedded_hal_nb::serial::{Error, ErrorKind, Read, Write};
    use segno::prelude::*;
    use segno_examples::line::{GOODBYE, Input, Line, PATIENCE, PROMPT};
    use super::{Pin, Port};

    mod blinky {
        use super::{println, segno, *};
        include!(concat!(env!("OUT_DIR"), "/blinky.rs"));
        pub const SIZE: fn() -> Frame = || frame1::<Pin, _>(blinky);
    }
    mod coroutine {
        use super::{println, segno, *};
        include!(concat!(env!("OUT_DIR"), "/coroutine.rs"));
        pub const ADD: fn() -> Frame = || frame2(add);
        pub const PRINT_SUM: fn() -> Frame = || frame2(print_sum);
    }
    mod echo {
        use super::{println, segno, *};
        fn start_timeout(_: &'static EventLoop) -> Option<TimerHandle> {
            None
        }
        include!(concat!(env!("OUT_DIR"), "/echo.rs"));
        pub const PRINT: fn() -> Frame = || frame2(print::<Port>);
        pub const READ_LINE: fn() -> Frame = || frame2(read_line::<Port>);
        pub const SERVE: fn() -> Frame = || frame2(serve::<Port>);
        pub const SESSION: fn() -> Frame = || frame2(session::<Port>);
    }
    mod future {
        use super::{println, segno, *};
        include!(concat!(env!("OUT_DIR"), "/future.rs"));
        pub const SLOW_OPERATION: fn() -> Frame = || frame1(slow_operation);
    }
    mod lines {
        use super::{println, segno, *};
        use ::segno::transport::Serial;
        const RECEIVE: usize = 64;
        const TRANSMIT: usize = 64;
        #[derive(Default)]
        struct Lines(Line);
        impl Protocol for Lines {
            fn data_received(&mut self, _: &mut dyn ::segno::Transport, _: &[u8]) {}
        }
        include!(concat!(env!("OUT_DIR"), "/lines.rs"));
        pub const SERVE: fn() -> Frame = || frame2::<_, Port, _>(serve);
        /// The size of the leaf that connects.
        pub const CONNECTING: fn() -> Frame =
            || frame2(|lp: &'static EventLoop, port: Port| lp.connect_uart::<RECEIVE, TRANSMIT>(port, Lines::default()));
    }
    mod tasks {
        use super::{println, segno, *};
        include!(concat!(env!("OUT_DIR"), "/tasks.rs"));
        pub const RUN_ALL: fn() -> Frame = || frame1(run_all);
        pub const WORK: fn() -> Frame = || frame1(work);
    }

    /// The size of the leaf that connects.
    pub fn connecting() -> usize {
        (lines::CONNECTING)().size
    }

    pub fn frames() -> Vec<(&'static str, Frame)> {
        vec![
            ("blinky::blinky", (blinky::SIZE)()),
            ("coroutine::add", (coroutine::ADD)()),
            ("coroutine::print_sum", (coroutine::PRINT_SUM)()),
            ("echo::print", (echo::PRINT)()),
            ("echo::read_line", (echo::READ_LINE)()),
            ("echo::serve", (echo::SERVE)()),
            ("echo::session", (echo::SESSION)()),
            ("future::slow_operation", (future::SLOW_OPERATION)()),
            ("lines::serve", (lines::SERVE)()),
            ("tasks::run_all", (tasks::RUN_ALL)()),
            ("tasks::work", (tasks::WORK)()),
        ]
    }
}
