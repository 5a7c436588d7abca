//! Event sources: interrupts and devices that call back. asyncio's `add_signal_handler`, `add_reader`, `add_writer`.
//!
//! # The problem
//! An interrupt handler may do little, and what it has to say belongs into the loop, as a callback among the others. A
//! queue of calls ([`Remote`](crate::Remote)) can be full just when an interrupt comes; a place that is reserved
//! beforehand cannot.
//!
//! # The design
//! A handler is a node of the pool that stays: firing its source queues it, like a task that is woken, and never fails.
//! Fired again before it has run, it is queued already.
//!
//! - A [`Signal`] is a static that an interrupt [fires](Signal::fire). It knows the loop and the node of its handler.
//! - A device that implements [`Readiness`] is asked. While it is ready, its reader is called once in each turn, where
//!   asyncio looks at its files; when it is not, the driver has registered whom to wake, as it does for a task. So a
//!   driver needs no more for this than for a coroutine.
//!
//! Handlers are marked in the pool's bitmap as tasks are: wake-ups are checked there, and closing the loop drops them.
//!
//! Removing is as in asyncio, but for one thing: a signal that was fired before its handler is removed is forgotten with it,
//! where asyncio calls the handler once more.
//!
//! # Costs
//! A signal is two words, and firing it is what [`WakerCell::wake`](crate::WakerCell::wake) is. In the pool a handler takes its closure, a header of
//! 8 bytes, and 8 bytes more (a device's: as many as the device's handle, too). Adding and removing a reader walks
//! through the pool's bitmap. A program without handlers has nothing of this in its flash.

use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;
use core::mem;
use core::num::NonZeroU16;
use core::ptr;
use core::sync::atomic::Ordering::Relaxed;

use super::EventLoop;
use super::error::Refused;
use crate::atomic::{AtomicPtr, AtomicU16};
use crate::coroutine::{Context, Resumed, Waker};
use crate::node::{CANCELLED, End, Kind, VTable, granules};
use crate::task::Unwinding;

/// What an interrupt fires, and a loop calls a handler for; asyncio has the operating system's signals. For a `static`.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::Signal;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 1024);
/// static BUTTON: Signal = Signal::new();
///
/// fn button_interrupt() {
///     BUTTON.fire();
/// }
///
/// let mut count = 0;
/// lp.add_signal_handler(&BUTTON, move |lp| {
///     count += 1;
///     if count == 2 {
///         lp.remove_signal_handler(&BUTTON);
///         lp.stop();
///     }
/// })
/// .unwrap();
/// # lp.call_soon(|lp| { button_interrupt(); lp.call_later(1.millis(), |_| button_interrupt()).unwrap(); }).unwrap();
/// lp.run_forever().unwrap();
/// assert!(!BUTTON.fire(), "nobody is there any more");
/// ```
///
/// Invariant **HANDLED**: while the number is not 0, it is that of a granule of the loop. Both change in critical sections.
pub struct Signal {
    event_loop: AtomicPtr<EventLoop>,
    handler: AtomicU16,
}

impl Signal {
    /// A signal without a handler.
    pub const fn new() -> Signal {
        Signal { event_loop: AtomicPtr::new(ptr::null_mut()), handler: AtomicU16::new(0) }
    }

    /// Has the handler called in its loop's next turn: once, however often the signal is fired before. False if there is no
    /// handler: nothing remembers it then. From any context. The operating system does this for asyncio.
    #[inline]
    pub fn fire(&self) -> bool {
        let fired = critical_section::with(|_| {
            let handler = self.handler.load(Relaxed);
            (handler != 0).then(|| {
                // SAFETY: HANDLED: there is a loop, and loops are never freed.
                let event_loop = unsafe { &*self.event_loop.load(Relaxed) };
                // SAFETY: this is a critical section; HANDLED.
                unsafe { event_loop.wake_registered(handler) };
                event_loop
            })
        });
        // Outside, for a clock may have locks of its own.
        if let Some(event_loop) = fired {
            event_loop.clock().wake();
        }
        fired.is_some()
    }

    /// Who handles it, in place of whom. 0 is nobody.
    fn set_handler(&self, event_loop: &'static EventLoop, handler: u16) -> (*const EventLoop, u16) {
        critical_section::with(|_| {
            let loop_before = self.event_loop.load(Relaxed).cast_const();
            self.event_loop.store(ptr::from_ref(event_loop).cast_mut(), Relaxed);
            let before = self.handler.load(Relaxed);
            self.handler.store(handler, Relaxed);
            (loop_before, before)
        })
    }

    fn is_handled_by(&self, event_loop: &EventLoop, handler: u16) -> bool {
        critical_section::with(|_| {
            self.handler.load(Relaxed) == handler && ptr::eq(self.event_loop.load(Relaxed), event_loop)
        })
    }

