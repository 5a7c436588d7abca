//! Results: `return`, and `?`, the stable part of `core::ops::Try`, which is not stable for types of one's own.
//!
//! What does not fit is told of by the twin, so the machine has to compile all the same: rustc reports an error twice if
//! it finds it in other words again. Method lookup goes on where a trait does not apply, to code that is never reached.

use core::convert::Infallible;
use core::marker::PhantomData;
use core::ops::ControlFlow;
use core::task::Poll;

use crate::coroutine::Resume;

/// `?`, which is not stable for types of one's own: the stable part of `core::ops::Try`.
pub trait Branch {
    /// What `?` gives.
    type Output;
    /// What it returns early.
    type Residual;
    /// Which of the two it is.
    fn branch(self) -> ControlFlow<Self::Residual, Self::Output>;
}

/// The other half of `?`: an early return made from what [`Branch`] found.
pub trait FromResidual<R> {
    /// Makes the function's return value.
    fn from_residual(residual: R) -> Self;
}

/// The type of a function's result.
pub struct Output<T>(PhantomData<fn() -> T>);

impl<T> Clone for Output<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Output<T> {}

impl<T> Output<T> {
    /// A value that stands for the type.
    #[allow(clippy::new_without_default)]
    #[inline(always)]
    pub const fn new() -> Output<T> {
        Output(PhantomData)
    }

    /// No result: its type alone is of use.
    #[inline(always)]
    pub fn nothing(self) -> Resume<T> {
        super::never()
    }

    /// An early return by `?`.
    #[inline(always)]
    pub fn early<R>(self, residual: R) -> Early<T, R> {
        Early { of: self, residual }
    }
}

/// A result, of a type that is written beside it.
pub struct Returned<T> {
    /// Itself.
    pub value: T,
}

/// A result, of the type that `of` stands for, which is written with its lifetimes: rustc may take shorter ones here.
pub struct ReturnedAs<T> {
    /// Its type.
    pub of: Output<T>,
    /// Itself.
    pub value: T,
}

/// The end of a function without a value.
pub trait ReturnUnit {
    /// The result.
    #[inline(always)]
    fn unit(self) -> Resume<()>
    where
        Self: Sized,
    {
        Resume::Done(())
    }
}
impl ReturnUnit for Output<()> {}

/// Found for every other type: the end is not reached.
pub trait ReturnOther<T> {
    /// Does not come back.
    fn unit(self) -> Resume<T>;
}
impl<T> ReturnOther<T> for &Output<T> {
    #[inline(always)]
    fn unit(self) -> Resume<T> {
        super::never()
    }
}

/// A value behind which `?` stands.
pub struct Tried<B>(pub B);

/// See [`Branch`].
pub trait Try<B: Branch> {
    /// See [`Branch::branch`].
    fn branch(self) -> ControlFlow<B::Residual, B::Output>;
}
impl<B: Branch> Try<B> for Tried<B> {
    #[inline(always)]
    fn branch(self) -> ControlFlow<B::Residual, B::Output> {
        self.0.branch()
    }
}

/// Found for every other type.
pub trait TryNot {
    /// Does not compile, should rustc know of such a `?`.
    fn branch<R, T>(self) -> ControlFlow<R, T>;
}
impl<B> TryNot for &Tried<B> {
    #[inline(always)]
    fn branch<R, T>(self) -> ControlFlow<R, T> {
        unknown::<B>()
    }
}

/// An early return: what [`Branch`] found, and the type of the function's result.
pub struct Early<T, R> {
    of: Output<T>,
    residual: R,
}

/// See [`FromResidual`].
pub trait Leave<T> {
    /// The function's result.
    fn leave(self) -> Resume<T>;
}
impl<R, T: FromResidual<R>> Leave<T> for Early<T, R> {
    #[inline(always)]
    fn leave(self) -> Resume<T> {
        let _: Output<T> = self.of;
        Resume::Done(T::from_residual(self.residual))
    }
}

/// An early return, where the result's type is inferred.
#[inline(always)]
pub fn residual<R, T: FromResidual<R>>(residual: R) -> Resume<T> {
    Resume::Done(T::from_residual(residual))
}

