//! Whether a call leaves its receiver, and what is left of a value of which a field is used: answers of which each says by its
//! methods how the code goes on.

use core::marker::PhantomData;

use super::never;
use super::probe::{Gone, Probe};
use super::slot::{Slot, SlotGuard};

/// The receiver of a call, or the value of which a field was used, is still there and whole: it was borrowed or copied.
pub struct Intact;

/// A field was moved out of an `X`, there in the user's file, or all of it: then the rest is a `()`.
pub struct Moved<X, const LINE: u32 = 0, const COLUMN: u32 = 0>(PhantomData<X>);

impl<X, const LINE: u32, const COLUMN: u32> Moved<X, LINE, COLUMN> {
    /// The answer.
    pub(super) const NEW: Self = Moved(PhantomData);
}

impl Intact {
    /// Where the value is held.
    #[inline(always)]
    pub fn place<P>(&self, place: P) -> P {
        place
    }
    /// Is not called: there is a value.
    #[inline(always)]
    pub fn no_place<P>(&self) -> P {
        never()
    }
    /// The receiver is a part of a value, which is still whole.
    #[inline(always)]
    pub fn or_part<A>(&self, _: impl FnOnce() -> A) -> Intact {
        Intact
    }
    /// Whether the value is still there.
    #[inline(always)]
    pub fn borrows(&self) -> bool {
        true
    }
    /// Goes on: the code after it is meant for a value that is still there.
    #[inline(always)]
    pub fn when_borrowed(&self) {}
    /// Does not come back: the code after it is meant for a value that is moved.
    #[inline(always)]
    pub fn when_moved(&self) -> ! {
        never()
    }
    /// What a value that is still there gives.
    #[inline(always)]
    pub fn if_borrowed<R>(&self, result: R) -> R {
        result
    }
    /// Is not called; of any type.
    #[inline(always)]
    pub fn if_moved<R, A>(&self, _: R) -> A {
        never()
    }
    /// Goes on: the value may be held.
    #[inline(always)]
    pub fn whole(&self) {}
}

impl Moved<()> {
    /// The receiver is a part of a value: asks whether it was copied out of it.
    #[inline(always)]
    pub fn or_part<A>(&self, part: impl FnOnce() -> A) -> A {
        part()
    }
}

impl<X, const LINE: u32, const COLUMN: u32> Moved<X, LINE, COLUMN> {
    /// Is not called: there is no value.
    #[inline(always)]
    pub fn place<P>(&self, _: P) -> Gone<P> {
        Gone::NEW
    }
    /// Where nothing is held.
    #[inline(always)]
    pub fn no_place<P>(&self) -> Gone<P> {
        Gone::NEW
    }
    /// Whether the value is still whole: it is not, and what is left of it must not need to be dropped.
    #[inline(always)]
    pub fn borrows(&self) -> bool {
        const {
            assert!(
                !core::mem::needs_drop::<X>(),
                "segno [SG0027] a field is moved out of a value before a suspension, and the rest of the value may have a destructor: take the value apart with `let`, naming every field"
            );
        }
        false
    }
    /// Does not come back: the code after it is meant for a value that is still there.
    #[inline(always)]
    pub fn when_borrowed(&self) -> ! {
        never()
    }
    /// Goes on: the code after it is meant for a value that is moved.
    #[inline(always)]
    pub fn when_moved(&self) {}
    /// Is not called; of any type.
    #[inline(always)]
    pub fn if_borrowed<R, A>(&self, _: R) -> A {
        never()
    }
    /// What a value that is moved gives.
    #[inline(always)]
    pub fn if_moved<R>(&self, result: R) -> R {
        result
    }
    /// Does not compile: the rest of the value is used after a suspension.
    #[inline(always)]
    pub fn whole(&self) -> ! {
        const {
            assert!(
                size_of::<X>() > usize::MAX >> 1,
                "segno [SG0028] a field is moved out of a value before a suspension, and other fields are used after it: take the fields that you need out with `let` before the suspension"
            );
        }
        never()
    }
}

/// What the method that asks about a receiver gives: see the macro's `question`.
pub struct Borrowed;

/// Asks about the type of a call that is never made.
pub struct ProbeCall<T>(PhantomData<T>);

/// Makes the probe of a call.
#[inline(always)]
pub fn probe_call<T>(_: Option<T>) -> ProbeCall<T> {
    ProbeCall(PhantomData)
}

