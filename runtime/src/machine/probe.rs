//! Questions about types, which the macro does not know and rustc answers by the method that it finds.

use core::marker::PhantomData;
use core::mem::MaybeUninit;

use super::never;
use super::receiver::{Intact, Moved};

/// Asks about a value's type without touching the value.
pub struct Probe<T>(PhantomData<T>);

/// Makes the probe of a value.
#[inline(always)]
pub fn probe<T>(_: &T) -> Probe<T> {
    Probe(PhantomData)
}

/// Makes the probe of a place, also of a field of a packed struct.
#[inline(always)]
pub fn probe_place<T>(_: *const T) -> Probe<T> {
    Probe(PhantomData)
}

/// The same, of a place that is reached by code of others, which is not run.
#[inline(always)]
pub fn probe_pointer<T>(_never_called: impl FnOnce() -> *const T) -> Probe<T> {
    Probe(PhantomData)
}

/// A value of a place's type, in code that is never run.
#[inline(always)]
pub fn like<T>(_: &T) -> T {
    never()
}

/// A value whose type is written: that of a `let`'s pattern.
#[inline(always)]
pub fn typed<T>(value: T) -> T {
    value
}

/// The same, of a value that stays where it is.
#[inline(always)]
pub fn of_type<T>(_: &T) {}

/// Tells rustc that a value has the type of another, which is never made.
#[inline(always)]
pub fn same_type<T>(_: &T, _never_called: impl FnOnce() -> T) {}

/// A variable that is not used again, of a `Copy` type: its bytes need not be kept.
pub struct Forgettable;
/// A variable that is not used again but may have a destructor: it is kept to the end of its scope.
pub struct Kept;

/// Whether a pattern may take a value apart that is not named again: found first, for types with a destructor.
pub trait ProbeDestructor {
    /// A pattern that only copies fields out of such a value leaves the value where it is, which only rustc can tell.
    fn taken<const LINE: u32, const COLUMN: u32>(&self);
}
#[allow(drop_bounds)]
impl<T: Drop> ProbeDestructor for Probe<T> {
    #[inline(always)]
    fn taken<const LINE: u32, const COLUMN: u32>(&self) {
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
    fn taken<const LINE: u32, const COLUMN: u32>(&self) {}

    /// Of what is no array, nothing is moved.
    #[inline(always)]
    fn taken_by_elements<const LINE: u32, const COLUMN: u32>(&self) {}
}
impl<T> ProbeNoDestructor for &Probe<T> {}

impl<T> Probe<T> {
    /// What a pattern leaves of a variable that gets another value later, where it would be dropped: it must not need to be.
    #[inline(always)]
    pub fn renewed<const LINE: u32, const COLUMN: u32>(&self) {
        const {
            assert!(
                !core::mem::needs_drop::<T>(),
                "segno [SG0030] a pattern leaves this part of a variable that gets another value later, and it may have a destructor, which would run there: name the part, and drop it"
            );
        }
    }
    /// For a pattern with `..`, or with `_` in an array or in one of many alternatives: what it leaves out must not need to be dropped.
    #[inline(always)]
    pub fn taken_in_part<const LINE: u32, const COLUMN: u32>(&self) {
        const {
            assert!(
                !core::mem::needs_drop::<T>(),
                "segno [SG0030] a pattern with `..`, or with `_` in an array or in one of many alternatives, takes this value apart before a suspension, and what it leaves out may have a destructor: name every part (outside of arrays, `_` for those that are not used)"
            );
        }
    }
}

/// A field of a variable in a slot, of which a pattern takes one part and leaves another: it comes whole, so what is left must not need
/// to be dropped.
#[inline(always)]
pub fn taken_whole<T, const LINE: u32, const COLUMN: u32>(field: T) -> T {
    const { assert!(!core::mem::needs_drop::<T>(), "{}", LEFT_OF_A_FIELD) }
    field
}

/// The same, asked about a part that is left. (If the field is a reference, the part is not the field's own.)
#[inline(always)]
pub fn taken_but<T, P, const LINE: u32, const COLUMN: u32>(field: T, _: impl FnOnce(*const T) -> *const P) -> T {
    const { assert!(!(core::mem::needs_drop::<T>() && core::mem::needs_drop::<P>()), "{}", LEFT_OF_A_FIELD) }
    field
}

const MOVED_OUT_OF_A_SLOT: &str = "segno [SG0028] a field is moved out of a value while the rest of the value lives on, and the rest may have a destructor: take the value apart with `let`, naming every field";

const LEFT_OF_A_FIELD: &str = "segno [SG0030] a pattern leaves a part of this field, or all of it where it does not match, which may have a destructor, and the variable is borrowed across a suspension: take the parts one by one, `let part = value.field.part;`, or all of it first, `let field = value.field;`";

impl<T, const N: usize> Probe<[T; N]> {
    /// For a pattern that takes elements out of an array which may have been dropped before, or not have come here.
    #[inline(always)]
    pub fn taken_by_elements<const LINE: u32, const COLUMN: u32>(&self) {
        const {
            assert!(
                N < 2 || !core::mem::needs_drop::<T>(),
                "segno [SG0038] an array is taken apart after a suspension or on some ways only, and rustc drops the elements of such an array from the last to the first: take it apart where it is made, or move it to a variable of its own first: `let array = array;`"
            );
        }
    }
}

impl<A> Probe<A> {
    /// Parts of one value, of which the order is not known in which they are dropped: only one may have a destructor.
    #[inline(always)]
    pub fn beside<B, const LINE: u32, const COLUMN: u32>(self, _: Probe<B>) -> Probe<(A, B)> {
        const {
            assert!(
                !(core::mem::needs_drop::<A>() && core::mem::needs_drop::<B>()),
                "segno [SG0036] of this value several parts with destructors are left, and rustc drops them in the order of the type's declaration, which is not known: bind them to variables of their own"
            );
        }
        Probe(PhantomData)
    }

