//! A serial port as a transport.
//!
//! # The problem
//! Interrupts fill and empty the driver's rings; a protocol is to be called for what they did, in order, without losing
//! a byte or an error in silence.
//!
//! # The design
//! One task. A step first reads until the port has nothing more (at most a few chunks, so that others have their turn),
//! then writes until it takes nothing more. What the port would block on registers the task with the port's interrupt.
//!
//! ```text
//! 1st step   connection_made
//! each step  try_read  -> data_received · eof_received · line_error
//!            try_write <- the write buffer; resume_writing at the low mark
//! closing    the buffer is written, then flushed; abort: at once
//! last step  connection_lost
//! ```
//! Whatever asks for the end does so before the step that ends it begins: `connection_lost` always comes through the loop.
//!
//! # Costs
//! A step with nothing to do is two calls to the port.

use core::any::TypeId;
use core::cell::UnsafeCell;
use core::marker::PhantomPinned;
use core::mem::{self, MaybeUninit};
use core::pin::Pin;
use core::ptr::NonNull;

use super::core::{Callback, Core};
use super::{ProtocolHandle, Serial, Transport, TransportHandle};
use crate::coroutine::{Context, Coroutine, Resume};
use crate::event_loop::{EventLoop, Refused};
use crate::protocol::Protocol;
use crate::task::{AnyTask, Task};

/// As many chunks are read, or written, in one step.
const CHUNKS: u8 = 4;

/// The task. The core comes first: `call_flow` finds the frame by it.
#[repr(C)]
struct UartTransport<S, P, const RX: usize, const TX: usize> {
    core: Core,
    protocol: UnsafeCell<P>,
    transmit: UnsafeCell<[MaybeUninit<u8>; TX]>,
    receive: [u8; RX],
    serial: S,
    _pinned: PhantomPinned,
}

impl<S: Serial, P: Protocol, const RX: usize, const TX: usize> UartTransport<S, P, RX, TX> {
    fn new(serial: S, protocol: P) -> Self {
        const {
            assert!(RX > 0 && TX > 0, "a transport needs room for a byte");
            assert!(TX <= u16::MAX as usize, "a write buffer has at most 65535 bytes");
        }
        UartTransport {
            core: Core::new(TX as u16, Self::call_flow),
            protocol: UnsafeCell::new(protocol),
            transmit: UnsafeCell::new([MaybeUninit::uninit(); TX]),
            receive: [0; RX],
            serial,
            _pinned: PhantomPinned,
        }
    }

    /// # Safety
    /// `core` points to the whole of such a frame; CALLBACK.
    unsafe fn call_flow(core: *const Core, pause: bool) {
        // SAFETY: the caller's promise.
        let protocol = unsafe { &mut *(*core.cast::<Self>()).protocol.get() };
        if pause {
            protocol.pause_writing();
        } else {
            protocol.resume_writing();
        }
    }

    /// Calls the protocol, then tells it of what it wrote.
    fn call<R>(core: &Core, protocol: &UnsafeCell<P>, f: impl FnOnce(&mut P) -> R) -> Option<R> {
        let callback = Callback::begin(core)?;
        // SAFETY: CALLBACK.
        let result = f(unsafe { &mut *protocol.get() });
        drop(callback);
        core.check_high();
        Some(result)
    }

    /// Reads until there is nothing more. True if there may be more.
    fn read(&mut self, transport: &mut TransportHandle, cx: &mut Context<'_>) -> bool {
        let (core, protocol) = (&self.core, &self.protocol);
        for _ in 0..CHUNKS {
            if !core.wants_to_read() {
                return false;
            }
            match self.serial.try_read(&mut self.receive) {
                Ok(0) => {
                    core.set_at_eof();
                    if Self::call(core, protocol, |protocol| protocol.eof_received(transport)) != Some(true) {
                        transport.close();
                    }
                }
                Ok(count) => {
                    let data = &self.receive[..count.min(RX)];
                    Self::call(core, protocol, |protocol| protocol.data_received(transport, data));
                }
                Err(nb::Error::Other(error)) => {
                    Self::call(core, protocol, |protocol| protocol.line_error(transport, error));
                }
                Err(nb::Error::WouldBlock) => {
                    blocked(cx);
                    return false;
                }
            }
        }
        true
    }

    /// Writes until the port takes nothing more. True if it may take more.
    fn write(&mut self, transport: &mut TransportHandle, cx: &mut Context<'_>) -> bool {
        for _ in 0..CHUNKS {
            if self.core.len() == 0 {
                return false;
            }
            match self.core.pop(|bytes| self.serial.try_write(bytes)) {
                Ok(()) => self.core.check_low(),
                Err(nb::Error::Other(error)) => transport.abort_with(error),
                Err(nb::Error::WouldBlock) => {
                    blocked(cx);
                    return false;
                }
            }
        }
        true
    }

    /// Whether everything was sent, or is not to be.
    fn is_flushed(&mut self, transport: &mut TransportHandle, cx: &mut Context<'_>) -> bool {
        if self.core.is_aborted() {
            return true;
        }
        if self.core.len() > 0 {
            return false;
        }
        match self.serial.try_flush() {
            Ok(()) => true,
            Err(nb::Error::WouldBlock) => {
                blocked(cx);
                false
            }
            Err(nb::Error::Other(error)) => {
                transport.abort_with(error);
                true
            }
        }
    }
}