/// Found first: the asking method itself was chosen.
pub trait ProbeBorrow {
    /// The answer.
    #[inline(always)]
    fn receiver(&self) -> Intact {
        Intact
    }
}
impl ProbeBorrow for ProbeCall<Borrowed> {}

/// Found for every other type: an inherent method by value was preferred.
pub trait ProbeMove {
    /// The answer.
    #[inline(always)]
    fn receiver(&self) -> Moved<()> {
        Moved::NEW
    }
}
impl<T> ProbeMove for &ProbeCall<T> {}

/// Who answers what a receiver is.
macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident => $answer:ident;)*) => {$(
        $(#[$doc])*
        pub trait $name {
            /// The answer.
            #[inline(always)]
            fn reference(&self) -> $answer {
                $answer
            }
            /// The same, where an iterator is asked about first.
            #[inline(always)]
            fn iterates(&self) -> $answer {
                $answer
            }
            /// The same, where what is iterated over is asked about first.
            #[inline(always)]
            fn iterated(&self) -> $answer {
                $answer
            }
        }
    )*};
}
answers! {
    /// Found for a reference: see the macro's questions.
    ProbeReference => IsReference;
    /// As [`ProbeReference`].
    ProbeMutable => IsReference;
    /// Found for what is copied.
    ProbeCopied => IsCopied;
    /// Found for every other type.
    ProbeValue => NoReference;
}
impl<T: ?Sized> ProbeReference for &&Probe<&T> {}
impl<T: ?Sized> ProbeMutable for &&Probe<&mut T> {}
impl<T: Copy> ProbeCopied for &Probe<T> {}
impl<T> ProbeValue for Probe<T> {}

/// Found first for an iterator, on which a method of iterators is called that takes it.
pub trait ProbeIterates {
    /// The answer.
    #[inline(always)]
    fn iterates(&self) -> IsTaken {
        IsTaken
    }
}
impl<T: Iterator> ProbeIterates for &&&Probe<T> {}

/// Found first for what `into_iter` takes.
pub trait ProbeIterated {
    /// The answer.
    #[inline(always)]
    fn iterated(&self) -> IsTaken {
        IsTaken
    }
}
impl<T: IntoIterator> ProbeIterated for &&&Probe<T> {}

/// Of a variable of which a `move` closure mentions a field. Found first: what is copied into it.
pub trait CapturedCopied {
    /// The answer.
    #[inline(always)]
    fn captured(&self) -> IsCopied {
        IsCopied
    }
}
impl<T: Copy> CapturedCopied for &&Probe<T> {}

/// Found next: a reference, a box, a guard. The closure takes all of it. (It is assumed that the field is not the pointer's own.)
pub trait CapturedPointer {
    /// The answer.
    #[inline(always)]
    fn captured(&self) -> IsReference {
        IsReference
    }
}
impl<T: core::ops::Deref> CapturedPointer for &Probe<T> {}

/// Found for every other type: the closure takes the field alone.
pub trait CapturedPart {
    /// The answer.
    #[inline(always)]
    fn captured(&self) -> NoReference {
        NoReference
    }
}
impl<T> CapturedPart for Probe<T> {}

/// Of a variable that is matched as `*x`, by a pattern that takes something and leaves something. Found first: a reference.
pub trait PointerShared {
    /// The answer.
    #[inline(always)]
    fn pointer(&self) -> IsReference {
        IsReference
    }
}
impl<T: ?Sized> PointerShared for &Probe<&T> {}

/// As [`PointerShared`].
pub trait PointerMutable {
    /// The answer.
    #[inline(always)]
    fn pointer(&self) -> IsReference {
        IsReference
    }
}
impl<T: ?Sized> PointerMutable for &Probe<&mut T> {}

/// Found for a box, of which only that is known which it has in common with others: it is made of what is in it.
pub trait PointerBox {
    /// The answer.
    #[inline(always)]
    fn pointer(&self) -> NoReference {
        NoReference
    }
}
impl<P: core::ops::DerefMut<Target: Sized> + From<P::Target>> PointerBox for &Probe<P> {}

/// Found for every other type.
pub trait PointerOther {
    /// The answer.
    #[inline(always)]
    fn pointer(&self) -> IsCopied {
        IsCopied
    }
}
impl<T> PointerOther for Probe<T> {}

impl IsReference {
    /// What is matched is copied out of what it points to. It has no destructor: it counts as moved.
    #[inline(always)]
    pub fn parts<A>(&self, _: impl FnOnce() -> A) -> Moved<()> {
        Moved::NEW
    }
    /// What is taken of it all is copied.
    #[inline(always)]
    pub fn whole<A>(&self, whole: impl FnOnce() -> A) -> A {
        whole()
    }
}

