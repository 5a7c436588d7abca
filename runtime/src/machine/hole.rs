//! What an operand is to become, which the macro does not know: rustc finds it out from the same call in code that is never run.

use core::marker::PhantomData;

use super::never;

/// What a value is to become: a type without a value.
pub struct Hole<T>(PhantomData<fn() -> T>);

impl<T> Clone for Hole<T> {
    #[inline(always)]
    fn clone(&self) -> Hole<T> {
        *self
    }
}

impl<T> Copy for Hole<T> {}

/// A hole of a type that is still to be found out.
#[inline(always)]
pub fn hole<T>() -> Hole<T> {
    Hole(PhantomData)
}

/// What stands in a hole, in code that is never run.
#[inline(always)]
pub fn stand_in<T>(_: Hole<T>) -> T {
    never()
}

/// A value that becomes what a hole is for.
#[inline(always)]
pub fn becomes<T>(_: Hole<T>, value: T) -> T {
    value
}

/// A place like another one, in code that is never run.
#[inline(always)]
pub fn place_like<'a, T: ?Sized + 'a>(_: &T) -> &'a mut T {
    never()
}

/// Where a closure is kept that is made as what a reference to it is to become: see the macro's `handed`.
pub trait Keep<'a, F> {
    /// Keeps it.
    fn keep(self, closure: F) -> &'a mut F;
}

impl<'a, F> Keep<'a, F> for &'a mut Option<F> {
    #[inline(always)]
    fn keep(self, closure: F) -> &'a mut F {
        self.insert(closure)
    }
}

/// A reference to a closure that is kept. (Were the place's type written with the closure's, rustc would take what it expects of the
/// closure for what the place is.)
#[inline(always)]
pub fn behind<'a, F, P: Keep<'a, F>>(place: P, closure: F) -> &'a F {
    place.keep(closure)
}

/// The same, to change it.
#[inline(always)]
pub fn behind_mut<'a, F, P: Keep<'a, F>>(place: P, closure: F) -> &'a mut F {
    place.keep(closure)
}

/// The closure that has been kept.
#[inline(always)]
pub fn out<F>(kept: Option<F>) -> F {
    match kept {
        Some(closure) => closure,
        None => never(),
    }
}
