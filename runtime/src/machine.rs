//! What the expansions of `#[segno::coroutine]` lean on. Nothing here is for hand-written code.
//!
//! # The shape of a machine
//! A machine is one closure that owns its state, an enum with one variant per suspension. [`Machine`] resumes it;
//! [`AnchoredMachine`] also tells it when it is dropped, because slots do not drop what they hold.
//!
//! # Invariants that the macro keeps, and that the `unsafe` here and in expansions relies on
//! - **PINNED**: a [`Child`] and a [`Slot`] live in the captures of a machine's closure and nowhere else once the
//!   child has been resumed or the slot been borrowed. The machine is pinned when its closure runs, so they stay
//!   where they are until they are dropped there.
//! - **GUARDED**: a slot holds a value exactly while one [`SlotGuard`] for it exists, or while the state says that it
//!   does (the guard is forgotten at a suspension and made anew after it).
//! - **CHECKED**: every expansion contains the *twin*, the same body as ordinary code, so that rustc's borrow, move and
//!   safety checks have accepted each access to a slot that the machine makes.
//! - **EXPANSION**: the functions here that are safe to call by their type alone are called by expansions only, with
//!   the values for which PINNED holds.
//!
//! # Costs
//! A child costs its own bytes (its `Option` uses a niche of the child's state); a slot its value's bytes.

use core::cell::UnsafeCell;
use core::convert::Infallible;
use core::marker::{PhantomData, PhantomPinned};
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ops::ControlFlow;
use core::pin::Pin;
use core::task::Poll;

use crate::coroutine::{Context, Coroutine, IntoCoroutine, Resume};

/// A machine without slots.
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct Machine<F: Step> {
    step: F,
}

impl<F: Step> Machine<F> {
    /// Called by expansions.
    #[inline(always)]
    pub fn new<T>(step: F) -> Machine<F>
    where
        F: FnMut(Option<&mut Context<'_>>) -> Resume<T>,
    {
        Machine { step }
    }
}

impl<F: Step> Coroutine for Machine<F> {
    type Output = F::Output;

    #[inline]
    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<F::Output> {
        // SAFETY: PINNED: the closure is not moved, and moves nothing out of its captures that has been pinned.
        let this = unsafe { self.get_unchecked_mut() };
        resume(&mut this.step, cx)
    }
}

/// Calls the closure once more, to drop what is left, while a panic unwinds.
struct Unwinding<'a, F: Step>(&'a mut F);

impl<F: Step> Drop for Unwinding<'_, F> {
    fn drop(&mut self) {
        let _ = self.0.step(None);
    }
}

/// Resumes; if that panics, drops what the state holds while unwinding, as rustc's `async fn` does. With panics that
/// abort there is nothing of this in the program.
#[inline(always)]
fn resume<F: Step>(step: &mut F, cx: &mut Context<'_>) -> Resume<F::Output> {
    let unwinding = Unwinding(step);
    let answer = unwinding.0.step(Some(cx));
    core::mem::forget(unwinding);
    answer
}

