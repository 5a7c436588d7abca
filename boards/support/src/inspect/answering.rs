//! A UART's driver that answers requests, and is otherwise the driver that it is made of.

use core::cell::RefCell;
use core::ops::Deref;

use critical_section::Mutex;
use segno::{EventLoop, Remote};

use super::responder::Responder;
use super::{HELD, Readable};
use crate::serial::{Received, UartHardware};

/// What may be read, and what becomes of bytes without room. Types instead of values: a value would take flash, and move
/// the whole UART from `.bss` to `.data`.
pub trait Policy: 'static {
    /// What the program has no room for is lost: for a line without flow control, where it would be lost anyway. (Where flow
    /// control is switched on later, it is kept from then on.)
    const LOSES: bool;

    /// What may be read.
    fn readable() -> Readable;
}

/// For a line that waits until there is room.
pub struct Keeping(());

/// For a line without flow control.
pub struct Losing(());

#[cfg(target_os = "none")]
impl Policy for Keeping {
    const LOSES: bool = false;

    fn readable() -> Readable {
        Readable::of_this_program()
    }
}

#[cfg(target_os = "none")]
impl Policy for Losing {
    const LOSES: bool = true;

    fn readable() -> Readable {
        Readable::of_this_program()
    }
}

/// The hardware of a UART on which requests are answered: see [the module](super).
pub struct Answering<H: 'static, P: 'static = Keeping> {
    hardware: H,
    state: Mutex<RefCell<State<H, P>>>,
}

/// At the start it is all zeros, so that it takes no flash.
struct State<H: 'static, P: 'static> {
    responder: Responder,
    /// The program wants to hear when there is room to send.
    wants_room: bool,
    /// The program has no room to receive.
    full: bool,
    /// The other side waits until there is room.
    waits: bool,
    /// Something was lost that the program has not heard of.
    lost: bool,
    /// The interrupt was asked for by way of the transmitter.
    nudged: bool,
    /// The loop that lets go of what is held back, and this.
    late: Option<(Remote, &'static Answering<H, P>)>,
    /// It is going to.
    scheduled: bool,
}

impl<H, P: Policy> Answering<H, P> {
    /// Over a driver.
    pub const fn new(hardware: H) -> Self {
        let state = State {
            responder: Responder::new(),
            wants_room: false,
            full: false,
            waits: false,
            lost: false,
            nudged: false,
            late: None,
            scheduled: false,
        };
        Answering { hardware, state: Mutex::new(RefCell::new(state)) }
    }
}

/// To start it.
impl<H, P> Deref for Answering<H, P> {
    type Target = H;

    fn deref(&self) -> &H {
        &self.hardware
    }
}

impl<H: UartHardware + Sync, P: Policy> Answering<H, P> {
    /// To be called by every interrupt of a UART that is there for this alone: what is no request is dropped.
    pub fn on_interrupt(&self) {
        critical_section::with(|_| {
            self.acknowledge();
            while self.receive().is_some() {}
        });
    }

    fn locked<T>(&self, f: impl FnOnce(&mut State<H, P>) -> T) -> T {
        critical_section::with(|cs| f(&mut self.state.borrow_ref_mut(cs)))
    }

    /// Takes bytes from the driver until one is for the program; false if there is none.
    fn fetch(&self, state: &mut State<H, P>) -> bool {
        while !state.responder.is_passing() {
            let Some(received) = self.hardware.receive() else { return false };
            state.responder.feed(received, P::readable);
            self.send_answer(state);
        }
        true
    }

    /// Looks for requests although the program has no room.
    fn look_ahead(&self, state: &mut State<H, P>) {
        while state.full && self.fetch(state) && Self::loses(state) {
            state.responder.pass();
            state.lost = true;
        }
    }

    /// Whether what the program has no room for is lost.
    fn loses(state: &State<H, P>) -> bool {
        P::LOSES && !state.waits
    }

