//! Whether a receiver is copied before the arguments, what is compared before the other side, and whether what is called is moved: see
//! the macro's `lower/receiver.rs`.

use super::never;
use super::probe::Probe;
use super::receiver::{Borrowed, Intact, Moved};

/// Found for a reference through which a method by value would copy.
pub trait ReadThrough {
    /// What it points to.
    type Receiver;
    /// The answer.
    fn read_first(&self) -> Copied<Self::Receiver>;
}
impl<T: Copy> ReadThrough for &&&Probe<&mut T> {
    type Receiver = T;
    #[inline(always)]
    fn read_first(&self) -> Copied<T> {
        Copied(core::marker::PhantomData)
    }
}

/// Found for a reference through which nothing is changed.
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

/// Asks about the type of what is compared.
pub struct Compared<T: ?Sized>(core::marker::PhantomData<*const T>);

/// Makes it, of a place.
#[inline(always)]
pub fn compared<T: ?Sized>(_: &T) -> Compared<T> {
    Compared(core::marker::PhantomData)
}

/// Found for what can be copied. Numbers are, before the other side is evaluated; of anything else rustc has checked that nobody
/// changes it meanwhile.
pub trait CompareCopied {
    /// The place's type.
    type Place;
    /// Reads the place.
    fn first(&self, place: &Self::Place) -> ComparedCopy<Self::Place>;
}
impl<T: Copy> CompareCopied for &Compared<T> {
    type Place = T;
    #[inline(always)]
    fn first(&self, place: &T) -> ComparedCopy<T> {
        ComparedCopy(*place)
    }
}

/// Found for every other type: the place is looked at when both sides are compared.
pub trait CompareBorrowed {
    /// Nothing yet.
    #[inline(always)]
    fn first<P: ?Sized>(&self, _: &P) -> ComparedPlace {
        ComparedPlace
    }
}
impl<T: ?Sized> CompareBorrowed for Compared<T> {}

/// What a place held.
#[derive(Clone, Copy)]
pub struct ComparedCopy<T>(T);

impl<T> ComparedCopy<T> {
    /// What is compared.
    #[inline(always)]
    pub fn or<'a>(&'a self, _: &'a T) -> &'a T {
        &self.0
    }
}

/// Nothing of a place.
#[derive(Clone, Copy)]
pub struct ComparedPlace;

impl ComparedPlace {
    /// What is compared.
    #[inline(always)]
    pub fn or<'a, T: ?Sized>(&'a self, place: &'a T) -> &'a T {
        place
    }
}

/// A closure that does nothing but a call.
pub struct Calls<F>(core::marker::PhantomData<F>);

/// Makes it.
#[inline(always)]
pub fn calls<F: FnOnce() -> R, R>(_: F) -> Calls<F> {
    Calls(core::marker::PhantomData)
}

/// Found for a call that borrows what it calls.
pub trait CallBorrows {
    /// Goes on.
    #[inline(always)]
    fn in_place<const LINE: u32, const COLUMN: u32>(&self) {}
}
impl<F: FnMut() -> R, R> CallBorrows for &Calls<F> {}

/// Found for a call that moves what it calls: Rust does that before the arguments.
pub trait CallMoves {
    /// What the closure has taken.
    type Called;
    /// Does not compile if that has a destructor.
    #[inline(always)]
    fn in_place<const LINE: u32, const COLUMN: u32>(&self) {
        const {
            assert!(
                !core::mem::needs_drop::<Self::Called>(),
                "segno [SG0027] a field that can be called once is moved out of a value before a suspension, and the rest of the value may have a destructor: take the value apart with `let`, naming every field"
            );
        }
    }
}
impl<F> CallMoves for Calls<F> {
    type Called = F;
}
