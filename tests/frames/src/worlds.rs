//! The two worlds: the same names, once for rustc and once for segno.
//!
//! What is awaited is the same value in both, so that the leaves have equal sizes; in rustc's world it is wrapped in a
//! future that is never polled.

use core::future::Future;
use core::marker::{PhantomData, PhantomPinned};
use core::pin::Pin;
use core::task::{Context, Poll};

/// Copies its content into a module for each world.
macro_rules! both {
    ($($content:tt)*) => {
        #[allow(unused, unreachable_code, clippy::all)]
        pub mod rustc {
            use crate::worlds::rustc::segno;
            $($content)*
        }
        #[allow(unused, unreachable_code, clippy::all)]
        pub mod ours {
            use crate::worlds::ours::segno;
            $($content)*
        }
    };
}
pub(crate) use both;

/// How large a frame is, and how it is aligned.
#[derive(Clone, Copy)]
pub struct Frame {
    pub size: usize,
    pub align: usize,
}

const fn frame<F>() -> Frame {
    Frame { size: size_of::<F>(), align: align_of::<F>() }
}

/// The frame that a function returns.
pub fn frame0<F>(_: fn() -> F) -> Frame {
    frame::<F>()
}

/// As [`frame0`].
pub fn frame1<A, F>(_: fn(A) -> F) -> Frame {
    frame::<F>()
}

/// As [`frame0`].
pub fn frame2<A, B, F>(_: fn(A, B) -> F) -> Frame {
    frame::<F>()
}

/// A leaf of one byte.
pub struct Y(bool);

/// Makes one.
pub fn y() -> Y {
    Y(false)
}

impl Future for Y {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        self.0 = !self.0;
        if self.0 { Poll::Pending } else { Poll::Ready(()) }
    }
}

impl ::segno::Coroutine for Y {
    type Output = ();

    fn resume(mut self: Pin<&mut Self>, _: &mut ::segno::Context<'_>) -> ::segno::Resume<()> {
        self.0 = !self.0;
        if self.0 { ::segno::Resume::Pending } else { ::segno::Resume::Done(()) }
    }
}

/// A coroutine of segno's as a future, with an output for the types' sake. It is only measured.
pub struct Measured<C, T = ()> {
    _coroutine: C,
    _output: PhantomData<fn() -> T>,
    _pinned: PhantomPinned,
}

impl<C, T> Measured<C, T> {
    fn new(coroutine: C) -> Measured<C, T> {
        Measured { _coroutine: coroutine, _output: PhantomData, _pinned: PhantomPinned }
    }
}

impl<C, T> Future for Measured<C, T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        unreachable!("frames are only measured")
    }
}

/// Segno's own names.
pub mod ours {
    pub use ::segno;
}

/// What rustc is given for them.
pub mod rustc {
    /// Stands for the crate `segno`.
    pub mod segno {
        pub use segno_tests_worlds::coroutine;

        /// Stands for its prelude.
        pub mod prelude {
            pub use super::super::{CatchCancel, EventLoop, block, sleep};
            pub use ::segno::prelude::{Cancelled, ExtU64, Future, Protocol, Refused, TimerHandle};
            pub use ::segno::println;
        }
    }

    use core::convert::Infallible;
    use core::future::Future;

    use ::segno::Refused;

    pub use super::Measured;
    pub use crate::suspending_block as block;

    /// What `nb::block!` means in a coroutine, spelt for rustc.
    #[macro_export]
    macro_rules! suspending_block {
        ($operation:expr) => {
            loop {
                match $operation {
                    Ok(value) => break Ok(value),
                    Err(::nb::Error::Other(error)) => break Err(error),
                    Err(::nb::Error::WouldBlock) => $crate::worlds::rustc::blocked().await,
                }
            }
        };
    }

    /// As `segno::sleep`.
    pub fn sleep(delay: ::segno::Duration) -> Measured<::segno::Sleep> {
        Measured::new(::segno::sleep(delay))
    }

    /// The suspension of `block!`.
    pub fn blocked() -> Measured<::segno::machine::Blocked> {
        Measured::new(::segno::machine::blocked())
    }

    /// Methods of futures that segno's coroutines have.
    pub trait CatchCancel: Future + Sized {
        /// As segno's.
        fn catch_cancel(self) -> Measured<Self, Result<Self::Output, ::segno::Cancelled>> {
            Measured::new(self)
        }
    }

    impl<F: Future> CatchCancel for F {}

    /// Stands for segno's, with the methods that the examples' coroutines call.
    pub struct EventLoop(::segno::EventLoop);

    impl EventLoop {
        /// Takes a future.
        pub fn create_task<F: Future + 'static>(&'static self, _: F) -> Result<(), Infallible> {
            Ok(())
        }

        /// As segno's.
        pub fn stop(&self) {}

        /// As segno's.
        pub fn connect_uart<const RECEIVE: usize, const TRANSMIT: usize>(
            &'static self,
            serial: impl ::segno::transport::Serial + 'static,
            protocol: impl ::segno::Protocol + 'static,
        ) -> Measured<impl ::segno::Coroutine, Result<(TransportHandle, ProtocolHandle), Refused<()>>> {
            Measured::new(self.0.connect_uart::<RECEIVE, TRANSMIT>(serial, protocol))
        }
    }

    type ProtocolHandle = ::segno::transport::ProtocolHandle;

    /// Stands for segno's.
    pub struct TransportHandle(::segno::TransportHandle);

    impl TransportHandle {
        /// As segno's.
        pub fn wait_closed(&self) -> Measured<impl ::segno::Coroutine> {
            Measured::new(self.0.wait_closed())
        }
    }
}