    /// Whether the driver is to interrupt when it has received something.
    fn is_receiving(state: &State<H, P>) -> bool {
        !state.full || Self::loses(state) || !state.responder.is_passing()
    }

    /// Gives the driver what it has room for.
    fn send_answer(&self, state: &mut State<H, P>) {
        if !state.responder.is_answering() {
            return;
        }
        while self.hardware.can_send()
            && let Some(byte) = state.responder.next_byte()
        {
            self.hardware.send(byte);
        }
        self.hardware.interrupt_on_room(state.wants_room || state.responder.is_answering());
    }

    /// Has the loop look after what is held back. Without room for that, it waits for the next byte: a pool that is full is a
    /// reason to be asked.
    fn schedule(state: &mut State<H, P>) {
        let Some((remote, answering)) = state.late else { return };
        if state.responder.is_holding() && !state.scheduled {
            let fed = state.responder.fed;
            state.scheduled = remote.call_soon(move |lp| answering.wait(lp, fed)).is_ok();
        }
    }

    fn wait(&'static self, lp: &'static EventLoop, fed: u8) {
        if lp.call_later(HELD, move |lp| self.waited(lp, fed)).is_err() {
            self.locked(|state| state.scheduled = false);
        }
    }

    /// Lets go of what is held back, if nothing has come since `fed` bytes had.
    fn waited(&'static self, lp: &'static EventLoop, fed: u8) {
        let now = self.locked(|state| {
            let now = state.responder.fed;
            state.scheduled = state.responder.is_holding() && now != fed;
            if !state.scheduled {
                state.responder.release();
            }
            state.scheduled.then_some(now)
        });
        match now {
            Some(fed) => self.wait(lp, fed),
            None => self.request_interrupt(),
        }
    }
}

impl<H: UartHardware + Sync, P: Policy> UartHardware for Answering<H, P> {
    fn receive(&self) -> Option<Received> {
        self.locked(|state| {
            if !self.fetch(state) {
                Self::schedule(state);
            }
            let mut received = state.responder.pass()?;
            received.overrun |= core::mem::take(&mut state.lost);
            Some(received)
        })
    }

    fn can_send(&self) -> bool {
        self.locked(|state| {
            self.send_answer(state); // a panic's last words come here, with interrupts masked
            !state.responder.is_answering() && self.hardware.can_send()
        })
    }

    fn send(&self, byte: u8) {
        self.hardware.send(byte);
    }

    fn is_sending(&self) -> bool {
        self.locked(|state| {
            self.send_answer(state);
            state.responder.is_answering() || self.hardware.is_sending()
        })
    }

    fn interrupt_on_receive(&self, on: bool) {
        self.locked(|state| {
            state.full = !on;
            self.look_ahead(state);
            self.hardware.interrupt_on_receive(Self::is_receiving(state));
        });
    }

    fn interrupt_on_room(&self, on: bool) {
        self.locked(|state| {
            state.wants_room = on;
            self.hardware.interrupt_on_room(on || state.responder.is_answering());
        });
    }

    fn acknowledge(&self) {
        self.locked(|state| {
            self.hardware.acknowledge();
            if core::mem::take(&mut state.nudged) {
                self.hardware.interrupt_on_room(state.wants_room || state.responder.is_answering());
            }
            self.send_answer(state);
            if state.full {
                self.look_ahead(state);
                self.hardware.interrupt_on_receive(Self::is_receiving(state));
            }
        });
    }

    fn request_interrupt(&self) {
        self.locked(|state| {
            // What is here the hardware does not know of. Not every driver can ask for an interrupt without a reason.
            if state.responder.is_passing() {
                state.nudged = true;
                self.hardware.interrupt_on_room(true);
            }
            self.hardware.request_interrupt();
        });
    }

    fn on_loop(&'static self, lp: &'static EventLoop) {
        self.locked(|state| state.late = Some((lp.remote(), self)));
    }

    fn on_flow_control(&self) {
        self.locked(|state| state.waits = true);
    }
}
