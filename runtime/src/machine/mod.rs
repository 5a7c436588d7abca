//! What the expansions of `#[segno::coroutine]` lean on. Nothing here is for hand-written code.
//!
//! # The shape of a machine
//! A machine is one closure that owns its state, an enum with one variant per suspension. [`Machine`] resumes it;
//! [`AnchoredMachine`] also tells it when it is dropped, because slots do not drop what they hold.
//!
//! # Invariants that the macro keeps, and that the `unsafe` here and in expansions relies on
//! - **PINNED**: a child and a [`Slot`] live in the captures of a machine's closure and nowhere else once the
//!   child has been resumed or the slot been borrowed. The machine is pinned when its closure runs, so they stay
//!   where they are until they are dropped there.
//! - **GUARDED**: a slot holds a value exactly while one [`SlotGuard`] for it exists, or while the state says that it
//!   does (the guard is forgotten at a suspension and made anew after it). What is left of a value, when fields have been moved
//!   out of it, is such a value, with a [`RestGuard`].
//! - **CHECKED**: every expansion contains the *twin*, the same body as ordinary code, so that rustc's borrow, move and
//!   safety checks have accepted each access to a slot that the machine makes.
//! - **EXPANSION**: the functions here that are safe to call by their type alone are called by expansions only, with
//!   the values for which PINNED holds.
//!
//! # Costs
//! A child costs its own bytes, and lends its niches to the state that tells it from the others; a slot its value's
//! bytes.
//!
//! An unoptimised build makes a function of each generic one for each type it is used with, `core`'s included. What is here
//! calls as few as it can: a coroutine that awaits the one before it is 7 functions for rustc to make (its `async fn` is 5), where
//! it once was 31. Hence `transmute` for `Pin`'s functions, guards that know no types, and methods of [`Coroutine`] instead of
//! functions around them.

mod block;
mod capture;
mod child;
mod early;
mod hole;
mod judge;
mod locate;
mod probe;
mod question_mark;
mod read_first;
mod receiver;
mod rest;
mod slot;

use core::marker::PhantomData;
use core::pin::Pin;

use crate::coroutine::{Context, Coroutine, Expansion, Resume};

pub use block::*;
pub use capture::*;
pub use child::*;
pub use early::*;
pub use hole::*;
pub use judge::*;
pub use locate::*;
pub use probe::*;
pub use question_mark::*;
pub use read_first::*;
pub use receiver::*;
pub use rest::*;
pub use slot::*;

/// What an expansion brings into scope: the traits by whose methods it asks rustc about types, without their names, and what it
/// calls, under names that hide none of the user's. One token instead of nine: a function of one line is 633 tokens, not 887, which
/// is a tenth of the macro's own work.
pub mod scope {
    pub use core::marker::{PhantomData as __PhantomData, Sized as __Sized};
    pub use core::option::Option::{self as __Option, None as __None, Some as __Some};

    pub use crate::bridge::{Awaited as __Awaited, awaited as __await};
    pub use crate::coroutine::Resume::{
        self as __Resume, Cancelled as __Cancelled, Done as __Done, Pending as __Pending,
    };
    pub use crate::coroutine::{Context as __Context, Coroutine as __Coroutine};

