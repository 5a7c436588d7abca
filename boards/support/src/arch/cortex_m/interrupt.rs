//! Interrupt numbers, and the table of handlers.

use core::cell::Cell;

use cortex_m::interrupt::InterruptNumber;
use cortex_m::peripheral::NVIC;
use critical_section::Mutex;

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

    /// Lets the interrupt through and makes it pending: for a line that no device uses.
    pub fn request(self) {
        // SAFETY: nothing is shared with its handler but what the handler's own module says.
        unsafe { self.enable() };
        self.pend();
    }

    /// Makes the handler run as soon as it is let, as if the device had asked.
    pub fn pend(self) {
        #[cfg(not(test))]
        NVIC::pend(self);
        #[cfg(test)]
        crate::registers::fake::pend();
    }
}

/// A place for a function.
type Place = Cell<Option<fn()>>;

/// What an interrupt does for programs that have started its device; a program that has not does not contain the driver.
#[derive(Debug)]
pub struct LateHandler(Mutex<Place>);

impl LateHandler {
    /// Nothing.
    pub const fn new() -> LateHandler {
        LateHandler(Mutex::new(Cell::new(None)))
    }

    /// From now on this.
    pub fn set(&self, handler: fn()) {
        critical_section::with(|cs| self.0.borrow(cs).set(Some(handler)));
    }

    /// To be called by the interrupt.
    pub fn call(&self) {
        if let Some(handler) = critical_section::with(|cs| self.0.borrow(cs).get()) {
            handler();
        }
    }
}

impl Default for LateHandler {
    fn default() -> LateHandler {
        LateHandler::new()
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
/// by the linker; whoever defines a function of that name takes the line over. Boards make both of one list, by
/// [`interrupts!`](crate::interrupts).
///
/// On ARMv6-M all lines lead through one function, which [notes](crate::arch::cortex_m) that an interrupt is served.
#[macro_export]
macro_rules! interrupt_table {
    (@vector _) => { $crate::interrupt::Vector { reserved: 0 } };
    (@vector $name:ident) => {{
        unsafe extern "C" { fn $name(); }
        $crate::interrupt::Vector { handler: $name }
    }};
    (@count $($name:tt)*) => { [$(stringify!($name)),*].len() };
    ($($name:tt)*) => {
        #[cfg(target_has_atomic = "32")]
        #[unsafe(link_section = ".vector_table.interrupts")]
        #[unsafe(no_mangle)]
        static __INTERRUPTS: [$crate::interrupt::Vector; $crate::interrupt_table!(@count $($name)*)] =
            [$($crate::interrupt_table!(@vector $name)),*];

        #[cfg(not(target_has_atomic = "32"))]
        const _: () = {
            static HANDLERS: [$crate::interrupt::Vector; $crate::interrupt_table!(@count $($name)*)] =
                [$($crate::interrupt_table!(@vector $name)),*];

            unsafe extern "C" fn serve() {
                // SAFETY: only the table below leads here, and the handlers are in the order of its lines.
                unsafe { $crate::interrupt::serve(&HANDLERS) }
            }

            #[unsafe(link_section = ".vector_table.interrupts")]
            #[unsafe(no_mangle)]
            static __INTERRUPTS: [$crate::interrupt::Vector; $crate::interrupt_table!(@count $($name)*)] =
                [$crate::interrupt::Vector { handler: serve }; $crate::interrupt_table!(@count $($name)*)];
        };
    };
}

/// The [table of interrupts](crate::interrupt_table) that the build script has made of the board's `interrupts.txt`.
#[macro_export]
macro_rules! interrupts {
    () => {
        include!(concat!(env!("OUT_DIR"), "/interrupts.rs"));
    };
}

/// Notes that an interrupt is served, and calls its handler.
///
/// # Safety
/// The caller is the handler of an external interrupt, and `handlers` has one for its line.
#[cfg(not(target_has_atomic = "32"))]
#[inline(always)]
pub unsafe fn serve(handlers: &[Vector]) {
    /// The exceptions before the first external interrupt.
    const EXCEPTIONS: u32 = 16;
    super::note_interrupt();
    let line = (super::exception() - EXCEPTIONS) as usize;
    // SAFETY: a line that asks for its interrupt exists, and its entry is a handler, by the contract of this function.
    unsafe { (handlers.get_unchecked(line).handler)() }
}
