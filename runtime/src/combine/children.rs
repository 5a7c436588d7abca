//! Children that run side by side in their parent's frame: what `gather` and `select` have in common.
//!
//! # The problem
//! asyncio makes a task of everything that is to run beside something else. A coroutine that borrows from its caller
//! cannot be one, and a task needs memory of the loop. On the other hand a task that is given to `gather` or `select` is a
//! task, with a life of its own.
//!
//! # The design
//! Each child is in a [`Slot`] of the parent's pinned frame, which then holds its output.
//!
//! - **Wake-ups.** All children share the task's waker, and all that have not ended are resumed, in the order of the
//!   arguments, whenever the task is: resumes without a reason are harmless by the contract of [`Coroutine`], and no child
//!   needs a waker, a queue or a flag of its own. With the few children that a program writes down, that costs less than
//!   finding out.
//! - **Turns.** A child that awaits is resumed in the turn in which its task would be; it costs no turns to start it and
//!   none to learn of its end, as with a coroutine that is awaited. Who gathers *tasks and futures* is resumed in exactly
//!   the turn in which asyncio's `gather` does it.
//! - **Cancel requests.** A request to the task is handed to each child in a [`Context`] of its own. Tasks and futures
//!   that children await are told at once, by the loop, which finds them in its list of waits; see
//!   [`cancel`](crate::task::cancel). A request that a combinator makes (the losers of `select`, say) is marked as
//!   [`mode::LOCAL`]: the waits under it tell their nodes themselves.
//! - **Ends.** A coroutine that is no longer needed is cancelled, and waited for: it may clean up, and what it borrows is
//!   given back. Tasks, futures and shields are let go, as in asyncio: they go on. An error that comes later is read by a done
//!   callback, as `gather`'s own does it in asyncio.
//!
//! # Costs
//! A byte or a word for each child beside the larger of it and its output. Each wake-up of the task resumes all of them.

use core::mem;
use core::pin::Pin;

use crate::coroutine::{Cancelled, Context, Coroutine, IntoCoroutine, Resume, mode};
#[cfg(feature = "debug")]
use crate::location::Locator;
use crate::task::OfHandle;

/// A child: running, or what has become of it.
pub struct Slot<C: Coroutine> {
    place: Place<C>,
    /// It waits for a task or a future, and does nothing else.
    handle: bool,
    /// It is a future in asyncio: that, or a shield.
    future: bool,
}

enum Place<C: Coroutine> {
    Running(C),
    Done(C::Output),
    Cancelled,
    Gone,
}

/// What a round of resumes has found.
#[derive(Default)]
pub struct Round {
    /// Some have not ended.
    pub running: bool,
    /// Some have ended by cancellation.
    pub cancelled: bool,
    /// Some have ended with a value.
    pub done: bool,
    /// The members have been told of a cancel request.
    pub told: bool,
}

/// How children that are no longer needed are resumed.
pub const STOP: How = How { cancel: true, handles: 0, coroutines: mode::BRANCH | mode::LOCAL };

/// How children are resumed: with a cancel request or not, and with which flags. Twice in one step only with a request,
/// for a `sleep` of no time ends at its next resume.
#[derive(Clone, Copy)]
pub struct How {
    /// A cancel request.
    pub cancel: bool,
    /// Flags for tasks and futures.
    pub handles: u8,
    /// Flags for coroutines.
    pub coroutines: u8,
}

impl<C: Coroutine> Slot<C> {
    /// A child that has not been resumed.
    pub fn new<A: IntoCoroutine<Coroutine = C>>(awaited: A) -> Slot<C> {
        let (handle, future) = (awaited.has_ended().is_some(), awaited.is_future().is_some());
        Slot { place: Place::Running(awaited.into_coroutine()), handle, future }
    }

