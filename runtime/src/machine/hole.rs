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