    pub use super::{
        AnchoredMachine as __AnchoredMachine, Borrowed as __Borrowed, Duty as __Duty, EXPANSION as __EXPANSION,
        IsReference as __IsReference, Kept as __Kept, KeptDuty as __KeptDuty, LeftEarly as __LeftEarly,
        Located as __Located, Locator as __Locator, Machine as __Machine, NoError as __NoError,
        NoReference as __NoReference, Output as __Output, OutputType as __OutputType, Place as __Place,
        Returned as __Returned, ReturnedAs as __ReturnedAs, Returns as __Returns, Slot as __Slot, Tried as __Tried,
        abandon as __abandon, answer as __answered, becomes as __becomes, behind as __behind,
        behind_mut as __behind_mut, block as __block, called as __called, calls as __calls, capture as __capture,
        compared as __compared, finished as __finished, gone as __gone, hole as __hole, impossible as __impossible,
        like as __like, locate_child as __locate_child, never as __never, of_type as __of_type, out as __out,
        overwrite as __overwrite, pin as __pin, place_like as __place_like, pointee as __pointee, probe as __probe,
        probe_call as __probe_call, probe_place as __probe_place, probe_pointer as __probe_pointer,
        relived as __relived, residual as __give_residual, same_type as __same_type, stand_in as __stand_in,
        suspend as __suspend, take as __take, taken_but as __taken_but, taken_unless as __taken_unless,
        taken_whole as __taken_whole, twin as __twin, typed as __typed, unless_copied as __unless_copied,
        unset as __unset, whole as __whole,
    };
    pub use super::{
        AnyOutput as _, CallBorrows as _, CallMoves as _, CaptureCopies as _, CaptureFields as _, CaptureThrough as _,
        CaptureWithDestructor as _, CapturedApart as _, CapturedCopied as _, CapturedOwn as _, CapturedPart as _,
        CapturedPointer as _, CompareBorrowed as _, CompareCopied as _, Leave as _, LeaveNot as _, PointerBox as _,
        PointerMutable as _, PointerOther as _, PointerShared as _, ProbeArray as _, ProbeBorrow as _,
        ProbeCopied as _, ProbeCopy as _, ProbeDestructor as _, ProbeFuture as _, ProbeIterated as _,
        ProbeIterates as _, ProbeIterator as _, ProbeMove as _, ProbeMutable as _, ProbeNeither as _,
        ProbeNoDestructor as _, ProbeOption as _, ProbeOther as _, ProbeReference as _, ProbeResult as _,
        ProbeShared as _, ProbeValue as _, ReadCopied as _, ReadOther as _, ReadReference as _, ReadThrough as _,
        ReturnOther as _, ReturnUnit as _, Try as _, TryNot as _,
    };
}

/// The closure of a machine; `None` tells it to drop what its state holds. Its output is not a parameter of the machine's type:
/// rustc would take two machines, one in the other, for a type that contains itself without an end when one's output contains
/// the other's, and would write none of the inner one's fields into its debug information.
pub trait Step: FnMut(Option<&mut Context<'_>>) -> Resume<<Self as Step>::Ends> {
    /// What the coroutine ends with.
    type Ends;
}

impl<F, T> Step for F
where
    F: FnMut(Option<&mut Context<'_>>) -> Resume<T>,
{
    type Ends = T;
}

/// A machine without slots.
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct Machine<F: Step, J = NoError> {
    /// Resumes it, or with `None` drops what its state holds.
    pub step: F,
    /// Whether an output is an error.
    pub judge: J,
}

impl<F: Step, J: Judge<F::Ends>> Coroutine for Machine<F, J> {
    type Output = F::Ends;

    #[inline(always)]
    fn is_error(output: &F::Ends) -> bool {
        J::is_error(output)
    }

    // Nothing of the machine around it is dropped before this would be.
    #[inline]
    fn resume_child(&mut self, cx: &mut Context<'_>, _: Expansion) -> Resume<F::Ends> {
        (self.step)(Some(cx))
    }

    // It ends in the state that holds nothing, and with empty slots.
    #[inline(always)]
    #[expect(clippy::not_unsafe_ptr_arg_deref, reason = "`Expansion` is the promise")]
    fn conclude<S>(_: *mut Self, state: *mut S, next: S, _: Expansion) {
        // SAFETY: `Expansion`: the state is there, and nothing else is left in it.
        unsafe { core::ptr::write(state, next) }
    }

    #[inline]
    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<F::Ends> {
        // SAFETY: PINNED: the closure is not moved, and moves nothing out of its captures that has been pinned. A `Pin` is
        // what it points with, also in memory; `get_unchecked_mut` would be one more function for each machine.
        let this = unsafe { core::mem::transmute::<Pin<&mut Self>, &mut Self>(self) };
        let step = &raw mut this.step;
        let unwinding = Unwinding { step: step as *mut (), drop: const { drop_rest::<F>() } };
        // SAFETY: it is there, and nobody else uses it until this returns or unwinds.
        let answer = unsafe { (*step)(Some(cx)) };
        core::mem::forget(unwinding);
        answer
    }

    #[cfg(feature = "debug")]
    fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
        if J::LOCATED {
            // SAFETY: PINNED, as in `resume`. The closure answers, and moves nothing.
            let this = unsafe { self.get_unchecked_mut() };
            let _ = (this.step)(Some(&mut Context::locating(locator)));
        }
    }
}

