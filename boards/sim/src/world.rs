//! The world's state, shared by the threads of its nodes and the thread of the test.
//!
//! # The problem
//! Many threads, but one run: who touches the state when must not depend on the operating system's scheduler.
//!
//! # The design
//! One mutex, never contended: only the thread with the baton runs (see [`crate::baton`]). Time is read far more often
//! than it changes and from inside the runtime's critical sections, so it is an atomic beside the mutex; so is a node's
//! wake-up flag. Locks are taken in the order state, critical section, inbox.
//!
//! Devices and clocks, which programs may put into leaked loops, hold a [`Link`] to the world, which does not keep it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::thread::{self, ThreadId};
use std::time;

use crate::ethernet::{NicState, Wire};
use crate::input::Inbox;
use crate::pin::PinState;
use crate::sim::Attached;
use crate::trace::Trace;
use crate::uart::{Item, UartState};
use crate::view::View;

/// The horizon of a run without one.
pub(crate) const FOREVER: u64 = u64::MAX;

/// Who has the baton.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The thread that holds the `Sim`.
    World,
    /// The thread of this node.
    Node(usize),
}

/// What a node's thread is doing.
#[derive(Debug)]
pub(crate) enum Status {
    /// Its program has not been called yet.
    Fresh,
    /// It has, or had, the baton.
    Running,
    /// Its loop idles until the deadline or an interrupt.
    Idle(Option<u64>),
    Finished,
    Panicked(String),
}

/// What the threads of a node share without the state's lock.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    /// An interrupt came, or something was queued from outside.
    pub(crate) awake: AtomicBool,
    /// Readings of the clock since the loop last idled.
    pub(crate) readings: AtomicU32,
    /// The node's thread.
    pub(crate) thread: OnceLock<ThreadId>,
}

pub(crate) struct NodeState {
    pub(crate) name: String,
    pub(crate) status: Status,
    pub(crate) signals: Arc<Signals>,
    pub(crate) turn: Arc<Condvar>,
    pub(crate) uarts: BTreeMap<usize, UartState>,
    pub(crate) pins: BTreeMap<String, PinState>,
    pub(crate) nic: NicState,
    pub(crate) console: String,
    pub(crate) console_line: String,
}

/// What the world has scheduled.
#[derive(Debug)]
pub(crate) enum Event {
    /// The script puts items on the line.
    Script(usize, Vec<Item>),
    /// An item has arrived at the UART.
    Receive(usize, Item),
    /// What was held back may come.
    Release(usize),
    /// The stop bit of a transmitted byte has ended.
    Sent(usize, u8),
    /// A frame has arrived at the Ethernet controller.
    Frame(Vec<u8>),
}

/// Events happen in this order: by time, by node, first scheduled first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EventKey {
    pub(crate) time: u64,
    pub(crate) node: usize,
    sequence: u64,
}

pub(crate) struct State {
    pub(crate) nodes: Vec<NodeState>,
    pub(crate) events: BTreeMap<EventKey, Event>,
    sequence: u64,
    /// Time does not go beyond this.
    pub(crate) horizon: u64,
    pub(crate) turn: Turn,
    pub(crate) closing: bool,
    pub(crate) realtime: bool,
    /// A moment of the wall clock and the virtual time that it stands for.
    pub(crate) anchor: Option<(time::Instant, u64)>,
    pub(crate) attached: Option<Attached>,
    pub(crate) wire: Wire,
    /// How much is open through which something may come from outside.
    pub(crate) outside: usize,
    pub(crate) trace: Trace,
    pub(crate) view: Option<View>,
}

pub(crate) struct World {
    pub(crate) seed: u64,
    now: AtomicU64,
    state: Mutex<State>,
    pub(crate) world_turn: Condvar,
    pub(crate) inbox: Arc<Inbox>,
}

impl World {
    pub(crate) fn new(seed: u64) -> World {
        World {
            seed,
            now: AtomicU64::new(0),
            state: Mutex::new(State {
                nodes: Vec::new(),
                events: BTreeMap::new(),
                sequence: 0,
                horizon: 0,
                turn: Turn::World,
                closing: false,
                realtime: false,
                anchor: None,
                attached: None,
                wire: Wire::new(seed),
                outside: 0,
                trace: Trace::default(),
                view: None,
            }),
            world_turn: Condvar::new(),
            inbox: Arc::default(),
        }
    }

    /// A panic of a node must not hide behind a poisoned lock.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> u64 {
        self.now.load(Ordering::Acquire)
    }

    /// Moves time; only whoever has the baton, and never backwards.
    pub(crate) fn set_now(&self, now: u64) {
        debug_assert!(now >= self.now());
        self.now.store(now, Ordering::Release);
    }
}

impl State {
    pub(crate) fn schedule(&mut self, time: u64, node: usize, event: Event) {
        self.sequence += 1;
        self.events.insert(EventKey { time, node, sequence: self.sequence }, event);
    }

    /// Records an event of a node.
    pub(crate) fn record(&mut self, now: u64, node: usize, what: fmt::Arguments<'_>) {
        self.trace.event(now, &self.nodes[node].name, what);
    }

    pub(crate) fn uart(&mut self, node: usize, index: usize) -> &mut UartState {
        self.nodes[node].uarts.entry(index).or_default()
    }

    /// A pin, made at its first mention: low.
    pub(crate) fn pin(&mut self, node: usize, name: &str) -> &mut PinState {
        let pins = &mut self.nodes[node].pins;
        if !pins.contains_key(name) {
            pins.insert(name.into(), PinState::default());
        }
        pins.get_mut(name).expect("it was inserted above")
    }

    /// The program printed: whole lines go to the trace.
    pub(crate) fn print(&mut self, now: u64, node: usize, text: &str) {
        if let Some(view) = &mut self.view {
            view.bytes(text.as_bytes());
        }
        if !self.trace.recording {
            return;
        }
        let NodeState { name, console, console_line, .. } = &mut self.nodes[node];
        console.push_str(text);
        console_line.push_str(text);
        while let Some(end) = console_line.find('\n') {
            self.trace.event(now, name, format_args!("prints {:?}", &console_line[..end]));
            console_line.drain(..=end);
        }
    }
}

/// A node's place in its world, as its devices know it: it does not keep the world.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) world: Weak<World>,
    pub(crate) node: usize,
    pub(crate) signals: Arc<Signals>,
}

impl Link {
    /// Does something with the state, unless the world has ended.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut State, u64) -> R) -> Option<R> {
        let world = self.world.upgrade()?;
        let now = world.now();
        let mut state = world.lock();
        Some(work(&mut state, now))
    }

    /// Whether this is the node's thread: only that one may give up the baton.
    pub(crate) fn is_own_thread(&self) -> bool {
        self.signals.thread.get() == Some(&thread::current().id())
    }
}
