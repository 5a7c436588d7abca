//! Raspberry Pi Pico: RP2040 with two Cortex-M0+, 2 MiB of flash, 264 KiB of RAM.
//!
//! Everything hardware is here, nothing of an application: `Board::take` starts the clock, the UART and the pins and
//! hands them out once.
//!
//! | what | hardware | choice |
//! |---|---|---|
//! | system clock | 125 MHz from the crystal of 12 MHz | |
//! | time and alarm | TIMER, 64 bits at 1 MHz, alarm 0 | |
//! | `core1` | the second core, with a loop of its own and alarm 1 | feature `cores` |
//! | `uart0` | UART0 (PL011), 115,200 baud, pins GP0 and GP1 | also the console |
//! | `rts_cts` | RTS at GP3, CTS at GP2 | for programs that want flow control |
//! | `led` | GP25, the LED on the board | |
//! | `button` | GP15, to be connected to ground: low while it is pressed | pull-up |

#![no_std]

#[cfg(feature = "cores")]
pub mod core1;
#[cfg(not(feature = "cores"))]
mod one_core;
mod rp;

use rp2040_hal as hal;

use hal::clocks::ClocksManager;
use hal::pac;
use segno_board::drivers::rp_timer::{RP2040, RpTimer};
use segno_board::interrupt::Irq;
use segno_board::registers::address;

pub use cortex_m_rt::{entry, exception};
pub use rp::{Board, Button, Led, RtsCts, Uart0};
pub use segno_board::start;

/// The second stage of the boot, which makes the flash readable at full speed.
#[unsafe(link_section = ".boot2")]
#[unsafe(no_mangle)]
#[used]
static BOOT2: [u8; 256] = rp2040_boot2::BOOT_LOADER_W25Q080;

/// What the UARTs run at, in hertz: the system clock.
const PERIPHERALS: u32 = 125_000_000;

const ALARM_LINE: Irq = Irq(pac::Interrupt::TIMER_IRQ_0 as u16);
#[cfg(feature = "cores")]
const CORE1_ALARM_LINE: Irq = Irq(pac::Interrupt::TIMER_IRQ_1 as u16);
const UART0_LINE: Irq = Irq(pac::Interrupt::UART0_IRQ as u16);
const SPARE_LINE: Irq = Irq(pac::Interrupt::SW0_IRQ as u16);

const UART0_ADDRESS: usize = address(pac::UART0::PTR);

/// The timer, with alarm `ALARM`.
type Timer<const ALARM: u16> = RpTimer<{ address(pac::TIMER::PTR) }, { ALARM_LINE.0 }, RP2040, ALARM>;

/// Has the HAL take the timer out of reset.
fn start_timer(resets: &mut pac::RESETS, clocks: &ClocksManager) {
    // SAFETY: `Board::take`, which has the chip's peripherals, leaves this one to us, once.
    let timer = unsafe { pac::Peripherals::steal() }.TIMER;
    hal::Timer::new(timer, resets, clocks);
}

#[unsafe(no_mangle)]
extern "C" fn TIMER_IRQ_0() {
    rp::CLOCK.on_alarm();
}

#[cfg(feature = "cores")]
#[unsafe(no_mangle)]
extern "C" fn TIMER_IRQ_1() {
    core1::CLOCK.on_alarm();
}

#[unsafe(no_mangle)]
extern "C" fn UART0_IRQ() {
    rp::UART0.on_interrupt();
}

segno_board::interrupts!();
