//! Coroutines as futures of `core`.
//!
//! # The problem
//! A coroutine is resumed for a task of a loop. A future is polled with a waker, by anybody: by a combinator in a
//! coroutine of the same loop, or by an executor that has never heard of segno.
//!
//! # The design
//! A waker of the task that is running, recognised by its table and its address, stands for that task: the coroutine is
//! resumed as if awaited. Any other waker goes with the context to the futures that the coroutine awaits. A coroutine
//! that is suspended then without anybody having taken the waker, or that waits for what only a loop can end, would never
//! be polled again: that is a panic.
//!
//! # Costs
//! No bytes. A poll looks the waker up: a few instructions.

use core::future::{Future, IntoFuture};
use core::pin::Pin;
use core::task::Poll;

use super::raise::raise;
use super::waker::running_task;
use crate::combine::{SelectSlots, Sleep, Slots};
use crate::coroutine::{CatchCancel, Context, Coroutine, Foreign, IntoCoroutine, Resume};
use crate::event_loop::running;
use crate::machine::{AnchoredMachine, Judge, Machine, Step};
use crate::sync::Source;
use crate::task::{CloneOutput, Joinable, TakeOutput, Task, WaitForEnd};
use crate::{combine, net, streams, sync};

/// Resumes a coroutine for whoever polls it.
#[inline]
fn poll<C: Coroutine>(coroutine: Pin<&mut C>, cx: &mut core::task::Context<'_>) -> Poll<C::Output> {
    let foreign = Foreign::new(cx.waker());
    let mut context = running_task(cx.waker()).unwrap_or_else(|| Context::of_foreign(&foreign));
    match coroutine.resume(&mut context) {
        Resume::Done(output) => return Poll::Ready(output),
        Resume::Pending => suspended(&context),
        Resume::Cancelled => raise(&context),
    }
    Poll::Pending
}

/// Whether whoever polls it will hear of it again.
#[inline(never)]
pub(super) fn suspended(cx: &Context<'_>) {
    let Some(foreign) = cx.foreign() else { return };
    if let Some(event_loop) = running() {
        // It was not the task that registered its interest.
        event_loop.take_interest();
    }
    assert!(
        foreign.taken.get() && !foreign.requires_event_loop.get(),
        "segno: a coroutine that waits for an event loop (a sleep, a task, a future) is polled by another executor; \
        in a task of the loop, poll its `into_core_future()`"
    );
}

macro_rules! futures {
    ($([$($parameters:tt)*] $coroutine:ty;)*) => {$(
        impl<$($parameters)*> Future for $coroutine {
            type Output = <$coroutine as Coroutine>::Output;

            #[inline]
            fn poll(self: Pin<&mut Self>, cx: &mut core::task::Context<'_>) -> Poll<Self::Output> {
                poll(self, cx)
            }
        }
    )*};
}

futures! {
    [F: Step, J: Judge<F::Ends>] Machine<F, J>;
    [F: Step, J: Judge<F::Ends>] AnchoredMachine<F, J>;
    [C: Coroutine] CatchCancel<C>;
    [] Sleep;
    [] WaitForEnd;
    [T] TakeOutput<T>;
    [T: Clone] CloneOutput<T>;
    [S: Slots] combine::Gather<S>;
    [S: Slots] combine::GatherEnds<S>;
    [S: SelectSlots] combine::Select<S>;
    ['a, T: Joinable, const N: usize] combine::Wait<'a, T, N>;
    [C: Coroutine] combine::WaitFor<C>;
    [C: Coroutine] combine::WithTimeout<C>;
    [C: Coroutine] combine::Shield<C>;
    [S: Source] sync::Wait<S>;
    ['a, T] sync::ConditionWait<'a, T>;
    ['a, T] sync::CatchWait<'a, T>;
    ['a, T, F: FnMut(&mut T) -> bool] sync::ConditionWaitFor<'a, T, F>;
    ['a, T, F: FnMut(&mut T) -> bool] sync::GuardWaitFor<'a, T, F>;
    ['a, T, F: FnMut(&mut T) -> bool] sync::CatchWaitFor<'a, T, F>;
    ['a] sync::BarrierWait<'a>;
    ['a] sync::BarrierReset<'a>;
    ['a, N: net::Names] net::GetAddrInfo<'a, N>;
    ['a] streams::Drain<'a>;
    ['a] streams::WriteAll<'a>;
    ['a, 'b] streams::WriteSome<'a, 'b>;
    ['a] streams::WaitClosed<'a>;
    ['a, T, F: FnMut(&mut streams::Stream<[u8]>) -> Option<Result<T, streams::ReadError>>] streams::Reading<'a, F>;
}

macro_rules! into_futures {
    ($([$($parameters:tt)*] $awaited:ty;)*) => {$(
        impl<$($parameters)*> IntoFuture for $awaited {
            type Output = <$awaited as IntoCoroutine>::Output;
            type IntoFuture = <$awaited as IntoCoroutine>::Coroutine;

            fn into_future(self) -> Self::IntoFuture {
                self.into_coroutine()
            }
        }
    )*};
}

into_futures! {
    [T] Task<T>;
    ['a, T: Clone] &'a Task<T>;
    [T: Clone] crate::Future<T>;
    ['a, T: Clone] &'a crate::Future<T>;
}

/// What a function with `#[segno::coroutine]` returns, as typing's `Awaitable[T]`: a [`Coroutine`] and a future of `core`, both with
/// the output `T`.
///
/// ```
/// # use segno::prelude::*;
/// #[segno::coroutine]
/// async fn add(a: u32, b: u32) -> u32 {
///     a + b
/// }
///
/// /// No coroutine of its own: it hands on another.
/// fn double(a: u32) -> impl segno::Awaitable<u32> {
///     add(a, a)
/// }
///
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 1024);
/// assert_eq!(lp.run_until_complete(double(2)), Ok(4));
/// ```
///
/// One trait with the output as its parameter is less work for rustc than two bounds with an associated type each: 4 % of all that
/// it does for a function of one line. It is implemented for machines alone: of everything that is both, rustc would prove both once
/// more for each function.
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub trait Awaitable<T>: Coroutine<Output = T> + Future<Output = T> {}
impl<T, F: Step<Ends = T>, J: Judge<T>> Awaitable<T> for Machine<F, J> {}
impl<T, F: Step<Ends = T>, J: Judge<T>> Awaitable<T> for AnchoredMachine<F, J> {}

/// The same for an output that is opaque, which may stand nowhere but in an associated type's place.
pub trait IsFuture: Coroutine + Future<Output = <Self as Coroutine>::Output> {}
impl<F: Step, J: Judge<F::Ends>> IsFuture for Machine<F, J> {}
impl<F: Step, J: Judge<F::Ends>> IsFuture for AnchoredMachine<F, J> {}
