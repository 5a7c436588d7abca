//! How a machine is asked where it stands: see [`location`](crate::location).

use core::pin::Pin;

use super::Judge;
use crate::coroutine::Coroutine;
pub use crate::location::Locator;

/// The judge of a machine that answers.
pub struct Located<J>(J);

impl<J> Located<J> {
    /// Called by expansions.
    #[inline(always)]
    pub fn new(judge: J) -> Located<J> {
        Located(judge)
    }
}

impl<T, J: Judge<T>> Judge<T> for Located<J> {
    const LOCATED: bool = true;

    #[inline(always)]
    fn is_error(output: &T) -> bool {
        J::is_error(output)
    }
}

/// Called by expansions, on a child in their state.
#[inline]
pub fn locate_child<C: Coroutine>(child: &mut C, locator: &mut Locator) {
    // SAFETY: PINNED and EXPANSION, as where it is resumed.
    let child = unsafe { Pin::new_unchecked(child) };
    #[cfg(feature = "debug")]
    child.locate(locator);
    #[cfg(not(feature = "debug"))]
    let _ = (child, locator);
}