impl IsCopied {
    /// Of what other pointers point to nothing is moved.
    #[inline(always)]
    pub fn parts<A>(&self, _: impl FnOnce() -> A) -> Intact {
        Intact
    }
    /// The same.
    #[inline(always)]
    pub fn whole<A>(&self, _: impl FnOnce() -> A) -> Intact {
        Intact
    }
}

impl NoReference {
    /// What is in the box says it.
    #[inline(always)]
    pub fn parts<A>(&self, parts: impl FnOnce() -> A) -> A {
        parts()
    }
    /// The same.
    #[inline(always)]
    pub fn whole<A>(&self, whole: impl FnOnce() -> A) -> A {
        whole()
    }
}

/// The receiver is a reference.
pub struct IsReference;
/// The receiver is what the method is known to take.
pub struct IsTaken;
/// The receiver is copied where it is used by value.
pub struct IsCopied;
/// The receiver is something else.
pub struct NoReference;

impl IsCopied {
    /// Stands for the receiver in the question.
    #[inline(always)]
    pub fn receiver<T>(&self, _: T) -> Borrowed {
        Borrowed
    }
    /// It stays where it is.
    #[inline(always)]
    pub fn answer<A>(&self, _: A) -> Intact {
        Intact
    }
    /// The same, of a field.
    #[inline(always)]
    pub fn answer_part<A>(&self, _: A) -> Intact {
        Intact
    }
}

impl IsReference {
    /// Stands for the receiver in the question.
    #[inline(always)]
    pub fn receiver<T>(&self, _: T) -> Borrowed {
        Borrowed
    }
    /// A reference has no destructor: it counts as moved.
    #[inline(always)]
    pub fn answer<A>(&self, _: A) -> Moved<()> {
        Moved::NEW
    }
    /// A field that is a `&mut` is borrowed again, for what it points to. (By value there are few methods of references: those of
    /// iterators are known by their names, and after any other the rest of the value cannot be held, which rustc says.)
    #[inline(always)]
    pub fn answer_part<A>(&self, _: A) -> Intact {
        Intact
    }
}

impl IsTaken {
    /// Stands for the receiver in the question.
    #[inline(always)]
    pub fn receiver<T>(&self, _: T) -> Borrowed {
        Borrowed
    }
    /// It is moved.
    #[inline(always)]
    pub fn answer<A>(&self, _: A) -> Moved<()> {
        Moved::NEW
    }
    /// The same, of a field.
    #[inline(always)]
    pub fn answer_part<A>(&self, _: A) -> Moved<()> {
        Moved::NEW
    }
}

impl NoReference {
    /// The receiver itself.
    #[inline(always)]
    pub fn receiver<T>(&self, receiver: T) -> T {
        receiver
    }
    /// What the question gave.
    #[inline(always)]
    pub fn answer<A>(&self, answer: A) -> A {
        answer
    }
    /// The same, of a field.
    #[inline(always)]
    pub fn answer_part<A>(&self, answer: A) -> A {
        answer
    }
}

/// Of a field that is used by value, for the last time of its variable, which is in a slot.
macro_rules! stays {
    ($($answer:ty),*) => {$(
        impl $answer {
            /// Whether the variable leaves its slot: the field is copied.
            #[inline(always)]
            pub fn leaves<T, X>(&self, _field: *const T, _whole: *mut X) -> bool {
                false
            }
            /// Does not come back: the code after it is meant for a variable that leaves its slot.
            #[inline(always)]
            pub fn when_leaving(&self) -> ! {
                never()
            }
            /// Whether the variable stays in its slot, by the types of several fields: this one is copied.
            #[inline(always)]
            pub fn stays(&self) -> bool {
                true
            }
            /// Goes on: the code after it is meant for a variable that is in its slot.
            #[inline(always)]
            pub fn when_staying(&self) {}
            /// The answer about this field and another.
            #[inline(always)]
            pub fn beside<O>(&self, other: O) -> O {
                other
            }
        }
    )*};
}
stays!(IsCopied, IsReference);

