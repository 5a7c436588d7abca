//! An awaited coroutine in the state that waits for it.
//!
//! It is a field of its state like any other, and the first, so that it is dropped first; no wrapper around it, because
//! each would take a byte of the frame, and a step towards the compiler's limit for nested types.

/// Leaves a state whose variables have been moved out: drops the child where it is, and replaces the state with one that
/// holds nothing, also if the child's destructor panics. Called by expansions only (EXPANSION), with a pointer into the
/// state that is replaced.
#[inline]
#[expect(clippy::not_unsafe_ptr_arg_deref, reason = "EXPANSION: it is safe by its type alone, see `machine`")]
pub fn abandon<C, S>(child: *mut C, state: *mut S, next: S) {
    let replace =
        Replace { state: state as *mut u8, next: &raw const next as *const u8, size: const { size_of::<S>() } };
    // SAFETY: PINNED: the child ends where it has been. EXPANSION: it is not used again. The state is the machine's own, and
    // nothing is left in it.
    unsafe {
        core::ptr::drop_in_place(child);
        core::mem::forget(replace);
        core::ptr::write(state, next);
    }
}

/// Replaces the state while a panic unwinds, before `next`, which holds nothing, is dropped. One type for all states: each
/// would have a destructor.
struct Replace {
    state: *mut u8,
    next: *const u8,
    size: usize,
}

impl Drop for Replace {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: as in `abandon`.
        unsafe { core::ptr::copy_nonoverlapping(self.next, self.state, self.size) }
    }
}
