//! Arm's MPS2+ board with the FPGA image AN505: Cortex-M33, 4 MiB of code memory, 2 MiB of RAM.
//!
//! Everything hardware is here, nothing of an application: `Board::take` starts the clock, the UART and the pins and
//! hands them out once.
//!
//! | what | hardware | choice |
//! |---|---|---|
//! | security | everything runs in the secure state, as after reset | the addresses are the secure ones |
//! | system clock | 20 MHz, fixed | |
//! | time | CMSDK APB timer 0, 30 bits, wraps every 54 s | the first wrap comes one second after the start |
//! | alarm | first half of the CMSDK dual timer, 32-bit one-shot, 214 s | |
//! | `uart0` | CMSDK UART0, 115,200 baud | also the console |
//! | `led` | LED 0 of the FPGA's I/O block | prints its edges with feature `trace-pins` |
//! | `ethernet` | LAN9118 | for `segno_smoltcp`; started by programs that want it |
//!
//! Addresses and interrupts are those of Application Note AN505, "Memory map" and "Interrupts".

#![no_std]

pub use cortex_m_rt::{entry, exception};
pub use segno_board::start;

segno_board::mps2! {
    unsafe clock: 20_000_000,
    counter: 0x5000_0000, short_counter: 0x5000_1000, alarm: 0x5000_2000,
    uart0: 0x5020_0000, led: 0x5030_2000,
    // The spare one is AUDIO_I2S.
    lines: { TIMER0: 3, DUALTIMER: 5, UART0_RX: 32, UART0_TX: 33, spare: 49 },
    parts: {
        /// The Ethernet controller, not started.
        #[cfg(any(feature = "udp", feature = "tcp"))]
        ethernet: EthernetPort = EthernetPort(()),
    },
}

#[cfg(any(feature = "udp", feature = "tcp"))]
segno_board::ethernet! {
    unsafe segno_smoltcp::lan9118::Lan9118<0x5200_0000>, segno_smoltcp::lan9118::Lan9118Controller<0x5200_0000>,
    ETHERNET = 48
}
