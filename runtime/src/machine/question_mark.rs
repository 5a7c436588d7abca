//! `?`: the stable part of `core::ops::Try`, which is not stable for types of one's own.

use core::convert::Infallible;
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

/// See [`Branch::branch`].
#[inline(always)]
pub fn branch<B: Branch>(value: B) -> ControlFlow<B::Residual, B::Output> {
    value.branch()
}

/// See [`FromResidual::from_residual`].
#[inline(always)]
pub fn residual<R, T: FromResidual<R>>(residual: R) -> Resume<T> {
    Resume::Done(T::from_residual(residual))
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
