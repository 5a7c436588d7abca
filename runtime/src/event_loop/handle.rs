//! `call_soon`, `call_later`, `call_at`, and their handles.
//!
//! # The problem
//! A callback is any closure, of any size, that runs once; a handle must be able to cancel it, before or after it ran.
//!
//! # The design
//! The closure is the payload of a node. `call_soon`'s node is queued at once; `call_later`'s has a timer in front of
//! its closure, and is queued when the timer fires. Cancelling drops the closure, and removes the timer from the heap;
//! a node that is queued stays so until the loop comes to it, and is skipped. Before a closure runs it is moved out of
//! its node, so that a callback that calls `call_soon` again succeeds in a pool that is full.
//!
//! # Costs
//! 8 bytes beside the closure, 32 with a timer (32-bit chip).

use core::cmp::Ordering;
use core::fmt;
use core::marker::PhantomData;
use core::num::NonZeroU16;

use super::EventLoop;
use super::error::Refused;
use crate::coroutine::Context;
use crate::node::{CANCELLED, Kind, NodeRef, TAKEN, VTable, granules};
use crate::time::{Duration, Instant};
use crate::timers::TimerNode;

/// A callback that was registered with [`EventLoop::call_soon`]; asyncio's `Handle`. Dropping it cancels nothing.
///
/// ```
/// # use segno::prelude::*;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let handle = lp.call_soon(|_| unreachable!()).unwrap();
/// lp.call_soon(|lp| lp.stop()).unwrap();
/// handle.cancel();
/// assert!(handle.cancelled());
/// lp.run_forever().unwrap();
/// ```
pub struct Handle {
    node: NodeRef,
}

impl Handle {
    /// Drops the callback if it has not run; asyncio's `Handle.cancel`. The node's memory is freed when the loop comes to
    /// it. Afterwards, or the second time, it does nothing but mark it.
    pub fn cancel(&self) {
        cancel_call(&self.node);
    }

    /// Whether it was cancelled; as in asyncio, afterwards counts too.
    pub fn cancelled(&self) -> bool {
        self.node.header().is_cancelled()
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("cancelled", &self.cancelled()).finish_non_exhaustive()
    }
}

/// A callback that was registered with [`EventLoop::call_later`] or [`EventLoop::call_at`]; asyncio's `TimerHandle`. Dropping
/// it cancels nothing.
///
/// ```
/// # use segno::prelude::*;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let handle = lp.call_later(1.secs(), |_| unreachable!()).unwrap();
/// assert_eq!(handle.when(), lp.time() + 1.secs());
/// handle.cancel();
/// lp.run_until_complete(sleep(2.secs())).unwrap();
/// assert!(handle.cancelled());
/// let (next, last) = (lp.call_later(1.secs(), |_| ()).unwrap(), lp.call_later(2.secs(), |_| ()).unwrap());
/// assert!(handle < next && next < last && next != last);
/// ```
/// Handles are compared by when they run, as in asyncio. Two that run at the same moment are neither equal, nor is one less: callbacks
/// cannot be compared. (asyncio calls them equal if they have the same function and arguments.)
pub struct TimerHandle {
    node: NodeRef,
}

impl TimerHandle {
    /// Drops the callback if it has not run, and removes its timer at once; asyncio's `TimerHandle.cancel`. Afterwards it only
    /// marks it.
    pub fn cancel(&self) {
        // SAFETY: this is a handle of a timer's node.
        unsafe { cancel_timer(&self.node) };
    }

    /// Whether it was cancelled; as in asyncio, afterwards counts too.
    pub fn cancelled(&self) -> bool {
        self.node.header().is_cancelled()
    }

    /// When it runs, ran, or would have run; asyncio's `TimerHandle.when`.
    pub fn when(&self) -> Instant {
        Instant::from_ticks(self.timer().ticks())
    }

    fn timer(&self) -> &TimerNode {
        // SAFETY: this is a handle of a timer's node.
        unsafe { timer_of(&self.node) }
    }
}

impl PartialEq for TimerHandle {
    fn eq(&self, other: &TimerHandle) -> bool {
        self.node.is(&other.node)
    }
}

impl Eq for TimerHandle {}

