//! The Netduino Plus 2 as QEMU emulates it: STM32F405 with a Cortex-M4F, 1 MiB of flash, 128 KiB of RAM.
//!
//! Everything hardware is here, nothing of an application: `Board::take` starts the clock, the UART and the pins and
//! hands them out once. The drivers of the counter and of the UART are those of the real STM32F4 board, `boards/stm32f4`; the
//! [`alarm`] is another one, for want of compare channels. Its clocks are not the chip's, so this firmware keeps time in QEMU only.
//!
//! | what | hardware | choice |
//! |---|---|---|
//! | time | TIM5, 32 bits at 1 MHz, wraps every 71 minutes | |
//! | alarm | TIM2, 71 minutes | |
//! | `uart0` | USART1, 115,200 baud, pins B6 and B7 | also the console |
//! | `led` | pin A10, the blue LED | prints its edges with feature `trace-pins` |
//!
//! What is sent before the USART is started is lost, as on a chip: QEMU's model takes it from the host all the same, and drops
//! it. So wait for the program to say something before it is sent something, as `cargo segno qemu` does.
//!
//! Sections named are those of the reference manual RM0090. The floating-point unit is not used.

#![no_std]

pub mod alarm;
pub mod clocks;

use segno_board::clock::HardwareClock;
use segno_board::drivers::stm32_gpio::{Stm32Output, alternate};
use segno_board::drivers::stm32_timer::Stm32Timer;
use segno_board::drivers::stm32_usart::Stm32Usart;
use segno_board::interrupt::Irq;
use segno_board::program::Statics;
use segno_board::serial::{BufferedUart, Shared, Uart, shared};
use segno_board::timekeeper::Timekeeper;
use segno_board::traced_pin::{Shown, shown};

pub use cortex_m_rt::{entry, exception};
pub use segno_board::start;

use crate::alarm::QemuAlarm;

const TIM2_IRQ: Irq = Irq(28);
const I2C1_EV_IRQ: Irq = Irq(31);
const USART1_IRQ: Irq = Irq(37);
const TIM5_IRQ: Irq = Irq(50);

/// Slots of USART1's rings. At 115,200 baud, 128 bytes are 11 ms.
const RECEIVE: usize = 128;
const SEND: usize = 128;

const GPIOA: usize = 0x4002_0000;
const GPIOB: usize = 0x4002_0400;

type Counter = Stm32Timer<0x4000_0C00, { TIM5_IRQ.0 }>;

// SAFETY: TIM5 and TIM2 are used here only; `Board::take` switches their clocks on first.
static CLOCK: HardwareClock<Timekeeper<Counter>, QemuAlarm> =
    unsafe { HardwareClock::new(Timekeeper::new(Counter::new()), QemuAlarm::new()) };

type Uart0Hardware = Shared<Stm32Usart<0x4001_1000, { USART1_IRQ.0 }>>;

// SAFETY: USART1 is used here only; `Board::take` switches its clock on first.
static UART0: BufferedUart<Uart0Hardware, RECEIVE, SEND> = BufferedUart::new(shared(unsafe { Stm32Usart::new() }));

/// The serial port of the board.
pub type Uart0 = Uart<Uart0Hardware, RECEIVE, SEND>;

/// The blue LED.
pub type Led = Shown<Stm32Output<GPIOA, 10>>;

/// What is on the board.
pub struct Board {
    /// USART1, which is also the console.
    pub uart0: Uart0,
    /// The blue LED, dark.
    pub led: Led,
}

impl segno_board::Board for Board {
    fn take() -> Option<Board> {
        cortex_m::Peripherals::take()?;
        clocks::enable(clocks::GPIOA | clocks::GPIOB, clocks::TIM2 | clocks::TIM5, clocks::USART1);

        // SAFETY: the ports' clocks are on, each of these pins is used here only, and this happens once.
        let led = unsafe {
            const USART1: u32 = 7; // data sheet, table "Alternate function mapping"
            alternate::<GPIOB>(6, USART1);
            alternate::<GPIOB>(7, USART1);
            Stm32Output::new()
        };
        UART0.hardware().start(clocks::PERIPHERALS, 115_200);
        UART0.begin(None);

        CLOCK.time().counter().start(clocks::TIMERS);
        CLOCK.alarm().start();

        // SAFETY: the handlers below share the drivers with threads through critical sections only.
        unsafe {
            USART1_IRQ.enable();
            TIM2_IRQ.enable();
            TIM5_IRQ.enable();
        }

        let led = shown(led, "led", &CLOCK, &UART0);
        Some(Board { uart0: Uart::new(&UART0), led })
    }

    fn statics() -> Statics {
        Statics { clock: &CLOCK, console: &UART0, request_spare_interrupt: || I2C1_EV_IRQ.request() }
    }
}

#[unsafe(no_mangle)]
extern "C" fn TIM5() {
    CLOCK.on_wrap();
}

#[unsafe(no_mangle)]
extern "C" fn TIM2() {
    CLOCK.on_alarm();
}

#[unsafe(no_mangle)]
extern "C" fn USART1() {
    UART0.on_interrupt();
}

segno_board::interrupts!();
