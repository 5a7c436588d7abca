//! The board of a node: what its program finds where a chip has its peripherals.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::os::fd::AsFd;

use segno::{EventLoop, LineError};
use segno_smoltcp::{Settings, StackHandle, StackMemory};

use crate::clock::NodeClock;
use crate::ethernet::Ethernet;
use crate::host::{HostDevice, HostNetwork, HostProcesses, HostSerial, HostSignal};
use crate::pin::Pin;
use crate::random::Random;
use crate::uart::Uart;
use crate::world::Link;

/// The memory of a node's loop unless [`Board::event_loop_of`] says otherwise.
const LOOP_BYTES: usize = 256 * 1024;

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

    /// The Ethernet controller.
    ///
    /// # Panics
    /// When it has been taken before.
    pub fn ethernet(&self) -> Ethernet {
        Ethernet::take(self.link.clone())
    }

    /// The node's stack on its Ethernet controller, with four sockets for datagrams, sixteen connections and four questions for
    /// names; its address is [`Board::address`]. It belongs to the loop of [`Board::event_loop`].
    ///
    /// # Panics
    /// When the controller has been taken before, or the loop has no room for the stack's task.
    pub fn network(&self) -> StackHandle<Ethernet> {
        self.network_of(|_| {})
    }

    /// As [`Board::network`], with other settings.
    ///
    /// # Panics
    /// As [`Board::network`].
    pub fn network_of(&self, change: impl FnOnce(&mut Settings)) -> StackHandle<Ethernet> {
        let seed = Random::new(self.seed, self.link.node as u64 | 1 << 61).next_u64();
        let mut settings = Settings { address: Some((self.address(), 16)), gateway: None, names: None, seed };
        change(&mut settings);
        let memory: &'static StackMemory<Ethernet, 4, 16384, 16, 4096, 4> = Box::leak(Box::default());
        memory.start(self.event_loop(), self.ethernet(), settings).expect("room for the stack's task")
    }

    /// The address of the node's stack: 10.0.0.1 of the first node, and so on.
    pub fn address(&self) -> Ipv4Addr {
        let [.., high, low] = (self.link.node as u64 + 1).to_be_bytes();
        Ipv4Addr::new(10, 0, high, low)
    }

    /// The network of the machine that the simulator runs on. It binds the world to the wall clock; what comes from there
    /// is not decided by the seed.
    pub fn host_network(&self) -> HostNetwork {
        HostNetwork::new(self.link.clone())
    }

    /// Processes and pipes of that machine, on the same terms.
    pub fn host_processes(&self) -> HostProcesses {
        HostProcesses::new(self.link.clone())
    }

    /// A serial port whose other end is a terminal of that machine, on the same terms.
    ///
    /// # Errors
    /// The host has no more of them.
    pub fn host_serial(&self) -> Result<HostSerial, LineError> {
        HostSerial::open(&HostNetwork::new(self.link.clone()))
    }

    /// A pipe, socket or terminal of that machine, for `add_reader` and `add_writer`, on the same terms. It is duplicated.
    ///
    /// # Errors
    /// It cannot be waited for (a file on a disk), or the host has no more descriptors.
    pub fn host_device(&self, file: &impl AsFd) -> Result<HostDevice, LineError> {
        self.host_network().device(file)
    }

    /// A signal of that machine's operating system, by its number, on the same terms. It is the process's: worlds that take
    /// the same one all get it.
    ///
    /// # Errors
    /// [`LineError::Unsupported`] for one that cannot be caught; the host's error for a number that is none.
    pub fn host_signal(&self, number: i32) -> Result<HostSignal, LineError> {
        HostSignal::new(self.link.clone(), number)
    }

    /// Random numbers that the world's seed decides, other ones on each node.
    pub fn random(&self) -> Random {
        Random::new(self.seed, self.link.node as u64)
    }
}
