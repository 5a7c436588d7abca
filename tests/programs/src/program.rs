//! Programs: what one is, how a random one is made, and how it is written down for CPython.
//!
//! # The problem
//! Both worlds must run the same text. What is random must make sense in both: no task awaits itself or one that awaits
//! it, a program ends, and what CPython leaves undefined (the order of a set) is not asked for.
//!
//! # The design
//! A program is a list of *routines*, lists of operations. Routine 0 is `main`; the others become tasks, once each. A
//! routine awaits tasks of a higher number only, so there are no rings. Operations in braces nest. A few futures are there from
//! the beginning. Whatever an operation answers is a line of the trace.

use std::fmt::{self, Write};

/// SplitMix64: the same numbers everywhere for the same seed.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The numbers of a seed.
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0xd6e8_feb8_6659_fd93))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// True in `percent` of 100 calls.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// What can be waited for: a task by its routine's number, or a future.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The task of a routine.
    Task(usize),
    /// A future.
    Future(usize),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Task(number) => write!(f, "T{number}"),
            Target::Future(number) => write!(f, "F{number}"),
        }
    }
}

/// The modes of `wait`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `ALL_COMPLETED`.
    All,
    /// `FIRST_COMPLETED`.
    First,
    /// `FIRST_EXCEPTION`.
    Exception,
}

/// What is done with a primitive of synchronisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// `set` of the event.
    EventSet,
    /// Its `clear`.
    EventClear,
    /// Its `wait`.
    EventWait,
    /// `wait` of the condition, with its lock.
    Notified,
    /// Its `notify`, with its lock.
    Notify(u64),
    /// `wait` of the barrier.
    Barrier,
    /// Its `reset`.
    BarrierReset,
    /// Its `abort`.
    BarrierAbort,
    /// Its `n_waiting` and `broken`.
    BarrierState,
    /// `shutdown` of the queue: with `immediate`, or without.
    Shutdown(bool),
    /// Its `join`.
    Join,
    /// Its `task_done`.
    TaskDone,
    /// `put` of the queue.
    Put(i64),
    /// Its `get`.
    Get,
    /// Its `put_nowait`.
    PutNowait(i64),
    /// Its `get_nowait`.
    GetNowait,
}

impl fmt::Display for Sync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sync::EventSet => f.write_str("event_set"),
            Sync::EventClear => f.write_str("event_clear"),
            Sync::EventWait => f.write_str("event_wait"),
            Sync::Notified => f.write_str("notified"),
            Sync::Notify(count) => write!(f, "notify {count}"),
            Sync::Barrier => f.write_str("barrier"),
            Sync::BarrierReset => f.write_str("barrier_reset"),
            Sync::BarrierAbort => f.write_str("barrier_abort"),
            Sync::BarrierState => f.write_str("barrier_state"),
            Sync::Shutdown(at_once) => write!(f, "shutdown {}", u8::from(*at_once)),
            Sync::Join => f.write_str("join"),
            Sync::TaskDone => f.write_str("task_done"),
            Sync::Put(value) => write!(f, "put {value}"),
            Sync::Get => f.write_str("get"),
            Sync::PutNowait(value) => write!(f, "put_nowait {value}"),
            Sync::GetNowait => f.write_str("get_nowait"),
        }
    }
}