    /// Takes the handler away if it is this one.
    fn forget(&self, event_loop: &EventLoop, handler: u16) {
        critical_section::with(|_| {
            if self.is_handled_by(event_loop, handler) {
                self.handler.store(0, Relaxed);
            }
        });
    }

    /// Takes the handler away if it is this loop's.
    fn take_handler(&self, event_loop: &EventLoop) -> Option<NonZeroU16> {
        critical_section::with(|_| {
            let handler = NonZeroU16::new(self.handler.load(Relaxed))?;
            ptr::eq(self.event_loop.load(Relaxed), event_loop).then(|| {
                self.handler.store(0, Relaxed);
                handler
            })
        })
    }
}

impl Default for Signal {
    fn default() -> Signal {
        Signal::new()
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let handled = self.handler.load(Relaxed) != 0;
        f.write_str(if handled { "<Signal handled>" } else { "<Signal unhandled>" })
    }
}

/// A device that can say whether an operation would wait; what a file descriptor is to asyncio's `add_reader`. For an example
/// see [`EventLoop::add_reader`].
///
/// # For implementers
/// An answer of "no" is followed by a wake-up: register with a [`WakerCell`](crate::WakerCell) first, and look once more, or do both with the
/// interrupt masked, as before a `WouldBlock`. If nothing is registered, the question is asked again after the next
/// interrupt. A driver has the cells already, for its `nb` functions; a reader and a task that reads take them from each
/// other, as two tasks do.
pub trait Readiness {
    /// The same number for all handles of a device, and for no other device: the address of its state, say.
    fn id(&self) -> usize;

    /// Whether there is something to read, be it the end or an error.
    fn is_readable(&self) -> bool;

    /// Whether there is room for something to be written, or an error to be told.
    fn is_writable(&self) -> bool;
}

impl<R: Readiness + ?Sized> Readiness for &R {
    fn id(&self) -> usize {
        (**self).id()
    }

    fn is_readable(&self) -> bool {
        (**self).is_readable()
    }

    fn is_writable(&self) -> bool {
        (**self).is_writable()
    }
}

/// What a handler is called for.
trait Trigger {
    const KIND: Kind;

    /// Whether the handler is to be called.
    fn is_due(&self, event_loop: &EventLoop, handler: u16) -> bool;

    /// It has been called: whether it is to be called again, without anything else happening.
    fn is_due_again(&self) -> bool;

    /// Whether the handler waits for the next interrupt, rather than for a wake-up.
    fn is_unregistered(event_loop: &EventLoop) -> bool;

    fn forget(&self, event_loop: &EventLoop, handler: u16);
}

impl Trigger for &'static Signal {
    const KIND: Kind = Kind::Signal;

    /// Unless another loop's handler has taken its place.
    fn is_due(&self, event_loop: &EventLoop, handler: u16) -> bool {
        self.is_handled_by(event_loop, handler)
    }

    fn is_due_again(&self) -> bool {
        false
    }

    fn is_unregistered(_: &EventLoop) -> bool {
        false
    }

    fn forget(&self, event_loop: &EventLoop, handler: u16) {
        Signal::forget(self, event_loop, handler);
    }
}

/// Is ready when the device can be read from, or written to.
struct Direction<R, const WRITES: bool>(R);

impl<R: Readiness, const WRITES: bool> Direction<R, WRITES> {
    fn is_ready(&self) -> bool {
        if WRITES { self.0.is_writable() } else { self.0.is_readable() }
    }
}

impl<R: Readiness, const WRITES: bool> Trigger for Direction<R, WRITES> {
    const KIND: Kind = if WRITES { Kind::Writer } else { Kind::Reader };

    fn is_due(&self, _: &EventLoop, _: u16) -> bool {
        self.is_ready()
    }

    fn is_due_again(&self) -> bool {
        self.is_ready()
    }

    fn is_unregistered(event_loop: &EventLoop) -> bool {
        !event_loop.take_interest()
    }

    fn forget(&self, _: &EventLoop, _: u16) {}
}

/// The handler is being called.
const CALLED: u8 = 1;
/// It has been removed meanwhile.
const REMOVED: u8 = 2;

/// What is known of every handler.
struct Head {
    state: Cell<u8>,
    /// Of a device's, its number.
    id: usize,
}

/// The payload of a handler.
#[repr(C)]
struct Handler<T, F> {
    head: Head,
    trigger: T,
    callback: F,
}

struct HandlerNode<T, F>(PhantomData<(T, F)>);

