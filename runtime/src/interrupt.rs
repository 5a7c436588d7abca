//! Waiting for an interrupt to happen.
//!
//! # The problem
//! A driver that waits for an interrupt (a pin's edge, a finished conversion) has to enable it, to be woken by it, not to
//! miss it if it comes at once, and to disable it if the wait is cancelled.
//!
//! # The design
//! An [`InterruptSignal`] in a static: the handler calls [`notify`](InterruptSignal::notify); the driver awaits
//! [`wait`](InterruptSignal::wait), with a function that enables and disables the interrupt. What happens between the two
//! is remembered. A board's `embedded_hal_async::digital::Wait` is a signal for each pin:
//! ```
//! # use segno::InterruptSignal;
//! # struct Pin; enum When { High }
//! # impl Pin { fn enable_interrupt(&self, _: When) {} fn disable_interrupt(&self) {} fn acknowledge(&self) {} }
//! static PIN_7: InterruptSignal = InterruptSignal::new();
//!
//! fn interrupt_handler(pin: &Pin) {
//!     pin.acknowledge();
//!     pin.disable_interrupt(); // a level would interrupt for ever
//!     PIN_7.notify();
//! }
//!
//! // impl Wait for Pin
//! async fn wait_for_high(pin: &mut Pin) {
//!     // A level that is there already interrupts at once.
//!     PIN_7.wait(|on| if on { pin.enable_interrupt(When::High) } else { pin.disable_interrupt() }).await
//! }
//! ```
//!
//! # Costs
//! A [`WakerCell`] and a byte. No critical section of its own.

use core::fmt;
use core::pin::Pin;
use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::{Acquire, Release};

use crate::coroutine::{Context, Coroutine, Resume};
use crate::waker_cell::WakerCell;

/// What an interrupt tells the task that waits for it: asyncio's `Event`, set by a handler. For one task at a time.
pub struct InterruptSignal {
    cell: WakerCell,
    happened: AtomicBool,
}

impl InterruptSignal {
    /// A signal that has not happened.
    pub const fn new() -> InterruptSignal {
        InterruptSignal { cell: WakerCell::new(), happened: AtomicBool::new(false) }
    }

    /// It has happened. Called by the interrupt handler, or by whatever; if nobody waits, nothing comes of it.
    #[inline]
    pub fn notify(&self) {
        self.happened.store(true, Release);
        self.cell.wake();
    }

    /// Waits until it happens, once. `enable(true)` is called when the wait begins and may make it happen at once; then
    /// `enable(false)`, also if the wait is cancelled or dropped. What happened before the wait began does not count.
    ///
    /// To be awaited, or polled as a future, in a task of a loop. If two tasks wait, only the later one is woken.
    pub fn wait<E: FnMut(bool)>(&self, enable: E) -> WaitForInterrupt<'_, E> {
        WaitForInterrupt { signal: self, enabled: false, enable }
    }
}

impl Default for InterruptSignal {
    fn default() -> InterruptSignal {
        InterruptSignal::new()
    }
}

impl fmt::Debug for InterruptSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InterruptSignal")
    }
}

/// Made by [`InterruptSignal::wait`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct WaitForInterrupt<'a, E: FnMut(bool)> {
    signal: &'a InterruptSignal,
    enabled: bool,
    enable: E,
}

impl<E: FnMut(bool)> Unpin for WaitForInterrupt<'_, E> {}

impl<E: FnMut(bool)> WaitForInterrupt<'_, E> {
    fn end(&mut self) {
        if core::mem::take(&mut self.enabled) {
            (self.enable)(false);
        }
    }
}

impl<E: FnMut(bool)> Coroutine for WaitForInterrupt<'_, E> {
    type Output = ();

    fn resume(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
        let this = &mut *self;
        if this.enabled && cx.take_cancel() {
            this.end();
            return Resume::Cancelled;
        }
        // Registered first: what happens from here on wakes.
        let _ = cx.require_event_loop();
        this.signal.cell.register_current();
        if !this.enabled {
            this.signal.happened.store(false, Release);
            this.enabled = true;
            (this.enable)(true);
        }
        if this.signal.happened.load(Acquire) {
            this.end();
            return Resume::Done(());
        }
        Resume::Pending
    }
}

impl<E: FnMut(bool)> Drop for WaitForInterrupt<'_, E> {
    fn drop(&mut self) {
        self.end();
    }
}
