//! The BBC micro:bit v1: Nordic nRF51822 with a Cortex-M0, 256 KiB of flash, 16 KiB of RAM.
//!
//! Everything hardware is here, nothing of an application: `Board::take` starts the clock, the UART and the pins and
//! hands them out once.
//!
//! | what | hardware | choice |
//! |---|---|---|
//! | system clock | 16 MHz, from the crystal | |
//! | time and alarm | TIMER0, 32 bits at 1 MHz, wraps every 71 minutes | this Cortex-M0 has no SysTick |
//! | `uart0` | UART0, 115,200 baud, pins 24 and 25, to the USB interface | also the console |
//! | `led` | pin 13, row 1 of the LED matrix; column 1 (pin 4) is low | prints its edges with feature `trace-pins` |
//! | `button` | pin 17, button A: low while it is pressed | |
//!
//! Sections named are those of the nRF51 Series Reference Manual.

#![no_std]

use segno::time::Duration;
use segno_board::clock::HardwareClock;
use segno_board::drivers::nrf_gpio::NrfPin;
use segno_board::drivers::nrf_timer::NrfTimer;
use segno_board::drivers::nrf_uart::NrfUart;
use segno_board::interrupt::Irq;
use segno_board::program::Statics;
use segno_board::registers::Registers;
use segno_board::selftest::{Bench, Outcome};
use segno_board::serial::{BufferedUart, Shared, Uart, shared};
use segno_board::timekeeper::Timekeeper;
use segno_board::traced_pin::{Shown, shown};

pub use cortex_m_rt::{entry, exception};
pub use segno_board::start;

const UART0_IRQ: Irq = Irq(2);
const TIMER0_IRQ: Irq = Irq(8);
const SWI5_IRQ: Irq = Irq(25);

const UART0_TXD: u32 = 24;
const UART0_RXD: u32 = 25;

/// Slots of UART0's rings. At 115,200 baud, 64 bytes are 6 ms.
const RECEIVE: usize = 64;
const SEND: usize = 64;

const GPIO: usize = 0x5000_0000;

type Timer = NrfTimer<0x4000_8000, { TIMER0_IRQ.0 }, 32>;

// SAFETY: TIMER0 is used here only, once as the counter and once as the alarm.
static CLOCK: HardwareClock<Timekeeper<Timer>, Timer> =
    unsafe { HardwareClock::new(Timekeeper::new(Timer::new()), Timer::new()) };

type Uart0Hardware = Shared<NrfUart<0x4000_2000, { UART0_IRQ.0 }>>;

// SAFETY: UART0 is used here only.
static UART0_BUFFERS: BufferedUart<Uart0Hardware, RECEIVE, SEND> = BufferedUart::new(shared(unsafe { NrfUart::new() }));

/// The serial port of the board.
pub type Uart0 = Uart<Uart0Hardware, RECEIVE, SEND>;

/// The LED in the upper left corner.
pub type Led = Shown<NrfPin<GPIO, 13>>;

/// What is on the board.
pub struct Board {
    /// UART0, which is also the console.
    pub uart0: Uart0,
    /// The LED in the upper left corner, dark.
    pub led: Led,
    /// Button A: low while it is pressed.
    pub button: NrfPin<GPIO, 17>,
}

/// Runs the chip from its crystal: section "Clock management (CLOCK)". The timer and the UART need its precision.
fn start_crystal() {
    const HFCLKSTART: usize = 0x000;
    const HFCLKSTARTED: usize = 0x100;
    // SAFETY: the clock's block is used here only, once.
    let clock = unsafe { Registers::<0x4000_0000>::new() };
    clock.write(HFCLKSTART, 1);
    while clock.read(HFCLKSTARTED) == 0 {}
}

impl segno_board::Board for Board {
    fn take() -> Option<Board> {
        cortex_m::Peripherals::take()?;
        start_crystal();

        // SAFETY: each of these pins is used here only, and this happens once.
        let (led, button) = unsafe {
            NrfPin::<GPIO, UART0_TXD>::output(true);
            NrfPin::<GPIO, UART0_RXD>::input(true);
            NrfPin::<GPIO, 4>::output(false); // column 1
            (NrfPin::output(false), NrfPin::input(false)) // the button has a pull-up of its own
        };
        UART0_BUFFERS.hardware().start(UART0_TXD, UART0_RXD);
        UART0_BUFFERS.begin(None);

        CLOCK.alarm().start();

        // SAFETY: the handlers below share the drivers with threads through critical sections only.
        unsafe {
            UART0_IRQ.enable();
            TIMER0_IRQ.enable();
        }

        let led = shown(led, "led", &CLOCK, &UART0_BUFFERS);
        Some(Board { uart0: Uart::new(&UART0_BUFFERS), led, button })
    }

    fn statics() -> Statics {
        Statics { clock: &CLOCK, console: &UART0_BUFFERS, request_spare_interrupt: || SWI5_IRQ.request() }
    }

    fn check(bench: &Bench) -> Outcome {
        // SAFETY: TIMER1 is used here only.
        let short = Timekeeper::new(unsafe { NrfTimer::<0x4000_9000, 9, 16>::new() });
        short.counter().start();
        bench.clocks_agree(&short, Duration::from_secs(2))
    }
}

#[unsafe(no_mangle)]
extern "C" fn TIMER0() {
    CLOCK.on_alarm();
    CLOCK.on_wrap();
}

#[unsafe(no_mangle)]
extern "C" fn UART0() {
    UART0_BUFFERS.on_interrupt();
}

segno_board::interrupts!();
