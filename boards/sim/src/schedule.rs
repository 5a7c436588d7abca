//! Who is next: the rule that makes a run a function of its seed.
//!
//! The rule is stated in the crate's documentation. [`World::advance`] applies it under the lock of the state, on the
//! thread that gives the baton up; that one also waits for what is outside, in [`World::settle`].

use std::sync::MutexGuard;
use std::sync::atomic::Ordering;
use std::time;

use crate::input::{Arrival, InputKind};
use crate::sim::{NodePanic, Outcome};
use crate::uart::Item;
use crate::world::{Event, FOREVER, State, Status, Turn, World};

/// Unread bytes in a UART beyond which live input is left where it is, and time goes on.
const SATURATED: usize = 4096;

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// This node runs.
    Node(usize),
    /// Nothing until live input comes, or this much of the wall clock's time has passed.
    Wait(Option<u64>),
    /// The run ends.
    End(Outcome),
    /// The run ends because a node panicked, or the world does.
    Abort,
}

impl Next {
    /// Whose turn it is: what is not a node's is the world's, which asks again.
    pub(crate) fn turn(self) -> Turn {
        match self {
            Next::Node(node) => Turn::Node(node),
            _ => Turn::World,
        }
    }
}

impl World {
    /// Makes everything happen that happens without a node, up to the point where a node must run or the world must
    /// wait or stop. Where it answers anything but a node, asking again gives the same answer.
    pub(crate) fn advance(&self, state: &mut State) -> Next {
        loop {
            if state.closing || state.nodes.iter().any(|node| matches!(node.status, Status::Panicked(_))) {
                return Next::Abort;
            }
            if state.view.as_ref().is_some_and(|view| view.is_broken()) {
                return Next::End(Outcome::OutputClosed);
            }
            let now = self.now();
            self.deliver(state, now);
            if let Some(node) = runnable(state, now) {
                return Next::Node(node);
            }
            let due = next_due(state);
            if state.nodes.iter().all(|node| matches!(node.status, Status::Finished)) && due.is_none() {
                return Next::End(Outcome::Finished);
            }
            let horizon = state.horizon;
            if let Some(wall) = wall_time(state, now) {
                let limit = wall.min(horizon);
                if let Some(due) = due.filter(|due| *due <= limit) {
                    self.set_now(due);
                } else if !self.take_input(state, limit.max(now)) {
                    if due.is_none() && horizon == FOREVER && !wants_input(state) && state.outside == 0 {
                        return Next::End(Outcome::Quiet);
                    }
                    if horizon <= wall {
                        return Next::End(Outcome::TimeIsUp);
                    }
                    let until = due.unwrap_or(FOREVER).min(horizon);
                    return Next::Wait((until != FOREVER).then(|| until - wall));
                }
            } else if !self.take_input(state, now) {
                match due {
                    _ if wants_input(state) => return Next::Wait(None),
                    Some(due) if due <= horizon => self.set_now(due),
                    Some(_) => return Next::End(Outcome::TimeIsUp),
                    None => return Next::End(Outcome::Quiet),
                }
            }
        }
    }

    /// Lets the world run until `horizon`. On [`Outcome::TimeIsUp`] and [`Outcome::Quiet`] time is left where it is.
    pub(crate) fn drive(&self, horizon: u64) -> Result<Outcome, NodePanic> {
        let mut state = self.lock();
        state.horizon = horizon;
        if state.realtime && state.anchor.is_none() {
            state.anchor = Some((time::Instant::now(), self.now()));
        }
        loop {
            let next;
            (state, next) = self.settle(state);
            match next {
                Next::Node(node) => state = self.lend(state, node),
                Next::Abort => {
                    flush(&mut state);
                    return Err(self.panic_of(&state));
                }
                Next::End(outcome) => {
                    flush(&mut state);
                    return Ok(outcome);
                }
                Next::Wait(_) => {}
            }
        }
    }

