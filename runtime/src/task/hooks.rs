//! What the loop does only for programs that need it.
//!
//! # The problem
//! Most of what waiting, cancelling and ending take is reached from the loop's own paths: a task ends, a timer is due. A
//! program that neither waits nor cancels, or whose tasks never end, is to have nothing of it in flash.
//!
//! # The design
//! A table of functions, to which the loop has a pointer that is null at first. Whoever arms the timer of a callback,
//! waits, requests a cancellation, parks a task, or leaves a node in the queue that is to be freed sets it before: so the linker
//! sees a use of the table only then.
//!
//! # Costs
//! A word in the loop; one load and one comparison where the loop asks.

use crate::coroutine::Resumed;
use crate::event_loop::EventLoop;
use crate::node::{CANCELLED, End, Header, WAITED};
use crate::timers::TimerNode;

/// The functions.
pub(crate) struct Hooks {
    /// A table that has more takes the place of one that has less.
    rank: u8,
    /// A timer is due that is no sleeper's; answers whether sleeping tasks are RELAYED from here on.
    pub(crate) due: unsafe fn(&EventLoop, *const TimerNode, u8) -> u8,
    /// See [`EventLoop::pass`].
    pass: unsafe fn(&EventLoop, u16) -> Resumed,
    /// See [`EventLoop::unpark`].
    pub(crate) unpark: fn(&EventLoop),
    /// See [`EventLoop::fire`].
    fire: unsafe fn(&EventLoop, u16),
    /// See [`EventLoop::forget_waits`].
    forget_waits: fn(&EventLoop, u16),
    /// See [`EventLoop::suspend_cancelled`].
    suspend_cancelled: unsafe fn(&EventLoop, u16, bool),
    /// See [`EventLoop::finish`].
    finish: unsafe fn(&EventLoop, u16, End),
}

/// For programs in which tasks are parked, but that is all.
static PARKING: Hooks = Hooks {
    rank: 0,
    due: |_, _, relayed| relayed,
    pass: |_, _| Resumed::NONE,
    unpark: EventLoop::unpark,
    fire: |_, _| {},
    forget_waits: |_, _| {},
    suspend_cancelled: |_, _, _| {},
    // SAFETY: as for the type of the field.
    finish: |event_loop, id, _| unsafe { event_loop.stay(id) },
};

/// For programs in which something ends.
static ENDINGS: Hooks = Hooks { rank: 1, pass: EventLoop::pass_ended, finish: EventLoop::finish, ..PARKING };

/// For programs that have timers of callbacks too, and nobody waits or cancels.
static CALLS: Hooks = Hooks { rank: 2, due: EventLoop::fire_call, ..ENDINGS };

/// For all others.
static WAITING: Hooks = Hooks {
    rank: 3,
    due: EventLoop::fire_timer,
    pass: EventLoop::pass_any,
    fire: EventLoop::fire,
    forget_waits: EventLoop::forget_waits,
    suspend_cancelled: EventLoop::suspend_cancelled,
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

    /// To be called before a task is parked.
    #[inline(always)]
    pub(crate) fn use_parking(&self) {
        if self.hooks.get().is_none() {
            self.hooks.set(Some(&PARKING));
        }
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

    /// Drops the callbacks of a future that has no handles, or what counts the cancel requests of a task that has none.
    #[inline(always)]
    pub(crate) fn tell_forgotten(&self, id: u16) {
        if let Some(hooks) = self.hooks.get() {
            (hooks.forget_waits)(self, id);
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
                None => self.stay(id),
            }
        }
    }

    /// Nobody has cancelled a task that ends like this: a coroutine has said so without being asked. It stays where it is.
    ///
    /// # Safety
    /// As for `finish`.
    unsafe fn stay(&self, id: u16) {
        // SAFETY: the caller's promise.
        unsafe { self.header(id) }.end(CANCELLED);
        self.leave_current();
    }

    /// What is done with a node that was taken from the queue and has ended, or is NEW and to be cancelled: a node without
    /// references is freed; see also [`completed`](super::completed) and [`EventLoop::cancel_new`]. Answers how to run it.
    ///
    /// # Safety
    /// NAMED holds for the number.
    #[inline(always)]
    pub(crate) unsafe fn pass(&self, id: u16) -> Resumed {
        match self.hooks.get() {
            // SAFETY: the caller's promise.
            Some(hooks) => unsafe { (hooks.pass)(self, id) },
            None => Resumed::NONE,
        }
    }

    /// # Safety
    /// As for `pass`; the node has ended.
    unsafe fn pass_ended(&self, id: u16) -> Resumed {
        // SAFETY: the caller's promise.
        unsafe {
            if self.header(id).references.get() == 0 {
                self.dispose(id);
            }
        }
        Resumed::NONE
    }

    /// # Safety
    /// As for `pass`.
    unsafe fn pass_any(&self, id: u16) -> Resumed {
        // SAFETY: the caller's promise.
        unsafe {
            let header = self.header(id);
            if !header.is_ended() {
                return self.cancel_new(id);
            }
            if header.references.get() == 0 {
                self.dispose(id);
            } else {
                self.tell_waits(id, true);
            }
        }
        Resumed::NONE
    }
}
