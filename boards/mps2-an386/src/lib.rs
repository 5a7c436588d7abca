//! Arm's MPS2 board with the FPGA image AN386: Cortex-M4, 4 MiB of code memory, 4 MiB of RAM.
//!
//! Everything hardware is here, nothing of an application: `Board::take` starts the clock, the UART and the pins and
//! hands them out once.
//!
//! | what | hardware | choice |
//! |---|---|---|
//! | system clock | 25 MHz, fixed | |
//! | time | CMSDK APB timer 0, 30 bits, wraps every 43 s | the first wrap comes one second after the start |
//! | alarm | first half of the CMSDK dual timer, 32-bit one-shot, 171 s | |
//! | `uart0` | CMSDK UART0, 115,200 baud | also the console |
//! | `uart1`, `uart2` | CMSDK UART1 and UART2, 115,200 baud | started by programs that want them |
//! | `led` | LED 0 of the FPGA's I/O block | prints its edges with feature `trace-pins` |
//! | `ethernet` | LAN9118 | for `segno_smoltcp`; started by programs that want it |
//!
//! Addresses and interrupts are those of Application Note AN386, "Memory map" and "Interrupts".

#![no_std]

mod uarts;

pub use cortex_m_rt::{entry, exception};
pub use segno_board::start;
pub use uarts::{Uart1, Uart1Port, Uart2, Uart2Port};

segno_board::mps2! {
    unsafe clock: 25_000_000,
    counter: 0x4000_0000, short_counter: 0x4000_1000, alarm: 0x4000_2000,
    uart0: 0x4000_4000, led: 0x4002_8000,
    // The spare one is AUDIO_I2S.
    lines: { TIMER0: 8, DUALTIMER: 10, UART0_RX: 0, UART0_TX: 1, spare: 14 },
    parts: {
        /// UART1, not started.
        #[cfg(not(feature = "inspect-uart1"))]
        uart1: Uart1Port = Uart1Port(()),
        /// UART1 answers `cargo segno ps --port`.
        #[cfg(feature = "inspect-uart1")]
        answering: () = Uart1Port(()).answer(),
        /// UART2, not started.
        uart2: Uart2Port = Uart2Port(()),
        /// The Ethernet controller, not started.
        #[cfg(any(feature = "udp", feature = "tcp"))]
        ethernet: EthernetPort = EthernetPort(()),
    },
}

#[cfg(any(feature = "udp", feature = "tcp"))]
segno_board::ethernet! {
    unsafe segno_smoltcp::lan9118::Lan9118<0x4020_0000>, segno_smoltcp::lan9118::Lan9118Controller<0x4020_0000>,
    ETHERNET = 13
}
