//! Awaiting a task.
//!
//! # The problem
//! Who awaits wants the output: moved out, cloned, or only to know that there is one.
//!
//! # The design
//! Three leaves around a [`Join`], which waits for the end of a node.
//!
//! # Costs
//! A `Join` in the frame.

use core::marker::PhantomData;
use core::pin::Pin;

use super::outcome;
use super::wait::Join;
use super::{AnyTask, Task};
use crate::coroutine::{Context, Coroutine, IntoCoroutine, Resume};
use crate::node::NodeRef;

/// Made by [`AnyTask::wait`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct WaitForEnd {
    join: Join,
}

impl AnyTask {
    /// Waits until it has ended, however it ends; asyncio's `wait([task])`. It gives no output. Costs no turn if it has ended.
    ///
    /// Cancelling who waits does not cancel the task.
    pub fn wait(&self) -> WaitForEnd {
        WaitForEnd { join: Join::observing(self.node.clone()) }
    }
}

impl Coroutine for WaitForEnd {
    type Output = ();

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
        // SAFETY: `join` is structurally pinned: it is never moved out of a pinned `WaitForEnd`.
        unsafe { self.map_unchecked_mut(|this| &mut this.join) }.as_ref().resume(cx)
    }
}

/// Waits for a task, and moves its output out. Made by awaiting a [`Task`], where it is said what cancel does.
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct TakeOutput<T> {
    join: Join,
    output: PhantomData<T>,
}

impl<T> TakeOutput<T> {
    pub(crate) fn new(node: NodeRef) -> TakeOutput<T> {
        TakeOutput { join: Join::new(node), output: PhantomData }
    }
}

/// What awaits a task or a future, and nothing else.
pub trait OfHandle: Coroutine {
    /// Another reference to that.
    #[doc(hidden)]
    fn target(&self) -> NodeRef;
}

impl<T> OfHandle for TakeOutput<T> {
    fn target(&self) -> NodeRef {
        self.join.target()
    }
}

impl<T: Clone> OfHandle for CloneOutput<T> {
    fn target(&self) -> NodeRef {
        self.join.target()
    }
}

impl<T> Coroutine for TakeOutput<T> {
    type Output = T;

    #[inline]
    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<T> {
        // SAFETY: as in `WaitForEnd`.
        let join = unsafe { self.map_unchecked_mut(|this| &mut this.join) };
        match join.as_ref().resume(cx) {
            Resume::Pending => Resume::Pending,
            // SAFETY: TYPED: it was made from a handle whose node's output is a `T`.
            Resume::Done(()) => match unsafe { outcome::take(&join.target()) } {
                Ok(output) => Resume::Done(output),
                Err(_) => Resume::Cancelled,
            },
            Resume::Cancelled => Resume::Cancelled,
        }
    }

    fn disregard_error(self: Pin<&mut Self>) {
        self.join.disregard_error();
    }
}

/// Waits for a task or a future, and clones its output. Made by awaiting a `&Task`, a `&Future` or a `Future`. Cancelling it is
/// cancelling what it waits for: see [`Task`] and [`Future`](crate::Future).
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct CloneOutput<T> {
    join: Join,
    output: PhantomData<T>,
}

impl<T> CloneOutput<T> {
    pub(crate) fn new(node: NodeRef) -> CloneOutput<T> {
        CloneOutput { join: Join::new(node), output: PhantomData }
    }
}

impl<T: Clone> Coroutine for CloneOutput<T> {
    type Output = T;

    #[inline]
    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<T> {
        // SAFETY: as in `WaitForEnd`.
        let join = unsafe { self.map_unchecked_mut(|this| &mut this.join) };
        match join.as_ref().resume(cx) {
            Resume::Pending => Resume::Pending,
            // SAFETY: TYPED, as above.
            Resume::Done(()) => match unsafe { outcome::with(&join.target(), T::clone) } {
                Ok(output) => Resume::Done(output),
                Err(_) => Resume::Cancelled,
            },
            Resume::Cancelled => Resume::Cancelled,
        }
    }

    fn disregard_error(self: Pin<&mut Self>) {
        self.join.disregard_error();
    }
}

impl<T> IntoCoroutine for Task<T> {
    type Output = T;
    type Coroutine = TakeOutput<T>;

    fn into_coroutine(self) -> TakeOutput<T> {
        TakeOutput::new(self.node.into_node())
    }

    fn has_ended(&self) -> Option<bool> {
        Some(self.done())
    }
}

impl<T: Clone> IntoCoroutine for &Task<T> {
    type Output = T;
    type Coroutine = CloneOutput<T>;

    fn into_coroutine(self) -> CloneOutput<T> {
        CloneOutput::new(self.node.clone())
    }

    fn has_ended(&self) -> Option<bool> {
        Some(self.done())
    }
}
