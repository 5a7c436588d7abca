//! What kind of thing stands before an `.await`: a coroutine, or a future of `core`.
//!
//! # The problem
//! An expansion has no types, and one trait cannot be implemented both for all coroutines and for all futures.
//!
//! # The design
//! Method lookup chooses: the twin asks `awaited(value).wait()`, the machine `Awaited(&raw const value).child(value)`, which is one
//! function less for an unoptimised program than to take the value out of the probe. Both methods are inherent ones of the probe, and of the three that it dereferences to, each with another bound. Lookup takes the first whose
//! bound holds, also where a type parameter is only known by its bounds. So a type that is both, such as a machine, is a
//! coroutine. What is neither finds the last one, whose method asks for a coroutine: that is the error message.
//!
//! # Costs
//! None at run time; unoptimised programs have one function for each coroutine that is awaited. Checking a hundred one-line
//! coroutines takes rustc 9 % fewer instructions than with traits that are implemented for references to the probe.

use core::future::IntoFuture;
use core::marker::PhantomData;
use core::ops::Deref;
use core::pin::Pin;

use super::FromFuture;
use crate::coroutine::{Context, Coroutine, IntoCoroutine, Resume};
use crate::machine::{never, uncalled};

/// Stands for an awaited value in the question what kind it is; the value is not touched.
pub struct Awaited<T>(pub *const T);

/// In the twin: takes what is awaited. Never called.
#[inline(always)]
pub const fn awaited<T>(value: T) -> Awaited<T> {
    core::mem::forget(value);
    uncalled()
}

/// A coroutine, which is its own child.
impl<C: Coroutine> Awaited<C> {
    /// In the twin: may unwind. Never called.
    #[inline(always)]
    pub const fn wait(self) -> Waited<C::Output> {
        uncalled()
    }

    /// What the machine resumes.
    #[inline(always)]
    pub fn child(self, awaited: C) -> C {
        awaited
    }
}

impl<T> Deref for Awaited<T> {
    type Target = AwaitedInto<T>;

    #[inline(always)]
    fn deref(&self) -> &AwaitedInto<T> {
        &AwaitedInto(PhantomData)
    }
}

/// What becomes a coroutine.
pub struct AwaitedInto<T>(PhantomData<T>);

impl<T: IntoCoroutine> AwaitedInto<T> {
    /// As [`Awaited::wait`].
    #[inline(always)]
    pub const fn wait(&self) -> Waited<T::Output> {
        uncalled()
    }

    /// As [`Awaited::child`].
    #[inline(always)]
    pub fn child(&self, awaited: T) -> T::Coroutine {
        awaited.into_coroutine()
    }
}

impl<T> Deref for AwaitedInto<T> {
    type Target = AwaitedFuture<T>;

    #[inline(always)]
    fn deref(&self) -> &AwaitedFuture<T> {
        &AwaitedFuture(PhantomData)
    }
}

/// A future, or what becomes one.
pub struct AwaitedFuture<T>(PhantomData<T>);

impl<T: IntoFuture> AwaitedFuture<T> {
    /// As [`Awaited::wait`].
    #[inline(always)]
    pub const fn wait(&self) -> Waited<T::Output> {
        uncalled()
    }

    /// As [`Awaited::child`].
    #[inline(always)]
    pub fn child(&self, awaited: T) -> FromFuture<T::IntoFuture> {
        FromFuture::new(awaited.into_future())
    }
}

impl<T> Deref for AwaitedFuture<T> {
    type Target = AwaitedNeither<T>;

    #[inline(always)]
    fn deref(&self) -> &AwaitedNeither<T> {
        &AwaitedNeither(PhantomData)
    }
}

/// What cannot be awaited.
pub struct AwaitedNeither<T>(PhantomData<T>);

impl<T> AwaitedNeither<T> {
    /// Does not compile, and says why.
    #[inline(always)]
    pub const fn wait<O>(&self) -> Waited<O>
    where
        T: IntoCoroutine,
    {
        uncalled()
    }

    /// In the machine: once is enough.
    #[inline(always)]
    pub fn child<O>(&self, _awaited: T) -> Neither<O> {
        const {
            assert!(size_of::<T>() > usize::MAX >> 1, "segno: something is awaited that cannot be");
        }
        never()
    }
}

/// What `.await` gives in the twin; of a type of its own, so that the output meets what is expected of it where an `async fn`'s
/// would.
pub struct Waited<T>(PhantomData<T>);

impl<T> Waited<T> {
    /// Never called.
    #[inline(always)]
    pub const fn output(self) -> T {
        uncalled()
    }
}

/// Stands for what cannot be awaited, so that there is one error, not three.
pub struct Neither<T>(PhantomData<T>);

#[diagnostic::do_not_recommend]
impl<T> Coroutine for Neither<T> {
    type Output = T;

    fn resume(self: Pin<&mut Self>, _: &mut Context<'_>) -> Resume<T> {
        never()
    }
}