/// One operation.
#[derive(Debug, Clone)]
pub enum Op {
    /// `sleep`.
    Sleep(u64),
    /// `create_task` of a routine.
    Spawn(usize),
    /// `cancel` of a task or a future.
    Cancel(Target),
    /// `uncancel` of the running task.
    Uncancel,
    /// `uncancel` of the task of a routine: always, or only if that leaves a request.
    UncancelOf(usize, bool),
    /// `cancelling` of the running task.
    Cancelling,
    /// `set_result` of a future.
    Set(usize, i64),
    /// `set_exception` of a future.
    SetException(usize, i64),
    /// `add_done_callback` that writes a line.
    Callback(Target, u64),
    /// `call_soon` of something.
    Soon(Act),
    /// `call_later` of something.
    Later(u64, Act),
    /// An await.
    Await(Target),
    /// `wait_for`.
    WaitFor(Target, u64),
    /// `shield`.
    Shield(Target),
    /// `wait_for` of a `shield`.
    WaitForShield(Target, u64),
    /// `gather`, with `return_exceptions` or without.
    Gather(Vec<Target>, bool),
    /// `wait`.
    Wait(Vec<Target>, Mode, Option<u64>),
    /// `as_completed`, of which all are taken, or one.
    AsCompleted(Vec<Target>, Option<u64>, bool),
    /// `try … except CancelledError`.
    Catch(Vec<Op>),
    /// `try … finally`.
    Finally(Vec<Op>, Vec<Op>),
    /// `async with timeout`.
    Timeout(u64, Vec<Op>),
    /// The same, of a timeout that others may move.
    Limit(u64, Vec<Op>),
    /// `reschedule` of one of the last of those, 0 for the last one: so much after now, or never.
    Reschedule(usize, Option<i64>),
    /// `gather`, kept in the routine's place, with `return_exceptions` or without.
    KeepGather(Vec<Target>, bool),
    /// `shield`, kept there.
    KeepShield(Target),
    /// An await of what a routine keeps.
    AwaitKept(usize),
    /// `cancel` of that.
    CancelKept(usize),
    /// What that says of itself.
    StateKept(usize),
    /// `async with TaskGroup`.
    Group(Vec<Op>),
    /// `create_task` of the innermost group.
    GroupSpawn(usize),
    /// `async with` the lock.
    Lock(Vec<Op>),
    /// `async with` the semaphore, which has two permits.
    Permit(Vec<Op>),
    /// Something with the other primitives.
    Sync(Sync),
    /// The routine's result.
    Return(i64),
    /// The routine's exception.
    Fail(i64),
}

/// What a callback does.
#[derive(Debug, Clone, Copy)]
pub enum Act {
    /// Writes a line.
    Say(u64),
    /// Cancels.
    Cancel(Target),
    /// Sets a result.
    Set(usize, i64),
    /// Moves a timeout.
    Reschedule(usize, Option<i64>),
    /// Cancels what a routine keeps.
    CancelKept(usize),
}

/// A program.
#[derive(Debug, Clone)]
pub struct Program {
    /// Its seed.
    pub seed: u64,
    /// How many futures it has.
    pub futures: usize,
    /// The operations of its routines.
    pub routines: Vec<Vec<Op>>,
}

/// What may be in a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// What CPython does the same way since 3.11.
    Old,
    /// What it does since 3.13: that of `recorded.txt`, whose programs never change.
    Recorded,
    /// The same and more: that of `recorded_whole.txt`.
    Whole,
    /// The same and more: all. Futures of `gather` and `shield` that are kept, and timeouts that are moved.
    Further,
}

/// Makes programs.
struct Maker {
    random: Random,
    routines: usize,
    futures: usize,
    language: Language,
    tags: u64,
}

/// The operations of which that is true.
const SILENT: [&str; 9] = [
    "gather 0",
    "keep_gather 0",
    "wait_for 0",
    "wait First",
    "wait Exception",
    "shield",
    "keep_shield",
    "wait_for_shield",
    "as_completed",
];

impl Program {
    /// The program of a seed.
    pub fn random(seed: u64, language: Language) -> Program {
        let mut random = Random::new(seed);
        let routines = 2 + random.below(5) as usize;
        let futures = 1 + random.below(3) as usize;
        let mut maker = Maker { random, routines, futures, language, tags: 0 };
        let routines = (0..routines).map(|number| maker.routine(number)).collect();
        Program { seed, futures, routines }
    }

    /// Whether CPython may have turns in which nothing happens that a program can see: a `gather` that has raised and a `wait`
    /// that is over leave callbacks behind. Here they let go of the other tasks. A timeout that is moved leaves its callback, and here
    /// its task.
    pub fn has_silent_callbacks(&self) -> bool {
        self.text().lines().any(|line| {
            SILENT.iter().any(|operation| line.starts_with(operation))
                || line.contains("reschedule")
                || line.starts_with("wait All") && !line.starts_with("wait All -")
        })
    }

    /// The program as text: an operation a line.
    pub fn text(&self) -> String {
        let mut text = format!("program {} {}\n", self.seed, self.futures);
        for (number, routine) in self.routines.iter().enumerate() {
            writeln!(text, "routine {number}").expect("strings grow");
            write_all(&mut text, routine);
            text.push_str("}\n");
        }
        text.push_str("end\n");
        text
    }
}

