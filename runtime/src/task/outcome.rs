//! The output of a task or a future, in its node.
//!
//! # The problem
//! Handles know the output's type, the node does not. The output may be read many times, as in asyncio, or be moved out
//! once; reading runs code of users (`clone`, a closure), which may try to move it out meanwhile.
//!
//! # The design
//! Functions on a node, generic over the output. While the output is borrowed a flag says so, and it cannot be taken.
//!
//! # Invariants
//! - **TYPED**: a handle `Task<T>` or `Future<T>`, and what awaits one, refers to a node whose output is a `T`.

use core::fmt;

use crate::node::{Header, NodeRef, TAKEN, UNREAD, WAITED};

/// After the end, when nobody is waiting any more, this flag says that the output is borrowed.
const BORROWED: u8 = WAITED;

/// Why [`Task::result`](crate::Task::result), [`Future::result`](crate::Future::result) and their like give none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultError {
    /// It has not ended; asyncio's `InvalidStateError`.
    Pending,
    /// It was cancelled; asyncio's `CancelledError`.
    Cancelled,
    /// Somebody has taken the result, or is reading it while this tries to take it.
    Taken,
}

impl fmt::Display for ResultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ResultError::Pending => "Result is not set.",
            ResultError::Cancelled => "cancelled",
            ResultError::Taken => "the result has been taken",
        })
    }
}

impl core::error::Error for ResultError {}

/// The future has a result already, or was cancelled; asyncio's `InvalidStateError`. What
/// [`Future::set_result`](crate::Future::set_result) answers.
#[doc(alias = "InvalidStateError")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidState;

impl fmt::Display for InvalidState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid state")
    }
}

impl core::error::Error for InvalidState {}

/// A handle that can be made from a node.
pub(crate) trait FromNode {
    /// # Safety
    /// TYPED holds for the result.
    unsafe fn from_node(node: NodeRef) -> Self;
}

impl FromNode for NodeRef {
    unsafe fn from_node(node: NodeRef) -> NodeRef {
        node
    }
}

fn check(header: &Header) -> Result<(), ResultError> {
    if !header.is_ended() {
        Err(ResultError::Pending)
    } else if header.is_cancelled() {
        Err(ResultError::Cancelled)
    } else if !header.has_output() {
        Err(ResultError::Taken)
    } else {
        Ok(())
    }
}

/// Moves the output out.
///
/// # Safety
/// TYPED holds for the node and `T`.
pub(crate) unsafe fn take<T>(node: &NodeRef) -> Result<T, ResultError> {
    let header = node.header();
    check(header)?;
    if header.has(BORROWED) {
        return Err(ResultError::Taken);
    }
    header.set(TAKEN);
    header.clear(UNREAD);
    // SAFETY: TYPED and CONTENT: the output was there, and from now on the flags say that it is not.
    Ok(unsafe { node.payload().cast::<T>().read() })
}

/// Runs `f` with the output.
///
/// # Safety
/// TYPED holds for the node and `T`.
pub(crate) unsafe fn with<T, R>(node: &NodeRef, f: impl FnOnce(&T) -> R) -> Result<R, ResultError> {
    struct Borrowed<'a>(&'a Header);
    impl Drop for Borrowed<'_> {
        fn drop(&mut self) {
            self.0.clear(BORROWED);
        }
    }

    check(node.header())?;
    let header = node.header();
    header.clear(UNREAD);
    let _borrowed = (!header.has(BORROWED)).then(|| Borrowed(header));
    header.set(BORROWED);
    // SAFETY: TYPED and CONTENT: the output is there, and stays: the node is referred to, and it cannot be taken.
    Ok(f(unsafe { &*node.payload().cast::<T>() }))
}