    /// Resumes it, if it has not ended.
    pub fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>, how: How, round: &mut Round) {
        // SAFETY: a running child is structurally pinned: it is not moved, and dropped in place.
        let this = unsafe { self.get_unchecked_mut() };
        match &mut this.place {
            Place::Running(child) => {
                if let Some(event_loop) = cx.event_loop() {
                    // What another child has registered with is none of this one's affair.
                    event_loop.take_interest();
                }
                let mut inner = cx.child(how.cancel, if this.handle { how.handles } else { how.coroutines });
                // SAFETY: as above.
                let answer = unsafe { Pin::new_unchecked(child) }.resume(&mut inner);
                round.told |= inner.has(mode::TOLD);
                match answer {
                    Resume::Pending => round.running = true,
                    Resume::Done(output) => {
                        this.place = Place::Done(output);
                        round.done = true;
                    }
                    Resume::Cancelled => {
                        this.place = Place::Cancelled;
                        round.cancelled = true;
                    }
                }
            }
            Place::Done(_) => round.done = true,
            Place::Cancelled => round.cancelled = true,
            Place::Gone => {}
        }
    }

    /// Lets go of a task, a future or a shield; answers whether it is a coroutine that has not ended. If somebody `reads` the
    /// error with which a task or a future may still end, it is not told.
    pub fn let_go(self: Pin<&mut Self>, reads: bool) -> bool {
        // SAFETY: as above.
        let this = unsafe { self.get_unchecked_mut() };
        let Place::Running(child) = &mut this.place else { return false };
        if this.future {
            if reads {
                // SAFETY: as above.
                unsafe { Pin::new_unchecked(child) }.disregard_error();
            }
            this.place = Place::Gone;
        }
        !this.future
    }

    /// Whether it has not ended.
    #[cfg(feature = "debug")]
    pub fn is_running(&self) -> bool {
        matches!(self.place, Place::Running(_))
    }

    /// Says where it stands, if it has not ended.
    #[cfg(feature = "debug")]
    pub fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
        // SAFETY: as in `resume`.
        if let Place::Running(child) = unsafe { &mut self.get_unchecked_mut().place } {
            // SAFETY: as in `resume`.
            unsafe { Pin::new_unchecked(child) }.locate(locator);
        }
    }

    /// Whether it is a task or a future.
    pub fn is_handle(&self) -> bool {
        self.handle
    }

    /// Whether it is a future in asyncio: a task, a future, or a shield.
    pub fn is_future(&self) -> bool {
        self.future
    }

    /// Whether it has ended by cancellation.
    pub fn is_cancelled(&self) -> bool {
        matches!(self.place, Place::Cancelled)
    }

    /// The output, if there is one.
    pub fn output(&self) -> Option<&C::Output> {
        match &self.place {
            Place::Done(output) => Some(output),
            _ => None,
        }
    }

    /// Moves out what has become of it; `None` if it is running, or its end has been moved out.
    pub fn take(self: Pin<&mut Self>) -> Option<Result<C::Output, Cancelled>> {
        // SAFETY: what has ended is not pinned; a running child stays where it is.
        let this = unsafe { self.get_unchecked_mut() };
        if matches!(this.place, Place::Running(_)) {
            return None;
        }
        match mem::replace(&mut this.place, Place::Gone) {
            Place::Done(output) => Some(Ok(output)),
            Place::Cancelled => Some(Err(Cancelled)),
            Place::Running(_) | Place::Gone => None,
        }
    }
}

