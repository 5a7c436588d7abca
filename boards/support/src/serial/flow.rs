//! RTS and CTS: the hardware holds back whoever sends too fast.
//!
//! # The problem
//! A protocol that pauses reading fills the receive ring, then the hardware's FIFO; what comes then is lost. Being told of it
//! ([`LineError::Overrun`](segno::transport::LineError::Overrun)) does not bring it back.
//!
//! # The design
//! UARTs that have RTS and CTS work them without a processor: RTS is withdrawn while the receive FIFO is filled to its mark, and
//! nothing is sent while CTS is withdrawn. A full ring masks the receiver's interrupt, so the FIFO fills, so the other side
//! waits; when the program reads again, the interrupt empties the FIFO, and the other side goes on. Nothing has to be done
//! beside switching it on:
//!
//! ```text
//! let serial = board.uart0.with_flow_control(board.rts_cts);
//! ```
//! A board has set two pins aside, [`FlowPins`], whose type says for which hardware they are.
//!
//! # Costs
//! A program that does not ask for it has nothing of it. One that does must have CTS connected: to a peer that never asserts
//! it nothing is ever sent, and neither is what is printed, if it is the console's UART.

use super::{Uart, UartHardware};

/// The pins for RTS and CTS that a board has set aside for a UART with this hardware.
pub trait FlowPins<H> {
    /// Connects them to the hardware, and has it heed them.
    fn connect(self, hardware: &H);
}

impl<H: UartHardware, const RECEIVE: usize, const SEND: usize> Uart<H, RECEIVE, SEND> {
    /// From now on, RTS holds back the other side while reading is paused, or too slow, and CTS holds back this one. To be
    /// called before the other side sends: on some chips, what arrives at this very moment is lost. What was written before is
    /// sent first, by polling.
    pub fn with_flow_control(self, pins: impl FlowPins<H>) -> Self {
        self.device().flush_polling();
        critical_section::with(|_| pins.connect(self.device().hardware()));
        #[cfg(feature = "inspect")]
        self.device().hardware().on_flow_control();
        self
    }
}
