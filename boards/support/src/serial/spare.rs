//! UARTs that a program starts if it wants them.
//!
//! # The problem
//! A UART whose interrupt has a handler is part of every program, with its rings, whether the program uses it or not.
//!
//! # The design
//! The handler does what the start has told it: [`LateHandler`](crate::interrupt::LateHandler). A program that does not start the
//! UART has neither driver nor rings. With the board's feature `inspect-uart1` one may be there for `cargo segno ps` instead.

/// Defines a UART that is not started: the port before its start, the port, its hardware and the slots of its rings, what
/// starts the hardware (and gives what it had received), and its lines.
///
/// The hardware is used by nobody else, as its `new` asks for.
#[macro_export]
macro_rules! spare_uart {
    (
        $port:ident, $uart:ident, $hardware:ty, $receive:expr, $send:expr,
        $start:expr,
        $($line:ident = $irq:expr),+
    ) => {
        /// A serial port of the board.
        pub type $uart = $crate::serial::Uart<$hardware, $receive, $send>;

        /// It, before it is started.
        pub struct $port(pub(crate) ());

        const _: () = {
            // SAFETY: the UART is used here only.
            static BUFFERS: $crate::serial::BufferedUart<$hardware, $receive, $send> =
                $crate::serial::BufferedUart::new(unsafe { <$hardware>::new() });

            static HANDLER: $crate::interrupt::LateHandler = $crate::interrupt::LateHandler::new();

            impl $port {
                /// Starts it.
                pub fn start(self) -> $uart {
                    HANDLER.set(|| BUFFERS.on_interrupt());
                    let start: fn(&$hardware) -> Option<$crate::serial::Received> = $start;
                    BUFFERS.begin(start(BUFFERS.hardware()));
                    // SAFETY: the handlers below share the driver with threads through critical sections only.
                    unsafe { $($crate::interrupt::Irq($irq).enable();)+ }
                    $crate::serial::Uart::new(&BUFFERS)
                }
            }

            #[cfg(feature = "inspect-uart1")]
            impl $port {
                /// Starts it for `cargo segno ps`, and for nothing else.
                pub fn answer(self) {
                    // SAFETY: the UART is used here only: who has the port can start it once.
                    static ANSWERING: $crate::inspect::Answering<$hardware> =
                        $crate::inspect::Answering::new(unsafe { <$hardware>::new() });

                    HANDLER.set(|| ANSWERING.on_interrupt());
                    let start: fn(&$hardware) -> Option<$crate::serial::Received> = $start;
                    start(&ANSWERING);
                    // SAFETY: the handlers below share the driver with threads through critical sections only.
                    unsafe { $($crate::interrupt::Irq($irq).enable();)+ }
                }
            }

            $(
                #[unsafe(no_mangle)]
                extern "C" fn $line() {
                    HANDLER.call();
                }
            )+
        };
    };
}
