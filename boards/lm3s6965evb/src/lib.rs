//! TI's (formerly Luminary Micro's) LM3S6965 evaluation board: Cortex-M3, 256 KiB of flash, 64 KiB of RAM.
//!
//! Everything hardware is here, nothing of an application: `Board::take` starts the clock, the UART and the pins and
//! hands them out once.
//!
//! | what | hardware | choice |
//! |---|---|---|
//! | system clock | PLL, 200 MHz / 16 = 12.5 MHz | what QEMU has after reset; [`clocks`] sets it on a real chip |
//! | time | SysTick, 24 bits, wraps every 1.34 s | the GPTM could be read on a chip, but not in QEMU |
//! | alarm | GPTM timer 0, 32-bit one-shot, 343 s | |
//! | `uart0` | UART0 (PL011), 115,200 baud, pins A0 and A1 | also the console |
//! | `uart1`, `uart2` | UART1, pins D2 and D3, and UART2, pins G0 and G1 | started by programs that want them; feature `inspect-uart1` |
//! | `led` | pin F0, the status LED | prints its edges with feature `trace-pins` |
//! | `ethernet` | the chip's controller | for `segno_smoltcp`; started by programs that want it |
//!
//! Sections named are those of the LM3S6965 data sheet.

#![no_std]

pub mod clocks;
pub mod gpio;
mod uarts;

use segno_board::clock::HardwareClock;
use segno_board::drivers::gptm::Gptm;
use segno_board::drivers::pl011::Pl011;
use segno_board::drivers::systick::SysTick;
use segno_board::interrupt::Irq;
use segno_board::program::Statics;
use segno_board::serial::{BufferedUart, Shared, Uart, shared};
use segno_board::timekeeper::Timekeeper;
use segno_board::traced_pin::{Shown, shown};

pub use cortex_m_rt::{entry, exception};
pub use segno_board::start;
pub use uarts::{Uart1, Uart1Port, Uart2, Uart2Port};

use crate::clocks::SYSTEM_CLOCK;

const UART0_IRQ: Irq = Irq(5);
const I2C0_IRQ: Irq = Irq(8);
const TIMER0A_IRQ: Irq = Irq(19);

/// Slots of a UART's rings. At 115,200 baud, 128 bytes are 11 ms.
const RECEIVE: usize = 128;
const SEND: usize = 128;

// SAFETY: SysTick and timer 0 (0x4003_0000) are used here only; `Board::take` switches the timer's clock on first.
static CLOCK: HardwareClock<Timekeeper<SysTick<SYSTEM_CLOCK>>, Gptm<0x4003_0000, SYSTEM_CLOCK>> =
    unsafe { HardwareClock::new(Timekeeper::new(SysTick::new()), Gptm::new()) };

type Uart0Hardware = Shared<Pl011<0x4000_C000, { UART0_IRQ.0 }>>;

// SAFETY: UART0 is used here only; `Board::take` switches its clock on first.
static UART0_BUFFERS: BufferedUart<Uart0Hardware, RECEIVE, SEND> = BufferedUart::new(shared(unsafe { Pl011::new() }));

/// The serial port of the board.
pub type Uart0 = Uart<Uart0Hardware, RECEIVE, SEND>;

/// The status LED.
pub type Led = Shown<gpio::Led>;

/// What is on the board.
pub struct Board {
    /// UART0, which is also the console.
    pub uart0: Uart0,
    /// UART1, not started.
    #[cfg(not(feature = "inspect-uart1"))]
    pub uart1: Uart1Port,
    /// UART2, not started.
    pub uart2: Uart2Port,
    /// The status LED, dark.
    pub led: Led,
    /// The Ethernet controller, not started.
    #[cfg(any(feature = "udp", feature = "tcp"))]
    pub ethernet: EthernetPort,
}

impl segno_board::Board for Board {
    fn take() -> Option<Board> {
        cortex_m::Peripherals::take()?;
        clocks::start();
        clocks::enable(clocks::TIMER0 | clocks::UART0, clocks::GPIOA | clocks::GPIOF);

        gpio::serial_pins();
        let early = UART0_BUFFERS.hardware().start(SYSTEM_CLOCK, 115_200);
        UART0_BUFFERS.begin(early);

        CLOCK.time().counter().start();
        CLOCK.alarm().start();

        // SAFETY: the handlers below share the drivers with threads through critical sections only.
        unsafe {
            UART0_IRQ.enable();
            TIMER0A_IRQ.enable();
        }

        let led = shown(gpio::led(), "led", &CLOCK, &UART0_BUFFERS);
        #[cfg(feature = "inspect-uart1")]
        Uart1Port(()).answer();
        Some(Board {
            uart0: Uart::new(&UART0_BUFFERS),
            #[cfg(not(feature = "inspect-uart1"))]
            uart1: Uart1Port(()),
            uart2: Uart2Port(()),
            led,
            #[cfg(any(feature = "udp", feature = "tcp"))]
            ethernet: EthernetPort(()),
        })
    }

    fn statics() -> Statics {
        Statics { clock: &CLOCK, console: &UART0_BUFFERS, request_spare_interrupt: || I2C0_IRQ.request() }
    }
}

#[exception]
fn SysTick() {
    CLOCK.on_wrap();
}

#[unsafe(no_mangle)]
extern "C" fn TIMER0A() {
    CLOCK.on_alarm();
}

#[unsafe(no_mangle)]
extern "C" fn UART0() {
    UART0_BUFFERS.on_interrupt();
}

#[cfg(any(feature = "udp", feature = "tcp"))]
segno_board::ethernet! {
    unsafe segno_smoltcp::stellaris::Stellaris<0x4004_8000>, segno_smoltcp::stellaris::StellarisController<0x4004_8000>,
    ETHERNET = 42, clocks::enable_ethernet
}

segno_board::interrupts!();
