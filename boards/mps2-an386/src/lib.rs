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

#[cfg(any(feature = "udp", feature = "tcp"))]
mod ethernet;
mod uarts;

use segno::time::Duration;
use segno_board::clock::{HardwareClock, Sleep};
use segno_board::drivers::cmsdk_dual_timer::CmsdkDualTimer;
use segno_board::drivers::cmsdk_timer::CmsdkTimer;
use segno_board::drivers::cmsdk_uart::CmsdkUart;
use segno_board::drivers::mps2_led::Mps2Led;
use segno_board::interrupt::Irq;
use segno_board::program::FlushConsole;
use segno_board::selftest::{Bench, Outcome};
use segno_board::serial::{BufferedUart, Uart};
use segno_board::timekeeper::Timekeeper;
use segno_board::traced_pin::{Shown, shown};

pub use cortex_m_rt::{entry, exception};
#[cfg(any(feature = "udp", feature = "tcp"))]
pub use ethernet::{Ethernet, EthernetPort};
pub use segno_board::start;
pub use uarts::{Uart1, Uart1Port, Uart2, Uart2Port};

/// What the processor, the timers and the UARTs run at, in hertz.
pub const SYSTEM_CLOCK: u32 = 25_000_000;

const UART0_RX_IRQ: Irq = Irq(0);
const UART0_TX_IRQ: Irq = Irq(1);
const TIMER0_IRQ: Irq = Irq(8);
const DUALTIMER_IRQ: Irq = Irq(10);
const AUDIO_I2S_IRQ: Irq = Irq(14);

/// Slots of a UART's rings. At 115,200 baud, 128 bytes are 11 ms.
const RECEIVE: usize = 128;
const SEND: usize = 128;

/// The period of the counter, in bits. A wrap every 43 s is rare enough for it to hide faults: so that every program
/// meets one, the counter starts a second before its first.
const COUNTER_BITS: u32 = 30;
const FIRST_POSITION: u32 = (1 << COUNTER_BITS) - SYSTEM_CLOCK;

type Counter = CmsdkTimer<0x4000_0000, SYSTEM_CLOCK, COUNTER_BITS>;
type Alarm = CmsdkDualTimer<0x4000_2000, SYSTEM_CLOCK>;

// SAFETY: timer 0 and the first half of the dual timer are used here only.
static CLOCK: HardwareClock<Timekeeper<Counter>, Alarm> =
    unsafe { HardwareClock::new(Timekeeper::starting_at(Counter::new(), FIRST_POSITION), Alarm::new()) };

type Uart0Hardware = CmsdkUart<0x4000_4000, { UART0_TX_IRQ.0 }>;

// SAFETY: UART0 is used here only.
static UART0: BufferedUart<Uart0Hardware, RECEIVE, SEND> = BufferedUart::new(unsafe { CmsdkUart::new() });

/// The serial port of the board.
pub type Uart0 = Uart<Uart0Hardware, RECEIVE, SEND>;

/// LED 0.
pub type Led = Shown<Mps2Led<0x4002_8000>>;

/// What is on the board.
pub struct Board {
    /// UART0, which is also the console.
    pub uart0: Uart0,
    /// UART1, not started.
    pub uart1: Uart1Port,
    /// UART2, not started.
    pub uart2: Uart2Port,
    /// LED 0, dark.
    pub led: Led,
    /// The Ethernet controller, not started.
    #[cfg(any(feature = "udp", feature = "tcp"))]
    pub ethernet: EthernetPort,
}

impl segno_board::Board for Board {
    fn take() -> Option<Board> {
        cortex_m::Peripherals::take()?;

        UART0.hardware().start(SYSTEM_CLOCK, 115_200);
        UART0.begin(None);

        CLOCK.time().counter().start_at(FIRST_POSITION);
        CLOCK.alarm().start();

        // SAFETY: the handlers below share the drivers with threads through critical sections only.
        unsafe {
            UART0_RX_IRQ.enable();
            UART0_TX_IRQ.enable();
            TIMER0_IRQ.enable();
            DUALTIMER_IRQ.enable();
        }

        // SAFETY: the block is used here only, and this happens once.
        let led = shown(unsafe { Mps2Led::new() }, "led", &CLOCK, &UART0);
        let (uart1, uart2) = (Uart1Port(()), Uart2Port(()));
        Some(Board {
            uart0: Uart::new(&UART0),
            uart1,
            uart2,
            led,
            #[cfg(any(feature = "udp", feature = "tcp"))]
            ethernet: EthernetPort(()),
        })
    }

    fn clock() -> &'static dyn Sleep {
        &CLOCK
    }

    fn console() -> &'static dyn FlushConsole {
        &UART0
    }

    fn request_spare_interrupt() {
        AUDIO_I2S_IRQ.request();
    }

    fn check(bench: &Bench) -> Outcome {
        // SAFETY: timer 1 is used here only.
        let short = Timekeeper::new(unsafe { CmsdkTimer::<0x4000_1000, SYSTEM_CLOCK, 20>::new() });
        short.counter().start_at(0);
        bench.clocks_agree(&short, Duration::from_secs(2))
    }
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

segno_board::interrupts!();
