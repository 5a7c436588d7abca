//! The board of a node: what its program finds where a chip has its peripherals.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use segno::EventLoop;

use crate::clock::NodeClock;
use crate::host::HostNetwork;
use crate::pin::Pin;
use crate::random::Random;
use crate::uart::Uart;
use crate::world::Link;

/// The memory of a node's loop unless [`Board::event_loop_of`] says otherwise.
const LOOP_BYTES: usize = 64 * 1024;

/// The peripherals of one node. As on a chip, each exists once: taking one twice is a panic.
pub struct Board {
    link: Link,
    seed: u64,
    event_loop: Cell<Option<&'static EventLoop>>,
    taken_pins: RefCell<BTreeSet<String>>,
}

impl Board {
    pub(crate) fn new(link: Link, seed: u64) -> Board {
        Board { link, seed, event_loop: Cell::new(None), taken_pins: RefCell::default() }
    }

    /// The node's event loop with 64 KiB of memory, on the node's clock and console; the same at every call. It is also
    /// what [`segno::get_event_loop`] gives on the node's thread.
    pub fn event_loop(&self) -> &'static EventLoop {
        self.event_loop_of(LOOP_BYTES)
    }

    /// As [`Board::event_loop`], with this many bytes of memory if this is the first call: as many as the chip will have,
    /// to find out whether they suffice.
    pub fn event_loop_of(&self, bytes: usize) -> &'static EventLoop {
        self.event_loop.get().unwrap_or_else(|| {
            let clock = NodeClock::leak(self.link.clone());
            let event_loop = segno::new_event_loop(clock, bytes);
            event_loop.set_console(clock);
            // What the program prints before it runs the loop goes to the console too.
            segno::set_event_loop(Some(event_loop));
            self.event_loop.set(Some(event_loop));
            event_loop
        })
    }

    /// UART `index`.
    ///
    /// # Panics
    /// When it has been taken before.
    pub fn uart(&self, index: usize) -> Uart {
        Uart::take(self.link.clone(), index)
    }

    /// The pin with this name, low at first.
    ///
    /// # Panics
    /// When it has been taken before.
    pub fn pin(&self, name: &str) -> Pin {
        let first = self.taken_pins.borrow_mut().insert(name.into());
        assert!(first, "pin `{name}` is taken already");
        Pin::new(self.link.clone(), name)
    }

    /// The network of the machine that the simulator runs on. It binds the world to the wall clock; what comes from there
    /// is not decided by the seed.
    pub fn host_network(&self) -> HostNetwork {
        HostNetwork::new(self.link.clone())
    }

    /// Random numbers that the world's seed decides, other ones on each node.
    pub fn random(&self) -> Random {
        Random::new(self.seed, self.link.node as u64)
    }
}