/// The closure of a machine: `None` tells it to drop what its state holds.
pub trait Step {
    /// What the coroutine ends with.
    type Output;
    /// Runs the closure.
    fn step(&mut self, cx: Option<&mut Context<'_>>) -> Resume<Self::Output>;
}

impl<F, T> Step for F
where
    F: FnMut(Option<&mut Context<'_>>) -> Resume<T>,
{
    type Output = T;

    #[inline(always)]
    fn step(&mut self, cx: Option<&mut Context<'_>>) -> Resume<T> {
        self(cx)
    }
}

/// A machine with slots.
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct AnchoredMachine<F: Step> {
    step: F,
}

impl<F: Step> AnchoredMachine<F> {
    /// Called by expansions.
    #[inline(always)]
    pub fn new<T>(step: F) -> AnchoredMachine<F>
    where
        F: FnMut(Option<&mut Context<'_>>) -> Resume<T>,
    {
        AnchoredMachine { step }
    }
}

impl<F: Step> Coroutine for AnchoredMachine<F> {
    type Output = F::Output;

    #[inline]
    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<F::Output> {
        // SAFETY: PINNED, as in `Machine`.
        let this = unsafe { self.get_unchecked_mut() };
        resume(&mut this.step, cx)
    }
}

impl<F: Step> Drop for AnchoredMachine<F> {
    #[inline]
    fn drop(&mut self) {
        let unwinding = Unwinding(&mut self.step);
        let _ = unwinding.0.step(None);
        core::mem::forget(unwinding);
    }
}

/// An awaited coroutine in the state that waits for it; dropped in place as soon as it has answered. (Not a type of its
/// own: each type around a child is a step towards the compiler's limit for nesting.)
pub type Child<C> = Option<C>;

/// Called by expansions, for the operand of an `.await`.
#[inline(always)]
pub fn child<A: IntoCoroutine>(awaited: A) -> Child<A::Coroutine> {
    Some(awaited.into_coroutine())
}

/// Called by expansions, on a child in their state.
#[inline(always)]
pub fn resume_child<C: Coroutine>(child: &mut Child<C>, cx: &mut Context<'_>) -> Resume<C::Output> {
    let Some(coroutine) = child else { finished() };
    // SAFETY: PINNED and EXPANSION.
    let answer = unsafe { Pin::new_unchecked(coroutine) }.resume(cx);
    if !matches!(answer, Resume::Pending) {
        *child = None;
    }
    answer
}

/// Drops a child where it is.
#[inline(always)]
pub fn clear<C>(child: &mut Child<C>) {
    *child = None;
}

/// The place of a variable that is borrowed across a suspension.
///
/// It contains `PhantomPinned`, so that no `&mut` to anything around it claims to be the only way to the value.
pub struct Slot<T> {
    value: UnsafeCell<MaybeUninit<T>>,
    _pinned: PhantomPinned,
}

// SAFETY: CHECKED: a shared slot gives nothing that `&mut T` in the twin would not have given; a closure that captures
// the slot stands for one that captures a reference to the value, so it may go where `T` may go.
unsafe impl<T: Send> Sync for Slot<T> {}

impl<T> Slot<T> {
    /// A slot that holds nothing.
    #[inline(always)]
    pub const fn empty() -> Slot<T> {
        Slot { value: UnsafeCell::new(MaybeUninit::uninit()), _pinned: PhantomPinned }
    }

    /// A slot that holds a parameter.
    #[inline(always)]
    pub const fn filled(value: T) -> Slot<T> {
        Slot { value: UnsafeCell::new(MaybeUninit::new(value)), _pinned: PhantomPinned }
    }

    /// The slot under a lifetime that the compiler does not tie to this resume.
    ///
    /// # Safety
    /// PINNED: the result is used only while the machine exists.
    #[inline(always)]
    pub unsafe fn pinned<'slot>(&self) -> &'slot Slot<T> {
        // SAFETY: the caller's promise.
        unsafe { &*(self as *const Slot<T>) }
    }

    /// Where the value is.
    #[inline(always)]
    pub fn at(&self) -> *mut T {
        self.value.get().cast()
    }

    /// Puts a value into the empty slot.
    #[inline(always)]
    pub fn put(&self, value: T) -> SlotGuard<'_, T> {
        // SAFETY: the slot's own storage; an old value, which GUARDED rules out, would only leak.
        unsafe { self.at().write(value) };
        SlotGuard { slot: self }
    }

    /// Takes up again the duty to drop the value.
    ///
    /// # Safety
    /// GUARDED: the slot holds a value and has no guard.
    #[inline(always)]
    pub unsafe fn guard(&self) -> SlotGuard<'_, T> {
        SlotGuard { slot: self }
    }

    /// Moves the value out.
    #[inline(always)]
    pub fn take(&self, guard: SlotGuard<'_, T>) -> T {
        let guard = ManuallyDrop::new(guard);
        // SAFETY: GUARDED: the guard says that there is a value, and goes away without dropping it.
        unsafe { guard.slot.at().read() }
    }
}

/// The duty to drop the value of a slot: the slot's stand-in among the local variables of a segment.
pub struct SlotGuard<'slot, T> {
    slot: &'slot Slot<T>,
}

impl<T> SlotGuard<'_, T> {
    /// At a suspension: the state now says that the slot holds a value.
    #[inline(always)]
    pub fn suspend(self) {
        core::mem::forget(self);
    }
}

/// At a suspension: as [`SlotGuard::suspend`], for a variable that may have been moved; tells whether it is there.
#[inline(always)]
pub fn suspend<T>(guard: Option<SlotGuard<'_, T>>) -> bool {
    guard.map(SlotGuard::suspend).is_some()
}

impl<T> Drop for SlotGuard<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: GUARDED.
        unsafe { self.slot.at().drop_in_place() }
    }
}

/// Moves a variable out of a state that is then overwritten: called by expansions only (EXPANSION), which call
/// [`overwrite`] before anything else can see the state.
#[inline(always)]
pub fn take<T>(field: &mut T) -> T {
    // SAFETY: EXPANSION: the field is not used again, nor dropped.
    unsafe { core::ptr::read(field) }
}

