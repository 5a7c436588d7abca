//! The wire between all controllers of a world.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use segno::{Duration, WakerCell};

use crate::node::Node;
use crate::random::Random;
use crate::world::{Event, State, World};

/// As many frames wait in a controller; the next one is lost.
const RING: usize = 256;

/// The bytes of an Ethernet header.
const HEADER: usize = 14;

/// Its last two, in front of a packet of IPv4.
const IPV4: [u8; 2] = [0x08, 0x00];

/// The controller's side of a node.
#[derive(Default)]
pub(crate) struct NicState {
    /// The program has it.
    pub(crate) taken: bool,
    pub(crate) received: VecDeque<Vec<u8>>,
    pub(crate) interrupt: Arc<WakerCell>,
}

/// What the wire does to frames. Chances are one in so many; 0 is never.
pub(crate) struct Wire {
    latency: u64,
    jitter: u64,
    loss: u64,
    duplication: u64,
    corruption: u64,
    /// Who does not hear whom: the lower number first.
    cut: BTreeSet<(usize, usize)>,
    random: Random,
    counts: Counts,
}

/// What has become of frames so far, counted once for each receiver.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// They were put on the wire.
    pub sent: u64,
    /// They were lost: by chance, by a cut, or in a controller without room.
    pub lost: u64,
    /// They came twice.
    pub repeated: u64,
    /// They came with a bit of their packet changed.
    pub damaged: u64,
}

impl Wire {
    pub(crate) fn new(seed: u64) -> Wire {
        let random = Random::new(seed, 1 << 62);
        Wire {
            latency: 100,
            jitter: 0,
            loss: 0,
            duplication: 0,
            corruption: 0,
            cut: BTreeSet::new(),
            random,
            counts: Counts::default(),
        }
    }

    fn happens(&mut self, one_in: u64) -> bool {
        one_in != 0 && self.random.below(one_in) == 0
    }

    fn delay(&mut self) -> u64 {
        // At least a microsecond: two nodes that answer each other must not do so for ever in one instant.
        self.latency.max(1) + if self.jitter == 0 { 0 } else { self.random.below(self.jitter + 1) }
    }
}

/// The hardware address of a node's controller.
pub(crate) fn hardware_address(node: usize) -> [u8; 6] {
    let [.., a, b, c, d] = (node as u64).to_be_bytes();
    [0x02, 0, a, b, c, d]
}

impl State {
    /// A controller has put a frame on the wire.
    pub(crate) fn send_frame(&mut self, now: u64, from: usize, frame: &[u8]) {
        let Some(destination) = frame.get(..6) else { return };
        let to_all = destination[0] & 1 != 0;
        for node in (0..self.nodes.len()).filter(|node| *node != from) {
            if !to_all && destination != hardware_address(node) {
                continue;
            }
            self.wire.counts.sent += 1;
            let cut = self.wire.cut.contains(&(from.min(node), from.max(node)));
            let loss = self.wire.loss;
            if cut || self.wire.happens(loss) {
                self.wire.counts.lost += 1;
                continue;
            }
            let duplication = self.wire.duplication;
            let copies = if self.wire.happens(duplication) { 2 } else { 1 };
            self.wire.counts.repeated += copies - 1;
            for _ in 0..copies {
                let mut frame = frame.to_vec();
                let corruption = self.wire.corruption;
                // What is damaged on the wire itself, controllers notice and drop. Packets are damaged elsewhere.
                if frame.get(12..14) == Some(&IPV4) && self.wire.happens(corruption) {
                    let bit = self.wire.random.below(8 * (frame.len() - HEADER) as u64);
                    frame[HEADER + (bit / 8) as usize] ^= 1 << (bit % 8);
                    self.wire.counts.damaged += 1;
                }
                let time = now + self.wire.delay();
                self.schedule(time, node, Event::Frame(frame));
            }
        }
    }

    /// A frame has reached a controller: an interrupt for its node.
    pub(crate) fn receive_frame(&mut self, now: u64, node: usize, frame: Vec<u8>) {
        let nic = &mut self.nodes[node].nic;
        if !nic.taken || nic.received.len() == RING {
            self.wire.counts.lost += 1;
            return;
        }
        let length = frame.len();
        nic.received.push_back(frame);
        let interrupt = Arc::clone(&nic.interrupt);
        self.record(now, node, format_args!("ethernet receives {length} bytes"));
        interrupt.wake();
        self.nodes[node].signals.awake.store(true, Ordering::Release);
    }
}

/// The wire between the nodes' Ethernet controllers, as a test has it.
#[derive(Clone)]
pub struct EthernetHandle {
    world: Arc<World>,
}

impl EthernetHandle {
    pub(crate) fn new(world: Arc<World>) -> EthernetHandle {
        EthernetHandle { world }
    }

    fn with<R>(&self, work: impl FnOnce(&mut Wire) -> R) -> R {
        work(&mut self.world.lock().wire)
    }

    /// Frames take this long, 100 µs at first, and up to `jitter` more: then they overtake each other.
    pub fn latency(&self, latency: Duration, jitter: Duration) -> &EthernetHandle {
        self.with(|wire| (wire.latency, wire.jitter) = (latency.as_ticks(), jitter.as_ticks()));
        self
    }

    /// Loses one frame in so many; 0 for none.
    pub fn lose(&self, one_in: u64) -> &EthernetHandle {
        self.with(|wire| wire.loss = one_in);
        self
    }

    /// Lets one frame in so many come twice; 0 for none.
    pub fn duplicate(&self, one_in: u64) -> &EthernetHandle {
        self.with(|wire| wire.duplication = one_in);
        self
    }

    /// Changes one bit of one packet in so many, as a bad router would: behind the check of the wire, which controllers
    /// make; 0 for none.
    pub fn corrupt(&self, one_in: u64) -> &EthernetHandle {
        self.with(|wire| wire.corruption = one_in);
        self
    }

    /// From now on these two nodes hear nothing of each other; or, with `false`, they do again.
    pub fn cut(&self, one: &Node, other: &Node, cut: bool) -> &EthernetHandle {
        let pair = (one.index.min(other.index), one.index.max(other.index));
        self.with(|wire| if cut { wire.cut.insert(pair) } else { wire.cut.remove(&pair) });
        self
    }

    /// What has become of frames so far.
    pub fn counts(&self) -> Counts {
        self.with(|wire| wire.counts)
    }
}
