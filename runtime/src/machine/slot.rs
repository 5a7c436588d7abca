//! The place of a variable that is borrowed across a suspension, and the duty to drop what is in it.

use core::cell::UnsafeCell;
use core::marker::PhantomPinned;
use core::mem::{ManuallyDrop, MaybeUninit};

/// The place of a variable that is borrowed across a suspension.
///
/// It contains `PhantomPinned`, so that no `&mut` to anything around it claims to be the only way to the value.
pub struct Slot<T> {
    value: UnsafeCell<MaybeUninit<T>>,
    _pinned: PhantomPinned,
}

// SAFETY: CHECKED: a shared slot gives nothing that `&mut T` in the twin would not have given; a closure that captures
// the slot stands for one that captures a reference to the value, so it may go where `T` may go.
unsafe impl<T: Send> Sync for Slot<T> {}

impl<T> Slot<T> {
    /// A slot that holds nothing.
    #[inline(always)]
    pub const fn empty() -> Slot<T> {
        Slot { value: UnsafeCell::new(MaybeUninit::uninit()), _pinned: PhantomPinned }
    }

    /// A slot that holds a parameter.
    #[inline(always)]
    pub const fn filled(value: T) -> Slot<T> {
        Slot { value: UnsafeCell::new(MaybeUninit::new(value)), _pinned: PhantomPinned }
    }

    /// The slot under a lifetime that the compiler does not tie to this resume.
    ///
    /// # Safety
    /// PINNED: the result is used only while the machine exists.
    #[inline(always)]
    pub unsafe fn pinned<'slot>(&self) -> &'slot Slot<T> {
        // SAFETY: the caller's promise.
        unsafe { &*(self as *const Slot<T>) }
    }

    /// Where the value is.
    #[inline(always)]
    pub fn at(&self) -> *mut T {
        self.value.get().cast()
    }

    /// Puts a value into the empty slot.
    #[inline(always)]
    pub fn put(&self, value: T) -> SlotGuard<'_, T> {
        // SAFETY: the slot's own storage; an old value, which GUARDED rules out, would only leak.
        unsafe { self.at().write(value) };
        SlotGuard { slot: self }
    }

    /// Puts a value into the slot, for which there is a guard already, and drops the one that may have been there; also if
    /// its destructor panics.
    ///
    /// # Safety
    /// GUARDED: the new guard stands for `value`; if the slot holds another value, its guard is in `old`.
    #[inline(always)]
    pub unsafe fn replace<O>(&self, old: O, value: T) {
        // SAFETY: GUARDED: `old` is dropped first; the caller has the new guard.
        let _put = unsafe { self.putting(value) };
        drop(old);
    }

    /// Where the value is that a guard stands for.
    #[inline(always)]
    pub fn held(&self, _guard: &SlotGuard<'_, T>) -> *mut T {
        self.at()
    }

    /// A value that goes into the slot when the result is dropped. Before that, the guard of an old value is, if there is one: its
    /// destructor may panic, then too the new value is put there.
    ///
    /// # Safety
    /// GUARDED: when the result is dropped, nothing stands for an old value any more, and a guard for the new one.
    #[inline(always)]
    pub unsafe fn putting(&self, value: T) -> Putting<'_, T> {
        Putting { slot: self, value: ManuallyDrop::new(value) }
    }

    /// Takes up again the duty to drop the value.
    ///
    /// # Safety
    /// GUARDED: the slot holds a value and has no guard.
    #[inline(always)]
    pub unsafe fn guard(&self) -> SlotGuard<'_, T> {
        SlotGuard { slot: self }
    }

    /// Moves the value out.
    #[inline(always)]
    pub fn take(&self, guard: SlotGuard<'_, T>) -> T {
        let guard = ManuallyDrop::new(guard);
        // SAFETY: GUARDED: the guard says that there is a value, and goes away without dropping it.
        unsafe { guard.slot.at().read() }
    }
}

/// A value on its way into a slot, see [`Slot::putting`].
pub struct Putting<'slot, T> {
    slot: &'slot Slot<T>,
    value: ManuallyDrop<T>,
}

impl<T> Drop for Putting<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: `value` is moved once, into the slot's own storage, in which nothing is left.
        unsafe { self.slot.at().write(ManuallyDrop::take(&mut self.value)) }
    }
}

/// The duty to drop the value of a slot: the slot's stand-in among the local variables of a segment.
pub struct SlotGuard<'slot, T> {
    slot: &'slot Slot<T>,
}

impl<T> SlotGuard<'_, T> {
    /// At a suspension: the state now says that the slot holds a value.
    #[inline(always)]
    pub fn suspend(self) {
        core::mem::forget(self);
    }
}

/// At a suspension: as [`SlotGuard::suspend`], for a variable that may have been moved; tells whether it is there.
#[inline(always)]
pub fn suspend<T>(guard: Option<SlotGuard<'_, T>>) -> bool {
    guard.map(SlotGuard::suspend).is_some()
}

impl<T> Drop for SlotGuard<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: GUARDED.
        unsafe { self.slot.at().drop_in_place() }
    }
}