impl NoReference {
    /// Whether the variable leaves its slot: something of it has to be dropped where it was declared, without the field. (If the
    /// field need not be dropped, all of it may be.)
    #[inline(always)]
    pub fn leaves<T, X>(&self, _field: *const T, _whole: *mut X) -> bool {
        core::mem::needs_drop::<T>() && core::mem::needs_drop::<X>()
    }
    /// Goes on: the code after it is meant for a variable that leaves its slot.
    #[inline(always)]
    pub fn when_leaving(&self) {}
    /// Whether the variable stays in its slot, by the types of several fields: this one is moved.
    #[inline(always)]
    pub fn stays(&self) -> bool {
        false
    }
    /// Does not come back: the code after it is meant for a variable that is in its slot.
    #[inline(always)]
    pub fn when_staying(&self) -> ! {
        never()
    }
    /// The answer about this field and another.
    #[inline(always)]
    pub fn beside<O>(&self, _: O) -> NoReference {
        NoReference
    }
}

impl Moved<()> {
    /// The receiver, out of its slot.
    #[inline(always)]
    pub fn taken<T, const LINE: u32, const COLUMN: u32>(&self, slot: &Slot<T>, guard: SlotGuard<'_, T>) -> T {
        slot.take(guard)
    }
}

impl Intact {
    /// Does not compile: it is not known that the method takes the receiver, and what borrows it may live on.
    pub fn taken<T, const LINE: u32, const COLUMN: u32>(&self, _: &Slot<T>, _: SlotGuard<'_, T>) -> T {
        const {
            panic!(
                "segno [SG0040] a method with the name of one that takes iterators, `Option` or `Result` by value, of something else: put braces around the receiver if it is taken, `{{x}}.map(…)`, and `(&x)` if it is borrowed"
            )
        }
    }
}

/// Whether a method that iterators, `Option` and `Result` have takes its receiver by value: if it is called on one of them.
pub trait ProbeIterator {
    /// The answer.
    #[inline(always)]
    fn by_name(&self) -> Moved<()> {
        Moved::NEW
    }
    /// The same, of a method that is given a closure.
    #[inline(always)]
    fn by_closure(&self) -> Moved<()> {
        Moved::NEW
    }
}
impl<T: Iterator> ProbeIterator for &&&Probe<T> {}

/// See [`ProbeIterator`].
pub trait ProbeFuture {
    /// The answer.
    #[inline(always)]
    fn by_name(&self) -> Moved<()> {
        Moved::NEW
    }
    /// The same, of a method that is given a closure.
    #[inline(always)]
    fn by_closure(&self) -> Moved<()> {
        Moved::NEW
    }
}
impl<T: core::future::Future> ProbeFuture for &&&&Probe<T> {}

/// See [`ProbeIterator`].
pub trait ProbeOption {
    /// The answer.
    #[inline(always)]
    fn by_name(&self) -> Moved<()> {
        Moved::NEW
    }
    /// The same, of a method that is given a closure.
    #[inline(always)]
    fn by_closure(&self) -> Moved<()> {
        Moved::NEW
    }
}
impl<T> ProbeOption for &&Probe<Option<T>> {}

/// See [`ProbeIterator`].
pub trait ProbeResult {
    /// The answer.
    #[inline(always)]
    fn by_name(&self) -> Moved<()> {
        Moved::NEW
    }
    /// The same, of a method that is given a closure.
    #[inline(always)]
    fn by_closure(&self) -> Moved<()> {
        Moved::NEW
    }
}
impl<T, E> ProbeResult for &Probe<Result<T, E>> {}

/// See [`ProbeIterator`]: a reference, which is copied to be used.
pub trait ProbeShared {
    /// The answer.
    #[inline(always)]
    fn by_name(&self) -> Moved<()> {
        Moved::NEW
    }
    /// The same, of a method that is given a closure.
    #[inline(always)]
    fn by_closure(&self) -> Moved<()> {
        Moved::NEW
    }
}
impl<T: ?Sized> ProbeShared for &Probe<&T> {}

/// See [`ProbeIterator`]: an array, which has `map`.
pub trait ProbeArray {
    /// The answer.
    #[inline(always)]
    fn by_closure(&self) -> Moved<()> {
        Moved::NEW
    }
}
impl<T, const N: usize> ProbeArray for &&&Probe<[T; N]> {}

/// See [`ProbeIterator`]: some other type, which is held. (If the method did move it, that does not compile.)
pub trait ProbeNeither {
    /// The answer.
    #[inline(always)]
    fn by_name(&self) -> Intact {
        Intact
    }
    /// The answer.
    #[inline(always)]
    fn by_closure(&self) -> Intact {
        Intact
    }
}
impl<T> ProbeNeither for Probe<T> {}