impl PartialOrd for TimerHandle {
    fn partial_cmp(&self, other: &TimerHandle) -> Option<Ordering> {
        let order = self.when().cmp(&other.when());
        (order.is_ne() || self == other).then_some(order)
    }
}

impl fmt::Debug for TimerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut handle = f.debug_struct("TimerHandle");
        handle.field("when", &self.when()).field("cancelled", &self.cancelled()).finish_non_exhaustive()
    }
}

/// A callback of either kind: for programs that keep both, and for an [`ErrorContext`](super::ErrorContext), to compare it
/// with the handles that the program has. asyncio's `Handle`, of which `TimerHandle` is a subclass.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::AnyHandle;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let soon = lp.call_soon(|_| unreachable!()).unwrap();
/// let later = lp.call_later(1.secs(), |_| unreachable!()).unwrap();
/// let all = [AnyHandle::from(&soon), AnyHandle::from(&later)];
/// all.iter().for_each(AnyHandle::cancel);
/// lp.run_until_complete(sleep(2.secs())).unwrap();
/// assert!(later.cancelled());
/// ```
#[derive(Clone)]
pub struct AnyHandle {
    node: NodeRef,
}

impl AnyHandle {
    /// The call that runs.
    ///
    /// # Safety
    /// NAMED holds for the number.
    #[cfg(feature = "debug")]
    pub(super) unsafe fn of(event_loop: &'static EventLoop, id: NonZeroU16) -> AnyHandle {
        // SAFETY: the caller's promise.
        AnyHandle { node: unsafe { NodeRef::new(event_loop, id) } }
    }

    /// As [`Handle::cancel`], or [`TimerHandle::cancel`]. What an [`ErrorContext`](super::ErrorContext) names may be none of these, but the
    /// handler of a signal, say: it stays.
    pub fn cancel(&self) {
        match self.node.header().vtable.kind {
            Kind::Call => cancel_call(&self.node),
            // SAFETY: it is a timer's.
            Kind::TimerCall => unsafe { cancel_timer(&self.node) },
            _ => {}
        }
    }

    /// As [`Handle::cancelled`].
    pub fn cancelled(&self) -> bool {
        self.node.header().is_cancelled()
    }
}

impl From<&Handle> for AnyHandle {
    fn from(handle: &Handle) -> AnyHandle {
        AnyHandle { node: handle.node.clone() }
    }
}

impl From<&TimerHandle> for AnyHandle {
    fn from(handle: &TimerHandle) -> AnyHandle {
        AnyHandle { node: handle.node.clone() }
    }
}

impl From<Handle> for AnyHandle {
    fn from(handle: Handle) -> AnyHandle {
        AnyHandle { node: handle.node }
    }
}

impl From<TimerHandle> for AnyHandle {
    fn from(handle: TimerHandle) -> AnyHandle {
        AnyHandle { node: handle.node }
    }
}

impl PartialEq<Handle> for AnyHandle {
    fn eq(&self, other: &Handle) -> bool {
        self.node.is(&other.node)
    }
}

impl PartialEq<TimerHandle> for AnyHandle {
    fn eq(&self, other: &TimerHandle) -> bool {
        self.node.is(&other.node)
    }
}

impl fmt::Debug for AnyHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("cancelled", &self.cancelled()).finish_non_exhaustive()
    }
}

/// # Safety
/// The node is a [`TimerCall`]'s.
unsafe fn timer_of(node: &NodeRef) -> &TimerNode {
    // SAFETY: CONTENT: the payload of a timer's node begins with the timer, which has no destructor, and stays there when
    // the closure is gone.
    unsafe { &*node.payload().cast::<TimerNode>() }
}

/// # Safety
/// The node is a [`TimerCall`]'s.
unsafe fn cancel_timer(node: &NodeRef) {
    // SAFETY: the caller's promise.
    let timer = unsafe { timer_of(node) };
    if timer.is_armed() {
        timer.disarm();
        // SAFETY: an armed timer's node has the loop's reference, and this handle's.
        unsafe { node.event_loop().release(node.id()) };
    }
    cancel_call(node);
}

