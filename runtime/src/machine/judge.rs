//! Whether a coroutine's output is an error: asked of its type, which only rustc knows.

use core::marker::PhantomData;

/// Says of an output whether it is an error.
pub trait Judge<T> {
    /// Whether its machine answers the question where it stands.
    const LOCATED: bool = false;

    /// Whether it is.
    fn is_error(output: &T) -> bool;
}

/// The judge of outputs that are no `Result`s.
pub struct NoError;

impl<T> Judge<T> for NoError {
    #[inline(always)]
    fn is_error(_: &T) -> bool {
        false
    }
}

/// The judge of `Result`s.
pub struct ErrorIfErr;

impl<T, E> Judge<Result<T, E>> for ErrorIfErr {
    #[inline(always)]
    fn is_error(output: &Result<T, E>) -> bool {
        output.is_err()
    }
}

/// Finds the judge of a type: expansions call `judge` on it.
pub struct OutputType<T>(pub PhantomData<T>);

impl<T, E> OutputType<Result<T, E>> {
    /// A `Result`'s.
    #[inline(always)]
    pub fn judge(self) -> ErrorIfErr {
        ErrorIfErr
    }
}

/// Found for what is no `Result`.
pub trait AnyOutput: Sized {
    /// Nobody's.
    #[inline(always)]
    fn judge(self) -> NoError {
        NoError
    }
}

impl<T> AnyOutput for OutputType<T> {}