/// Replaces a state from which everything has been moved or dropped: called by expansions only (EXPANSION).
#[inline(always)]
pub fn overwrite<S>(state: &mut S, next: S) {
    // SAFETY: a write to a valid place; what was there has nothing left to drop.
    unsafe { core::ptr::write(state, next) }
}

/// A coroutine was resumed after its end. Event loops never do that.
#[cold]
#[inline(never)]
pub fn finished() -> ! {
    panic!("a coroutine was resumed after its end")
}

/// Code that no run reaches.
#[inline(always)]
pub fn never() -> ! {
    finished()
}

/// Takes the twin, which rustc checks and nobody calls.
#[inline(always)]
pub fn twin<T>(_never_called: impl FnOnce() -> T) -> ! {
    finished()
}

/// `.await` in the twin: takes what is awaited, gives its output, and may unwind. Never called.
pub fn wait<A: IntoCoroutine>(_awaited: A) -> A::Output {
    finished()
}

/// `?`, which is not stable for types of one's own: the stable part of `core::ops::Try`.
pub trait Branch {
    /// What `?` gives.
    type Output;
    /// What it returns early.
    type Residual;
    /// Which of the two it is.
    fn branch(self) -> ControlFlow<Self::Residual, Self::Output>;
}

/// The other half of `?`: an early return made from what [`Branch`] found.
pub trait FromResidual<R> {
    /// Makes the function's return value.
    fn from_residual(residual: R) -> Self;
}

/// See [`Branch::branch`].
#[inline(always)]
pub fn branch<B: Branch>(value: B) -> ControlFlow<B::Residual, B::Output> {
    value.branch()
}

/// See [`FromResidual::from_residual`].
#[inline(always)]
pub fn residual<R, T: FromResidual<R>>(residual: R) -> Resume<T> {
    Resume::Done(T::from_residual(residual))
}

impl<T, E> Branch for Result<T, E> {
    type Output = T;
    type Residual = Result<Infallible, E>;
    #[inline(always)]
    fn branch(self) -> ControlFlow<Self::Residual, T> {
        match self {
            Ok(value) => ControlFlow::Continue(value),
            Err(error) => ControlFlow::Break(Err(error)),
        }
    }
}

impl<T, E, F: From<E>> FromResidual<Result<Infallible, E>> for Result<T, F> {
    #[inline(always)]
    fn from_residual(residual: Result<Infallible, E>) -> Self {
        match residual {
            Err(error) => Err(F::from(error)),
            Ok(never) => match never {},
        }
    }
}

impl<T> Branch for Option<T> {
    type Output = T;
    type Residual = Option<Infallible>;
    #[inline(always)]
    fn branch(self) -> ControlFlow<Self::Residual, T> {
        match self {
            Some(value) => ControlFlow::Continue(value),
            None => ControlFlow::Break(None),
        }
    }
}

impl<T> FromResidual<Option<Infallible>> for Option<T> {
    #[inline(always)]
    fn from_residual(_: Option<Infallible>) -> Self {
        None
    }
}

impl<B, C> Branch for ControlFlow<B, C> {
    type Output = C;
    type Residual = ControlFlow<B, Infallible>;
    #[inline(always)]
    fn branch(self) -> ControlFlow<Self::Residual, C> {
        match self {
            ControlFlow::Continue(value) => ControlFlow::Continue(value),
            ControlFlow::Break(value) => ControlFlow::Break(ControlFlow::Break(value)),
        }
    }
}

impl<B, C> FromResidual<ControlFlow<B, Infallible>> for ControlFlow<B, C> {
    #[inline(always)]
    fn from_residual(residual: ControlFlow<B, Infallible>) -> Self {
        match residual {
            ControlFlow::Break(value) => ControlFlow::Break(value),
            ControlFlow::Continue(never) => match never {},
        }
    }
}

impl<T, E> Branch for Poll<Result<T, E>> {
    type Output = Poll<T>;
    type Residual = Result<Infallible, E>;
    #[inline(always)]
    fn branch(self) -> ControlFlow<Self::Residual, Poll<T>> {
        match self {
            Poll::Ready(Ok(value)) => ControlFlow::Continue(Poll::Ready(value)),
            Poll::Pending => ControlFlow::Continue(Poll::Pending),
            Poll::Ready(Err(error)) => ControlFlow::Break(Err(error)),
        }
    }
}

impl<T, E, F: From<E>> FromResidual<Result<Infallible, E>> for Poll<Result<T, F>> {
    #[inline(always)]
    fn from_residual(residual: Result<Infallible, E>) -> Self {
        match residual {
            Err(error) => Poll::Ready(Err(F::from(error))),
            Ok(never) => match never {},
        }
    }
}

