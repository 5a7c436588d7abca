//! A node as a test sees it.

use std::sync::Arc;

use crate::pin::PinHandle;
use crate::uart::UartHandle;
use crate::world::{Status, World};

/// A node of a world, to feed its lines and to see what it did. Clones name the same node; a handle may outlive the
/// world, to look at what was recorded.
#[derive(Clone)]
pub struct Node {
    pub(crate) world: Arc<World>,
    pub(crate) index: usize,
}

impl Node {
    /// The name given to [`crate::Sim::node`].
    pub fn name(&self) -> String {
        self.world.lock().nodes[self.index].name.clone()
    }

    /// The other end of the node's UART `index`.
    pub fn uart(&self, index: usize) -> UartHandle {
        UartHandle::new(self.clone(), index)
    }

    /// The node's pin with this name.
    pub fn pin(&self, name: &str) -> PinHandle {
        PinHandle::new(self.clone(), name)
    }

    /// Everything that the node has printed.
    pub fn console(&self) -> String {
        self.world.lock().nodes[self.index].console.clone()
    }

    /// Whether the node's program has returned.
    pub fn finished(&self) -> bool {
        matches!(self.world.lock().nodes[self.index].status, Status::Finished)
    }
}
