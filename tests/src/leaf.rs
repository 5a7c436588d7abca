//! Leaves, where a test suspends. Each is a future and a coroutine, written by hand: a test that fails accuses the
//! function under test and nothing else.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::trace::{T, log, operation};

/// Suspends some times, then evaluates a closure. What the closure has captured is dropped with the leaf.
#[derive(Debug)]
#[must_use = "a leaf does nothing until it is awaited"]
pub struct Leaf<F> {
    suspensions: u32,
    #[cfg(feature = "ours")]
    suspended: bool,
    then: Option<F>,
}

// The closure is never pinned: it is moved out when the suspensions are over.
impl<F> Unpin for Leaf<F> {}

impl<F: FnOnce() -> R, R> Leaf<F> {
    fn advance(&mut self) -> Option<R> {
        operation();
        match self.suspensions.checked_sub(1) {
            Some(left) => {
                self.suspensions = left;
                None
            }
            None => Some((self.then.take().expect("a leaf that has ended is not resumed"))()),
        }
    }
}

impl<F: FnOnce() -> R, R> Future for Leaf<F> {
    type Output = R;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<R> {
        self.get_mut().advance().map_or(Poll::Pending, Poll::Ready)
    }
}

#[cfg(feature = "ours")]
impl<F: FnOnce() -> R, R> segno::Coroutine for Leaf<F> {
    type Output = R;

    fn resume(self: Pin<&mut Self>, cx: &mut segno::Context<'_>) -> segno::Resume<R> {
        let this = self.get_mut();
        if core::mem::replace(&mut this.suspended, true) && cx.take_cancel() {
            return segno::Resume::Cancelled;
        }
        this.advance().map_or(segno::Resume::Pending, segno::Resume::Done)
    }
}

fn leaf<F: FnOnce() -> R, R>(suspensions: u32, then: F) -> Leaf<F> {
    operation();
    Leaf {
        suspensions,
        #[cfg(feature = "ours")]
        suspended: false,
        then: Some(then),
    }
}

/// Suspends once, then evaluates.
pub fn after<F: FnOnce() -> R, R>(then: F) -> Leaf<F> {
    leaf(1, then)
}

/// Suspends once.
pub fn y() -> Leaf<impl FnOnce()> {
    leaf(1, || ())
}

/// Suspends `n` times, perhaps never.
pub fn ys(n: u32) -> Leaf<impl FnOnce()> {
    leaf(n, || ())
}

/// Suspends, then gives the value back.
pub fn id<X>(value: X) -> Leaf<impl FnOnce() -> X> {
    after(move || value)
}

/// Borrows one token and owns another while it is suspended.
pub fn two<'a>(a: &'a T, b: T) -> Leaf<impl FnOnce() -> u8 + use<'a>> {
    after(move || {
        // All of it, not only the field that is read.
        let b = b;
        log(format!("two:{},{}", a.0, b.0));
        0
    })
}

/// Suspends, logs the number, gives it back.
pub fn child(n: u32) -> Leaf<impl FnOnce() -> u32> {
    after(move || {
        log(format!("child:{n}"));
        n
    })
}

/// Suspends, then reads what it borrows.
pub fn get<X: Copy>(place: &X) -> Leaf<impl FnOnce() -> X> {
    after(move || {
        log("get");
        *place
    })
}

/// The error of the fallible leaves. Droppable, so that its drop is part of the trace.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure(pub T);

/// Suspends, then fails if told so.
pub fn fail<X>(fails: bool, value: X) -> Leaf<impl FnOnce() -> Result<X, Failure>> {
    after(move || if fails { Err(Failure(T("failure"))) } else { Ok(value) })
}

/// A device whose operation is ready at the n-th attempt.
#[derive(Debug)]
pub struct NotReady(pub u32);

impl NotReady {
    /// The operation: logs each attempt.
    pub fn attempt<X>(&mut self, value: X) -> nb::Result<X, Failure> {
        log(format!("try:{}", self.0));
        match self.0.checked_sub(1) {
            Some(left) => {
                self.0 = left;
                Err(nb::Error::WouldBlock)
            }
            None => Ok(value),
        }
    }

    /// As [`NotReady::attempt`], but it fails in the end.
    pub fn attempt_in_vain(&mut self) -> nb::Result<(), Failure> {
        self.attempt(())?;
        Err(nb::Error::Other(Failure(T("failure"))))
    }
}

/// A temporary that is alive while its value is used.
pub fn temporary(name: &'static str, n: u32) -> impl core::ops::Deref<Target = u32> {
    struct Temporary(#[expect(dead_code, reason = "held for its destructor")] T, u32);
    impl core::ops::Deref for Temporary {
        type Target = u32;
        fn deref(&self) -> &u32 {
            &self.1
        }
    }
    Temporary(T(name), n)
}
