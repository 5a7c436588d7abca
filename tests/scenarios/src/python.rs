//! What Python prints: values, exceptions, outcomes.

use core::convert::Infallible;
use core::fmt::{self, Display, Formatter};
use core::pin::Pin;

use segno::CatchCancel;
use segno::prelude::*;
use segno::task::ResultError;

/// The exceptions that Python programs raise themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exception {
    /// `KeyError`.
    Key(&'static str),
    /// `OSError`.
    Os(&'static str),
    /// `ValueError`.
    Value(&'static str),
    /// `ValueError` without a message.
    EmptyValue,
    /// `ZeroDivisionError`.
    ZeroDivision(&'static str),
}

impl Display for Exception {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Exception::Key(text) => write!(f, "KeyError('{text}')"),
            Exception::Os(text) => write!(f, "OSError('{text}')"),
            Exception::Value(text) => write!(f, "ValueError('{text}')"),
            Exception::EmptyValue => f.write_str("ValueError()"),
            Exception::ZeroDivision(text) => write!(f, "ZeroDivisionError('{text}')"),
        }
    }
}

/// What `Cancelled` is called.
pub(crate) const CANCELLED: &str = "CancelledError()";

/// Python's `raise` in `except CancelledError`: the cancellation goes on.
#[derive(Debug)]
pub struct Reraise;

impl Coroutine for Reraise {
    type Output = Infallible;

    fn resume(self: Pin<&mut Self>, _: &mut Context<'_>) -> Resume<Infallible> {
        Resume::Cancelled
    }
}

/// Python's `try: … except CancelledError: …`.
pub fn catching<C: IntoCoroutine>(awaited: C) -> CatchCancel<C::Coroutine> {
    awaited.into_coroutine().catch_cancel()
}

/// A value as Python's `repr` writes it.
pub(crate) trait Repr {
    fn repr(&self) -> impl Display + '_;
}

impl Repr for () {
    fn repr(&self) -> impl Display + '_ {
        "None"
    }
}

impl Repr for bool {
    fn repr(&self) -> impl Display + '_ {
        if *self { "True" } else { "False" }
    }
}

impl Repr for i32 {
    fn repr(&self) -> impl Display + '_ {
        self
    }
}

impl Repr for &str {
    fn repr(&self) -> impl Display + '_ {
        fmt::from_fn(move |f| write!(f, "'{self}'"))
    }
}

/// What a task or a future ends with: a value, or a `Result` whose error is Python's exception.
pub(crate) trait Ending: Clone {
    /// `value …` or `error …`.
    fn write(&self, f: &mut Formatter<'_>) -> fmt::Result;
}

impl<T: Repr + Clone> Ending for T {
    fn write(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "value {}", self.repr())
    }
}

impl<T: Repr + Clone> Ending for Result<T, Exception> {
    fn write(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Ok(value) => write!(f, "value {}", value.repr()),
            Err(error) => write!(f, "error {error}"),
        }
    }
}

/// What can be asked for an [`outcome`].
pub(crate) trait Outcome {
    type Output: Ending;

    fn result(&self) -> Result<Self::Output, ResultError>;
}

impl<T: Ending> Outcome for Future<T> {
    type Output = T;

    fn result(&self) -> Result<T, ResultError> {
        Future::result(self)
    }
}

impl<T: Ending> Outcome for Task<T> {
    type Output = T;

    fn result(&self) -> Result<T, ResultError> {
        Task::result(self)
    }
}

/// `pending`, `cancelled`, `error …` or `value …`.
pub(crate) fn outcome<O: Outcome>(of: &O) -> impl Display + use<O> {
    let result = of.result();
    fmt::from_fn(move |f| match &result {
        Ok(output) => output.write(f),
        Err(ResultError::Pending) => f.write_str("pending"),
        Err(ResultError::Cancelled) => f.write_str("cancelled"),
        Err(ResultError::Taken) => f.write_str("taken"),
    })
}
