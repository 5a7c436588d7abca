//! An intrusive list: links live in what is listed, in pinned frames or in the pool.
//!
//! # The problem
//! Who waits for something must be listed, in order, without a limit on how many, without memory to allocate, and must
//! be able to leave at any time because it is cancelled or dropped.
//!
//! # The design
//! A ring of [`Link`]s, doubly linked, and a [`List`] that knows the first. A link that is in no list has null
//! pointers, so that its owner's `Drop` knows whether there is anything to undo.
//!
//! # Invariants
//! - **LINKED**: a link that is in a list is pinned, and its owner removes it before it goes away. So every pointer in
//!   a list is valid.
//! - **WHOLE**: links are handed in as pointers to the whole of what contains them (it has its link first), so that
//!   the owner may be reached through them.
//!
//! # Costs
//! Two words for each link, one for each list; every operation is a few stores.

use core::cell::Cell;
use core::marker::PhantomPinned;
use core::ptr;

/// A place in a list. The first field of what is listed, which is `#[repr(C)]`.
pub(crate) struct Link {
    next: Cell<*const Link>,
    previous: Cell<*const Link>,
    _pinned: PhantomPinned,
}

impl Link {
    pub(crate) const fn new() -> Link {
        Link { next: Cell::new(ptr::null()), previous: Cell::new(ptr::null()), _pinned: PhantomPinned }
    }

    /// Whether it is in a list.
    pub(crate) fn is_linked(&self) -> bool {
        !self.next.get().is_null()
    }
}

/// The listed, in the order in which they came.
pub(crate) struct List {
    first: Cell<*const Link>,
}

impl List {
    pub(crate) const fn new() -> List {
        List { first: Cell::new(ptr::null()) }
    }

    /// The first link; null for none.
    pub(crate) fn first(&self) -> *const Link {
        self.first.get()
    }

    /// The link behind `link`; null for none.
    ///
    /// # Safety
    /// `link` is in this list.
    pub(crate) unsafe fn after(&self, link: *const Link) -> *const Link {
        // SAFETY: LINKED.
        let next = unsafe { (*link).next.get() };
        if next == self.first.get() { ptr::null() } else { next }
    }

    /// Adds `link` at the end.
    ///
    /// # Safety
    /// It is in no list, LINKED holds for it from now on, and the pointer is as WHOLE asks.
    pub(crate) unsafe fn push_back(&self, link: *const Link) {
        let first = self.first.get();
        // SAFETY: LINKED, for the caller's link and for those in the list.
        unsafe {
            if first.is_null() {
                (*link).next.set(link);
                (*link).previous.set(link);
                self.first.set(link);
            } else {
                let last = (*first).previous.get();
                (*link).next.set(first);
                (*link).previous.set(last);
                (*last).next.set(link);
                (*first).previous.set(link);
            }
        }
    }

    /// Removes `link`.
    ///
    /// # Safety
    /// It is in this list.
    pub(crate) unsafe fn remove(&self, link: *const Link) {
        // SAFETY: LINKED, for the caller's link and its neighbours.
        unsafe {
            let next = (*link).next.get();
            let previous = (*link).previous.get();
            (*next).previous.set(previous);
            (*previous).next.set(next);
            if self.first.get() == link {
                self.first.set(if next == link { ptr::null() } else { next });
            }
            (*link).next.set(ptr::null());
            (*link).previous.set(ptr::null());
        }
    }
}
