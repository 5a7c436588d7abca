//! The trace of one run, and the operations that leave it.
//!
//! An *operation* is anything that may fail in real code: it counts, and under a plan that says so the n-th one panics.

use std::cell::{Cell, RefCell};

/// Far more than a run that ends has.
const MOST_EVENTS: usize = 100_000;

thread_local! {
    static EVENTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static OPERATIONS: Cell<u32> = const { Cell::new(0) };
    static PANIC: Cell<Option<PanicAt>> = const { Cell::new(None) };
}

/// Which operation panics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PanicAt {
    /// Counted from 1.
    pub operation: u32,
    /// Whether drops count as operations.
    pub drops: bool,
}

/// The payload of a planned panic.
pub(crate) struct Planned;

/// Empties the trace.
pub(crate) fn begin(panic: Option<PanicAt>) {
    EVENTS.take();
    OPERATIONS.set(0);
    PANIC.set(panic);
}

/// Takes the trace and the number of operations in it.
pub(crate) fn end() -> (Vec<String>, u32) {
    PANIC.set(None);
    (EVENTS.take(), OPERATIONS.get())
}

pub(crate) fn length() -> usize {
    EVENTS.with_borrow(Vec::len)
}

pub(crate) fn record(event: impl Into<String>) {
    EVENTS.with_borrow_mut(|events| {
        // A function that never ends must not take all memory.
        assert!(events.len() < MOST_EVENTS, "this run never ends");
        events.push(event.into());
    });
}

/// One operation: leaves no event, but may be the one that panics.
pub(crate) fn operation() {
    count(false);
}

fn count(drop: bool) {
    let plan = PANIC.get();
    if drop && !plan.is_some_and(|plan| plan.drops) {
        return;
    }
    OPERATIONS.set(OPERATIONS.get() + 1);
    // A panic while the function panics by itself would abort.
    if plan.is_some_and(|plan| plan.operation == OPERATIONS.get()) && !std::thread::panicking() {
        // Not `panic!`: the hook would print each of the thousands.
        std::panic::resume_unwind(Box::new(Planned));
    }
}

/// Records an event. An operation.
pub fn log(event: impl Into<String>) {
    record(event);
    operation();
}

/// A droppable token: its drop leaves `~name`.
#[derive(Debug, PartialEq, Eq)]
pub struct T(pub &'static str);

impl Drop for T {
    fn drop(&mut self) {
        record(format!("~{}", self.0));
        count(true);
    }
}

impl T {
    /// Reads it: logs `r:name`, gives 1.
    pub fn r(&self) -> u8 {
        log(format!("r:{}", self.0));
        1
    }

    /// Changes its name.
    pub fn rename(&mut self, name: &'static str) -> &mut Self {
        log(format!("{}>{name}", self.0));
        self.0 = name;
        self
    }

    /// Something to match on that borrows nothing.
    pub fn o(&self) -> Option<u8> {
        Some(1)
    }

    /// Something to match on that borrows the token.
    pub fn name(&self) -> Option<&&'static str> {
        Some(&self.0)
    }

    /// Consumes it: logs `t:name`, gives 2.
    pub fn take(self) -> u8 {
        log(format!("t:{}", self.0));
        2
    }

    /// Suspends, then logs `a:name`; gives 1.
    pub fn a(&self) -> crate::Leaf<impl FnOnce() -> u8> {
        crate::after(move || {
            log(format!("a:{}", self.0));
            1
        })
    }

    /// Suspends, then changes the name.
    pub fn renamed(&mut self, name: &'static str) -> crate::Leaf<impl FnOnce()> {
        crate::after(move || {
            self.rename(name);
        })
    }

    /// Suspends, then consumes the token; gives 2.
    pub fn taken(self) -> crate::Leaf<impl FnOnce() -> u8> {
        crate::after(move || self.take())
    }
}