fn cancel_call(node: &NodeRef) {
    if node.header().is_ended() {
        // It has run: as in asyncio, it is called cancelled from now on.
        node.header().set(CANCELLED);
    } else {
        // SAFETY: NAMED, by the reference; a closure that has not run is used by nobody.
        unsafe { node.event_loop().drop_payload(node.id(), CANCELLED) };
    }
}

/// The payload of `call_soon`: the closure.
struct Call<F>(PhantomData<F>);

impl<F: FnOnce(&'static EventLoop)> Call<F> {
    const VTABLE: VTable = VTable { run: Self::run, drop: Self::drop, granules: granules::<F, ()>(), kind: Kind::Call };

    unsafe fn run(payload: *mut u8, cx: &mut Context<'_>) {
        // SAFETY: CONTENT: a call that has not ended holds its closure; it ends here.
        unsafe { run_call::<F>(payload.cast(), cx) }
    }

    unsafe fn drop(payload: *mut u8, ended: bool, _: &EventLoop) {
        if !ended {
            // SAFETY: CONTENT.
            unsafe { payload.cast::<F>().drop_in_place() };
        }
    }
}

/// The payload of `call_later`.
#[repr(C)]
struct TimerCall<F> {
    timer: TimerNode,
    closure: F,
}

impl<F: FnOnce(&'static EventLoop)> TimerCall<F> {
    const VTABLE: VTable =
        VTable { run: Self::run, drop: Self::drop, granules: granules::<Self, ()>(), kind: Kind::TimerCall };

    unsafe fn run(payload: *mut u8, cx: &mut Context<'_>) {
        // SAFETY: CONTENT, as above.
        unsafe { run_call::<F>(&raw mut (*payload.cast::<Self>()).closure, cx) }
    }

    unsafe fn drop(payload: *mut u8, ended: bool, _: &EventLoop) {
        if !ended {
            // SAFETY: CONTENT.
            unsafe { (&raw mut (*payload.cast::<Self>()).closure).drop_in_place() };
        }
    }
}

/// # Safety
/// `closure` is the closure of the node that runs, which has not ended.
unsafe fn run_call<F: FnOnce(&'static EventLoop)>(closure: *mut F, cx: &mut Context<'_>) {
    if let Some(event_loop) = cx.event_loop() {
        // SAFETY: the caller's promise; ending the node tells that the closure is gone.
        let closure = unsafe { closure.read() };
        event_loop.leave_current();
        // SAFETY: NAMED: the node runs. It is freed at once if nobody has a handle.
        unsafe { end_call(event_loop, cx.waker().0) };
        closure(event_loop);
    }
}

/// # Safety
/// NAMED holds for the number, and the node's payload is gone.
pub(crate) unsafe fn end_call(event_loop: &EventLoop, id: u16) {
    // SAFETY: the caller's promise; a call that runs is in no queue, and only its handles refer to it.
    unsafe {
        let header = event_loop.header(id);
        header.end(TAKEN);
        if header.references.get() == 0 {
            event_loop.dispose(id);
        }
    }
}