/// Calls the closure of a machine once more, to drop what is left, while a panic unwinds, as rustc's `async fn` does. With
/// panics that abort there is nothing of this in the program. One type for all machines: each would have a destructor.
struct Unwinding {
    step: *mut (),
    drop: unsafe fn(*mut ()),
}

impl Drop for Unwinding {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: whoever made it has the closure, and is not in it any more.
        unsafe { (self.drop)(self.step) }
    }
}

/// What drops the rest of what a machine's closure holds: with panics that abort, nothing does.
const fn drop_rest<F: Step>() -> unsafe fn(*mut ()) {
    /// # Safety
    /// `step` is the closure, which nobody else uses.
    unsafe fn drop_rest<F: Step>(step: *mut ()) {
        // SAFETY: the caller's promise.
        let _ = unsafe { (*(step as *mut F))(None) };
    }
    unsafe fn nothing(_: *mut ()) {}
    if cfg!(panic = "unwind") { drop_rest::<F> } else { nothing }
}

/// A machine with slots: its closure is told when it is dropped, by `None`.
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct AnchoredMachine<F: Step, J = NoError> {
    /// Resumes it, or with `None` drops what its state holds.
    pub step: F,
    /// Whether an output is an error.
    pub judge: J,
}

impl<F: Step, J: Judge<F::Ends>> Coroutine for AnchoredMachine<F, J> {
    type Output = F::Ends;

    #[inline(always)]
    fn is_error(output: &F::Ends) -> bool {
        J::is_error(output)
    }

    // Nothing of the machine around it is dropped before this would be.
    #[inline]
    fn resume_child(&mut self, cx: &mut Context<'_>, _: Expansion) -> Resume<F::Ends> {
        (self.step)(Some(cx))
    }

    // It ends in the state that holds nothing, and with empty slots.
    #[inline(always)]
    #[expect(clippy::not_unsafe_ptr_arg_deref, reason = "`Expansion` is the promise")]
    fn conclude<S>(_: *mut Self, state: *mut S, next: S, _: Expansion) {
        // SAFETY: `Expansion`: the state is there, and nothing else is left in it.
        unsafe { core::ptr::write(state, next) }
    }

    #[inline]
    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<F::Ends> {
        // SAFETY: PINNED, as in `Machine`.
        let this = unsafe { core::mem::transmute::<Pin<&mut Self>, &mut Self>(self) };
        let step = &raw mut this.step;
        let unwinding = Unwinding { step: step as *mut (), drop: const { drop_rest::<F>() } };
        // SAFETY: it is there, and nobody else uses it until this returns or unwinds.
        let answer = unsafe { (*step)(Some(cx)) };
        core::mem::forget(unwinding);
        answer
    }

    #[cfg(feature = "debug")]
    fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
        if J::LOCATED {
            // SAFETY: PINNED, as in `resume`. The closure answers, and moves nothing.
            let this = unsafe { self.get_unchecked_mut() };
            let _ = (this.step)(Some(&mut Context::locating(locator)));
        }
    }
}

