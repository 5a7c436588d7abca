//! TI's (formerly Luminary Micro's) LM3S6965 evaluation board: Cortex-M3, 256 KiB of flash, 64 KiB of RAM.
//!
//! Everything hardware is here, nothing of an application: [`Board::take`] starts the clock, the UART and the pins and
//! hands them out once.
//!
//! | what | hardware | choice |
//! |---|---|---|
//! | system clock | PLL, 200 MHz / 16 = 12.5 MHz | what QEMU has after reset; [`clocks`] sets it on a real chip |
//! | time | SysTick, 24 bits, wraps every 1.34 s | the GPTM could be read on a chip, but not in QEMU |
//! | alarm | GPTM timer 0, 32-bit one-shot, 343 s | |
//! | `uart0` | UART0 (PL011), 115,200 baud, pins A0 and A1 | also the console |
//! | `led` | pin F0, the status LED | prints its edges with feature `trace-pins` |
//!
//! Sections named are those of the LM3S6965 data sheet.

#![no_std]

pub mod clocks;
pub mod gpio;

use cortex_m_rt::exception;
use segno::board::Console;
use segno_cortex_m::clock::{HardwareClock, Sleep};
use segno_cortex_m::gptm::Gptm;
use segno_cortex_m::interrupt::Irq;
use segno_cortex_m::pl011::Pl011;
use segno_cortex_m::serial::{BufferedUart, Uart};
use segno_cortex_m::systick::SysTick;
use segno_cortex_m::timekeeper::Timekeeper;
use segno_cortex_m::{fault, interrupt_table};

pub use cortex_m_rt::entry;
pub use segno_cortex_m as drivers;

use crate::clocks::SYSTEM_CLOCK;

const UART0_IRQ: Irq = Irq(5);
const TIMER0A_IRQ: Irq = Irq(19);

/// Slots of UART0's rings. At 115,200 baud, 128 bytes are 11 ms.
const RECEIVE: usize = 128;
const SEND: usize = 128;

// SAFETY: SysTick and timer 0 (0x4003_0000) are used here only; `Board::take` switches the timer's clock on first.
static CLOCK: HardwareClock<SysTick<SYSTEM_CLOCK>, Gptm<0x4003_0000, SYSTEM_CLOCK>> =
    unsafe { HardwareClock::new(Timekeeper::new(SysTick::new()), Gptm::new()) };

type Uart0Hardware = Pl011<0x4000_C000, { UART0_IRQ.0 }>;

// SAFETY: UART0 is used here only; `Board::take` switches its clock on first.
static UART0_BUFFERS: BufferedUart<Uart0Hardware, RECEIVE, SEND> = BufferedUart::new(unsafe { Pl011::new() });

/// The serial port of the board.
pub type Uart0 = Uart<Uart0Hardware, RECEIVE, SEND>;

/// The status LED.
#[cfg(feature = "trace-pins")]
pub type Led = drivers::traced_pin::TracedPin<gpio::Led>;
/// The status LED.
#[cfg(not(feature = "trace-pins"))]
pub type Led = gpio::Led;

/// What is on the board.
pub struct Board {
    /// Time since [`Board::take`].
    pub clock: &'static dyn Sleep,
    /// UART0, written by polling.
    pub console: &'static dyn Console,
    /// UART0, buffered.
    pub uart0: Uart0,
    /// The status LED, dark.
    pub led: Led,
}

impl Board {
    /// Starts the hardware. `None` after the first time.
    pub fn take() -> Option<Board> {
        cortex_m::Peripherals::take()?;
        clocks::start();
        clocks::enable(clocks::TIMER0 | clocks::UART0, clocks::GPIOA | clocks::GPIOF);

        gpio::serial_pins();
        let early = UART0_BUFFERS.hardware().start(SYSTEM_CLOCK, 115_200);
        UART0_BUFFERS.begin(early);
        fault::set_console(&UART0_BUFFERS);

        CLOCK.counter().start();
        CLOCK.alarm().start();

        // SAFETY: the handlers below share the drivers with threads through critical sections only.
        unsafe {
            UART0_IRQ.enable();
            TIMER0A_IRQ.enable();
        }

        let led = gpio::led();
        #[cfg(feature = "trace-pins")]
        let led = drivers::traced_pin::TracedPin::new(led, "led", &CLOCK, &UART0_BUFFERS);

        Some(Board { clock: &CLOCK, console: &UART0_BUFFERS, uart0: Uart::new(&UART0_BUFFERS), led })
    }
}

/// Ends the program with this status, when UART0 has sent everything.
pub fn exit(status: u32) -> ! {
    UART0_BUFFERS.flush_polling();
    drivers::exit::exit(status)
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

// Section "Exception types", table "Interrupts".
interrupt_table! {
    GPIOA GPIOB GPIOC GPIOD GPIOE UART0 UART1 SSI0 I2C0 PWM_FAULT PWM0 PWM1 PWM2 QEI0 ADC0 ADC1 ADC2 ADC3 WATCHDOG
    TIMER0A TIMER0B TIMER1A TIMER1B TIMER2A TIMER2B COMP0 COMP1 _ SYSCTL FLASH GPIOF GPIOG _ UART2 _ TIMER3A TIMER3B
    I2C1 QEI1 _ _ _ ETHERNET HIBERNATE
}
