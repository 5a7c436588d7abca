//! Whether a receiver is copied before the arguments: see the macro's `lower/receiver.rs`.

use super::never;
use super::probe::Probe;
use super::receiver::{Borrowed, Intact, Moved};

/// Found for a reference, which nobody changes without a word that the macro sees.
pub trait ReadReference {
    /// The answer.
    #[inline(always)]
    fn read_first(&self) -> NotCopied {
        NotCopied
    }
}
impl<T: ?Sized> ReadReference for &&Probe<&T> {}

/// Found for what a method by value would copy.
pub trait ReadCopied {
    /// The receiver's type.
    type Receiver;
    /// The answer.
    fn read_first(&self) -> Copied<Self::Receiver>;
}
impl<T: Copy> ReadCopied for &Probe<T> {
    type Receiver = T;
    #[inline(always)]
    fn read_first(&self) -> Copied<T> {
        Copied(core::marker::PhantomData)
    }
}

/// Found for every other type: it is moved, or borrowed.
pub trait ReadOther {
    /// The answer.
    #[inline(always)]
    fn read_first(&self) -> NotCopied {
        NotCopied
    }
}
impl<T> ReadOther for Probe<T> {}

/// It makes no difference when the receiver is read.
pub struct NotCopied;

impl NotCopied {
    /// Stands for the receiver in the question.
    #[inline(always)]
    pub fn receiver(&self) -> Borrowed {
        Borrowed
    }
    /// Goes on.
    #[inline(always)]
    pub fn check<const LINE: u32, const COLUMN: u32, A>(&self, _: A) {}
}

/// The receiver is copied, if the method takes it by value.
pub struct Copied<T>(core::marker::PhantomData<T>);

impl<T> Copied<T> {
    /// The receiver in the question.
    #[inline(always)]
    pub fn receiver(&self) -> T {
        never()
    }
    /// Does not compile if the method takes its receiver by value.
    #[inline(always)]
    pub fn check<const LINE: u32, const COLUMN: u32, A: Taken>(&self, _: A) {
        const {
            assert!(
                !A::TAKEN,
                "segno [SG0039] this method takes its receiver by value, so Rust copies it before an argument that awaits and may change it: put braces around the receiver, or bind it with `let` before"
            );
        }
    }
}

/// What a question about a method gives: see [`super::probe_call`].
pub trait Taken {
    /// Whether the method takes its receiver by value.
    const TAKEN: bool;
}
impl Taken for Intact {
    const TAKEN: bool = false;
}
impl<X, const LINE: u32, const COLUMN: u32> Taken for Moved<X, LINE, COLUMN> {
    const TAKEN: bool = true;
}
