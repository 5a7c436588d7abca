//! An awaited coroutine in the state that waits for it.
//!
//! It is a field of its state like any other, and the first, so that it is dropped first; no wrapper around it, because
//! each would take a byte of the frame, and a step towards the compiler's limit for nested types.

use core::pin::Pin;

use crate::coroutine::{Context, Coroutine, Resume};

/// Called by expansions, on a child in their state.
#[inline(always)]
pub fn resume_child<C: Coroutine>(child: &mut C, cx: &mut Context<'_>) -> Resume<C::Output> {
    // SAFETY: PINNED and EXPANSION.
    unsafe { Pin::new_unchecked(child) }.resume(cx)
}

/// Ends a state whose variables have been moved out: drops its child where it is, and replaces the state, also if the
/// child's destructor panics. Called by expansions only (EXPANSION), with a pointer into the state that is replaced.
#[inline(always)]
#[allow(clippy::not_unsafe_ptr_arg_deref, reason = "safe by its type alone, so that expansions are: EXPANSION")]
pub fn conclude<C, S>(child: *mut C, state: *mut S, next: S) {
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
    // SAFETY: PINNED: the child ends where it has been. EXPANSION: it is not used again.
    unsafe { child.drop_in_place() }
}
