//! Arm's MPS2 board with the FPGA image AN386: Cortex-M4, 4 MiB of code memory, 4 MiB of RAM.
//!
//! Everything hardware is here, nothing of an application: [`Board::take`] starts the clock, the UART and the pins and
//! hands them out once.
//!
//! | what | hardware | choice |
//! |---|---|---|
//! | system clock | 25 MHz, fixed | |
//! | time | CMSDK APB timer 0, 30 bits, wraps every 43 s | the first wrap comes one second after the start |
//! | alarm | first half of the CMSDK dual timer, 32-bit one-shot, 171 s | |
//! | `uart0` | CMSDK UART0, 115,200 baud | also the console |
//! | `led` | LED 0 of the FPGA's I/O block | prints its edges with feature `trace-pins` |
//!
//! Addresses and interrupts are those of Application Note AN386, "Memory map" and "Interrupts".

#![no_std]

pub mod fpgaio;

use segno::board::Console;
use segno_cortex_m::clock::{HardwareClock, Sleep};
use segno_cortex_m::cmsdk_dual_timer::CmsdkDualTimer;
use segno_cortex_m::cmsdk_timer::CmsdkTimer;
use segno_cortex_m::cmsdk_uart::CmsdkUart;
use segno_cortex_m::interrupt::Irq;
use segno_cortex_m::serial::{BufferedUart, Uart};
use segno_cortex_m::timekeeper::Timekeeper;
use segno_cortex_m::{fault, interrupt_table};

pub use cortex_m_rt::entry;
pub use segno_cortex_m as drivers;

/// What the processor, the timers and the UARTs run at, in hertz.
pub const SYSTEM_CLOCK: u32 = 25_000_000;

const UART0_RX_IRQ: Irq = Irq(0);
const UART0_TX_IRQ: Irq = Irq(1);
const TIMER0_IRQ: Irq = Irq(8);
const DUALTIMER_IRQ: Irq = Irq(10);

/// Slots of UART0's rings. At 115,200 baud, 128 bytes are 11 ms.
const RECEIVE: usize = 128;
const SEND: usize = 128;

/// The period of the counter, in bits. A wrap every 43 s is rare enough for it to hide faults: so that every program
/// meets one, the counter starts a second before its first.
const COUNTER_BITS: u32 = 30;
const FIRST_POSITION: u32 = (1 << COUNTER_BITS) - SYSTEM_CLOCK;

type Counter = CmsdkTimer<0x4000_0000, SYSTEM_CLOCK, COUNTER_BITS>;
type Alarm = CmsdkDualTimer<0x4000_2000, SYSTEM_CLOCK>;

// SAFETY: timer 0 and the first half of the dual timer are used here only.
static CLOCK: HardwareClock<Counter, Alarm> =
    unsafe { HardwareClock::new(Timekeeper::starting_at(Counter::new(), FIRST_POSITION), Alarm::new()) };

type Uart0Hardware = CmsdkUart<0x4000_4000, { UART0_TX_IRQ.0 }>;

// SAFETY: UART0 is used here only.
static UART0: BufferedUart<Uart0Hardware, RECEIVE, SEND> = BufferedUart::new(unsafe { CmsdkUart::new() });

/// The serial port of the board.
pub type Uart0 = Uart<Uart0Hardware, RECEIVE, SEND>;

/// LED 0.
#[cfg(feature = "trace-pins")]
pub type Led = drivers::traced_pin::TracedPin<fpgaio::Led>;
/// LED 0.
#[cfg(not(feature = "trace-pins"))]
pub type Led = fpgaio::Led;

/// What is on the board.
pub struct Board {
    /// Time since [`Board::take`].
    pub clock: &'static dyn Sleep,
    /// UART0, written by polling.
    pub console: &'static dyn Console,
    /// UART0, buffered.
    pub uart0: Uart0,
    /// LED 0, dark.
    pub led: Led,
}

impl Board {
    /// Starts the hardware. `None` after the first time.
    pub fn take() -> Option<Board> {
        cortex_m::Peripherals::take()?;

        UART0.hardware().start(SYSTEM_CLOCK, 115_200);
        UART0.begin(None);
        fault::set_console(&UART0);

        CLOCK.counter().start_at(FIRST_POSITION);
        CLOCK.alarm().start();

        // SAFETY: the handlers below share the drivers with threads through critical sections only.
        unsafe {
            UART0_RX_IRQ.enable();
            UART0_TX_IRQ.enable();
            TIMER0_IRQ.enable();
            DUALTIMER_IRQ.enable();
        }

        let led = fpgaio::led();
        #[cfg(feature = "trace-pins")]
        let led = drivers::traced_pin::TracedPin::new(led, "led", &CLOCK, &UART0);

        Some(Board { clock: &CLOCK, console: &UART0, uart0: Uart::new(&UART0), led })
    }
}

/// Ends the program with this status, when UART0 has sent everything.
pub fn exit(status: u32) -> ! {
    UART0.flush_polling();
    drivers::exit::exit(status)
}

#[unsafe(no_mangle)]
extern "C" fn TIMER0() {
    CLOCK.on_wrap();
}

#[unsafe(no_mangle)]
extern "C" fn DUALTIMER() {
    CLOCK.on_alarm();
}

#[unsafe(no_mangle)]
extern "C" fn UART0_RX() {
    UART0.on_interrupt();
}

#[unsafe(no_mangle)]
extern "C" fn UART0_TX() {
    UART0.on_interrupt();
}

interrupt_table! {
    UART0_RX UART0_TX UART1_RX UART1_TX UART2_RX UART2_TX GPIO0 GPIO1 TIMER0 TIMER1 DUALTIMER SPI0_SPI1
    UART_OVERFLOW ETHERNET AUDIO_I2S TOUCH_SCREEN GPIO2 GPIO3 UART3_RX UART3_TX UART4_RX UART4_TX SPI2 SPI3_SPI4
    GPIO0_0 GPIO0_1 GPIO0_2 GPIO0_3 GPIO0_4 GPIO0_5 GPIO0_6 GPIO0_7
}
