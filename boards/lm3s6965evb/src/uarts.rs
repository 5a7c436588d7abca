//! UART1 and UART2, for programs that want more than the console's.

use segno_board::drivers::pl011::Pl011;
use segno_board::spare_uart;

use crate::{RECEIVE, SEND, clocks, gpio};

/// What the serial ports run at.
const BAUD: u32 = 115_200;

spare_uart! {
    Uart1Port, Uart1, Pl011<0x4000_D000, 6>, RECEIVE, SEND,
    |hardware| {
        clocks::enable(clocks::UART1, clocks::GPIOD);
        gpio::uart1_pins();
        hardware.start(clocks::SYSTEM_CLOCK, BAUD)
    },
    UART1 = 6
}

spare_uart! {
    Uart2Port, Uart2, Pl011<0x4000_E000, 33>, RECEIVE, SEND,
    |hardware| {
        clocks::enable(clocks::UART2, clocks::GPIOG);
        gpio::uart2_pins();
        hardware.start(clocks::SYSTEM_CLOCK, BAUD)
    },
    UART2 = 33
}