impl EventLoop {
    /// Runs `callback` in the next turn; asyncio's `call_soon`. First in, first out, exactly once.
    ///
    /// Arguments are captured: `move |lp| step(lp, 7)`. A callback that calls this again runs again in the turn after, and keeps
    /// neither timers nor interrupts waiting.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let (tell, told) = std::sync::mpsc::channel();
    /// for n in 1..=3 {
    ///     let tell = tell.clone();
    ///     lp.call_soon(move |_| tell.send(n).unwrap()).unwrap();
    /// }
    /// lp.call_soon(|lp| lp.stop()).unwrap();
    /// lp.run_forever().unwrap();
    /// assert!(told.try_iter().eq([1, 2, 3]));
    /// ```
    /// One that is larger than any loop's memory does not compile, and rustc says how many granules it has, of how many:
    /// ```compile_fail,E0080
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let buffer = [0_u8; 2 << 20];
    /// _ = lp.call_soon(move |_| assert_eq!(buffer[0], 0));
    /// ```
    /// # Errors
    /// Hands the callback back if the pool is full or the loop closed.
    pub fn call_soon<F>(&'static self, callback: F) -> Result<Handle, Refused<F>>
    where
        F: FnOnce(&'static EventLoop) + 'static,
    {
        let id = self.make_call(callback)?;
        // SAFETY: NAMED: just made, with one reference, which the handle takes.
        unsafe {
            self.push(id.get());
            Ok(Handle { node: NodeRef::from_counted(self, id) })
        }
    }

    /// Makes a call's node, with one reference, in any context.
    pub(super) fn make_call<F>(&self, callback: F) -> Result<NonZeroU16, Refused<F>>
    where
        F: FnOnce(&'static EventLoop) + 'static,
    {
        match self.make_node(&Call::<F>::VTABLE, 0, 1) {
            Ok(id) => {
                // SAFETY: the node is new, and has room for the closure.
                unsafe { self.payload(id.get()).cast::<F>().write(callback) };
                Ok(id)
            }
            Err(refused) => Err(refused.map(|()| callback)),
        }
    }

    /// Runs `callback` after `delay`, never earlier; asyncio's `call_later`. Even without a delay it runs after what is ready
    /// already.
    ///
    /// The delay counts from now: a callback that calls this again drifts; a chain of [`EventLoop::call_at`] does not.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let (tell, told) = std::sync::mpsc::channel();
    /// for delay in [20, 10, 20] {
    ///     let tell = tell.clone();
    ///     lp.call_later(delay.millis(), move |lp| tell.send(lp.time().as_ticks()).unwrap()).unwrap();
    /// }
    /// lp.run_until_complete(sleep(30.millis())).unwrap();
    /// assert!(told.try_iter().eq([10_000, 20_000, 20_000]));
    /// ```
    /// # Errors
    /// Hands the callback back if the pool is full or the loop closed.
    pub fn call_later<F>(&'static self, delay: Duration, callback: F) -> Result<TimerHandle, Refused<F>>
    where
        F: FnOnce(&'static EventLoop) + 'static,
    {
        self.call_at(self.after(delay), callback)
    }

    /// Runs `callback` at `when`, or in the next turn if that has passed; asyncio's `call_at`. Callbacks with equal
    /// deadlines run in the order in which they were registered, which asyncio does not promise.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # static CLOCK: segno::host::VirtualClock = segno::host::VirtualClock::new();
    /// # let lp = segno::new_event_loop(&CLOCK, 4096);
    /// fn every_second(lp: &'static EventLoop, due: Instant) {
    ///     if due < Instant::from_ticks(3_000_000) {
    ///         let next = due + 1.secs(); // not from now: that would drift
    ///         lp.call_at(next, move |lp| every_second(lp, next)).unwrap();
    ///     } else {
    ///         lp.stop();
    ///     }
    ///     # CLOCK.advance(50.millis());
    /// }
    ///
    /// every_second(lp, lp.time());
    /// lp.run_forever().unwrap();
    /// assert_eq!(lp.time().as_ticks(), 3_050_000); // the callbacks took 50 ms each
    /// ```
    /// # Errors
    /// Hands the callback back if the pool is full or the loop closed.
    pub fn call_at<F>(&'static self, when: Instant, callback: F) -> Result<TimerHandle, Refused<F>>
    where
        F: FnOnce(&'static EventLoop) + 'static,
    {
        let id = match self.make_node(&TimerCall::<F>::VTABLE, 0, 2) {
            Ok(id) => id,
            Err(refused) => return Err(refused.map(|()| callback)),
        };
        let payload = self.payload(id.get()).cast::<TimerCall<F>>();
        // SAFETY: the node is new, and has room for the payload. ARMED: its timer stays there until it fires or is
        // disarmed, because the loop has a reference to it until then; the handle has the other one.
        unsafe {
            payload.write(TimerCall { timer: TimerNode::for_call(when, id.get()), closure: callback });
            self.use_calls();
            self.timers.insert(&raw const (*payload).timer);
            Ok(TimerHandle { node: NodeRef::from_counted(self, id) })
        }
    }

    /// The moment that is `delay` from now.
    pub(crate) fn after(&self, delay: Duration) -> Instant {
        Instant::from_ticks(self.time().as_ticks().saturating_add(delay.as_ticks()))
    }
}