impl<F: Step, J> Drop for AnchoredMachine<F, J> {
    #[inline]
    fn drop(&mut self) {
        let step = &raw mut self.step;
        let unwinding = Unwinding { step: step as *mut (), drop: const { drop_rest::<F>() } };
        // SAFETY: it is there, and nobody else uses it until this returns or unwinds.
        let _ = unsafe { (*step)(None) };
        core::mem::forget(unwinding);
    }
}

/// Moves a variable out of a state that is then overwritten: called by expansions only (EXPANSION), which call
/// [`overwrite`] before anything else can see the state. (As [`overwrite`] and [`abandon`], not
/// `inline(always)`: they stand at each suspension, and an unoptimised build would hold a copy for each.)
#[inline]
pub fn take<T>(field: &mut T) -> T {
    // SAFETY: EXPANSION: the field is not used again, nor dropped.
    unsafe { core::ptr::read(field) }
}

/// With it expansions call (EXPANSION)
/// - [`Coroutine::resume_child`] on the child in their state (PINNED), and answer or unwind with what it answers: the state
///   is dropped before anything else that has a destructor,
/// - [`Coroutine::conclude`] with a child that has ended where it has been (PINNED) and that is not used again, and with the
///   state that holds it, in which nothing else is left.
pub const EXPANSION: Expansion = Expansion::NEW;

/// Replaces a state from which everything has been moved or dropped: called by expansions only (EXPANSION).
#[inline]
#[expect(clippy::not_unsafe_ptr_arg_deref, reason = "expansions promise it")]
pub fn overwrite<S>(state: *mut S, next: S) {
    // SAFETY: EXPANSION: a write to a valid place; what was there has nothing left to drop.
    unsafe { core::ptr::write(state, next) }
}

/// A coroutine was resumed after its end. Event loops never do that.
///
/// On a chip this is an instruction that is none: the fault's handler knows where, and no program pays for a message.
#[cold]
#[inline(never)]
pub fn finished() -> ! {
    #[cfg(all(not(feature = "std"), target_arch = "arm"))]
    // SAFETY: it does not return.
    unsafe {
        core::arch::asm!("udf #0", options(noreturn, nomem, nostack))
    }
    #[cfg(all(not(feature = "std"), target_arch = "riscv32"))]
    // SAFETY: it does not return.
    unsafe {
        core::arch::asm!("unimp", options(noreturn, nomem, nostack))
    }
    #[cfg(any(feature = "std", not(any(target_arch = "arm", target_arch = "riscv32"))))]
    panic!("a coroutine was resumed after its end")
}

/// What stands in the twin, which nobody calls.
#[inline(always)]
pub const fn uncalled() -> ! {
    panic!("a twin is not called")
}

/// Code that no run reaches.
#[inline(always)]
pub fn never() -> ! {
    finished()
}

/// Stands for the value of a variable that has none on some way: does not compile, if rustc has nothing against that way.
#[inline(always)]
pub fn unset<T>() -> T {
    const {
        assert!(
            size_of::<T>() > usize::MAX >> 1,
            "segno [SG0034] a variable has a value on some ways only before a suspension, and gets one on all ways after it: give it one where it is declared"
        );
    }
    never()
}

/// What no state of a machine can be where this stands: called by expansions only (EXPANSION).
#[inline(always)]
pub fn impossible() -> ! {
    // SAFETY: EXPANSION: a machine is in a region wherever its code uses the region's slots.
    unsafe { core::hint::unreachable_unchecked() }
}

/// Takes a variable in the twin where it leaves its slot in the machine, and gives it back.
#[inline(always)]
pub fn gone<T>(variable: T) -> T {
    variable
}

/// Takes the twin, which rustc checks and nobody calls.
#[inline(always)]
pub fn twin<T>(_never_called: impl FnOnce() -> T) -> ! {
    uncalled()
}