impl Maker {
    fn routine(&mut self, number: usize) -> Vec<Op> {
        let mut ops = Vec::new();
        if number == 0 {
            // Most tasks begin early, unless groups are to have some.
            let early = if self.language >= Language::Whole { 45 } else { 60 };
            for other in 1..self.routines {
                if self.random.chance(early) {
                    ops.push(Op::Spawn(other));
                }
            }
        }
        if self.language == Language::Further && self.random.chance(50) {
            let targets = self.several(number);
            let all = self.random.chance(40);
            for target in &targets {
                if let Target::Task(other) = target {
                    ops.push(Op::Spawn(*other));
                }
            }
            ops.push(if self.random.chance(80) { Op::KeepGather(targets, all) } else { Op::KeepShield(targets[0]) });
            if self.random.chance(70) {
                ops.push(Op::AwaitKept(number));
            }
        }
        let length = 2 + self.random.below(5);
        for _ in 0..length {
            ops.push(self.op(number, 0, false));
        }
        if self.random.chance(25) {
            let value = self.random.below(10) as i64;
            ops.push(if self.random.chance(50) { Op::Return(value) } else { Op::Fail(value) });
        }
        ops
    }

    fn block(&mut self, number: usize, depth: u64, in_group: bool) -> Vec<Op> {
        (0..1 + self.random.below(3)).map(|_| self.op(number, depth + 1, in_group)).collect()
    }

    fn delay(&mut self) -> u64 {
        // Small, so that much happens at the same moment.
        self.random.below(5)
    }

    fn tag(&mut self) -> u64 {
        self.tags += 1;
        self.tags
    }

    fn future(&mut self) -> usize {
        self.random.below(self.futures as u64) as usize
    }

    /// Any task but this one, which may be cancelled.
    fn any(&mut self) -> Target {
        if self.random.chance(30) {
            return Target::Future(self.future());
        }
        Target::Task(self.random.below(self.routines as u64) as usize)
    }

    /// What may be awaited.
    fn awaited(&mut self, number: usize) -> Target {
        let later = self.routines - number - 1;
        if later == 0 || self.random.chance(35) {
            return Target::Future(self.future());
        }
        Target::Task(number + 1 + self.random.below(later as u64) as usize)
    }

    fn several(&mut self, number: usize) -> Vec<Target> {
        (0..1 + self.random.below(3)).map(|_| self.awaited(number)).collect()
    }

    fn moved(&mut self) -> (usize, Option<i64>) {
        let to = self.random.chance(85).then(|| self.random.below(6) as i64 - 2);
        (self.random.below(3) as usize, to)
    }

    fn act(&mut self) -> Act {
        if self.language == Language::Further && self.random.chance(25) {
            let (limit, to) = self.moved();
            let kept = self.random.below(self.routines as u64) as usize;
            return if self.random.chance(60) { Act::Reschedule(limit, to) } else { Act::CancelKept(kept) };
        }
        match self.random.below(3) {
            0 => Act::Say(self.tag()),
            1 => Act::Cancel(self.any()),
            _ => Act::Set(self.future(), self.random.below(10) as i64),
        }
    }

    fn sync(&mut self) -> Sync {
        let value = self.random.below(10) as i64;
        match self.random.below(13) {
            0 => Sync::EventSet,
            1 => Sync::EventClear,
            2 | 3 => Sync::EventWait,
            4 | 5 => Sync::Notified,
            6 => Sync::Notify(1 + self.random.below(2)),
            7 => Sync::Barrier,
            8 => Sync::Put(value),
            9 | 10 => Sync::Get,
            11 => Sync::PutNowait(value),
            _ => Sync::GetNowait,
        }
    }

    /// What only the whole language has.
    fn further_sync(&mut self) -> Sync {
        match self.random.below(12) {
            0 | 1 => Sync::BarrierReset,
            2 => Sync::BarrierAbort,
            3 => Sync::BarrierState,
            4 => Sync::Shutdown(self.random.chance(50)),
            5 | 6 => Sync::Join,
            7 | 8 => Sync::TaskDone,
            _ => Sync::Barrier,
        }
    }