/// Several children: a tuple or an array of [`Slot`]s. Implemented here alone.
pub trait Slots {
    /// Resumes all that have not ended.
    fn resume_all(self: Pin<&mut Self>, cx: &mut Context<'_>, how: How) -> Round;
    /// Says where the child stands that has not ended, if there is one only.
    #[cfg(feature = "debug")]
    fn locate(self: Pin<&mut Self>, locator: &mut Locator);
    /// Lets go of all tasks, futures and shields; answers whether there are coroutines that have not ended. See [`Slot::let_go`].
    fn let_go(self: Pin<&mut Self>, reads: bool) -> bool;
    /// Whether some are tasks, futures or shields, and whether all are tasks or futures.
    fn handles(&self) -> (bool, bool);
    /// All outputs.
    type Outputs;
    /// All ends.
    type Ends;
    /// Moves all outputs out, if all are there.
    fn outputs(self: Pin<&mut Self>) -> Option<Self::Outputs>;
    /// Moves all ends out, if all have ended.
    fn ends(self: Pin<&mut Self>) -> Option<Self::Ends>;
}

/// Children whose outputs are `Result`s with the same error.
pub trait TrySlots<E>: Slots {
    /// The values of all outputs.
    type Values;
    /// Moves out the first error, in the order of the arguments; `None` if somebody before was cancelled.
    fn error(self: Pin<&mut Self>) -> Option<E>;
    /// Moves all values out, if all are there.
    fn values(self: Pin<&mut Self>) -> Option<Self::Values>;
}

/// Children all of which are tasks or futures.
pub trait HandleSlots: Slots {}

/// Children of which the first to end counts.
pub trait SelectSlots: Slots {
    /// One of the outputs, with which it is.
    type Winner;
    /// Moves out the output of the first child that has one.
    fn winner(self: Pin<&mut Self>) -> Option<Self::Winner>;
}

/// What may be given to [`gather`](crate::gather()) and [`select`](crate::select()): a tuple of up to eight things that can be
/// awaited, or an array of them. In asyncio any number.
pub trait Children {
    /// Where they are kept.
    type Slots: Slots;
    /// Puts them there.
    fn into_slots(self) -> Self::Slots;
}

/// A tuple's field, pinned as the tuple is.
macro_rules! field {
    ($this:ident . $index:tt) => {
        // SAFETY: the slots are structurally pinned: none of these traits' methods moves one.
        unsafe { Pin::new_unchecked(&mut $this.$index) }
    };
}

macro_rules! tuples {
    ($either:ident: $($child:ident $index:tt $variant:ident $nth:literal),+) => {
        impl<$($child: IntoCoroutine),+> Children for ($($child,)+) {
            type Slots = ($(Slot<$child::Coroutine>,)+);

            fn into_slots(self) -> Self::Slots {
                ($(Slot::new(self.$index),)+)
            }
        }

        impl<$($child: Coroutine),+> Slots for ($(Slot<$child>,)+) {
            type Outputs = ($($child::Output,)+);
            type Ends = ($(Result<$child::Output, Cancelled>,)+);

            fn resume_all(self: Pin<&mut Self>, cx: &mut Context<'_>, how: How) -> Round {
                // SAFETY: as in `field`.
                let this = unsafe { self.get_unchecked_mut() };
                let mut round = Round::default();
                $(field!(this.$index).resume(cx, how, &mut round);)+
                round
            }

            #[cfg(feature = "debug")]
            fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
                // SAFETY: as in `field`.
                let this = unsafe { self.get_unchecked_mut() };
                if 0 $(+ usize::from(this.$index.is_running()))+ == 1 {
                    $(field!(this.$index).locate(locator);)+
                }
            }

            fn let_go(self: Pin<&mut Self>, reads: bool) -> bool {
                // SAFETY: as in `field`.
                let this = unsafe { self.get_unchecked_mut() };
                false $(| field!(this.$index).let_go(reads))+
            }

            fn handles(&self) -> (bool, bool) {
                (false $(|| self.$index.is_future())+, true $(&& self.$index.is_handle())+)
            }

            fn outputs(self: Pin<&mut Self>) -> Option<Self::Outputs> {
                // SAFETY: as in `field`.
                let this = unsafe { self.get_unchecked_mut() };
                Some(($(field!(this.$index).take()?.ok()?,)+))
            }

            fn ends(self: Pin<&mut Self>) -> Option<Self::Ends> {
                // SAFETY: as in `field`.
                let this = unsafe { self.get_unchecked_mut() };
                Some(($(field!(this.$index).take()?,)+))
            }
        }

        impl<$($child: OfHandle),+> HandleSlots for ($(Slot<$child>,)+) {}

        impl<Er, $($child: Coroutine<Output: IntoResult<Er>>),+> TrySlots<Er> for ($(Slot<$child>,)+) {
            type Values = ($(<$child::Output as IntoResult<Er>>::Value,)+);

            fn error(self: Pin<&mut Self>) -> Option<Er> {
                // SAFETY: as in `field`.
                let this = unsafe { self.get_unchecked_mut() };
                $(if this.$index.is_cancelled() {
                    return None;
                }
                if this.$index.output().is_some_and(IntoResult::is_error) {
                    return field!(this.$index).take()?.ok()?.into_result().err();
                })+
                None
            }

            fn values(self: Pin<&mut Self>) -> Option<Self::Values> {
                // SAFETY: as in `field`.
                let this = unsafe { self.get_unchecked_mut() };
                Some(($(field!(this.$index).take()?.ok()?.into_result().ok()?,)+))
            }
        }

        tuples!(@select $either: $($child $index $variant $nth),+);
    };
    (@select none: $($rest:tt)+) => {};
    (@select $either:ident: $($child:ident $index:tt $variant:ident $nth:literal),+) => {
        /// What [`select`](crate::select()) answers: which came first, and with what.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $either<$($child),+> {
            $(
                #[doc = concat!("The ", $nth, " one.")]
                $variant($child),
            )+
        }

        impl<$($child: Coroutine),+> SelectSlots for ($(Slot<$child>,)+) {
            type Winner = $either<$($child::Output),+>;

            fn winner(self: Pin<&mut Self>) -> Option<Self::Winner> {
                // SAFETY: as in `field`.
                let this = unsafe { self.get_unchecked_mut() };
                $(if this.$index.output().is_some() {
                    return Some($either::$variant(field!(this.$index).take()?.ok()?));
                })+
                None
            }
        }
    };
}

