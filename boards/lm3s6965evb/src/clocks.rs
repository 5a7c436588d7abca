//! The system clock and the clocks of the peripherals: chapter "System Control".

use segno_board::registers::Registers;

/// What the processor, the timers and the UARTs run at, in hertz.
pub const SYSTEM_CLOCK: u32 = 12_500_000;

/// Bits of RCGC1.
pub const UART0: u32 = 1 << 0;
/// Bits of RCGC1.
pub const UART1: u32 = 1 << 1;
/// Bits of RCGC1.
pub const UART2: u32 = 1 << 2;
/// Bits of RCGC1.
pub const TIMER0: u32 = 1 << 16;
/// Bits of RCGC2.
pub const GPIOA: u32 = 1 << 0;
/// Bits of RCGC2.
pub const GPIOD: u32 = 1 << 3;
/// Bits of RCGC2.
pub const GPIOG: u32 = 1 << 6;
/// Bits of RCGC2.
pub const GPIOF: u32 = 1 << 5;
/// Bits of RCGC2: the Ethernet controller, in two parts.
const EMAC0: u32 = 1 << 28;
const EPHY0: u32 = 1 << 30;

const RIS: usize = 0x050;
const RIS_PLL_LOCKED: u32 = 1 << 6;
const RCC: usize = 0x060;
const RCC_MAIN_OSCILLATOR_OFF: u32 = 1 << 0;
const RCC_OSCILLATOR: u32 = 3 << 4;
const RCC_CRYSTAL: u32 = 0xF << 6;
const RCC_CRYSTAL_8_MHZ: u32 = 0xE << 6;
const RCC_BYPASS: u32 = 1 << 11;
const RCC_POWER_DOWN: u32 = 1 << 13;
const RCC_USE_DIVIDER: u32 = 1 << 22;
const RCC_DIVIDER: u32 = 0xF << 23;
const RCC_DIVIDE_BY_16: u32 = 0xF << 23;
const RCGC1: usize = 0x104;
const RCGC2: usize = 0x108;

fn system_control() -> Registers<0x400F_E000> {
    // SAFETY: the system control block; only `Board::take` uses it, once, before it enables any interrupt.
    unsafe { Registers::new() }
}

/// Runs the chip from the PLL, fed by the board's 8 MHz crystal: section "Initialization and Configuration". QEMU has
/// this clock from the start; a chip comes out of reset on its internal oscillator, which is off by up to 30 %.
pub(crate) fn start() {
    let system_control = system_control();
    let mut rcc = system_control.read(RCC);

    rcc = (rcc | RCC_BYPASS) & !(RCC_USE_DIVIDER | RCC_MAIN_OSCILLATOR_OFF);
    system_control.write(RCC, rcc);

    rcc &= !(RCC_CRYSTAL | RCC_OSCILLATOR | RCC_POWER_DOWN | RCC_DIVIDER);
    rcc |= RCC_CRYSTAL_8_MHZ | RCC_DIVIDE_BY_16 | RCC_USE_DIVIDER;
    system_control.write(RCC, rcc);

    while system_control.read(RIS) & RIS_PLL_LOCKED == 0 {}
    system_control.write(RCC, rcc & !RCC_BYPASS);
}

/// Switches clocks on. A peripheral may be touched three cycles later: reading back takes longer.
pub(crate) fn enable(rcgc1: u32, rcgc2: u32) {
    let system_control = system_control();
    system_control.set(RCGC1, rcgc1);
    system_control.set(RCGC2, rcgc2);
    system_control.read(RCGC1);
    system_control.read(RCGC2);
}

/// Switches the clocks of the Ethernet controller on.
pub fn enable_ethernet() {
    enable(0, EMAC0 | EPHY0);
}