    /// As [`World::advance`], but waits, on whichever thread has the baton, for as long as there is nothing to do.
    pub(crate) fn settle<'a>(&'a self, mut state: MutexGuard<'a, State>) -> (MutexGuard<'a, State>, Next) {
        let mut waited = false;
        loop {
            match self.advance(&mut state) {
                Next::Wait(timeout) => {
                    waited = true;
                    flush(&mut state);
                    let for_input = wants_input(&state);
                    drop(state);
                    self.inbox.sleep(timeout.map(time::Duration::from_micros), for_input);
                    state = self.lock();
                }
                next => {
                    // Those who are always busy hear of sockets too.
                    if !waited {
                        self.inbox.look();
                    }
                    return (state, next);
                }
            }
        }
    }

    fn panic_of(&self, state: &State) -> NodePanic {
        let panicked = state.nodes.iter().find_map(|node| match &node.status {
            Status::Panicked(message) => Some((node.name.clone(), message.clone())),
            _ => None,
        });
        let (node, message) = panicked.expect("a run is only aborted by a panic of a node");
        NodePanic { node, message, micros: self.now(), seed: self.seed }
    }

    /// Delivers what is due, in the order of the keys.
    fn deliver(&self, state: &mut State, now: u64) {
        while let Some(entry) = state.events.first_entry().filter(|entry| entry.key().time <= now) {
            let (key, event) = entry.remove_entry();
            match event {
                Event::Script(uart, items) => state.start_script(now, key.node, uart, items),
                Event::Receive(uart, item) => state.receive(now, key.node, uart, item),
                Event::Release(uart) => state.release(now, key.node, uart),
                Event::Sent(uart, byte) => state.sent(now, key.node, uart, byte),
                Event::Frame(frame) => state.receive_frame(now, key.node, frame),
            }
        }
    }

    /// Delivers one byte of live input, or its end, at the instant `at`. False if there is none or it is not wanted.
    fn take_input(&self, state: &mut State, at: u64) -> bool {
        if !wants_input(state) {
            return false;
        }
        let arrival = self.inbox.take();
        let item = match arrival {
            Arrival::NothingYet => return false,
            Arrival::Byte(byte) => Item::Byte(byte),
            Arrival::End => Item::End,
        };
        let attached = state.attached.as_mut().expect("wants_input said so");
        let (node, uart) = (attached.node, attached.uart);
        attached.ended = arrival == Arrival::End;
        self.set_now(at);
        state.receive(at, node, uart, item);
        true
    }
}

fn flush(state: &mut State) {
    if let Some(view) = &mut state.view {
        view.flush();
    }
}

/// The first node that has something to do at `now`.
fn runnable(state: &mut State, now: u64) -> Option<usize> {
    for index in 0..state.nodes.len() {
        let node = &state.nodes[index];
        match node.status {
            Status::Fresh => return Some(index),
            Status::Idle(deadline) => {
                // A wake-up that is left standing costs one idle that returns at once.
                if node.signals.awake.load(Ordering::Acquire) {
                    return Some(index);
                }
                if deadline.is_some_and(|deadline| deadline <= now) {
                    state.record(now, index, format_args!("timer"));
                    return Some(index);
                }
            }
            Status::Running | Status::Finished | Status::Panicked(_) => {}
        }
    }
    None
}

/// The next instant at which the world or a node has something to do.
fn next_due(state: &State) -> Option<u64> {
    let event = state.events.first_key_value().map(|(key, _)| key.time);
    let deadlines = state.nodes.iter().filter_map(|node| match node.status {
        Status::Idle(deadline) => deadline,
        _ => None,
    });
    deadlines.chain(event).min()
}

/// Whether live input is open, the program has taken its UART, and that has room.
fn wants_input(state: &State) -> bool {
    state.attached.as_ref().is_some_and(|attached| {
        let node = &state.nodes[attached.node];
        let alive = !matches!(node.status, Status::Finished);
        alive && !attached.ended && node.uarts.get(&attached.uart).is_some_and(|u| u.taken && u.unread() < SATURATED)
    })
}

/// How far the wall clock lets time go; `None` when time is free to jump.
fn wall_time(state: &mut State, now: u64) -> Option<u64> {
    let at_terminal =
        wants_input(state) && state.attached.as_ref().is_some_and(|attached| attached.kind == InputKind::Terminal);
    if !state.realtime && !at_terminal {
        state.anchor = None;
        return None;
    }
    let (moment, virtual_time) = *state.anchor.get_or_insert_with(|| (time::Instant::now(), now));
    let elapsed = u64::try_from(moment.elapsed().as_micros()).unwrap_or(FOREVER);
    Some(virtual_time.saturating_add(elapsed))
}