/// What `pin!` is in a coroutine: the value is a variable of the expansion, and stays where it is. Called by expansions
/// only (EXPANSION).
#[inline(always)]
pub fn pin<T>(value: &mut T) -> Pin<&mut T> {
    // SAFETY: EXPANSION and PINNED: the value is named by this one reference alone, and has a slot if it crosses a
    // suspension.
    unsafe { Pin::new_unchecked(value) }
}

/// Names what a function type returns: also `!`, which has no other name in stable Rust.
pub trait Returns {
    /// What it returns.
    type Type;
}

impl<T> Returns for fn() -> T {
    type Type = T;
}

/// The output of a coroutine that returns `!`: that type itself, so that code behind an `.await` of it is unreachable to
/// rustc, too.
pub type Never = <fn() -> ! as Returns>::Type;

/// The lifetime of a reference.
pub type Life<'a> = PhantomData<&'a ()>;

/// Names the lifetime of a parameter.
#[inline(always)]
pub fn life_of<'a, T: ?Sized>(_: &&'a T) -> Life<'a> {
    PhantomData
}

/// Names the lifetime of a parameter.
#[inline(always)]
pub fn life_of_mut<'a, T: ?Sized>(_: &&'a mut T) -> Life<'a> {
    PhantomData
}

/// A parameter under another parameter's lifetime: called by expansions only (EXPANSION), in a function whose result names
/// the lifetimes of all parameters.
#[inline(always)]
pub fn live<'a, T: ?Sized>(parameter: &T, _: Life<'a>) -> &'a T {
    // SAFETY: CHECKED: the twin uses the parameter under its own lifetime. The machine cannot outlive that, since the
    // opaque type that it has outside of the function captures the lifetimes of all parameters.
    unsafe { &*core::ptr::from_ref(parameter) }
}

/// As [`live`].
#[inline(always)]
pub fn live_mut<'a, T: ?Sized>(parameter: &mut T, _: Life<'a>) -> &'a mut T {
    // SAFETY: as in `live`.
    unsafe { &mut *core::ptr::from_mut(parameter) }
}

/// A parameter with another parameter's lifetime in the place of those inside of its type: called by expansions only
/// (EXPANSION), as [`live`] is.
#[inline(always)]
pub fn relive<A, B>(parameter: A) -> B {
    const { assert!(size_of::<A>() == size_of::<B>()) };
    let parameter = core::mem::ManuallyDrop::new(parameter);
    // SAFETY: EXPANSION: `B` is `A`, but for lifetimes; CHECKED: as in `live`. The parameter is not used again.
    unsafe { core::mem::transmute_copy(&parameter) }
}

/// An answer with another lifetime in its value, as [`relive`].
#[inline(always)]
pub fn relived<A, B>(answer: Resume<A>) -> Resume<B> {
    match answer {
        Resume::Done(value) => Resume::Done(relive(value)),
        Resume::Pending => Resume::Pending,
        Resume::Cancelled => Resume::Cancelled,
    }
}

/// An `async` block in the twin: borrows and holds what its closure does. Never called.
pub struct TwinBlock<F, T>(F, PhantomData<T>);

/// See [`TwinBlock`].
#[inline(always)]
pub fn block<T, F: FnOnce() -> T>(_never_called: F) -> TwinBlock<F, T> {
    uncalled()
}

/// As `block`, for the body of an `async` closure, which may take the closure's arguments.
#[inline(always)]
pub fn called<T>(_never_called: impl FnOnce() -> T) -> TwinBlock<(), T> {
    uncalled()
}

impl<F, T> Coroutine for TwinBlock<F, T> {
    type Output = T;

    fn resume(self: Pin<&mut Self>, _: &mut Context<'_>) -> Resume<T> {
        uncalled()
    }
}

impl<F, T> core::future::Future for TwinBlock<F, T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, _: &mut core::task::Context<'_>) -> core::task::Poll<T> {
        uncalled()
    }
}
