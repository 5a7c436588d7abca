//! What an `async` block takes of a variable of which it mentions fields alone: those, or all of it.
//!
//! # The problem
//! rustc's block takes the fields. But behind a `Deref` (of a guard, an `Rc`, a box) there are none to take, nor can one be moved out
//! of what has a destructor of its own: then it takes the variable. Only types tell.
//!
//! # The design
//! The machine has the code for both, and what it takes has one name. If it is not the variable, it is a structure with fields of the
//! same names, so that the block's code fits either. A closure that mentions the same fields and is never run takes what the block
//! would: its size shows whether the answer is right, and with it go what was read from the variable.

use core::marker::PhantomData;

use super::never;
use super::probe::{Forgettable, Kept};
use super::receiver::{Intact, IsCopied, IsReference, Moved, NoReference};

/// The question: about a variable of type `G`, its fields `F`, and a closure `C` that takes what the block does.
pub struct Capture<G, F, C>(PhantomData<(G, F, C)>);

/// Asks it, without touching anything.
#[inline(always)]
pub fn capture<G, F, C>(_: &G, _never_called: impl FnOnce() -> F, _: Option<C>) -> Capture<G, F, C> {
    Capture(PhantomData)
}

/// What is at a place, in code that is never run.
#[inline(always)]
pub fn pointee<T>(_: *const T) -> T {
    never()
}

/// The block takes the variable.
pub struct TakesAll<C, const LINE: u32, const COLUMN: u32>(PhantomData<C>);
/// The block takes the fields: copies, or out of the variable (`H`).
pub struct TakesFields<C, H, const LINE: u32, const COLUMN: u32>(PhantomData<C>, H);

/// Found first: what the fields are reached through, the block takes. (That they are not the pointer's own, the closure's size shows.)
pub trait CaptureThrough<C> {
    /// The answer.
    #[inline(always)]
    fn takes<const LINE: u32, const COLUMN: u32>(&self) -> TakesAll<C, LINE, COLUMN> {
        TakesAll(PhantomData)
    }
}
impl<G: core::ops::Deref, F, C> CaptureThrough<C> for &&&Capture<G, F, C> {}

/// Found next: copies of fields.
pub trait CaptureCopies<C> {
    /// The answer.
    #[inline(always)]
    fn takes<const LINE: u32, const COLUMN: u32>(&self) -> TakesFields<C, Forgettable, LINE, COLUMN> {
        TakesFields(PhantomData, Forgettable)
    }
}
impl<G, F: Copy, C> CaptureCopies<C> for &&Capture<G, F, C> {}

/// Found next: out of what has a destructor nothing is moved.
pub trait CaptureWithDestructor<C> {
    /// The answer.
    #[inline(always)]
    fn takes<const LINE: u32, const COLUMN: u32>(&self) -> TakesAll<C, LINE, COLUMN> {
        TakesAll(PhantomData)
    }
}
#[allow(drop_bounds)]
impl<G: Drop, F, C> CaptureWithDestructor<C> for &Capture<G, F, C> {}

/// Found for every other type.
pub trait CaptureFields<C> {
    /// The answer.
    #[inline(always)]
    fn takes<const LINE: u32, const COLUMN: u32>(&self) -> TakesFields<C, Kept, LINE, COLUMN> {
        TakesFields(PhantomData, Kept)
    }
}
impl<G, F, C> CaptureFields<C> for Capture<G, F, C> {}

impl<C, const LINE: u32, const COLUMN: u32> TakesAll<C, LINE, COLUMN> {
    /// What is left of the variable outside: nothing.
    #[inline(always)]
    pub fn left<G>(&self, _: &G) -> Moved<()> {
        Moved::NEW
    }
    /// Whether it takes the variable.
    #[inline(always)]
    pub fn all(&self) -> bool {
        true
    }
    /// Goes on: the code after it is meant for a block that takes the variable.
    #[inline(always)]
    pub fn when_all(&self) {}
    /// Does not come back: the code after it is meant for a block that takes the fields.
    #[inline(always)]
    pub fn when_fields(&self) -> ! {
        never()
    }
    /// The variable.
    #[inline(always)]
    pub fn variable<G>(self, variable: G) -> G {
        const {
            assert!(
                size_of::<C>() == size_of::<G>(),
                "segno [SG0041] this value has a `Deref`, and the block mentions a field that is its own: bind the fields with `let` before the block, or the whole value with `let value = value;` in it"
            );
        }
        variable
    }
    /// Is not called.
    #[inline(always)]
    pub fn fields<F, D, G>(self, _: F, _: D) -> G {
        never()
    }
}

impl<C, const LINE: u32, const COLUMN: u32> TakesFields<C, Forgettable, LINE, COLUMN> {
    /// What is left of the variable outside: all of it.
    #[inline(always)]
    pub fn left<G>(&self, _: &G) -> Intact {
        Intact
    }
}

impl<C, const LINE: u32, const COLUMN: u32> TakesFields<C, Kept, LINE, COLUMN> {
    /// What is left of the variable outside: the other fields.
    #[inline(always)]
    pub fn left<G>(&self, _: &G) -> Moved<G, LINE, COLUMN> {
        Moved::NEW
    }
}