/// What one try of `block!`'s operation gave.
pub enum Attempt<R> {
    /// It would block: try again when woken.
    Blocked,
    /// It ended.
    Finished(R),
}

/// Sorts the answer of a non-blocking operation.
#[inline(always)]
pub fn attempt<T, E>(answer: nb::Result<T, E>) -> Attempt<Result<T, E>> {
    match answer {
        Ok(value) => Attempt::Finished(Ok(value)),
        Err(nb::Error::Other(error)) => Attempt::Finished(Err(error)),
        Err(nb::Error::WouldBlock) => Attempt::Blocked,
    }
}

/// The suspension of `block!`: woken by whatever the operation registered with, or else after the next interrupt.
pub fn blocked() -> Blocked {
    Blocked { suspended: false }
}

/// Made by [`blocked`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct Blocked {
    suspended: bool,
}

impl Coroutine for Blocked {
    type Output = ();

    #[inline]
    fn resume(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
        if self.suspended {
            return if cx.take_cancel() { Resume::Cancelled } else { Resume::Done(()) };
        }
        self.suspended = true;
        if !cx.event_loop().is_some_and(|event_loop| event_loop.take_interest()) {
            cx.resume_after_interrupt();
        }
        Resume::Pending
    }
}

/// Asks about a value's type without touching the value.
pub struct Probe<T>(PhantomData<T>);

/// Makes the probe of a value.
#[inline(always)]
pub fn probe<T>(_: &T) -> Probe<T> {
    Probe(PhantomData)
}

/// A variable that is not used again, of a `Copy` type: its bytes need not be kept.
pub struct Forgettable;
/// A variable that is not used again but may have a destructor: it is kept to the end of its scope.
pub struct Kept;

/// Whether a pattern may take a value apart that is not named again: found first, for types with a destructor.
pub trait ProbeDestructor {
    /// A pattern that only copies fields out of such a value leaves the value where it is, which only rustc can tell.
    fn taken(&self);
}
#[allow(drop_bounds)]
impl<T: Drop> ProbeDestructor for Probe<T> {
    #[inline(always)]
    fn taken(&self) {
        const {
            assert!(
                size_of::<T>() > usize::MAX >> 1,
                "segno [SG0029] this value has a destructor and is matched by value before a suspension: match on a reference to it instead: `match &value`"
            );
        }
    }
}

/// Found for every other type.
pub trait ProbeNoDestructor {
    /// The pattern takes the value, as everything else about it says.
    #[inline(always)]
    fn taken(&self) {}
}
impl<T> ProbeNoDestructor for &Probe<T> {}

impl<T> Probe<T> {
    /// For a pattern with `..`: what it leaves out must not need to be dropped.
    #[inline(always)]
    pub fn taken_in_part(&self) {
        const {
            assert!(
                !core::mem::needs_drop::<T>(),
                "segno [SG0030] a pattern with `..` takes this value apart before a suspension, and what it leaves out may have a destructor: name every part, `_` for those that are not used"
            );
        }
    }
}

/// Found first by method lookup, where it applies.
pub trait ProbeCopy {
    /// The type is `Copy`.
    #[inline(always)]
    fn holding(&self) -> Forgettable {
        Forgettable
    }
}
impl<T: Copy> ProbeCopy for Probe<T> {}

/// Found by method lookup for every other type.
pub trait ProbeOther {
    /// The type is not known to be `Copy`.
    #[inline(always)]
    fn holding(&self) -> Kept {
        Kept
    }
}
impl<T> ProbeOther for &Probe<T> {}

impl Forgettable {
    /// Whether the value has to be held.
    #[inline(always)]
    pub fn keeps<T>(&self, _: &T) -> bool {
        false
    }
    /// Lets go of the value.
    #[inline(always)]
    pub fn hold<T>(self, _: T) {}
    /// Stands for the value.
    #[inline(always)]
    pub fn nothing<T>(self, _: &T) {}
}

impl Kept {
    /// Whether the value has to be held: it has a destructor.
    #[inline(always)]
    pub fn keeps<T>(&self, _: &T) -> bool {
        core::mem::needs_drop::<T>()
    }
    /// Holds the value.
    #[inline(always)]
    pub fn hold<T>(self, value: T) -> Held<T> {
        Held(MaybeUninit::new(value))
    }
    /// Stands for a value without a destructor. (It is not moved: it may be a reference to what has changed since.)
    #[inline(always)]
    pub fn nothing<T>(self, _: &T) -> Held<T> {
        Held(MaybeUninit::uninit())
    }
}

