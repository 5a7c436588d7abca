//! UART1 and UART2, for programs that want more than the console's.

use segno_board::drivers::cmsdk_uart::CmsdkUart;
use segno_board::mps2::{RECEIVE, SEND};
use segno_board::spare_uart;

use crate::SYSTEM_CLOCK;

/// What the serial ports run at.
const BAUD: u32 = 115_200;

spare_uart! {
    Uart1Port, Uart1, CmsdkUart<0x4000_5000, 3>, RECEIVE, SEND,
    |hardware| {
        hardware.start(SYSTEM_CLOCK, BAUD);
        None
    },
    UART1_RX = 2, UART1_TX = 3
}

spare_uart! {
    Uart2Port, Uart2, CmsdkUart<0x4000_6000, 5>, RECEIVE, SEND,
    |hardware| {
        hardware.start(SYSTEM_CLOCK, BAUD);
        None
    },
    UART2_RX = 4, UART2_TX = 5
}