    /// A group whose children begin at the same time.
    fn group(&mut self, number: usize, depth: u64) -> Op {
        let mut ops = Vec::new();
        if self.language >= Language::Whole {
            let children = self.random.below(4);
            ops.extend((0..children).filter_map(|_| self.later(number)).map(Op::GroupSpawn).collect::<Vec<_>>());
        }
        ops.extend(self.block(number, depth, true));
        Op::Group(ops)
    }

    /// A routine of a higher number.
    fn later(&mut self, number: usize) -> Option<usize> {
        let count = (self.routines - number - 1) as u64;
        (count > 0).then(|| number + 1 + self.random.below(count) as usize)
    }

    fn op(&mut self, number: usize, depth: u64, in_group: bool) -> Op {
        let whole = self.language != Language::Old;
        let operations = match self.language {
            Language::Further => 60,
            Language::Whole => 44,
            _ => 36,
        };
        // A routine awaits what it keeps itself, or one of a higher number.
        let kept = |random: &mut Random, routines: usize| number + random.below((routines - number) as u64) as usize;
        loop {
            return match self.random.below(operations) {
                0..3 => Op::Sleep(self.delay()),
                3 if number + 1 < self.routines => {
                    Op::Spawn(number + 1 + self.random.below((self.routines - number - 1) as u64) as usize)
                }
                4 | 5 => Op::Cancel(self.any()),
                6 if whole => Op::Uncancel,
                7 => Op::Cancelling,
                8 => Op::Set(self.future(), self.random.below(10) as i64),
                9 if self.random.chance(30) => Op::SetException(self.future(), self.random.below(10) as i64),
                10 => Op::Callback(self.any(), self.tag()),
                11 => Op::Soon(self.act()),
                12 => Op::Later(self.delay(), self.act()),
                13 | 14 => Op::Await(self.awaited(number)),
                15 if whole => Op::WaitFor(self.awaited(number), self.delay()),
                16 => Op::Shield(self.awaited(number)),
                17 if whole => Op::WaitForShield(self.awaited(number), 1 + self.delay()),
                18 if whole => Op::Gather(self.several(number), self.random.chance(50)),
                19 => {
                    let mode = [Mode::All, Mode::First, Mode::Exception][self.random.below(3) as usize];
                    let timeout = self.random.chance(40).then(|| self.delay());
                    Op::Wait(self.several(number), mode, timeout)
                }
                20 | 21 if depth < 3 => Op::Catch(self.block(number, depth, in_group)),
                22 if depth < 3 => {
                    Op::Finally(self.block(number, depth, in_group), self.block(number, depth, in_group))
                }
                23 if depth < 3 && whole => Op::Timeout(1 + self.delay(), self.block(number, depth, in_group)),
                24 if depth < 3 && whole => self.group(number, depth),
                25 if in_group && number + 1 < self.routines => {
                    Op::GroupSpawn(number + 1 + self.random.below((self.routines - number - 1) as u64) as usize)
                }
                26 | 27 if depth < 3 => Op::Lock(self.block(number, depth, in_group)),
                28 if depth < 3 => Op::Permit(self.block(number, depth, in_group)),
                29..36 if whole => Op::Sync(self.sync()),
                36 => Op::UncancelOf(self.random.below(self.routines as u64) as usize, self.random.chance(20)),
                37 | 38 => {
                    let targets = self.several(number);
                    let timeout = self.random.chance(40).then(|| self.delay());
                    Op::AsCompleted(targets, timeout, self.random.chance(20))
                }
                39..42 => Op::Sync(self.further_sync()),
                42 if depth < 3 => self.group(number, depth),
                43 if in_group => match self.later(number) {
                    Some(other) => Op::GroupSpawn(other),
                    None => continue,
                },
                44..47 => Op::KeepGather(self.several(number), self.random.chance(50)),
                47 => Op::KeepShield(self.awaited(number)),
                48..51 => Op::AwaitKept(kept(&mut self.random, self.routines)),
                51 => Op::CancelKept(self.random.below(self.routines as u64) as usize),
                52 => Op::StateKept(self.random.below(self.routines as u64) as usize),
                53..56 if depth < 3 => Op::Limit(1 + self.delay(), self.block(number, depth, in_group)),
                56..60 => {
                    let (limit, to) = self.moved();
                    Op::Reschedule(limit, to)
                }
                _ => continue,
            };
        }
    }
}