/// A variable that is not used again, held for its destructor.
pub struct Held<T>(MaybeUninit<T>);

impl<T> Drop for Held<T> {
    #[inline(always)]
    fn drop(&mut self) {
        if core::mem::needs_drop::<T>() {
            // SAFETY: `Kept::hold` made it, because of what `Kept::keeps` said (EXPANSION); it is dropped once.
            unsafe { self.0.assume_init_drop() }
        }
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

/// The call borrows its receiver.
pub struct ReceiverBorrowed;
/// The call moves its receiver.
pub struct ReceiverMoved;

/// Found first: the asking method itself was chosen.
pub trait ProbeBorrow {
    /// The answer.
    #[inline(always)]
    fn receiver(&self) -> ReceiverBorrowed {
        ReceiverBorrowed
    }
}
impl ProbeBorrow for ProbeCall<Borrowed> {}

/// Found for every other type: an inherent method by value was preferred.
pub trait ProbeMove {
    /// The answer.
    #[inline(always)]
    fn receiver(&self) -> ReceiverMoved {
        ReceiverMoved
    }
}
impl<T> ProbeMove for &ProbeCall<T> {}

impl ReceiverBorrowed {
    /// Whether the receiver is still there.
    #[inline(always)]
    pub fn borrows(&self) -> bool {
        true
    }
    /// Goes on: the code after it is meant for a receiver that is still there.
    #[inline(always)]
    pub fn when_borrowed(&self) {}
    /// Does not come back: the code after it is meant for a receiver that is moved.
    #[inline(always)]
    pub fn when_moved(&self) -> ! {
        never()
    }
}

impl ReceiverMoved {
    /// Whether the receiver is still there.
    #[inline(always)]
    pub fn borrows(&self) -> bool {
        false
    }
    /// Does not come back: the code after it is meant for a receiver that is still there.
    #[inline(always)]
    pub fn when_borrowed(&self) -> ! {
        never()
    }
    /// Goes on: the code after it is meant for a receiver that is moved.
    #[inline(always)]
    pub fn when_moved(&self) {}
}

impl Forgettable {
    /// A field of this type was used by value: it was copied.
    #[inline(always)]
    pub fn of<X>(self, _whole: &X) -> FieldCopied {
        FieldCopied
    }
}

impl Kept {
    /// A field of this type was used by value: it was moved out of what it belonged to.
    #[inline(always)]
    pub fn of<X>(self, _whole: &X) -> FieldMoved<X> {
        FieldMoved(PhantomData)
    }
}

/// The field was copied.
pub struct FieldCopied;

impl FieldCopied {
    /// Whether the value is still whole.
    #[inline(always)]
    pub fn borrows(&self) -> bool {
        true
    }
    /// Goes on.
    #[inline(always)]
    pub fn when_borrowed(&self) {}
    /// Does not come back.
    #[inline(always)]
    pub fn when_moved(&self) -> ! {
        never()
    }
    /// Goes on: the value may be held.
    #[inline(always)]
    pub fn whole(&self) {}
}

/// The field was moved out of an `X`.
pub struct FieldMoved<X>(PhantomData<X>);

impl<X> FieldMoved<X> {
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
    /// Does not come back.
    #[inline(always)]
    pub fn when_borrowed(&self) -> ! {
        never()
    }
    /// Goes on.
    #[inline(always)]
    pub fn when_moved(&self) {}
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

/// Whether a method that iterators, `Option` and `Result` have takes its receiver by value: if it is called on one of them.
pub trait ProbeIterator {
    /// The answer.
    #[inline(always)]
    fn by_name(&self) -> ReceiverMoved {
        ReceiverMoved
    }
}
impl<T: Iterator> ProbeIterator for &&&Probe<T> {}

/// See [`ProbeIterator`].
pub trait ProbeOption {
    /// The answer.
    #[inline(always)]
    fn by_name(&self) -> ReceiverMoved {
        ReceiverMoved
    }
}
impl<T> ProbeOption for &&Probe<Option<T>> {}

/// See [`ProbeIterator`].
pub trait ProbeResult {
    /// The answer.
    #[inline(always)]
    fn by_name(&self) -> ReceiverMoved {
        ReceiverMoved
    }
}
impl<T, E> ProbeResult for &Probe<Result<T, E>> {}

/// See [`ProbeIterator`]: some other type, which is held. (If the method did move it, that does not compile.)
pub trait ProbeNeither {
    /// The answer.
    #[inline(always)]
    fn by_name(&self) -> ReceiverBorrowed {
        ReceiverBorrowed
    }
}
impl<T> ProbeNeither for Probe<T> {}
