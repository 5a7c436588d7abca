//! An awaited coroutine in the state that waits for it.
//!
//! It is a field of its state like any other, and the first, so that it is dropped first; no wrapper around it, because
//! each would take a byte of the frame, and a step towards the compiler's limit for nested types.

use core::pin::Pin;

use crate::coroutine::{Context, Coroutine, Leaves, Resume};

/// Called by expansions, on a child in their state.
#[inline(always)]
pub fn resume_child<C: Coroutine>(child: &mut C, cx: &mut Context<'_>) -> Resume<C::Output> {
    // SAFETY: PINNED and EXPANSION.
    unsafe { Pin::new_unchecked(child) }.resume(cx)
}

/// Leaves a state whose variables have been moved out, and whose child has ended: drops the child where it is, and replaces
/// the state, also if the child's destructor panics. Called by expansions only (EXPANSION), with a pointer into the state
/// that is replaced.
#[inline(always)]
pub fn conclude<C: Coroutine, S>(child: *mut C, state: *mut S, next: S) {
    drop_child(child, state, next, |child| {
        // SAFETY: PINNED: the child ends where it has been. EXPANSION: it is not used again.
        unsafe { Leaves::drop_ended(child) }
    });
}

/// As [`conclude`], of a child that has not ended.
#[inline(always)]
pub fn abandon<C, S>(child: *mut C, state: *mut S, next: S) {
    drop_child(child, state, next, |child| {
        // SAFETY: as in `conclude`.
        unsafe { child.drop_in_place() }
    });
}

#[inline(always)]
fn drop_child<C, S>(child: *mut C, state: *mut S, next: S, drop: impl FnOnce(*mut C)) {
    struct Replace<S> {
        state: *mut S,
        next: core::mem::ManuallyDrop<S>,
    }
    impl<S> Drop for Replace<S> {
        #[inline(always)]
        fn drop(&mut self) {
            // SAFETY: EXPANSION: the state is the machine's own, and nothing is left in it; `next` is moved once.
            unsafe { self.state.cast::<core::mem::ManuallyDrop<S>>().copy_from_nonoverlapping(&self.next, 1) }
        }
    }
    let _replace = Replace { state, next: core::mem::ManuallyDrop::new(next) };
    drop(child);
}