impl<T: Trigger, F: FnMut(&'static EventLoop)> HandlerNode<T, F> {
    const VTABLE: VTable =
        VTable { run: Self::run, drop: Self::drop, granules: granules::<Handler<T, F>, ()>(), kind: T::KIND };

    unsafe fn run(payload: *mut u8, cx: &mut Context<'_>) {
        let mut unwinding = Unwinding::new(cx);
        let Some(event_loop) = cx.event_loop() else { return };
        let id = cx.waker().0;
        // SAFETY: CONTENT: a handler that has not ended is there, and it stays there while it is CALLED. What the callback
        // does to it through the loop is a change of the state, which is a cell.
        let ended = unsafe {
            let (head, trigger, callback) = parts::<T, F>(payload);
            if !trigger.is_due(event_loop, id) {
                T::KIND == Kind::Signal
            } else {
                head.state.set(CALLED);
                event_loop.leave_current();
                callback(event_loop);
                event_loop.set_current(Resumed::new(id, false));
                let ended = head.state.replace(0) == CALLED | REMOVED;
                if !ended && trigger.is_due_again() {
                    event_loop.resume_in_next_turn(Waker(id));
                    mem::forget(unwinding);
                    return;
                }
                ended
            }
        };
        if !ended {
            if T::is_unregistered(event_loop) {
                event_loop.resume_after_interrupt(Waker(id));
            }
            mem::forget(unwinding);
            return;
        }
        unwinding.dropping = true;
        // SAFETY: CONTENT, as above; it has ended.
        unsafe { Self::drop(payload, false, event_loop) };
        mem::forget(unwinding);
        // SAFETY: NAMED: it runs, and has not ended.
        unsafe { event_loop.finish(id, End::Cancelled) };
    }

    unsafe fn drop(payload: *mut u8, ended: bool, event_loop: &EventLoop) {
        if !ended {
            // SAFETY: CONTENT.
            unsafe {
                (*payload.cast::<Handler<T, F>>()).trigger.forget(event_loop, event_loop.number(payload));
                payload.cast::<Handler<T, F>>().drop_in_place();
            }
        }
    }
}

/// # Safety
/// CONTENT: it is the payload of a handler that has not ended, for as long as the answer is used; nobody else uses its
/// callback.
unsafe fn parts<'a, T, F>(payload: *mut u8) -> (&'a Head, &'a T, &'a mut F) {
    let handler = payload.cast::<Handler<T, F>>();
    // SAFETY: the caller's promise.
    unsafe { (&(*handler).head, &(*handler).trigger, &mut (*handler).callback) }
}

