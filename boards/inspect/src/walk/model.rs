//! What was found: loops, their tasks, and what these wait for.

use std::time::Duration;

/// A program at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Its loops that have been started.
    pub loops: Vec<Loop>,
}

/// An event loop.
#[derive(Debug, Clone, PartialEq)]
pub struct Loop {
    /// The static that it is in, or its number.
    pub name: String,
    /// When its clock was last read, since its start; the loop reads it at least in each turn that has timers.
    pub time: Option<Duration>,
    /// The memory of its tasks.
    pub pool: Pool,
    /// Whether it is inside a run.
    pub running: bool,
    /// Which steps it calls slow.
    pub slow: Duration,
    /// Timers that are set, callbacks' and timeouts' included.
    pub timers: usize,
    /// Its tasks, in the order of their places in memory.
    pub tasks: Vec<Task>,
    /// What is strange about it as a whole.
    pub warnings: Vec<String>,
}

/// A loop's memory, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    /// All of it.
    pub size: u64,
    /// What is not taken.
    pub free: u64,
    /// The largest piece of that.
    pub largest: u64,
}

/// A task.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Its number in its loop.
    pub number: u16,
    /// Its own name, if it has one.
    pub name: Option<String>,
    /// What the loop is going to do with it.
    pub state: State,
    /// Whether a cancel request is on its way.
    pub cancelling: bool,
    /// Its coroutine, with those that it awaits.
    pub frame: Frame,
    /// Other coroutines that it might be: their code is the same, so that the compiler has kept one.
    pub candidates: Vec<String>,
    /// What it takes of the loop's memory, in bytes.
    pub bytes: u64,
    /// What was counted, if the program does that.
    pub statistics: Option<Statistics>,
    /// What is strange about it.
    pub warnings: Vec<String>,
}

/// What the feature `statistics` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statistics {
    /// How often it was resumed.
    pub polls: u32,
    /// How often it was woken.
    pub wakes: u32,
    /// The longest of its steps.
    pub longest: Duration,
    /// When it was last suspended, in the loop's time.
    pub since: Duration,
}

/// What a loop is going to do with a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It has not been resumed yet.
    New,
    /// It is queued.
    Ready,
    /// It is being resumed at this moment.
    Running,
    /// It waits until something wakes it.
    Suspended,
    /// It is resumed after the next interrupt, whichever.
    AfterInterrupt,
}

/// A coroutine of a task, and what it awaits.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Frame {
    /// The function's name, or what the runtime calls it.
    pub name: String,
    /// The full path of the function.
    pub path: String,
    /// The file and the line in which it is suspended.
    pub place: Option<(String, u32)>,
    /// Until when it waits at most.
    pub deadline: Option<Duration>,
    /// What it waits for itself.
    pub waits: Option<Waits>,
    /// What it awaits.
    pub children: Vec<Frame>,
}

/// What a coroutine waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waits {
    /// The time; `None` for the next turn of the loop.
    Timer(Option<Duration>),
    /// The end of a task.
    Task(u16),
    /// A future, with how many handles of it there are beside those who wait.
    Future {
        /// Its number.
        number: u16,
        /// Handles that others have.
        handles: u16,
    },
    /// Something to happen to a value of the module `sync`.
    Sync {
        /// Which kind of value, and what is to happen.
        kind: &'static str,
        /// The static that it is in, or its address.
        place: String,
        /// Where it is.
        address: u64,
    },
    /// An interrupt: of the devices with these names, as far as they are known.
    Device(Vec<String>),
    /// A future of `core`, or a coroutine that was written by hand, with this type.
    Foreign(String, Vec<String>),
    /// Nothing: it has not begun.
    NotStarted,
    /// Nothing: it runs.
    Runs,
}

impl Frame {
    /// The frames that await no other, from the first to the last.
    pub fn leaves(&self) -> Vec<&Frame> {
        if self.children.is_empty() { vec![self] } else { self.children.iter().flat_map(Frame::leaves).collect() }
    }
}

impl Task {
    /// Its own name, or the loop's for it.
    pub fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("Task-{}", self.number))
    }
}
