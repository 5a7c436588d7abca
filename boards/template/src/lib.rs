//! A board to copy: see `docs/new-board.md`. As it is, it is Arm's MPS2 board with the FPGA image AN385: Cortex-M3, 4 MiB of
//! code memory, 4 MiB of RAM.
//!
//! Everything hardware is here, nothing of an application: `Board::take` starts the clock, the UART and the pins and
//! hands them out once.
//!
//! | what | hardware | choice |
//! |---|---|---|
//! | system clock | 25 MHz, fixed | |
//! | time | CMSDK APB timer 0, 30 bits, wraps every 43 s | |
//! | alarm | first half of the CMSDK dual timer, 32-bit one-shot, 171 s | |
//! | `uart0` | CMSDK UART0, 115,200 baud | also the console |
//! | `led` | LED 0 of the FPGA's I/O block | prints its edges with feature `trace-pins` |
//!
//! Addresses and interrupts are those of Application Note AN385, "Memory map" and "Interrupts".

#![no_std]

use segno_board::clock::HardwareClock;
use segno_board::drivers::cmsdk_dual_timer::CmsdkDualTimer;
use segno_board::drivers::cmsdk_timer::CmsdkTimer;
use segno_board::drivers::cmsdk_uart::CmsdkUart;
use segno_board::drivers::mps2_led::Mps2Led;
use segno_board::interrupt::Irq;
use segno_board::program::Statics;
use segno_board::serial::{BufferedUart, Shared, Uart, shared};
use segno_board::timekeeper::Timekeeper;
use segno_board::traced_pin::{Shown, shown};

pub use cortex_m_rt::{entry, exception};
pub use segno_board::start;

// Step 2: the clocks.

/// What the processor, the timers and the UARTs run at, in hertz.
pub const SYSTEM_CLOCK: u32 = 25_000_000;

// Step 3: the lines of interrupts.txt that this board handles, and one that nothing uses, for the self-test.

const UART0_RX_IRQ: Irq = Irq(0);
const UART0_TX_IRQ: Irq = Irq(1);
const TIMER0_IRQ: Irq = Irq(8);
const DUALTIMER_IRQ: Irq = Irq(10);
const AUDIO_I2S_IRQ: Irq = Irq(14);

// Step 4: time and alarm.

type Counter = CmsdkTimer<0x4000_0000, SYSTEM_CLOCK, 30>;
type Alarm = CmsdkDualTimer<0x4000_2000, SYSTEM_CLOCK>;

// SAFETY: timer 0 and the first half of the dual timer are used here only.
static CLOCK: HardwareClock<Timekeeper<Counter>, Alarm> =
    unsafe { HardwareClock::new(Timekeeper::new(Counter::new()), Alarm::new()) };

// Step 5: the serial port.

/// Slots of UART0's rings. At 115,200 baud, 128 bytes are 11 ms.
const RECEIVE: usize = 128;
const SEND: usize = 128;

type Uart0Hardware = Shared<CmsdkUart<0x4000_4000, { UART0_TX_IRQ.0 }>>;

// SAFETY: UART0 is used here only.
static UART0: BufferedUart<Uart0Hardware, RECEIVE, SEND> = BufferedUart::new(shared(unsafe { CmsdkUart::new() }));

/// The serial port of the board.
pub type Uart0 = Uart<Uart0Hardware, RECEIVE, SEND>;

// Step 6: the pins.

/// LED 0.
pub type Led = Shown<Mps2Led<0x4002_8000>>;

/// What is on the board.
pub struct Board {
    /// UART0, which is also the console.
    pub uart0: Uart0,
    /// LED 0, dark.
    pub led: Led,
}

impl segno_board::Board for Board {
    fn take() -> Option<Board> {
        cortex_m::Peripherals::take()?;

        UART0.hardware().start(SYSTEM_CLOCK, 115_200);
        UART0.begin(None);

        CLOCK.time().counter().start_at(0);
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
        Some(Board { uart0: Uart::new(&UART0), led })
    }

    fn statics() -> Statics {
        Statics { clock: &CLOCK, console: &UART0, request_spare_interrupt: || AUDIO_I2S_IRQ.request() }
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