impl<C, H, const LINE: u32, const COLUMN: u32> TakesFields<C, H, LINE, COLUMN> {
    /// Whether it takes the variable.
    #[inline(always)]
    pub fn all(&self) -> bool {
        false
    }
    /// Does not come back: the code after it is meant for a block that takes the variable.
    #[inline(always)]
    pub fn when_all(&self) -> ! {
        never()
    }
    /// Goes on: the code after it is meant for a block that takes the fields.
    #[inline(always)]
    pub fn when_fields(&self) {}
    /// Is not called.
    #[inline(always)]
    pub fn variable<G, F>(self, _: G) -> F {
        never()
    }
    /// What was read of the fields, and a closure that takes them away: without it, they would be there twice.
    #[inline(always)]
    pub fn fields<F, D>(self, fields: F, taken: D) -> F {
        const {
            assert!(
                size_of::<C>() == size_of::<F>() && core::mem::needs_drop::<C>() == core::mem::needs_drop::<F>(),
                "segno [SG0041] this block takes all of a value though it mentions fields of it: bind the fields with `let` before the block, or the whole value with `let value = value;` in it"
            );
        }
        core::mem::forget(taken);
        fields
    }
}

impl<T: core::ops::Deref> CapturedOwn for super::Probe<T> {}

/// Found first, for a value with a `Deref`.
pub trait CapturedOwn {
    /// Fields of it cannot be taken one by one.
    #[inline(always)]
    fn part<P, const LINE: u32, const COLUMN: u32>(&self, part: P) -> P {
        const {
            assert!(
                size_of::<P>() > usize::MAX >> 1,
                "segno [SG0041] an `async` block takes fields of a value that has a `Deref`, through which it would take all of it: bind the fields with `let` before the block, or the whole value with `let value = value;` in it"
            );
        }
        part
    }
    /// What is taken whole is taken whole by rustc too.
    #[inline(always)]
    fn whole<P, const LINE: u32, const COLUMN: u32>(&self, whole: P) -> P {
        whole
    }
}

/// Found for every other type.
pub trait CapturedApart {
    /// A field, taken alone.
    #[inline(always)]
    fn part<P, const LINE: u32, const COLUMN: u32>(&self, part: P) -> P {
        part
    }
    /// See [`whole`](self::whole).
    #[inline(always)]
    fn whole<P, const LINE: u32, const COLUMN: u32>(&self, whole: P) -> P {
        // Here, not in the function: what rustc shows is where the innermost is called, and that is to be the user's code.
        const { assert!(!core::mem::needs_drop::<P>(), "{}", LEFT_OUTSIDE) }
        whole
    }
}
impl<T> CapturedApart for &super::Probe<T> {}

const LEFT_OUTSIDE: &str = "segno [SG0033] an `async move` block, or a closure, takes fields of a value that has a destructor: bind the fields with `let` before it, or the whole value with `let value = value;` in it";

/// A variable that a block or a closure takes whole though it mentions fields of it: it must not need to be dropped, or what rustc's
/// would leave outside would be dropped with it.
#[inline(always)]
pub fn whole<T, const LINE: u32, const COLUMN: u32>(value: T) -> T {
    const { assert!(!core::mem::needs_drop::<T>(), "{}", LEFT_OUTSIDE) }
    value
}

/// What a closure takes whole though a pattern in it may only copy: then rustc's closure borrows it, and it must not need to be
/// dropped. If one of the bindings does, it is moved.
#[inline(always)]
pub fn taken_unless<T, P, const LINE: u32, const COLUMN: u32>(value: T, _: impl FnOnce(T) -> P) -> T {
    const { assert!(!core::mem::needs_drop::<T>() || core::mem::needs_drop::<P>(), "{}", ONLY_COPIED) }
    value
}

/// The same of what a closure takes where it is.
#[inline(always)]
pub fn unless_copied<T, P, const LINE: u32, const COLUMN: u32>(_: &T, _: impl FnOnce(T) -> P) {
    const { assert!(!core::mem::needs_drop::<T>() || core::mem::needs_drop::<P>(), "{}", ONLY_COPIED) }
}

const ONLY_COPIED: &str = "segno [SG0033] a pattern in this closure or `async` block copies out of a value that has a destructor, which rustc would borrow there: match on a reference to it instead: `match &value`";

impl IsCopied {
    /// What the block of an `async` closure takes and changes: each block would take another copy.
    #[inline(always)]
    pub fn changed<P, const LINE: u32, const COLUMN: u32>(&self, value: P) -> P {
        const {
            assert!(
                size_of::<P>() > usize::MAX >> 1,
                "segno [SG0041] an `async` closure changes a copy of its own, and the next call would not see it: keep it in a `Cell`, or change a copy that is bound in the closure: `let mut copy = value;`"
            );
        }
        value
    }
}

impl IsReference {
    /// It is moved: the closure is called once.
    #[inline(always)]
    pub fn changed<P, const LINE: u32, const COLUMN: u32>(&self, value: P) -> P {
        value
    }
}

impl NoReference {
    /// It is moved: the closure is called once.
    #[inline(always)]
    pub fn changed<P, const LINE: u32, const COLUMN: u32>(&self, value: P) -> P {
        value
    }
}
