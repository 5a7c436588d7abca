//! The world as a test holds it.

use std::fmt;
use std::io::{Read, Write};
use std::sync::{Arc, Condvar};
use std::thread::{self, JoinHandle};

use segno::{Duration, Instant};

use crate::baton::run_node;
use crate::board::Board;
use crate::ethernet::EthernetHandle;
use crate::input::InputKind;
use crate::node::Node;
use crate::random::Random;
use crate::time_text;
use crate::uart::UartHandle;
use crate::view::View;
use crate::world::{FOREVER, Link, NodeState, Signals, Status, Turn, World};

/// How long [`Sim::run_until_idle`] goes on: a day.
const PATIENCE: u64 = 24 * 3600 * 1_000_000;

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Every node's program has returned, and nothing is on its way any more.
    Finished,
    /// The time that was asked for is over.
    TimeIsUp,
    /// Nothing is scheduled any more: the nodes wait for something that cannot happen by itself.
    Quiet,
    /// Nobody reads the live view any more.
    OutputClosed,
}

/// A node's program panicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodePanic {
    /// The node's name.
    pub node: String,
    /// What it panicked with.
    pub message: String,
    pub(crate) micros: u64,
    pub(crate) seed: u64,
}

impl NodePanic {
    /// When it panicked.
    pub fn time(&self) -> Instant {
        Instant::from_ticks(self.micros)
    }
}

impl fmt::Display for NodePanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NodePanic { node, message, micros, seed } = self;
        write!(f, "node `{node}` panicked at {} s: {message}\nreproduce: SEED={seed}", time_text(*micros))
    }
}

impl std::error::Error for NodePanic {}

/// Live input of a UART.
pub(crate) struct Attached {
    pub(crate) node: usize,
    pub(crate) uart: usize,
    pub(crate) kind: InputKind,
    pub(crate) ended: bool,
    /// Until the program takes the UART.
    pub(crate) reader: Option<Box<dyn Read + Send>>,
}

/// A world: a seed, a clock, nodes and lines. Dropping it ends its nodes.
pub struct Sim {
    world: Arc<World>,
    threads: Vec<JoinHandle<()>>,
}

impl Sim {
    /// An empty world at time zero, in virtual time.
    pub fn new(seed: u64) -> Sim {
        Sim { world: Arc::new(World::new(seed)), threads: Vec::new() }
    }

    /// As [`Sim::new`] with the seed of [`crate::seed`].
    pub fn from_env() -> Sim {
        Sim::new(crate::seed())
    }

    /// Binds virtual time to the wall clock from the first run on.
    pub fn realtime(&mut self) -> &mut Sim {
        self.world.lock().realtime = true;
        self
    }

    /// Switches recording (trace, edges, console, received bytes) off or on again. On by default; a run without an end
    /// wants it off.
    pub fn record(&mut self, on: bool) -> &mut Sim {
        self.world.lock().trace.recording = on;
        self
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.world.seed
    }

    /// Random numbers for the test itself, decided by the seed, apart from those of the nodes.
    pub fn random(&self) -> Random {
        Random::new(self.world.seed, u64::MAX)
    }

    /// Adds a node. Its program starts when the world runs.
    ///
    /// # Panics
    /// When the operating system has no thread left.
    pub fn node(&mut self, name: &str, program: impl FnOnce(Board) + Send + 'static) -> Node {
        let signals = Arc::new(Signals::default());
        let mut state = self.world.lock();
        let index = state.nodes.len();
        state.nodes.push(NodeState {
            name: name.into(),
            status: Status::Fresh,
            signals: Arc::clone(&signals),
            turn: Arc::new(Condvar::new()),
            uarts: Default::default(),
            pins: Default::default(),
            nic: Default::default(),
            console: String::new(),
            console_line: String::new(),
        });
        drop(state);
        let world = Arc::clone(&self.world);
        let root = move || {
            let link = Link { world: Arc::downgrade(&world), node: index, signals };
            let board = Board::new(link, world.seed);
            run_node(&world, index, board, Box::new(program));
        };
        let thread = thread::Builder::new().name(name.into()).spawn(root).expect("a thread for the node");
        self.threads.push(thread);
        Node { world: Arc::clone(&self.world), index }
    }

