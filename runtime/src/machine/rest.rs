//! What is left of a structure out of which fields have been moved, where a suspension follows.
//!
//! The rest is what a closure captures that would make such a structure of it: `move || X { moved: …, ..x }`. It is never called; its
//! captures are the fields that are left, and they are dropped in the order of the structure's declaration, as rustc drops them.
//! Whether a field is moved, only types tell: then the answer is a [`Moved`] or a [`NoReference`], else the structure stays where it is.
//!
//! What is left of a structure that has been in a slot stays in that slot's memory: the rest of something needs no more room than it.

use core::marker::PhantomData;
use core::mem::ManuallyDrop;

use super::never;
use super::receiver::{Intact, IsCopied, IsReference, Moved, NoReference};
use super::slot::{Slot, SlotGuard};

/// The fields that are left, in the captures of a closure.
pub struct Rest<R> {
    _fields: R,
}

/// Of a state: the structure is in its slot.
pub struct InSlot;

/// Of a state: what is left of a structure is in its slot.
pub struct RestInSlot<R>(PhantomData<R>);

/// The duty to drop what is left of a structure, which is in its slot.
pub struct RestGuard<'slot, T, R> {
    slot: &'slot Slot<T>,
    _fields: PhantomData<R>,
}

impl<'slot, T, R> RestGuard<'slot, T, R> {
    #[inline(always)]
    fn new(slot: &'slot Slot<T>, fields: R) -> Self {
        const {
            assert!(
                size_of::<R>() <= size_of::<T>() && align_of::<R>() <= align_of::<T>(),
                "segno [SG0028] a field is moved out of a packed value while the rest of the value lives on: take the value apart with `let`, naming every field"
            );
        }
        // SAFETY: the slot's own storage, which has room for it; an old value, which GUARDED rules out, would only leak.
        unsafe { slot.at().cast::<R>().write(fields) };
        RestGuard { slot, _fields: PhantomData }
    }
}

impl<T, R> Drop for RestGuard<'_, T, R> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: GUARDED: the fields are there, since `new` has put them there or a state has said so.
        unsafe { self.slot.at().cast::<R>().drop_in_place() }
    }
}

/// What drops a structure in a slot, or what is left of it, while it is not suspended.
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

impl<T, R> Duty for RestGuard<'_, T, R> {
    type Kept = RestInSlot<R>;
    #[inline(always)]
    fn keep(self) -> RestInSlot<R> {
        let _kept = ManuallyDrop::new(self);
        RestInSlot(PhantomData)
    }
}

/// What drops a structure in a slot, or what is left of it, in a suspended state.
pub trait KeptDuty<'slot, T> {
    /// The same while it is not suspended.
    type Duty;
    /// When it goes on.
    ///
    /// # Safety
    /// GUARDED: the slot holds what this says, and has no guard.
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

impl<'slot, T: 'slot, R> KeptDuty<'slot, T> for RestInSlot<R> {
    type Duty = RestGuard<'slot, T, R>;
    #[inline(always)]
    unsafe fn resume(self, slot: &'slot Slot<T>) -> RestGuard<'slot, T, R> {
        RestGuard { slot, _fields: PhantomData }
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
            /// The same, of a structure that has been in a slot.
            #[inline(always)]
            pub fn rest_in<T, R, D>(&self, _: &Slot<T>, _: R) -> D {
                never()
            }
        }
    )*};
}
whole!(Intact, IsCopied, IsReference);

macro_rules! parted {
    ($(($($of:tt)*) $answer:ty),*) => {$(
        impl<$($of)*> $answer {
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
            /// The same, of a structure that has been in a slot, where nothing is now.
            #[inline(always)]
            pub fn rest_in<'slot, T, R>(&self, slot: &'slot Slot<T>, fields: R) -> RestGuard<'slot, T, R> {
                RestGuard::new(slot, fields)
            }
        }
    )*};
}
parted!(() NoReference, (X, const LINE: u32, const COLUMN: u32) Moved<X, LINE, COLUMN>);
