//! A TIMER of Nordic's nRF51 and nRF52 series, at 1 MHz, as counter and alarm at the same time.
//!
//! nRF51 Series Reference Manual, chapter "Timer/counter (TIMER)"; nRF52833 Product Specification, "TIMER". The counter
//! cannot be read: a task captures it in a register. Of the four registers, 0 is the alarm, 1 captures, and 2 is 0, so
//! that its event is the flag of the wrap, which is set in the tick of position 0, as [`Counter`] wants it.
//!
//! With 32 bits, which TIMER0 has in both series, it wraps every 71 minutes.

use crate::arch::cortex_m::interrupt::Irq;
use crate::clock::Alarm;
use crate::registers::Registers;
use crate::timekeeper::Counter;

const START: usize = 0x000;
const STOP: usize = 0x004;
const CLEAR: usize = 0x00C;
const CAPTURE: usize = 0x040;
const COMPARED: usize = 0x140;
const INTENSET: usize = 0x304;
const INTENSET_COMPARE: u32 = 1 << 16;
const MODE: usize = 0x504;
const MODE_TIMER: u32 = 0;
const BITMODE: usize = 0x508;
const PRESCALER: usize = 0x510;
const PRESCALER_1_MHZ: u32 = 4; // 16 MHz / 2^4
const CC: usize = 0x540;

const ALARM: usize = 0;
const NOW: usize = 1;
const WRAP: usize = 2;

/// The timer at `BASE`, with the interrupt line `IRQ` and a period of `1 << BITS` microseconds; `BITS` is 8, 16, 24 or 32.
#[derive(Debug)]
pub struct NrfTimer<const BASE: usize, const IRQ: u16, const BITS: u32> {
    registers: Registers<BASE>,
}

impl<const BASE: usize, const IRQ: u16, const BITS: u32> NrfTimer<BASE, IRQ, BITS> {
    const WIDTH: u32 = match BITS {
        8 => 1,
        16 => 0,
        24 => 2,
        32 => 3,
        _ => panic!("a TIMER has 8, 16, 24 or 32 bits"),
    };

    /// # Safety
    /// `BASE` and `IRQ` are those of a TIMER that nobody else uses. There may be two values: one for the counter, one for
    /// the alarm.
    pub const unsafe fn new() -> Self {
        // SAFETY: a block of registers, by the contract of this function.
        NrfTimer { registers: unsafe { Registers::new() } }
    }

    /// Starts it, with the interrupts of the wrap and of the alarm.
    pub fn start(&self) {
        self.registers.write(STOP, 1);
        self.registers.write(MODE, MODE_TIMER);
        self.registers.write(BITMODE, Self::WIDTH);
        self.registers.write(PRESCALER, PRESCALER_1_MHZ);
        self.registers.write(CC + 4 * WRAP, 0);
        self.registers.write(CLEAR, 1);
        self.registers.write(START, 1);
        while self.now() == 0 {}
        // Being started is no wrap.
        self.registers.write(COMPARED + 4 * WRAP, 0);
        self.registers.write(COMPARED + 4 * ALARM, 0);
        self.registers.write(INTENSET, INTENSET_COMPARE << ALARM | INTENSET_COMPARE << WRAP);
    }

    #[inline]
    fn now(&self) -> u32 {
        self.registers.write(CAPTURE + 4 * NOW, 1);
        self.registers.read(CC + 4 * NOW)
    }
}

impl<const BASE: usize, const IRQ: u16, const BITS: u32> Counter for NrfTimer<BASE, IRQ, BITS> {
    const BITS: u32 = BITS;
    const HZ: u32 = 1_000_000;

    #[inline]
    fn position(&self) -> u32 {
        self.now()
    }

    #[inline]
    fn take_wrap(&self) -> bool {
        let wrapped = self.registers.read(COMPARED + 4 * WRAP) != 0;
        if wrapped {
            self.registers.write(COMPARED + 4 * WRAP, 0);
        }
        wrapped
    }
}

impl<const BASE: usize, const IRQ: u16> Alarm for NrfTimer<BASE, IRQ, 32> {
    const HZ: u32 = 1_000_000;

    #[inline]
    fn arm(&self, ticks: u32) {
        let start = self.now();
        self.registers.write(COMPARED + 4 * ALARM, 0);
        self.registers.write(CC + 4 * ALARM, start.wrapping_add(ticks));
        // Only a position that comes after the register was written is compared.
        if self.now().wrapping_sub(start) >= ticks {
            Irq(IRQ).pend();
        }
    }

    #[inline]
    fn acknowledge(&self) {
        self.registers.write(COMPARED + 4 * ALARM, 0);
    }
}