/// Found for every other type.
pub trait LeaveNot<T> {
    /// Does not compile, should rustc know of such a `?`.
    fn leave(self) -> Resume<T>;
}
impl<R, T> LeaveNot<T> for &Early<T, R> {
    #[inline(always)]
    fn leave(self) -> Resume<T> {
        unknown::<R>()
    }
}

fn unknown<X>() -> ! {
    const {
        assert!(
            size_of::<X>() > usize::MAX >> 1,
            "segno [SG0034] `?` on a type that it is not known for in a coroutine: use `match`"
        );
    }
    super::never()
}

impl<T, E> Branch for Result<T, E> {
    type Output = T;
    type Residual = Result<Infallible, E>;
    #[inline(always)]
    fn branch(self) -> ControlFlow<Self::Residual, T> {
        match self {
            Ok(value) => ControlFlow::Continue(value),
            Err(error) => ControlFlow::Break(Err(error)),
        }
    }
}

impl<T, E, F: From<E>> FromResidual<Result<Infallible, E>> for Result<T, F> {
    #[inline(always)]
    fn from_residual(residual: Result<Infallible, E>) -> Self {
        match residual {
            Err(error) => Err(F::from(error)),
            Ok(never) => match never {},
        }
    }
}

impl<T> Branch for Option<T> {
    type Output = T;
    type Residual = Option<Infallible>;
    #[inline(always)]
    fn branch(self) -> ControlFlow<Self::Residual, T> {
        match self {
            Some(value) => ControlFlow::Continue(value),
            None => ControlFlow::Break(None),
        }
    }
}

impl<T> FromResidual<Option<Infallible>> for Option<T> {
    #[inline(always)]
    fn from_residual(_: Option<Infallible>) -> Self {
        None
    }
}

impl<B, C> Branch for ControlFlow<B, C> {
    type Output = C;
    type Residual = ControlFlow<B, Infallible>;
    #[inline(always)]
    fn branch(self) -> ControlFlow<Self::Residual, C> {
        match self {
            ControlFlow::Continue(value) => ControlFlow::Continue(value),
            ControlFlow::Break(value) => ControlFlow::Break(ControlFlow::Break(value)),
        }
    }
}

impl<B, C> FromResidual<ControlFlow<B, Infallible>> for ControlFlow<B, C> {
    #[inline(always)]
    fn from_residual(residual: ControlFlow<B, Infallible>) -> Self {
        match residual {
            ControlFlow::Break(value) => ControlFlow::Break(value),
            ControlFlow::Continue(never) => match never {},
        }
    }
}

impl<T, E> Branch for Poll<Result<T, E>> {
    type Output = Poll<T>;
    type Residual = Result<Infallible, E>;
    #[inline(always)]
    fn branch(self) -> ControlFlow<Self::Residual, Poll<T>> {
        match self {
            Poll::Ready(Ok(value)) => ControlFlow::Continue(Poll::Ready(value)),
            Poll::Pending => ControlFlow::Continue(Poll::Pending),
            Poll::Ready(Err(error)) => ControlFlow::Break(Err(error)),
        }
    }
}

impl<T, E, F: From<E>> FromResidual<Result<Infallible, E>> for Poll<Result<T, F>> {
    #[inline(always)]
    fn from_residual(residual: Result<Infallible, E>) -> Self {
        match residual {
            Err(error) => Poll::Ready(Err(F::from(error))),
            Ok(never) => match never {},
        }
    }
}

impl<T, E> Branch for Poll<Option<Result<T, E>>> {
    type Output = Poll<Option<T>>;
    type Residual = Result<Infallible, E>;
    #[inline(always)]
    fn branch(self) -> ControlFlow<Self::Residual, Poll<Option<T>>> {
        match self {
            Poll::Ready(Some(Ok(value))) => ControlFlow::Continue(Poll::Ready(Some(value))),
            Poll::Ready(Some(Err(error))) => ControlFlow::Break(Err(error)),
            Poll::Ready(None) => ControlFlow::Continue(Poll::Ready(None)),
            Poll::Pending => ControlFlow::Continue(Poll::Pending),
        }
    }
}

impl<T, E, F: From<E>> FromResidual<Result<Infallible, E>> for Poll<Option<Result<T, F>>> {
    #[inline(always)]
    fn from_residual(residual: Result<Infallible, E>) -> Self {
        match residual {
            Err(error) => Poll::Ready(Some(Err(F::from(error)))),
            Ok(never) => match never {},
        }
    }
}
