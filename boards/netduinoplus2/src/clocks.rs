//! The clocks: chapter "Reset and clock control for STM32F405xx". QEMU has no model of this block; what it is written has
//! no effect there, and all clocks are on.

use segno_board::registers::Registers;

/// Bits of AHB1ENR.
pub const GPIOA: u32 = 1 << 0;
/// Bits of AHB1ENR.
pub const GPIOB: u32 = 1 << 1;
/// Bits of APB1ENR.
pub const TIM2: u32 = 1 << 0;
/// Bits of APB1ENR.
pub const TIM5: u32 = 1 << 3;
/// Bits of APB2ENR.
pub const USART1: u32 = 1 << 4;

const AHB1ENR: usize = 0x30;
const APB1ENR: usize = 0x40;
const APB2ENR: usize = 0x44;

/// What the USARTs run at, in hertz: the internal oscillator, undivided, as after reset.
pub const PERIPHERALS: u32 = 16_000_000;
/// What the timers run at, in hertz. On a chip it would be as much as [`PERIPHERALS`].
pub const TIMERS: u32 = 1_000_000_000;
fn control() -> Registers<0x4002_3800> {
    // SAFETY: the block of reset and clock control; only `Board::take` uses it, once, before it enables any interrupt.
    unsafe { Registers::new() }
}

/// Switches clocks on. A peripheral may be touched two cycles later: reading back takes longer.
pub(crate) fn enable(ahb1: u32, apb1: u32, apb2: u32) {
    let control = control();
    for (register, bits) in [(AHB1ENR, ahb1), (APB1ENR, apb1), (APB2ENR, apb2)] {
        control.set(register, bits);
        control.read(register);
    }
}