impl EventLoop {
    /// Calls `handler` in the turn after `signal` was [fired](Signal::fire), as an ordinary callback; asyncio's
    /// `add_signal_handler`. It takes the place of the signal's handler, if there was one, also if that was another
    /// loop's. An example is at [`Signal`].
    ///
    /// A handler that panics (on a host) is removed.
    ///
    /// # Errors
    /// Hands the handler back if the pool is full or the loop closed; the one before it stays.
    pub fn add_signal_handler<F>(&'static self, signal: &'static Signal, handler: F) -> Result<(), Refused<F>>
    where
        F: FnMut(&'static EventLoop) + 'static,
    {
        let id = self.make_handler(signal, 0, handler).map_err(|refused| refused.map(|(_, handler)| handler))?.get();
        self.shared(|shared, memory| shared.pool.mark_task(memory, id, true));
        let (event_loop, before) = signal.set_handler(self, id);
        if before != 0 {
            if ptr::eq(event_loop, self) {
                self.remove_handler(before);
            } else {
                // SAFETY: HANDLED: there is a loop, and loops are never freed. When it comes to its handler, it removes it.
                let event_loop = unsafe { &*event_loop };
                // SAFETY: a critical section.
                critical_section::with(|_| unsafe { event_loop.wake_masked(Waker(before)) });
                event_loop.clock().wake();
            }
        }
        Ok(())
    }

    /// Drops the handler of a signal, and answers whether this loop had one. asyncio's `remove_signal_handler`, except that a
    /// signal that was fired before is forgotten with it.
    pub fn remove_signal_handler(&'static self, signal: &Signal) -> bool {
        let handler = signal.take_handler(self);
        if let Some(id) = handler {
            self.remove_handler(id.get());
        }
        handler.is_some()
    }

    /// Calls `callback` once in each turn in which there is something to read from `device`; asyncio's `add_reader`. It
    /// takes the place of the device's reader, if this loop has one.
    ///
    /// ```
    /// # use core::sync::atomic::{AtomicU8, Ordering::Relaxed};
    /// # use segno::prelude::*;
    /// # use segno::{Readiness, WakerCell};
    /// // A driver's side: a static with an interrupt.
    /// struct Device { bytes: AtomicU8, waiting: WakerCell }
    ///
    /// impl Readiness for Device {
    ///     fn id(&self) -> usize { core::ptr::from_ref(self).addr() }
    ///     fn is_readable(&self) -> bool {
    ///         self.waiting.register_current();
    ///         self.bytes.load(Relaxed) > 0
    ///     }
    ///     fn is_writable(&self) -> bool { true }
    /// }
    ///
    /// static DEVICE: Device = Device { bytes: AtomicU8::new(2), waiting: WakerCell::new() };
    ///
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 1024);
    /// // The program's side.
    /// lp.add_reader(&DEVICE, |lp| {
    ///     if DEVICE.bytes.fetch_sub(1, Relaxed) == 1 {
    ///         lp.stop();
    ///     }
    /// })
    /// .unwrap();
    /// lp.run_forever().unwrap();
    /// assert!(lp.remove_reader(&DEVICE));
    /// ```
    ///
    /// # Errors
    /// Hands the callback back if the pool is full or the loop closed; the one before it stays.
    pub fn add_reader<R, F>(&'static self, device: R, callback: F) -> Result<(), Refused<F>>
    where
        R: Readiness + 'static,
        F: FnMut(&'static EventLoop) + 'static,
    {
        self.add_device::<R, F, false>(device, callback)
    }

    /// Drops the reader of a device, and answers whether there was one. asyncio's `remove_reader`.
    pub fn remove_reader(&'static self, device: impl Readiness) -> bool {
        self.remove_device(Kind::Reader, device.id())
    }

    /// Calls `callback` once in each turn in which `device` has room; asyncio's `add_writer`. It takes the place of the
    /// device's writer, if this loop has one. For an example see [`EventLoop::add_reader`].
    ///
    /// # Errors
    /// As [`EventLoop::add_reader`].
    pub fn add_writer<R, F>(&'static self, device: R, callback: F) -> Result<(), Refused<F>>
    where
        R: Readiness + 'static,
        F: FnMut(&'static EventLoop) + 'static,
    {
        self.add_device::<R, F, true>(device, callback)
    }

    /// Drops the writer of a device, and answers whether there was one. asyncio's `remove_writer`.
    pub fn remove_writer(&'static self, device: impl Readiness) -> bool {
        self.remove_device(Kind::Writer, device.id())
    }

    fn add_device<R, F, const WRITES: bool>(&'static self, device: R, callback: F) -> Result<(), Refused<F>>
    where
        R: Readiness + 'static,
        F: FnMut(&'static EventLoop) + 'static,
    {
        let number = device.id();
        let made = self.make_handler(Direction::<R, WRITES>(device), number, callback);
        let id = made.map_err(|refused| refused.map(|(_, callback)| callback))?.get();
        self.remove_device(<Direction<R, WRITES> as Trigger>::KIND, number);
        self.shared(|shared, memory| shared.pool.mark_task(memory, id, true));
        // asyncio looks at its files at the beginning of a turn.
        self.resume_in_next_turn(Waker(id));
        Ok(())
    }

    /// Makes a handler's node, with the loop's reference.
    fn make_handler<T, F>(&self, trigger: T, id: usize, callback: F) -> Result<NonZeroU16, Refused<(T, F)>>
    where
        T: Trigger + 'static,
        F: FnMut(&'static EventLoop) + 'static,
    {
        match self.make_node(&HandlerNode::<T, F>::VTABLE, 0, 1) {
            Ok(node) => {
                let head = Head { state: Cell::new(0), id };
                // SAFETY: the node is new, and has room for the handler.
                unsafe { self.payload(node.get()).cast::<Handler<T, F>>().write(Handler { head, trigger, callback }) };
                Ok(node)
            }
            Err(refused) => Err(refused.map(|()| (trigger, callback))),
        }
    }

    fn remove_device(&'static self, kind: Kind, number: usize) -> bool {
        let mut id = 0;
        loop {
            id = self.shared(|shared, memory| shared.pool.next_task(memory, id));
            if id == 0 {
                return false;
            }
            // SAFETY: NAMED: it is in the bitmap. CONTENT: a handler's payload begins with its head.
            unsafe {
                if self.header(id).vtable.kind == kind && (*self.payload(id).cast::<Head>()).id == number {
                    self.remove_handler(id);
                    return true;
                }
            }
        }
    }

    /// Removes a handler: now, or if it is being called, when it returns.
    fn remove_handler(&'static self, id: u16) {
        // SAFETY: NAMED: a handler's number is forgotten before its node goes. CONTENT: its payload begins with its head.
        unsafe {
            let state = &(*self.payload(id).cast::<Head>()).state;
            if state.get() == 0 {
                self.abandon(id, CANCELLED);
            } else {
                state.set(CALLED | REMOVED);
                // It is not found again.
                self.shared(|shared, memory| shared.pool.mark_task(memory, id, false));
            }
        }
    }

    /// Has a node resumed in the next turn, behind what is queued by then.
    fn resume_in_next_turn(&self, waker: Waker) {
        self.resume_after_interrupt(waker);
        self.nudged.store(true, Relaxed);
    }
}
