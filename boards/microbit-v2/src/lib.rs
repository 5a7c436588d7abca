//! The BBC micro:bit v2: Nordic nRF52833 with a Cortex-M4F, 512 KiB of flash, 128 KiB of RAM.
//!
//! Everything hardware is here, nothing of an application: `Board::take` starts the clock, the UART and the pins and
//! hands them out once. The drivers of the timer and of the UART are those of the [micro:bit v1](../../microbit).
//!
//! | what | hardware | choice |
//! |---|---|---|
//! | system clock | 64 MHz, from the crystal | |
//! | time and alarm | TIMER0, 32 bits at 1 MHz, wraps every 71 minutes | |
//! | `uart0` | UART0, 115,200 baud, pins P0.06 and P1.08, to the USB interface | also the console |
//! | `rts_cts` | RTS at P0.02, CTS at P0.03: rings 0 and 1 | for programs that want flow control |
//! | `led` | P0.21, row 1 of the LED matrix; column 1 (P0.28) is low | |
//! | `button` | P0.14, button A: low while it is pressed | |

#![no_std]

use nrf52833_hal as hal;

use hal::Clocks;
use hal::gpio::{Disconnected, Floating, Input, Level, Output, Pin, PullDown, PushPull, p0, p1};
use hal::pac::{self, interrupt};
#[cfg(feature = "watchdog")]
use hal::wdt::{Watchdog, count::One};
#[cfg(feature = "watchdog")]
use segno::EventLoop;
use segno_board::clock::HardwareClock;
use segno_board::drivers::nrf_timer::NrfTimer;
use segno_board::drivers::nrf_uart::NrfUart;
use segno_board::interrupt::Irq;
use segno_board::program::Statics;
use segno_board::registers::address;
use segno_board::serial::{BufferedUart, FlowPins, LossyShared, Uart, shared};
use segno_board::timekeeper::Timekeeper;
#[cfg(feature = "watchdog")]
use segno_board::watchdog::{PATIENCE, guard};

pub use cortex_m_rt::{entry, exception};
pub use segno_board::start;

const UART0_IRQ: Irq = Irq(interrupt::UARTE0_UART0 as u16);
const TIMER0_IRQ: Irq = Irq(interrupt::TIMER0 as u16);
const SWI5_IRQ: Irq = Irq(interrupt::SWI5_EGU5 as u16);

/// Slots of UART0's rings. At 115,200 baud, 128 bytes are 11 ms.
const RECEIVE: usize = 128;
const SEND: usize = 128;

type Timer = NrfTimer<{ address(pac::TIMER0::PTR) }, { TIMER0_IRQ.0 }, 32>;

// SAFETY: TIMER0 is used here only, once as the counter and once as the alarm.
static CLOCK: HardwareClock<Timekeeper<Timer>, Timer> =
    unsafe { HardwareClock::new(Timekeeper::new(Timer::new()), Timer::new()) };

type Uart0Hardware = LossyShared<NrfUart<{ address(pac::UART0::PTR) }, { UART0_IRQ.0 }>>;

// SAFETY: UART0 is used here only.
static UART0: BufferedUart<Uart0Hardware, RECEIVE, SEND> = BufferedUart::new(shared(unsafe { NrfUart::new() }));

/// The serial port of the board.
pub type Uart0 = Uart<Uart0Hardware, RECEIVE, SEND>;

/// RTS at P0.02 and CTS at P0.03, the rings 0 and 1, for UART0's [`with_flow_control`](Uart::with_flow_control).
pub struct RtsCts {
    rts: p0::P0_02<Disconnected>,
    cts: p0::P0_03<Disconnected>,
}

impl FlowPins<Uart0Hardware> for RtsCts {
    fn connect(self, hardware: &Uart0Hardware) {
        let rts: Pin<Output<PushPull>> = self.rts.into_push_pull_output(Level::High).degrade();
        // What is not connected does not hold back.
        let cts: Pin<Input<PullDown>> = self.cts.into_pulldown_input().degrade();
        hardware.control_flow(rts.psel_bits(), cts.psel_bits());
    }
}

/// The LED in the upper left corner: high is lit.
pub type Led = p0::P0_21<Output<PushPull>>;

/// Button A: low while it is pressed. It has a pull-up of its own.
pub type Button = p0::P0_14<Input<Floating>>;

/// What is on the board.
pub struct Board {
    /// UART0, which is also the console.
    pub uart0: Uart0,
    /// UART0's pins for flow control, not connected.
    pub rts_cts: RtsCts,
    /// The LED in the upper left corner, dark.
    pub led: Led,
    /// Button A.
    pub button: Button,
    #[cfg(feature = "watchdog")]
    watchdog: Option<pac::WDT>,
}

impl segno_board::Board for Board {
    fn take() -> Option<Board> {
        let chip = pac::Peripherals::take()?;
        Clocks::new(chip.CLOCK).enable_ext_hfosc();
        let port0 = p0::Parts::new(chip.P0);
        let port1 = p1::Parts::new(chip.P1);

        port0.p0_28.into_push_pull_output(Level::Low); // column 1
        let txd: Pin<Output<PushPull>> = port0.p0_06.into_push_pull_output(Level::High).degrade();
        let rxd: Pin<Input<Floating>> = port1.p1_08.into_floating_input().degrade();
        UART0.hardware().start(txd.psel_bits(), rxd.psel_bits());
        UART0.begin(None);
        CLOCK.alarm().start();

        // SAFETY: the handlers below share the drivers with threads through critical sections only.
        unsafe {
            UART0_IRQ.enable();
            TIMER0_IRQ.enable();
        }

        Some(Board {
            uart0: Uart::new(&UART0),
            rts_cts: RtsCts { rts: port0.p0_02, cts: port0.p0_03 },
            led: port0.p0_21.into_push_pull_output(Level::Low),
            button: port0.p0_14.into_floating_input(),
            #[cfg(feature = "watchdog")]
            watchdog: Some(chip.WDT),
        })
    }

    fn statics() -> Statics {
        Statics { clock: &CLOCK, console: &UART0, request_spare_interrupt: || SWI5_IRQ.request() }
    }

    #[cfg(feature = "watchdog")]
    fn on_loop(&mut self, lp: &'static EventLoop) {
        // It goes on running over a reset that it did not cause, and then only has to be fed.
        let handle = match self.watchdog.take().map(Watchdog::try_new) {
            Some(Ok(mut watchdog)) => {
                watchdog.set_lfosc_ticks(PATIENCE.as_secs() as u32 * 32_768);
                watchdog.run_during_debug_halt(false);
                Some(watchdog.activate::<One>().handles)
            }
            Some(Err(running)) => Watchdog::try_recover::<One>(running).ok().map(|parts| parts.handles),
            None => None,
        };
        if let Some((mut handle,)) = handle {
            guard(lp, move || handle.pet());
        }
    }
}

#[interrupt]
fn TIMER0() {
    CLOCK.on_alarm();
    CLOCK.on_wrap();
}

#[interrupt]
fn UARTE0_UART0() {
    UART0.on_interrupt();
}
