//! Interrupt numbers, and the table that a board makes of its handlers.

use cortex_m::interrupt::InterruptNumber;
use cortex_m::peripheral::NVIC;

/// The number of an external interrupt line: 0 is the first one after the exceptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Irq(pub u16);

// SAFETY: the number is returned as it is and does not change.
unsafe impl InterruptNumber for Irq {
    fn number(self) -> u16 {
        self.0
    }
}

impl Irq {
    /// Lets the interrupt through.
    ///
    /// # Safety
    /// Its handler may run from now on: what it shares with threads is in critical sections, and no critical section
    /// that relies on this line being masked is entered.
    pub unsafe fn enable(self) {
        // SAFETY: the caller's promise is the one that `unmask` asks for.
        unsafe { NVIC::unmask(self) }
    }

    /// Makes the handler run as soon as it is let, as if the device had asked.
    pub fn pend(self) {
        NVIC::pend(self);
    }
}

/// An entry of the table of interrupt handlers.
#[derive(Clone, Copy)]
#[repr(C)]
pub union Vector {
    /// The handler of this line.
    pub handler: unsafe extern "C" fn(),
    /// A line that does not exist.
    pub reserved: usize,
}

/// Makes `__INTERRUPTS`, the table that cortex-m-rt (feature `device`) puts behind the exceptions: the names of the
/// handlers in the order of their lines, `_` for a line that does not exist. The names must be provided with a default
/// by the board's `device.x`; whoever defines a function of that name takes the line over.
#[macro_export]
macro_rules! interrupt_table {
    (@vector _) => { $crate::interrupt::Vector { reserved: 0 } };
    (@vector $name:ident) => {{
        unsafe extern "C" { fn $name(); }
        $crate::interrupt::Vector { handler: $name }
    }};
    ($($name:tt)*) => {
        #[unsafe(link_section = ".vector_table.interrupts")]
        #[unsafe(no_mangle)]
        static __INTERRUPTS: [$crate::interrupt::Vector; [$(stringify!($name)),*].len()] =
            [$($crate::interrupt_table!(@vector $name)),*];
    };
}
