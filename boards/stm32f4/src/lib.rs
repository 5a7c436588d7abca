//! ST's Nucleo-F411RE: STM32F411 with a Cortex-M4F, 512 KiB of flash, 128 KiB of RAM.
//!
//! Everything hardware is here, nothing of an application: `Board::take` starts the clock, the UART and the pins and
//! hands them out once. The drivers of the timer and of the UART are those of [`netduinoplus2`](../../netduinoplus2), which
//! runs in QEMU.
//!
//! | what | hardware | choice |
//! |---|---|---|
//! | system clock | 84 MHz, by the PLL from the internal oscillator | no crystal is needed |
//! | time and alarm | TIM5, 32 bits at 1 MHz, wraps every 71 minutes; compare channel 1 | |
//! | `uart0` | USART2, 115,200 baud, pins A2 and A3, to the ST-LINK's USB | also the console |
//! | `rts_cts` | RTS at A1, CTS at A0 | for programs that want flow control |
//! | `led` | A5, the green LED (LD2) | |
//! | `button` | C13, the blue button (B1): low while it is pressed | |

#![no_std]

use stm32f4xx_hal as hal;

use hal::gpio::{Input, Output, PA0, PA1, PA5, PC13};
use hal::pac::{self, interrupt};
use hal::prelude::*;
use hal::rcc::{Config, Enable};
#[cfg(feature = "watchdog")]
use hal::watchdog::IndependentWatchdog;
#[cfg(feature = "watchdog")]
use segno::EventLoop;
use segno_board::clock::HardwareClock;
use segno_board::drivers::stm32_timer::Stm32Timer;
use segno_board::drivers::stm32_usart::Stm32Usart;
use segno_board::interrupt::Irq;
use segno_board::program::Statics;
use segno_board::registers::address;
use segno_board::serial::{BufferedUart, FlowPins, LossyShared, Uart, shared};
use segno_board::timekeeper::Timekeeper;
#[cfg(feature = "watchdog")]
use segno_board::watchdog::{PATIENCE, guard};

pub use cortex_m_rt::{entry, exception};
pub use segno_board::start;

const I2C1_EV_IRQ: Irq = Irq(interrupt::I2C1_EV as u16);
const USART2_IRQ: Irq = Irq(interrupt::USART2 as u16);
const TIM5_IRQ: Irq = Irq(interrupt::TIM5 as u16);

/// Slots of USART2's rings. At 115,200 baud, 128 bytes are 11 ms.
const RECEIVE: usize = 128;
const SEND: usize = 128;

type Timer = Stm32Timer<{ address(pac::TIM5::PTR) }, { TIM5_IRQ.0 }>;

// SAFETY: TIM5 is used here only, once as the counter and once as the alarm; `Board::take` switches its clock on first.
static CLOCK: HardwareClock<Timekeeper<Timer>, Timer> =
    unsafe { HardwareClock::new(Timekeeper::new(Timer::new()), Timer::new()) };

type Uart0Hardware = LossyShared<Stm32Usart<{ address(pac::USART2::PTR) }, { USART2_IRQ.0 }>>;

// SAFETY: USART2 is used here only; `Board::take` switches its clock on first.
static UART0: BufferedUart<Uart0Hardware, RECEIVE, SEND> = BufferedUart::new(shared(unsafe { Stm32Usart::new() }));

/// The serial port of the board.
pub type Uart0 = Uart<Uart0Hardware, RECEIVE, SEND>;

/// RTS at A1 and CTS at A0, for USART2's [`with_flow_control`](Uart::with_flow_control).
pub struct RtsCts {
    rts: PA1,
    cts: PA0,
}

impl FlowPins<Uart0Hardware> for RtsCts {
    fn connect(self, hardware: &Uart0Hardware) {
        self.rts.into_alternate::<7>(); // data sheet, table "Alternate function mapping"
        self.cts.into_alternate::<7>().internal_pull_down(true); // what is not connected does not hold back
        hardware.control_flow();
    }
}

/// The green LED: high is lit.
pub type Led = PA5<Output>;

/// The blue button: low while it is pressed. It has a pull-up of its own.
pub type Button = PC13<Input>;

/// What is on the board.
pub struct Board {
    /// USART2, which is also the console.
    pub uart0: Uart0,
    /// USART2's pins for flow control, not connected.
    pub rts_cts: RtsCts,
    /// The green LED, dark.
    pub led: Led,
    /// The blue button.
    pub button: Button,
    #[cfg(feature = "watchdog")]
    watchdog: Option<IndependentWatchdog>,
}

impl segno_board::Board for Board {
    fn take() -> Option<Board> {
        let chip = pac::Peripherals::take()?;
        let mut rcc = chip.RCC.freeze(Config::hsi().sysclk(84.MHz()));
        // Otherwise a debugger does not reach the RAM, and with it the messages, while the processor sleeps.
        #[cfg(feature = "defmt")]
        chip.DBGMCU.cr().modify(|_, control| control.dbg_sleep().set_bit());
        let port_a = chip.GPIOA.split(&mut rcc);
        let port_c = chip.GPIOC.split(&mut rcc);

        port_a.pa2.into_alternate::<7>(); // data sheet, table "Alternate function mapping"
        port_a.pa3.into_alternate::<7>();
        pac::USART2::enable(&mut rcc);
        pac::TIM5::enable(&mut rcc);
        UART0.hardware().start(rcc.clocks.pclk1().raw(), 115_200);
        UART0.begin(None);
        CLOCK.alarm().start(rcc.clocks.timclk1().raw());

        // SAFETY: the handlers below share the drivers with threads through critical sections only.
        unsafe {
            USART2_IRQ.enable();
            TIM5_IRQ.enable();
        }

        Some(Board {
            uart0: Uart::new(&UART0),
            rts_cts: RtsCts { rts: port_a.pa1, cts: port_a.pa0 },
            led: port_a.pa5.into_push_pull_output(),
            button: port_c.pc13.into_input(),
            #[cfg(feature = "watchdog")]
            watchdog: {
                let watchdog = IndependentWatchdog::new(chip.IWDG);
                watchdog.stop_on_debug(&chip.DBGMCU, true);
                Some(watchdog)
            },
        })
    }

    fn statics() -> Statics {
        Statics { clock: &CLOCK, console: &UART0, request_spare_interrupt: || I2C1_EV_IRQ.request() }
    }

    #[cfg(feature = "watchdog")]
    fn on_loop(&mut self, lp: &'static EventLoop) {
        if let Some(mut watchdog) = self.watchdog.take() {
            watchdog.start((PATIENCE.as_millis() as u32).millis());
            guard(lp, move || watchdog.feed());
        }
    }
}

#[interrupt]
fn TIM5() {
    CLOCK.on_alarm();
    CLOCK.on_wrap();
}

#[interrupt]
fn USART2() {
    UART0.on_interrupt();
}