/// The port would block. If it has not registered the task, the task is to be resumed after the next interrupt.
fn blocked(cx: &mut Context<'_>) {
    if !cx.event_loop().is_some_and(EventLoop::take_interest) {
        cx.resume_after_interrupt();
    }
}

impl<S: Serial, P: Protocol, const RX: usize, const TX: usize> Coroutine for UartTransport<S, P, RX, TX> {
    type Output = ();

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
        // SAFETY: nothing is moved out of it.
        let this = unsafe { self.get_unchecked_mut() };
        let Some(task) = cx.event_loop().and_then(EventLoop::current_task) else { return Resume::Pending };
        let Some(core) = NonNull::new(this.core.pointer().cast_mut()) else { return Resume::Pending };
        let mut transport = TransportHandle { task, core };
        let cancelled = cx.take_cancel();
        if cancelled {
            this.core.abort(None);
        }
        // What asks for the end during this step is for the next one.
        let closing = this.core.is_closing();
        let mut again = false;
        if !this.core.is_connected() {
            this.core.set_connected();
            Self::call(&this.core, &this.protocol, |protocol| protocol.connection_made(&mut transport));
            // Who connects is resumed before there is data.
            again = true;
        } else {
            again |= this.read(&mut transport, cx);
            again |= this.write(&mut transport, cx);
        }
        if closing && this.is_flushed(&mut transport, cx) {
            let cause = this.core.cause();
            Self::call(&this.core, &this.protocol, |protocol| protocol.connection_lost(cause));
            mem::forget(Callback::begin(&this.core));
            return if cancelled { Resume::Cancelled } else { Resume::Done(()) };
        }
        if again && let Some(event_loop) = cx.event_loop() {
            event_loop.wake(cx.waker());
        }
        Resume::Pending
    }
}

/// Made by [`EventLoop::connect_uart`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct ConnectUart<S, P, const RX: usize, const TX: usize> {
    event_loop: &'static EventLoop,
    state: State<S, P>,
}

enum State<S, P> {
    New(S, P),
    Connecting(TransportHandle, ProtocolHandle),
    Ended,
}

impl<S, P, const RX: usize, const TX: usize> ConnectUart<S, P, RX, TX> {
    pub(super) fn new(event_loop: &'static EventLoop, serial: S, protocol: P) -> Self {
        ConnectUart { event_loop, state: State::New(serial, protocol) }
    }
}

// Neither the port nor the protocol is pinned before it is in the task.
impl<S, P, const RX: usize, const TX: usize> Unpin for ConnectUart<S, P, RX, TX> {}

impl<S, P, const RX: usize, const TX: usize> Coroutine for ConnectUart<S, P, RX, TX>
where
    S: Serial + 'static,
    P: Protocol + 'static,
{
    type Output = Result<(TransportHandle, ProtocolHandle), Refused<()>>;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        let this = self.get_mut();
        match mem::replace(&mut this.state, State::Ended) {
            State::New(serial, protocol) => {
                let transport = UartTransport::<S, P, RX, TX>::new(serial, protocol);
                let task = match this.event_loop.create_task(transport) {
                    Ok(task) => task,
                    Err(refused) => return Resume::Done(Err(refused.map(drop))),
                };
                let (transport, protocol) = start::<S, P, RX, TX>(&task);
                this.state = State::Connecting(transport, protocol);
                // The transport's first step comes before ours, in the next turn.
                this.event_loop.wake(cx.waker());
                Resume::Pending
            }
            State::Connecting(mut transport, protocol) => {
                if cx.take_cancel() {
                    transport.abort();
                    return Resume::Cancelled;
                }
                if transport.core().is_some_and(|core| !core.is_connected()) {
                    this.state = State::Connecting(transport, protocol);
                    this.event_loop.wake(cx.waker());
                    return Resume::Pending;
                }
                Resume::Done(Ok((transport, protocol)))
            }
            State::Ended => Resume::Cancelled,
        }
    }
}

/// Tells a transport, which has just been pinned in its task, where it is.
fn start<S: Serial, P: Protocol + 'static, const RX: usize, const TX: usize>(
    task: &Task<()>,
) -> (TransportHandle, ProtocolHandle) {
    let (task, frame): (AnyTask, *mut u8) = task.frame();
    let frame = frame.cast::<UartTransport<S, P, RX, TX>>();
    // SAFETY: FRAME: the task has not begun, and this is its frame.
    unsafe {
        let core = &raw mut (*frame).core;
        (*core).start(frame.cast::<Core>(), (&raw mut (*frame).transmit).cast());
        let transport = TransportHandle { task, core: NonNull::new_unchecked(core) };
        let protocol = NonNull::new_unchecked((&raw mut (*frame).protocol).cast::<()>());
        (transport.clone(), ProtocolHandle { transport, protocol, protocol_type: TypeId::of::<P>() })
    }
}
