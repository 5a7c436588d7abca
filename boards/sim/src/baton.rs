//! The baton: exactly one thread of a world runs at any moment.
//!
//! # The problem
//! Programs block inside `run_forever`, so each needs a thread; but the order in which threads run must be the
//! world's choice alone, and a world that is dropped must get its threads back.
//!
//! # The design
//! `State::turn` names who may run; everybody else waits on a condition variable of their own. Whoever has the baton
//! and gives it up asks [`World::advance`] who is next, and often it is the same node again, which costs no switch.
//!
//! ```text
//!          node()            1 turn = Node            2 idle: turn = someone else
//!  (thread) ────────▶ Fresh ─────────────▶ Running ◀─────────────────────────────▶ Idle
//!                       │                     │ 3 program returned, or panicked     │
//!                       │ 4 closing           ▼                                     │ 4 closing: unwinds with WorldEnded
//!                       └──────────▶ Finished / Panicked ◀──────────────────────────┘
//! ```
//! 1, 2: `World::give_up`; 3, 4: `World::leave`.
//!
//! When the world closes, it hands the baton to each node once more. The node finds `closing` and unwinds by
//! `resume_unwind`, which runs the destructors of the program's locals and does not call the panic hook. A destructor
//! that idles gets an immediate return: a second unwinding would abort the process.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, MutexGuard, PoisonError};

use crate::board::Board;
use crate::world::{State, Status, Turn, World};

/// What a node's thread unwinds with when its world ends.
struct WorldEnded;

/// A program of a node.
pub(crate) type Program = Box<dyn FnOnce(Board) + Send>;

impl World {
    /// Gives the baton to `next` without waiting.
    pub(crate) fn pass(&self, state: &mut State, next: Turn) {
        state.turn = next;
        match next {
            Turn::World => self.world_turn.notify_one(),
            Turn::Node(index) => {
                state.nodes[index].status = Status::Running;
                state.nodes[index].turn.notify_one();
            }
        }
    }

    /// Gives the baton to a node and waits until it comes back to the world.
    pub(crate) fn lend<'a>(&'a self, mut state: MutexGuard<'a, State>, node: usize) -> MutexGuard<'a, State> {
        self.pass(&mut state, Turn::Node(node));
        self.world_turn.wait_while(state, |state| state.turn != Turn::World).unwrap_or_else(PoisonError::into_inner)
    }

    fn await_turn<'a>(&'a self, state: MutexGuard<'a, State>, node: usize) -> MutexGuard<'a, State> {
        let turn = Arc::clone(&state.nodes[node].turn);
        turn.wait_while(state, |state| state.turn != Turn::Node(node)).unwrap_or_else(PoisonError::into_inner)
    }

    /// The node has nothing to do until `deadline`: others run. Unwinds when the world ends meanwhile.
    pub(crate) fn give_up(&self, node: usize, deadline: Option<u64>) {
        let mut state = self.lock();
        if state.closing {
            drop(state);
            return end_thread();
        }
        state.nodes[node].status = Status::Idle(deadline);
        let (mut state, next) = self.settle(state);
        let next = next.turn();
        if next == Turn::Node(node) {
            state.nodes[node].status = Status::Running;
            return;
        }
        self.pass(&mut state, next);
        let state = self.await_turn(state, node);
        if state.closing {
            drop(state);
            end_thread();
        }
    }

    fn leave(&self, node: usize, result: Result<(), Box<dyn Any + Send>>) {
        let mut state = self.lock();
        let now = self.now();
        state.nodes[node].status = match result {
            Err(payload) if !payload.is::<WorldEnded>() => {
                let message = message_of(&*payload);
                state.record(now, node, format_args!("panics: {message}"));
                Status::Panicked(message)
            }
            _ => {
                if !state.closing {
                    state.record(now, node, format_args!("finishes"));
                }
                Status::Finished
            }
        };
        let next = if state.closing { Turn::World } else { self.advance(&mut state).turn() };
        self.pass(&mut state, next);
    }
}

/// The root of a node's thread.
pub(crate) fn run_node(world: &World, node: usize, board: Board, program: Program) {
    let mut state = world.await_turn(world.lock(), node);
    state.nodes[node].signals.thread.get_or_init(|| std::thread::current().id());
    let result = if state.closing {
        drop(state);
        panic::catch_unwind(AssertUnwindSafe(|| drop((board, program))))
    } else {
        state.record(world.now(), node, format_args!("starts"));
        drop(state);
        panic::catch_unwind(AssertUnwindSafe(|| program(board)))
    };
    world.leave(node, result);
}

/// Unwinds to [`run_node`], unless this thread is unwinding already.
fn end_thread() {
    if !std::thread::panicking() {
        panic::resume_unwind(Box::new(WorldEnded));
    }
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => (*text).into(),
        (_, Some(text)) => text.clone(),
        _ => "a payload that is no text".into(),
    }
}
