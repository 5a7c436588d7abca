//! What the loop does only for programs that need it.
//!
//! # The problem
//! Most of what waiting, cancelling and ending take is reached from the loop's own paths: a task ends, a timer is due. A
//! program that neither waits nor cancels, or whose tasks never end, is to have nothing of it in flash.
//!
//! # The design
//! A table of functions, to which the loop has a pointer that is null at first. Whoever arms the timer of a callback,
//! waits, requests a cancellation, or leaves a node in the queue that is to be freed sets it before: so the linker sees a
//! use of the table only then.
//!
//! # Costs
//! A word in the loop; one load and one comparison where the loop asks.

use crate::event_loop::EventLoop;
use crate::node::{CANCELLED, End, Header, WAITED};
use crate::timers::TimerNode;

/// The functions.
pub(crate) struct Hooks {
    /// A table that has more takes the place of one that has less.
    rank: u8,
    /// A timer is due that is no sleeper's; answers whether sleeping tasks are RELAYED from here on.
    pub(crate) due: unsafe fn(&EventLoop, *const TimerNode, u8) -> u8,
    /// See [`EventLoop::dispose`].
    dispose: unsafe fn(&EventLoop, u16),
    /// See [`EventLoop::fire`].
    fire: unsafe fn(&EventLoop, u16),
    /// See [`EventLoop::forget_callbacks`].
    forget_callbacks: fn(&EventLoop, u16),
    /// See [`EventLoop::suspend_cancelled`].
    suspend_cancelled: unsafe fn(&EventLoop, u16, bool),
    /// See [`EventLoop::cancel_new`].
    cancel_new: unsafe fn(&EventLoop, u16),
    /// See [`EventLoop::finish`].
    finish: unsafe fn(&EventLoop, u16, End),
}

/// For programs in which something ends, but that is all.
static ENDINGS: Hooks = Hooks {
    rank: 1,
    due: |_, _, relayed| relayed,
    dispose: EventLoop::dispose,
    fire: |_, _| {},
    forget_callbacks: |_, _| {},
    suspend_cancelled: |_, _, _| {},
    cancel_new: |_, _| {},
    finish: EventLoop::finish,
};

/// For programs that have timers of callbacks too, and nobody waits or cancels.
static CALLS: Hooks = Hooks { rank: 2, due: EventLoop::fire_call, ..ENDINGS };

/// For all others.
static WAITING: Hooks = Hooks {
    rank: 3,
    due: EventLoop::fire_timer,
    fire: EventLoop::fire,
    forget_callbacks: EventLoop::forget_callbacks,
    suspend_cancelled: EventLoop::suspend_cancelled,
    cancel_new: EventLoop::cancel_new,
    ..ENDINGS
};

impl EventLoop {
    /// To be called before a node is `WAITED` for, before a request to cancel one, and before a timeout is armed.
    #[inline(always)]
    pub(crate) fn use_waiting(&self) {
        self.hooks.set(Some(&WAITING));
    }

    /// To be called before the timer of a callback is armed.
    #[inline(always)]
    pub(crate) fn use_calls(&self) {
        self.use_hooks(&CALLS);
    }

    /// To be called before a node without references stays queued.
    #[inline(always)]
    pub(crate) fn use_endings(&self) {
        self.use_hooks(&ENDINGS);
    }

    #[inline(always)]
    fn use_hooks(&self, hooks: &'static Hooks) {
        if self.hooks.get().is_none_or(|before| before.rank < hooks.rank) {
            self.hooks.set(Some(hooks));
        }
    }

    /// # Safety
    /// The timer was pending until now, and is no sleeper's.
    unsafe fn fire_timer(&self, timer: *const TimerNode, relayed: u8) -> u8 {
        // SAFETY: the caller's promise.
        unsafe { if (*timer).is_call() { self.fire_call(timer, relayed) } else { self.fire_timeout(timer, relayed) } }
    }

    /// Tells those who wait for a node that it has ended.
    ///
    /// # Safety
    /// NAMED holds for the number, and its node has ended.
    #[inline(always)]
    pub(crate) unsafe fn tell_waiting(&self, header: &Header, id: u16) {
        if header.has(WAITED)
            && let Some(hooks) = self.hooks.get()
        {
            // SAFETY: the caller's promise.
            unsafe { (hooks.fire)(self, id) };
        }
    }

    /// Drops the callbacks of a future that has no handles.
    #[inline(always)]
    pub(crate) fn tell_forgotten(&self, id: u16) {
        if let Some(hooks) = self.hooks.get() {
            (hooks.forget_callbacks)(self, id);
        }
    }

    /// Looks at the task that has just been suspended.
    ///
    /// # Safety
    /// As for `suspend_cancelled`.
    #[inline(always)]
    pub(crate) unsafe fn tell_suspended(&self, id: u16, untaken: bool) {
        if let Some(hooks) = self.hooks.get() {
            // SAFETY: the caller's promise.
            unsafe { (hooks.suspend_cancelled)(self, id, untaken) };
        }
    }
    /// Ends a task that was cancelled, and cannot end otherwise.
    ///
    /// # Safety
    /// As for `finish`.
    pub(crate) unsafe fn finish_cancelled(&self, id: u16) {
        // SAFETY: the caller's promise.
        unsafe {
            match self.hooks.get() {
                Some(hooks) => (hooks.finish)(self, id, End::Cancelled),
                // Nobody has cancelled it: a coroutine has said so without being asked. It stays where it is.
                None => self.header(id).end(CANCELLED),
            }
        }
    }

    /// Drops the coroutine of a task that was cancelled before its first step.
    ///
    /// # Safety
    /// As for `cancel_new`.
    #[inline(always)]
    pub(crate) unsafe fn cancel_unstarted(&self, id: u16) {
        if let Some(hooks) = self.hooks.get() {
            // SAFETY: the caller's promise.
            unsafe { (hooks.cancel_new)(self, id) };
        }
    }

    /// Frees a node that has ended, was queued, and has no references.
    ///
    /// # Safety
    /// As for `dispose`.
    #[inline(always)]
    pub(crate) unsafe fn dispose_queued(&self, id: u16) {
        if let Some(hooks) = self.hooks.get() {
            // SAFETY: the caller's promise.
            unsafe { (hooks.dispose)(self, id) };
        }
    }
}
