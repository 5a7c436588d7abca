//! Raspberry Pi Pico 2: RP2350 with two Cortex-M33, 4 MiB of flash, 520 KiB of RAM.
//!
//! Everything hardware is here, nothing of an application: `Board::take` starts the clock, the UART and the pins and
//! hands them out once. All but what is said here is the Pico's.
//!
//! | what | hardware | choice |
//! |---|---|---|
//! | security | everything runs in the secure state, as after reset | |
//! | system clock | 150 MHz from the crystal of 12 MHz | |
//! | time and alarm | TIMER0, 64 bits at 1 MHz, alarm 0 | |
//! | `core1` | the second core, with a loop of its own and alarm 1 | feature `cores` |
//! | `uart0` | UART0 (PL011), 115,200 baud, pins GP0 and GP1 | also the console |
//! | `rts_cts` | RTS at GP3, CTS at GP2 | for programs that want flow control |
//! | `led` | GP25, the LED on the board | |
//! | `button` | GP15, to be connected to ground: low while it is pressed | pull-up |

#![no_std]

#[cfg(feature = "cores")]
#[path = "../../pico/src/core1.rs"]
pub mod core1;
#[cfg(not(feature = "cores"))]
#[path = "../../pico/src/one_core.rs"]
mod one_core;
#[path = "../../pico/src/rp.rs"]
mod rp;

use rp235x_hal as hal;

use hal::block::ImageDef;
use hal::clocks::ClocksManager;
use hal::pac::{self, interrupt};
use segno_board::drivers::rp_timer::{RP2350, RpTimer};
use segno_board::interrupt::Irq;
use segno_board::registers::address;

pub use cortex_m_rt::{entry, exception};
pub use rp::{Board, Button, Led, RtsCts, Uart0};
pub use segno_board::start;

/// Tells the boot ROM that this is a program for an Arm core in the secure state.
#[unsafe(link_section = ".start_block")]
#[used]
static IMAGE_DEF: ImageDef = ImageDef::secure_exe();

/// What the UARTs run at, in hertz: the system clock.
const PERIPHERALS: u32 = 150_000_000;

const ALARM_LINE: Irq = Irq(interrupt::TIMER0_IRQ_0 as u16);
#[cfg(feature = "cores")]
const CORE1_ALARM_LINE: Irq = Irq(interrupt::TIMER0_IRQ_1 as u16);
const UART0_LINE: Irq = Irq(interrupt::UART0_IRQ as u16);
const SPARE_LINE: Irq = Irq(interrupt::SW0_IRQ as u16);

const UART0_ADDRESS: usize = address(pac::UART0::PTR);

/// The timer, with alarm `ALARM`.
type Timer<const ALARM: u16> = RpTimer<{ address(pac::TIMER0::PTR) }, { ALARM_LINE.0 }, RP2350, ALARM>;

/// Has the HAL take the timer out of reset.
fn start_timer(resets: &mut pac::RESETS, clocks: &ClocksManager) {
    // SAFETY: `Board::take`, which has the chip's peripherals, leaves this one to us, once.
    let timer = unsafe { pac::Peripherals::steal() }.TIMER0;
    hal::Timer::new_timer0(timer, resets, clocks);
}

#[interrupt]
fn TIMER0_IRQ_0() {
    rp::CLOCK.on_alarm();
}

#[cfg(feature = "cores")]
#[interrupt]
fn TIMER0_IRQ_1() {
    core1::CLOCK.on_alarm();
}

#[interrupt]
fn UART0_IRQ() {
    rp::UART0.on_interrupt();
}
