//! The controller as a program has it.

use std::sync::Arc;

use segno::WakerCell;
use segno_smoltcp::controller::{Controller, Frame};

use super::wire::hardware_address;
use crate::world::Link;

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

    fn has_received(&mut self) -> bool {
        self.link.with(|state, _| !state.nodes[self.link.node].nic.received.is_empty()).unwrap_or(false)
    }

    /// There always is.
    fn has_room(&mut self) -> bool {
        true
    }

    fn receive(&mut self, frame: &mut Frame) -> usize {
        let received = self.link.with(|state, _| state.nodes[self.link.node].nic.received.pop_front()).flatten();
        let received = received.unwrap_or_default();
        let Some(place) = frame.get_mut(..received.len()) else { return 0 };
        place.copy_from_slice(&received);
        received.len()
    }

    fn send(&mut self, frame: &[u8]) {
        self.link.with(|state, now| state.send_frame(now, self.link.node, frame));
    }

    fn listen(&mut self) {
        self.interrupt.register_current();
    }
}