tuples!(none: A 0 First "first");
tuples!(Either: A 0 First "first", B 1 Second "second");
tuples!(Either3: A 0 First "first", B 1 Second "second", C 2 Third "third");
tuples!(Either4: A 0 First "first", B 1 Second "second", C 2 Third "third", D 3 Fourth "fourth");
tuples!(
    Either5: A 0 First "first", B 1 Second "second", C 2 Third "third", D 3 Fourth "fourth", E 4 Fifth "fifth"
);
tuples!(
    Either6: A 0 First "first", B 1 Second "second", C 2 Third "third", D 3 Fourth "fourth", E 4 Fifth "fifth",
    F 5 Sixth "sixth"
);
tuples!(
    Either7: A 0 First "first", B 1 Second "second", C 2 Third "third", D 3 Fourth "fourth", E 4 Fifth "fifth",
    F 5 Sixth "sixth", G 6 Seventh "seventh"
);
tuples!(
    Either8: A 0 First "first", B 1 Second "second", C 2 Third "third", D 3 Fourth "fourth", E 4 Fifth "fifth",
    F 5 Sixth "sixth", G 6 Seventh "seventh", H 7 Eighth "eighth"
);

/// `Result`, as a bound.
pub trait IntoResult<E> {
    /// The type in its `Ok`.
    type Value;
    /// Whether it is an `Err`.
    fn is_error(&self) -> bool;
    /// It, as what it is.
    fn into_result(self) -> Result<Self::Value, E>;
}

impl<T, E> IntoResult<E> for Result<T, E> {
    type Value = T;

    fn is_error(&self) -> bool {
        self.is_err()
    }

    fn into_result(self) -> Result<T, E> {
        self
    }
}

impl<A: IntoCoroutine, const N: usize> Children for [A; N] {
    type Slots = [Slot<A::Coroutine>; N];

    fn into_slots(self) -> Self::Slots {
        self.map(Slot::new)
    }
}

/// The slots of an array, one by one, pinned as it is.
fn each<C: Coroutine, const N: usize>(slots: Pin<&mut [Slot<C>; N]>) -> impl Iterator<Item = Pin<&mut Slot<C>>> {
    // SAFETY: as in `field`.
    unsafe { slots.get_unchecked_mut() }.iter_mut().map(|slot| unsafe { Pin::new_unchecked(slot) })
}

/// An array of what `take` gives for each slot, if that is something for all.
fn collect<C: Coroutine, T, const N: usize>(
    slots: Pin<&mut [Slot<C>; N]>,
    mut take: impl FnMut(Pin<&mut Slot<C>>) -> Option<T>,
) -> Option<[T; N]> {
    let mut taken = [const { None }; N];
    for (slot, taken) in each(slots).zip(&mut taken) {
        *taken = Some(take(slot)?);
    }
    // SAFETY: there is one for each.
    Some(taken.map(|one| unsafe { one.unwrap_unchecked() }))
}

impl<C: Coroutine, const N: usize> Slots for [Slot<C>; N] {
    type Outputs = [C::Output; N];
    type Ends = [Result<C::Output, Cancelled>; N];

    fn resume_all(self: Pin<&mut Self>, cx: &mut Context<'_>, how: How) -> Round {
        let mut round = Round::default();
        each(self).for_each(|slot| slot.resume(cx, how, &mut round));
        round
    }

    #[cfg(feature = "debug")]
    fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
        let mut running = each(self).filter(|slot| slot.is_running());
        if let (Some(child), None) = (running.next(), running.next()) {
            child.locate(locator);
        }
    }

    fn let_go(self: Pin<&mut Self>, reads: bool) -> bool {
        each(self).fold(false, |running, slot| running | slot.let_go(reads))
    }

    fn handles(&self) -> (bool, bool) {
        (self.iter().any(Slot::is_future), self.iter().all(Slot::is_handle))
    }

    fn outputs(self: Pin<&mut Self>) -> Option<Self::Outputs> {
        collect(self, |slot| slot.take()?.ok())
    }

    fn ends(self: Pin<&mut Self>) -> Option<Self::Ends> {
        collect(self, Slot::take)
    }
}

impl<C: OfHandle, const N: usize> HandleSlots for [Slot<C>; N] {}

impl<E, C: Coroutine<Output: IntoResult<E>>, const N: usize> TrySlots<E> for [Slot<C>; N] {
    type Values = [<C::Output as IntoResult<E>>::Value; N];

    fn error(self: Pin<&mut Self>) -> Option<E> {
        let mut slots = each(self);
        let failed = slots.find(|slot| slot.is_cancelled() || slot.output().is_some_and(IntoResult::is_error))?;
        failed.take()?.ok()?.into_result().err()
    }

    fn values(self: Pin<&mut Self>) -> Option<Self::Values> {
        collect(self, |slot| slot.take()?.ok()?.into_result().ok())
    }
}

impl<C: Coroutine, const N: usize> SelectSlots for [Slot<C>; N] {
    /// Which it was, and its output.
    type Winner = (usize, C::Output);

    fn winner(self: Pin<&mut Self>) -> Option<Self::Winner> {
        let (index, slot) = each(self).enumerate().find(|(_, slot)| slot.output().is_some())?;
        Some((index, slot.take()?.ok()?))
    }
}
