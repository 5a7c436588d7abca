//! What kind of thing stands before an `.await`: a coroutine, or a future of `core`.
//!
//! # The problem
//! An expansion has no types, and one trait cannot be implemented both for all coroutines and for all futures.
//!
//! # The design
//! Method lookup chooses: the expansion asks `(&&&Awaited(&raw const value)).awaited_as()`, and the traits below are
//! implemented for a probe of the value's type behind two references, one and none. Lookup tries them in this order and takes
//! the first whose bounds hold, also where a type parameter is only known by its bounds. So a type that is both, such as a
//! machine, is a coroutine. What is neither finds the last one, whose methods ask for a coroutine: that is the error message.
//!
//! The machine asks `(&&&&Awaited(&raw const value)).child(value)`. Unoptimised programs have a function for each type that a
//! generic one is used with, so this is one call, and the first trait gives a coroutine itself.
//!
//! # Costs
//! None at run time.

use core::future::IntoFuture;
use core::marker::PhantomData;
use core::pin::Pin;

use super::FromFuture;
use crate::coroutine::{Context, Coroutine, IntoCoroutine, Resume};
use crate::machine::{never, uncalled};

/// Stands for an awaited value in the question what kind it is; the value is not touched.
pub struct Awaited<T>(pub *const T);

/// Found first, in the machine: a coroutine, which is its own child.
pub trait AwaitedItself<A> {
    /// What the state holds.
    #[inline(always)]
    fn child(&self, awaited: A) -> A {
        awaited
    }
}
impl<C: Coroutine> AwaitedItself<C> for &&&Awaited<C> {}

/// Found first in the twin: something of segno.
pub trait AwaitedCoroutine<A: IntoCoroutine> {
    /// In the twin: the answer.
    #[inline(always)]
    fn awaited_as(&self) -> AsCoroutine {
        AsCoroutine
    }
    /// In the machine: what the state holds.
    #[inline(always)]
    fn child(&self, awaited: A) -> A::Coroutine {
        awaited.into_coroutine()
    }
}
impl<T: IntoCoroutine> AwaitedCoroutine<T> for &&Awaited<T> {}

/// Found next: a future of `core`.
pub trait AwaitedFuture<A: IntoFuture> {
    /// In the twin: the answer.
    #[inline(always)]
    fn awaited_as(&self) -> AsFuture {
        AsFuture
    }
    /// In the machine: what the state holds.
    #[inline(always)]
    fn child(&self, awaited: A) -> FromFuture<A::IntoFuture> {
        FromFuture::new(awaited.into_future())
    }
}
impl<T: IntoFuture> AwaitedFuture<T> for &Awaited<T> {}

/// Found last: nothing that can be awaited.
pub trait AwaitedNeither<A> {
    /// In the twin: the answer.
    #[inline(always)]
    fn awaited_as(&self) -> AsNeither {
        AsNeither
    }
    /// In the machine. The error is reported by the twin; here only the types must fit.
    #[inline(always)]
    fn child<T>(&self, _awaited: A) -> Neither<T> {
        const {
            assert!(size_of::<A>() > usize::MAX >> 1, "segno: something is awaited that cannot be");
        }
        never()
    }
}
impl<T> AwaitedNeither<T> for Awaited<T> {}

/// A coroutine is awaited.
pub struct AsCoroutine;
/// A future is awaited.
pub struct AsFuture;
/// What is awaited cannot be.
pub struct AsNeither;

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

impl AsCoroutine {
    /// In the twin: takes what is awaited, and may unwind. Never called.
    pub const fn wait<A: IntoCoroutine>(self, awaited: A) -> Waited<A::Output> {
        core::mem::forget(awaited);
        uncalled()
    }
}

impl AsFuture {
    /// As [`AsCoroutine::wait`].
    pub const fn wait<A: IntoFuture>(self, awaited: A) -> Waited<A::Output> {
        core::mem::forget(awaited);
        uncalled()
    }
}

impl AsNeither {
    /// Does not compile, and says why.
    pub const fn wait<A: IntoCoroutine, T>(self, awaited: A) -> Waited<T> {
        core::mem::forget(awaited);
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
