//! What a macro of the user's returns early, out of the step of a machine.

use crate::Resume;

/// A type that functions return early with `return Err(…)`, `return None` or `?`, all of which a macro may hide.
pub trait LeftEarly: Sized {
    /// What the step answers: an early result, or what it answers otherwise.
    type Answer;

    /// Makes an answer of the machine's own.
    fn answer(resume: Resume<Self>) -> Self::Answer;

    /// Makes an early result the function's.
    fn resumed(answer: Self::Answer) -> Resume<Self>;
}

impl<T, E> LeftEarly for Result<T, E> {
    type Answer = Result<Resume<Self>, E>;

    #[inline(always)]
    fn answer(resume: Resume<Self>) -> Self::Answer {
        Ok(resume)
    }

    #[inline(always)]
    fn resumed(answer: Self::Answer) -> Resume<Self> {
        answer.unwrap_or_else(|error| Resume::Done(Err(error)))
    }
}

impl<T> LeftEarly for Option<T> {
    type Answer = Option<Resume<Self>>;

    #[inline(always)]
    fn answer(resume: Resume<Self>) -> Self::Answer {
        Some(resume)
    }

    #[inline(always)]
    fn resumed(answer: Self::Answer) -> Resume<Self> {
        answer.unwrap_or(Resume::Done(None))
    }
}

/// See [`LeftEarly::answer`].
#[inline(always)]
pub fn answer<R: LeftEarly>(resume: Resume<R>) -> R::Answer {
    R::answer(resume)
}
