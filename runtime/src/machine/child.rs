//! An awaited coroutine in the state that waits for it.

use core::pin::Pin;

use super::finished;
use crate::coroutine::{Context, Coroutine, IntoCoroutine, Resume};

/// An awaited coroutine in the state that waits for it; dropped in place as soon as it has answered. (Not a type of its
/// own: each type around a child is a step towards the compiler's limit for nesting.)
pub type Child<C> = Option<C>;

/// Called by expansions, for the operand of an `.await`.
#[inline(always)]
pub fn child<A: IntoCoroutine>(awaited: A) -> Child<A::Coroutine> {
    Some(awaited.into_coroutine())
}

/// Called by expansions, on a child in their state.
#[inline(always)]
pub fn resume_child<C: Coroutine>(child: &mut Child<C>, cx: &mut Context<'_>) -> Resume<C::Output> {
    let Some(coroutine) = child else { finished() };
    // SAFETY: PINNED and EXPANSION.
    let answer = unsafe { Pin::new_unchecked(coroutine) }.resume(cx);
    if !matches!(answer, Resume::Pending) {
        *child = None;
    }
    answer
}

/// Drops a child where it is.
#[inline(always)]
pub fn clear<C>(child: &mut Child<C>) {
    *child = None;
}