fn write_all(text: &mut String, ops: &[Op]) {
    for op in ops {
        write_op(text, op).expect("strings grow");
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Act::Say(tag) => write!(f, "say {tag}"),
            Act::Cancel(target) => write!(f, "cancel {target}"),
            Act::Set(future, value) => write!(f, "set F{future} {value}"),
            Act::Reschedule(number, to) => write!(f, "reschedule {number} {}", moment(*to)),
            Act::CancelKept(number) => write!(f, "cancel_kept {number}"),
        }
    }
}

fn moment(to: Option<i64>) -> String {
    to.map_or("-".into(), |to| to.to_string())
}

fn list(targets: &[Target]) -> String {
    targets.iter().map(Target::to_string).collect::<Vec<_>>().join(" ")
}

fn limit(timeout: Option<u64>) -> String {
    timeout.map_or("-".into(), |timeout| timeout.to_string())
}

fn write_op(text: &mut String, op: &Op) -> fmt::Result {
    match op {
        Op::Sleep(delay) => writeln!(text, "sleep {delay}"),
        Op::Spawn(routine) => writeln!(text, "spawn {routine}"),
        Op::Cancel(target) => writeln!(text, "cancel {target}"),
        Op::Uncancel => writeln!(text, "uncancel"),
        Op::UncancelOf(number, false) => writeln!(text, "uncancel T{number}"),
        Op::UncancelOf(number, true) => writeln!(text, "uncancel_spare T{number}"),
        Op::Cancelling => writeln!(text, "cancelling"),
        Op::Set(future, value) => writeln!(text, "set F{future} {value}"),
        Op::SetException(future, value) => writeln!(text, "set_exception F{future} {value}"),
        Op::Callback(target, tag) => writeln!(text, "callback {target} {tag}"),
        Op::Soon(act) => writeln!(text, "soon {act}"),
        Op::Later(delay, act) => writeln!(text, "later {delay} {act}"),
        Op::Await(target) => writeln!(text, "await {target}"),
        Op::WaitFor(target, delay) => writeln!(text, "wait_for {delay} {target}"),
        Op::Shield(target) => writeln!(text, "shield {target}"),
        Op::WaitForShield(target, delay) => writeln!(text, "wait_for_shield {delay} {target}"),
        Op::Gather(targets, all) => writeln!(text, "gather {} {}", u8::from(*all), list(targets)),
        Op::Wait(targets, mode, timeout) => {
            writeln!(text, "wait {mode:?} {} {}", limit(*timeout), list(targets))
        }
        Op::AsCompleted(targets, timeout, one) => {
            let name = if *one { "as_completed_one" } else { "as_completed" };
            writeln!(text, "{name} {} {}", limit(*timeout), list(targets))
        }
        Op::Catch(ops) => write_block(text, "catch", ops),
        Op::Finally(ops, last) => {
            write_block(text, "finally", ops)?;
            write_all(text, last);
            writeln!(text, "}}")
        }
        Op::Timeout(delay, ops) => write_block(text, &format!("timeout {delay}"), ops),
        Op::Limit(delay, ops) => write_block(text, &format!("limit {delay}"), ops),
        Op::Reschedule(number, to) => writeln!(text, "reschedule {number} {}", moment(*to)),
        Op::KeepGather(targets, all) => writeln!(text, "keep_gather {} {}", u8::from(*all), list(targets)),
        Op::KeepShield(target) => writeln!(text, "keep_shield {target}"),
        Op::AwaitKept(number) => writeln!(text, "await_kept {number}"),
        Op::CancelKept(number) => writeln!(text, "cancel_kept {number}"),
        Op::StateKept(number) => writeln!(text, "state_kept {number}"),
        Op::Group(ops) => write_block(text, "group", ops),
        Op::Lock(ops) => write_block(text, "lock", ops),
        Op::Permit(ops) => write_block(text, "permit", ops),
        Op::Sync(op) => writeln!(text, "{op}"),
        Op::GroupSpawn(routine) => writeln!(text, "group_spawn {routine}"),
        Op::Return(value) => writeln!(text, "return {value}"),
        Op::Fail(value) => writeln!(text, "fail {value}"),
    }
}

fn write_block(text: &mut String, name: &str, ops: &[Op]) -> fmt::Result {
    writeln!(text, "{name}")?;
    write_all(text, ops);
    writeln!(text, "}}")
}
