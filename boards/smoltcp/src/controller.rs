//! What an Ethernet controller's driver is to the stack.
//!
//! # The problem
//! smoltcp's `Device` wants tokens that borrow from the driver, buffers for them and a description, the same for every controller.
//!
//! # The design
//! A driver is a [`Controller`]: six functions about whole frames. [`Port`] makes smoltcp's device of it.
//!
//! # Costs
//! A buffer of 1.5 KiB, for the frame that was received last or is to be sent. A frame that answers one at once (ARP, an echo, a
//! reset) is made in another one, on the stack.

use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;

/// The longest frame, without its check sequence.
pub const LONGEST: usize = 1514;

/// Room for the longest frame, and for the rest of the word in which it ends.
pub type Frame = [u8; 1516];

/// A frame's place in memory: what follows the headers of Ethernet, IP, and UDP or TCP begins with a word, so that it is copied by
/// words.
#[repr(C, align(4))]
pub struct Place {
    _shift: [u8; 2],
    /// The frame.
    pub frame: Frame,
}

impl Place {
    /// Zeros.
    pub const fn new() -> Place {
        Place { _shift: [0; _], frame: [0; _] }
    }
}

impl Default for Place {
    fn default() -> Place {
        Place::new()
    }
}

/// An Ethernet controller. Its frames are without check sequence, which the hardware adds and checks.
///
/// # For implementers
/// The stack's task calls everything but the interrupt's handler. That should only withdraw the interrupt's reason or mask it,
/// and wake the [`WakerCell`](segno::WakerCell) with which [`Controller::listen`] has registered the task.
pub trait Controller: 'static {
    /// The address that the controller was given.
    fn hardware_address(&self) -> [u8; 6];

    /// Whether a frame has been received.
    fn has_received(&mut self) -> bool;

    /// Whether the longest frame could be sent now.
    fn has_room(&mut self) -> bool;

    /// Takes the frame that was received first, and answers its length; 0 for one that is damaged, or longer than
    /// [`LONGEST`], which is dropped. There is one.
    fn receive(&mut self, frame: &mut Frame) -> usize;

    /// Sends a frame of at most [`LONGEST`] bytes. There is room.
    fn send(&mut self, frame: &[u8]);

    /// Registers the running task, and lets the interrupt come that will wake it: when a frame has been received, and, if there is
    /// no room to send at present, when there is.
    fn listen(&mut self);
}

/// smoltcp's device.
pub struct Port<C> {
    /// The driver.
    pub controller: C,
    place: Place,
}

impl<C: Controller> Port<C> {
    /// The device of this driver.
    pub fn new(controller: C) -> Port<C> {
        Port { controller, place: Place::new() }
    }
}

/// A frame that has come.
pub struct Received<'a>(&'a [u8]);

/// Room for a frame to be sent.
pub struct Sending<'a, C> {
    controller: &'a mut C,
    /// Where to make it, unless the frame that it answers is still there.
    frame: Option<&'a mut Frame>,
}

impl RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(self.0)
    }
}

impl<C: Controller> TxToken for Sending<'_, C> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let mut own;
        let frame = match self.frame {
            Some(frame) => frame,
            None => {
                own = [0; _];
                &mut own
            }
        };
        // smoltcp keeps to the `max_transmission_unit`, and writes every byte.
        let frame = &mut frame[..len.min(LONGEST)];
        let result = f(frame);
        self.controller.send(frame);
        result
    }
}

impl<C: Controller> Device for Port<C> {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Sending<'a, C>;

    /// A frame may have to be answered, so none is taken while there is no room.
    fn receive(&mut self, _: Instant) -> Option<(Received<'_>, Sending<'_, C>)> {
        while self.controller.has_received() && self.controller.has_room() {
            let length = self.controller.receive(&mut self.place.frame).min(LONGEST);
            if length > 0 {
                let answer = Sending { controller: &mut self.controller, frame: None };
                return Some((Received(&self.place.frame[..length]), answer));
            }
        }
        None
    }

    fn transmit(&mut self, _: Instant) -> Option<Sending<'_, C>> {
        let Port { controller, place } = self;
        controller.has_room().then_some(Sending { controller, frame: Some(&mut place.frame) })
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.max_transmission_unit = LONGEST;
        capabilities.medium = Medium::Ethernet;
        capabilities
    }
}