    /// Asks about both together.
    #[inline(always)]
    pub fn with<B>(self, _: Probe<B>) -> Probe<(A, B)> {
        Probe(PhantomData)
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

impl Forgettable {
    /// As [`hold`](Self::hold), where other ways move the value.
    #[inline(always)]
    pub fn some<T>(self, _: T) -> Option<()> {
        None
    }
    /// As [`nothing`](Self::nothing), there.
    #[inline(always)]
    pub fn none<T>(self, _: &T) -> Option<()> {
        None
    }
}

impl Kept {
    /// As [`hold`](Self::hold), where other ways move the value.
    #[inline(always)]
    pub fn some<T>(self, value: T) -> Option<T> {
        Some(value)
    }
    /// As [`nothing`](Self::nothing), there.
    #[inline(always)]
    pub fn none<T>(self, _: &T) -> Option<T> {
        None
    }
}

/// What a variable that is not used again leaves, or leaves not.
pub trait Place {
    /// What has the destructor.
    type Value;
    /// The same, to be joined with what other ways leave.
    fn into_option(self) -> Option<Self::Value>;
}

impl Place for () {
    type Value = ();
    #[inline(always)]
    fn into_option(self) -> Option<()> {
        None
    }
}

impl<T> Place for Held<T> {
    type Value = T;
    #[inline(always)]
    fn into_option(self) -> Option<T> {
        let held = core::mem::ManuallyDrop::new(self);
        if core::mem::needs_drop::<T>() {
            // SAFETY: as for its `drop`, in the place of which the value is read.
            Some(unsafe { held.0.assume_init_read() })
        } else {
            None
        }
    }
}

/// The place of a variable that a call has moved: nothing.
pub struct Gone<P>(PhantomData<fn() -> P>);

impl<P> Gone<P> {
    pub(super) const NEW: Gone<P> = Gone(PhantomData);
}

impl<P: Place> Place for Gone<P> {
    type Value = P::Value;
    #[inline(always)]
    fn into_option(self) -> Option<P::Value> {
        None
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

impl Forgettable {
    /// A field of this type, of a variable in a slot, is used by value: it is copied.
    ///
    /// # Safety
    /// `field` is a field of `whole`, which holds a value.
    #[inline(always)]
    pub unsafe fn part<T, X, const LINE: u32, const COLUMN: u32>(self, field: *const T, _whole: *mut X) -> T {
        // SAFETY: the caller's promise.
        unsafe { field.read() }
    }
    /// A pattern has bound a value of this type that is in a slot: it was copied.
    #[inline(always)]
    pub fn moved_out<T, X, const LINE: u32, const COLUMN: u32>(self, _: &T, _whole: *mut X) {}
    /// What a box holds is of this type, and is copied.
    #[inline(always)]
    pub fn in_parts<T, const LINE: u32, const COLUMN: u32>(self, _: &Probe<T>) -> Intact {
        Intact
    }
    /// A field of this type was used by value: it was copied.
    #[inline(always)]
    pub fn of<X, const LINE: u32, const COLUMN: u32>(self, _whole: &X) -> Intact {
        Intact
    }
}

impl Kept {
    /// A field of this type, of a variable in a slot, is used by value: it is moved out, and the rest must not need to be
    /// dropped. (If the field itself need not be, as a `&mut`, which may as well be borrowed again, what is done to the whole
    /// is what is done to the rest: the twin has shown that the whole has no destructor of its own.)
    ///
    /// # Safety
    /// `field` is a field of `whole`, which holds a value, and it is not used again.
    #[inline(always)]
    pub unsafe fn part<T, X, const LINE: u32, const COLUMN: u32>(self, field: *const T, _whole: *mut X) -> T {
        const { assert!(!core::mem::needs_drop::<T>() || !core::mem::needs_drop::<X>(), "{}", MOVED_OUT_OF_A_SLOT) }
        // SAFETY: the caller's promise.
        unsafe { field.read() }
    }
    /// A pattern has moved a value of this type out of what is in a slot: as for [`part`](Self::part).
    #[inline(always)]
    pub fn moved_out<T, X, const LINE: u32, const COLUMN: u32>(self, _: &T, _whole: *mut X) {
        const { assert!(!core::mem::needs_drop::<T>() || !core::mem::needs_drop::<X>(), "{}", MOVED_OUT_OF_A_SLOT) }
    }
    /// What a box holds is of this type, and a pattern may take a part of it out: what that leaves must not need to be dropped.
    #[inline(always)]
    pub fn in_parts<T, const LINE: u32, const COLUMN: u32>(self, _: &Probe<T>) -> Moved<()> {
        const {
            assert!(
                !core::mem::needs_drop::<T>(),
                "segno [SG0030] a pattern takes a part out of a box before a suspension, and what it leaves there may have a destructor: take all of it out first, `let value = *pointer;`, and match that"
            );
        }
        Moved::NEW
    }
    /// A field of this type was used by value: it was moved out of what it belonged to.
    #[inline(always)]
    pub fn of<X, const LINE: u32, const COLUMN: u32>(self, _whole: &X) -> Moved<X, LINE, COLUMN> {
        Moved::NEW
    }
}