    /// Connects two UARTs with a pair of crossed wires. What one sends, the other receives when the stop bit has ended,
    /// or a microsecond later if the sender has no baud rate.
    pub fn connect(&mut self, one: UartHandle, other: UartHandle) {
        let mut state = self.world.lock();
        state.uart(one.node.index, one.index).peer = Some((other.node.index, other.index));
        state.uart(other.node.index, other.index).peer = Some((one.node.index, one.index));
    }

    /// The wire between the nodes' Ethernet controllers.
    pub fn ethernet(&self) -> EthernetHandle {
        EthernetHandle::new(Arc::clone(&self.world))
    }

    /// Feeds a UART from outside, as soon as the program has taken it. What that means for virtual time is the
    /// documentation of the crate. One input a world: a second one replaces the first.
    pub fn attach_input(&mut self, uart: UartHandle, reader: impl Read + Send + 'static, kind: InputKind) {
        let (node, uart) = (uart.node.index, uart.index);
        self.world.lock().attached = Some(Attached { node, uart, kind, ended: false, reader: Some(Box::new(reader)) });
    }

    /// Shows the run while it happens: what programs print, what UART 0 sends, and, with `pins`, every edge.
    pub fn show(&mut self, out: impl Write + Send + 'static, pins: bool) -> &mut Sim {
        self.world.lock().view = Some(View::new(Box::new(out), pins));
        self
    }

    /// The time.
    pub fn now(&self) -> Instant {
        Instant::from_ticks(self.world.now())
    }

    /// Lets the world run for this long. What is due exactly at the end still happens.
    ///
    /// # Panics
    /// When a node panics, with its message and the seed.
    pub fn run_for(&mut self, duration: Duration) {
        self.try_run(Some(duration)).unwrap_or_else(|panic| panic!("{panic}"));
    }

    /// Lets the world run until nothing is scheduled any more: every node has finished or waits for something that
    /// cannot happen by itself.
    ///
    /// # Panics
    /// When a node panics, and when the world is still busy after a day of virtual time.
    pub fn run_until_idle(&mut self) {
        let outcome = self.drive(self.world.now() + PATIENCE).unwrap_or_else(|panic| panic!("{panic}"));
        assert_ne!(outcome, Outcome::TimeIsUp, "the world is still busy after a day; use `run_for`");
    }

    /// Lets the world run for this long, after which time has moved by exactly this much whatever the outcome (unless it
    /// is [`Outcome::OutputClosed`]); or, without a duration, to its end, after which time is that of the last event.
    ///
    /// # Errors
    /// When a node panics.
    pub fn try_run(&mut self, duration: Option<Duration>) -> Result<Outcome, NodePanic> {
        let Some(duration) = duration else { return self.drive(FOREVER) };
        let horizon = self.world.now().saturating_add(duration.as_ticks());
        let outcome = self.drive(horizon)?;
        if outcome != Outcome::OutputClosed {
            self.world.set_now(horizon);
        }
        Ok(outcome)
    }

    fn drive(&mut self, horizon: u64) -> Result<Outcome, NodePanic> {
        self.world.drive(horizon)
    }

    /// Everything that happened so far, a line an event: time in seconds, node, what.
    pub fn trace(&self) -> String {
        self.world.lock().trace.text().into()
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("reproduce: SEED={}", self.world.seed);
        }
        self.world.lock().closing = true;
        self.world.inbox.close();
        for (index, thread) in self.threads.drain(..).enumerate() {
            let state = self.world.lock();
            if !matches!(state.nodes[index].status, Status::Finished | Status::Panicked(_)) {
                drop(self.world.lend(state, index));
            }
            // A node's root catches whatever its program unwinds with.
            thread.join().ok();
        }
        let mut state = self.world.lock();
        debug_assert_eq!(state.turn, Turn::World);
        state.attached = None;
        state.view = None;
    }
}
