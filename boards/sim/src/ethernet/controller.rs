//! The controller as a program has it.

use std::sync::Arc;

use segno::WakerCell;
use segno_smoltcp::Controller;
use segno_smoltcp::smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use segno_smoltcp::smoltcp::time::Instant;

use super::wire::hardware_address;
use crate::world::Link;

/// The largest frame, without its check sequence.
const LONGEST: usize = 1514;

/// An Ethernet controller of a node, for [`segno_smoltcp::StackMemory`].
pub struct Ethernet {
    link: Link,
    interrupt: Arc<WakerCell>,
}

impl Ethernet {
    pub(crate) fn take(link: Link) -> Ethernet {
        let interrupt = link.with(|state, _| {
            let nic = &mut state.nodes[link.node].nic;
            let taken = std::mem::replace(&mut nic.taken, true);
            (taken, Arc::clone(&nic.interrupt))
        });
        let (taken, interrupt) = interrupt.expect("a node takes its controller while its world exists");
        assert!(!taken, "the Ethernet controller is taken already");
        Ethernet { link, interrupt }
    }
}

impl Controller for Ethernet {
    fn hardware_address(&self) -> [u8; 6] {
        hardware_address(self.link.node)
    }

    fn register_current(&mut self) -> bool {
        self.interrupt.register_current();
        self.link.with(|state, _| !state.nodes[self.link.node].nic.received.is_empty()).unwrap_or(false)
    }
}

/// A frame that has come.
pub struct Received(Vec<u8>);

/// Room for a frame to be sent. There always is.
pub struct Sending(Link);

impl RxToken for Received {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

impl TxToken for Sending {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let mut frame = vec![0; len];
        let result = f(&mut frame);
        self.0.with(|state, now| state.send_frame(now, self.0.node, &frame));
        result
    }
}

impl Device for Ethernet {
    type RxToken<'a> = Received;
    type TxToken<'a> = Sending;

    fn receive(&mut self, _: Instant) -> Option<(Received, Sending)> {
        let frame = self.link.with(|state, _| state.nodes[self.link.node].nic.received.pop_front())??;
        Some((Received(frame), Sending(self.link.clone())))
    }

    fn transmit(&mut self, _: Instant) -> Option<Sending> {
        Some(Sending(self.link.clone()))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.max_transmission_unit = LONGEST;
        capabilities.medium = Medium::Ethernet;
        capabilities
    }
}
