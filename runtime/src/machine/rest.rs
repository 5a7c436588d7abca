//! What is left of a structure out of which fields have been moved, where a suspension follows.
//!
//! The rest is what a closure captures that would make such a structure of it: `move || X { moved: …, ..x }`. It is never called; its
//! captures are the fields that are left, and they are dropped in the order of the structure's declaration, as rustc drops them.
//! Whether a field is moved, only types tell: then the answer is a [`Moved`] or a [`NoReference`], else the structure stays in its slot.

use super::never;
use super::receiver::{Intact, IsCopied, IsReference, Moved, NoReference};
use super::slot::{Slot, SlotGuard};

/// The fields that are left, in the captures of a closure.
pub struct Rest<R> {
    _fields: R,
}

/// Of a state: the structure is in its slot.
pub struct InSlot;

/// What drops a structure, or what is left of it, while it is not suspended.
pub trait Duty {
    /// The same in a suspended state.
    type Kept;
    /// At a suspension.
    fn keep(self) -> Self::Kept;
}

impl<T> Duty for SlotGuard<'_, T> {
    type Kept = InSlot;
    #[inline(always)]
    fn keep(self) -> InSlot {
        self.suspend();
        InSlot
    }
}

impl<R> Duty for Rest<R> {
    type Kept = Rest<R>;
    #[inline(always)]
    fn keep(self) -> Rest<R> {
        self
    }
}

/// What drops a structure, or what is left of it, in a suspended state.
pub trait KeptDuty<'slot, T> {
    /// The same while it is not suspended.
    type Duty;
    /// When it goes on.
    ///
    /// # Safety
    /// GUARDED: if it is [`InSlot`], the slot holds a value and has no guard.
    unsafe fn resume(self, slot: &'slot Slot<T>) -> Self::Duty;
}

impl<'slot, T: 'slot> KeptDuty<'slot, T> for InSlot {
    type Duty = SlotGuard<'slot, T>;
    #[inline(always)]
    unsafe fn resume(self, slot: &'slot Slot<T>) -> SlotGuard<'slot, T> {
        // SAFETY: the caller's promise.
        unsafe { slot.guard() }
    }
}

impl<'slot, T, R> KeptDuty<'slot, T> for Rest<R> {
    type Duty = Rest<R>;
    #[inline(always)]
    unsafe fn resume(self, _: &'slot Slot<T>) -> Rest<R> {
        self
    }
}

macro_rules! whole {
    ($($answer:ty),*) => {$(
        impl $answer {
            /// What drops the structure, which is whole.
            #[inline(always)]
            pub fn kept<D>(&self, duty: D) -> D {
                duty
            }
            /// Is not called: nothing has been moved.
            #[inline(always)]
            pub fn rest<R, D>(&self, _: R) -> D {
                never()
            }
        }
    )*};
}
whole!(Intact, IsCopied, IsReference);

impl NoReference {
    /// Is not called: something has been moved.
    #[inline(always)]
    pub fn kept<D, A>(&self, _: D) -> A {
        never()
    }
    /// What is left.
    #[inline(always)]
    pub fn rest<R>(&self, fields: R) -> Rest<R> {
        Rest { _fields: fields }
    }
}

impl<X, const LINE: u32, const COLUMN: u32> Moved<X, LINE, COLUMN> {
    /// Is not called: something has been moved.
    #[inline(always)]
    pub fn kept<D, A>(&self, _: D) -> A {
        never()
    }
    /// What is left.
    #[inline(always)]
    pub fn rest<R>(&self, fields: R) -> Rest<R> {
        Rest { _fields: fields }
    }
}
