//! Runs programs on segno and gives their traces.
//!
//! Each routine is a task whose coroutine interprets the operations; blocks nest by boxed coroutines. What CPython's side says,
//! in `python/programs.py`, is said here in the same words.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;

use segno::combine::MayFail;
use segno::host::VirtualClock;
use segno::prelude::*;
use segno::task::{CloneOutput, ResultError};
use segno::{AnyTask, Timeout};

use crate::kept::{Kept, await_kept, keep};
use crate::program::{Act, Op, Program, Target};
use crate::sync::{Primitives, synchronise};
use crate::waits::wait_op;

/// Every program is stopped at this tick.
const END: u64 = 60;

/// The ticks that the clock has counted when a program begins: so there is a time before it.
const EARLY: u64 = 1000;

/// How a routine ends; the error is the exception.
pub type Outcome = Result<i64, i64>;

/// What a block says: go on, or the routine has a result or an exception.
type Flow = Option<Outcome>;

/// A task or a future.
#[derive(Clone)]
pub enum Handle {
    Task(Rc<Task<Outcome>>),
    Future(Future<Outcome>),
}

impl IntoCoroutine for Handle {
    type Output = Outcome;
    type Coroutine = CloneOutput<Outcome>;

    fn into_coroutine(self) -> CloneOutput<Outcome> {
        match self {
            Handle::Task(task) => (&*task).into_coroutine(),
            Handle::Future(future) => future.into_coroutine(),
        }
    }

    fn has_ended(&self) -> Option<bool> {
        Some(match self {
            Handle::Task(task) => task.done(),
            Handle::Future(future) => future.done(),
        })
    }
}

impl Handle {
    pub fn member(&self) -> &dyn MayFail {
        match self {
            Handle::Task(task) => &**task,
            Handle::Future(future) => future,
        }
    }

    fn cancel(&self) -> bool {
        match self {
            Handle::Task(task) => task.cancel(),
            Handle::Future(future) => future.cancel(),
        }
    }

    pub fn outcome(&self) -> String {
        let result = match self {
            Handle::Task(task) => task.result(),
            Handle::Future(future) => future.result(),
        };
        match result {
            Ok(Ok(value)) => format!("value {value}"),
            Ok(Err(error)) => format!("error {error}"),
            Err(ResultError::Pending) => "pending".into(),
            Err(ResultError::Cancelled) => "cancelled".into(),
            Err(ResultError::Taken) => "taken".into(),
        }
    }
}

pub struct World {
    pub lp: &'static EventLoop,
    /// Gathers and shields are started.
    pub started: bool,
    routines: Vec<Rc<[Op]>>,
    tasks: RefCell<Vec<Option<Rc<Task<Outcome>>>>>,
    futures: Vec<Future<Outcome>>,
    trace: RefCell<Vec<String>>,
    /// What routines keep.
    kept: RefCell<Vec<Option<Rc<dyn Kept>>>>,
    limits: RefCell<Vec<Rc<Timeout>>>,
    pub primitives: Primitives,
}

thread_local! {
    /// The world of the program that runs, for done callbacks.
    static CURRENT: RefCell<Option<Rc<World>>> = const { RefCell::new(None) };
}

impl World {
    fn now(&self) -> u64 {
        self.lp.time().as_ticks() / 1000 - EARLY
    }

    pub fn log(&self, who: impl std::fmt::Display, text: impl std::fmt::Display) {
        self.trace.borrow_mut().push(format!("t={} n={} {who} {text}", self.now(), self.lp.turn()));
    }

    pub fn find(&self, target: Target) -> Option<Handle> {
        match target {
            Target::Task(number) => self.tasks.borrow()[number].clone().map(Handle::Task),
            Target::Future(number) => Some(Handle::Future(self.futures[number].clone())),
        }
    }

    fn cancel(&self, who: &str, target: Target) {
        let answer = match self.find(target) {
            None => "none".to_string(),
            Some(handle) => u8::from(handle.cancel()).to_string(),
        };
        self.log(who, format!("cancel {target} {answer}"));
    }

    fn set(&self, who: &str, future: usize, value: i64) {
        let answer = if self.futures[future].set_result(Ok(value)).is_ok() { "ok" } else { "invalid" };
        self.log(who, format!("set F{future} {answer}"));
    }

    fn act(&self, act: Act) {
        match act {
            Act::Say(tag) => self.log("-", format!("say {tag}")),
            Act::Cancel(target) => self.cancel("-", target),
            Act::Set(future, value) => self.set("-", future, value),
            Act::Reschedule(number, to) => self.reschedule("-", number, to),
            Act::CancelKept(number) => self.cancel_kept("-", number),
        }
    }

    fn reschedule(&self, who: &str, number: usize, to: Option<i64>) {
        let answer = match self.limits.borrow().iter().rev().nth(number) {
            None => "none".to_string(),
            Some(limit) => {
                // The clock begins at `EARLY`, so that there is a time before.
                let when = to.map(|to| Instant::from_ticks(self.lp.time().as_ticks().saturating_add_signed(to * 1000)));
                match limit.reschedule(when) {
                    Err(error) => error.to_string(),
                    Ok(()) => {
                        let when = limit
                            .when()
                            .map_or("None".into(), |when| ((when.as_ticks() / 1000) as i64 - EARLY as i64).to_string());
                        format!("{when} {}", u8::from(limit.expired()))
                    }
                }
            }
        };
        let to = to.map_or("-".into(), |to| to.to_string());
        self.log(who, format!("reschedule {number} {to} {answer}"));
    }

    pub fn find_kept(&self, number: usize) -> Option<Rc<dyn Kept>> {
        self.kept.borrow()[number].clone()
    }

    pub fn keep(&self, me: usize, kept: Rc<dyn Kept>) {
        // What was there may be dropped, and with it what it holds.
        let before = self.kept.borrow_mut()[me].replace(kept);
        drop(before);
    }

    fn cancel_kept(&self, who: &str, number: usize) {
        let answer = self.find_kept(number).map_or("none".into(), |kept| u8::from(kept.cancel()).to_string());
        self.log(who, format!("cancel_kept {number} {answer}"));
    }

    fn current(&self) -> AnyTask {
        self.lp.current_task().expect("a routine is a task")
    }
}

fn called(text: String, tag: usize) {
    CURRENT.with_borrow(|world| {
        world.as_ref().expect("a program runs").log("-", format!("callback {tag} {text}"));
    });
}

fn ticks(ticks: u64) -> Duration {
    ticks.millis()
}

/// A boxed block.
struct Boxed(Pin<Box<dyn Coroutine<Output = Flow>>>);

impl Coroutine for Boxed {
    type Output = Flow;

    fn resume(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Flow> {
        self.0.as_mut().resume(cx)
    }
}

/// Python's `raise` of a cancellation.
pub struct Reraise;

impl Coroutine for Reraise {
    type Output = std::convert::Infallible;

    fn resume(self: Pin<&mut Self>, _: &mut Context<'_>) -> Resume<std::convert::Infallible> {
        Resume::Cancelled
    }
}

type Group = TaskGroup<i64, 16>;

#[segno::coroutine]
async fn routine(world: Rc<World>, me: usize) -> Outcome {
    world.log(me, "starts");
    let ops = world.routines[me].clone();
    match block(world.clone(), me, ops, None).await {
        Some(Err(error)) => Err(error),
        ended => {
            world.log(me, "ends");
            ended.unwrap_or(Ok(0))
        }
    }
}

fn block(world: Rc<World>, me: usize, ops: Rc<[Op]>, group: Option<Group>) -> Boxed {
    Boxed(Box::pin(run_block(world, me, ops, group)))
}

fn nested(world: &Rc<World>, me: usize, ops: &[Op], group: &Option<Group>) -> Boxed {
    block(world.clone(), me, ops.to_vec().into(), group.clone())
}

#[segno::coroutine]
async fn run_block(world: Rc<World>, me: usize, ops: Rc<[Op]>, group: Option<Group>) -> Flow {
    for index in 0..ops.len() {
        if let Op::Return(value) = ops[index] {
            return Some(Ok(value));
        }
        if let Op::Fail(error) = ops[index] {
            return Some(Err(error));
        }
        if let Op::Sleep(delay) = ops[index] {
            if sleep(ticks(delay)).catch_cancel().await.is_err() {
                world.log(me, "sleep cancelled");
                Reraise.await;
            }
            world.log(me, "slept");
        } else if let Op::Sync(op) = ops[index] {
            synchronise(world.clone(), me, op).await;
        } else if matches!(
            ops[index],
            Op::Catch(_)
                | Op::Finally(..)
                | Op::Timeout(..)
                | Op::Limit(..)
                | Op::Group(_)
                | Op::Lock(_)
                | Op::Permit(_)
        ) {
            let done = nest(world.clone(), me, ops[index].clone(), group.clone()).await;
            if done.is_some() {
                return done;
            }
        } else if let Op::AwaitKept(number) = ops[index] {
            await_kept(world.clone(), me, number).await;
        } else if !at_once(&world, me, &ops[index], &group) && !keep(&world, me, &ops[index]) {
            wait_op(world.clone(), me, ops[index].clone()).await;
        }
    }
    None
}

/// Operations that contain others.
#[segno::coroutine]
async fn nest(world: Rc<World>, me: usize, op: Op, group: Option<Group>) -> Flow {
    let is_limit = matches!(op, Op::Limit(..));
    match op {
        Op::Catch(ops) => match nested(&world, me, &ops, &group).catch_cancel().await {
            Ok(done) => done,
            Err(Cancelled) => {
                world.log(me, "caught");
                None
            }
        },
        Op::Finally(ops, last) => {
            let done = nested(&world, me, &ops, &group).catch_cancel().await;
            world.log(me, "finally");
            let after = nested(&world, me, &last, &group).await;
            if after.is_some() {
                return after;
            }
            match done {
                Ok(done) => done,
                Err(Cancelled) => {
                    Reraise.await;
                    None
                }
            }
        }
        Op::Lock(ops) => match world.primitives.lock.acquire().catch_cancel().await {
            Ok(guard) => {
                world.log(me, "lock acquired");
                let done = nested(&world, me, &ops, &group).await;
                drop(guard);
                done
            }
            Err(Cancelled) => {
                world.log(me, "lock cancelled");
                Reraise.await;
                None
            }
        },
        Op::Permit(ops) => match world.primitives.semaphore.acquire().catch_cancel().await {
            Ok(guard) => {
                world.log(me, "permit acquired");
                let done = nested(&world, me, &ops, &group).await;
                drop(guard);
                done
            }
            Err(Cancelled) => {
                world.log(me, "permit cancelled");
                Reraise.await;
                None
            }
        },
        Op::Timeout(delay, ops) | Op::Limit(delay, ops) => {
            let limit = Rc::new(Timeout::after(ticks(delay)));
            if is_limit {
                world.limits.borrow_mut().push(limit.clone());
            }
            let body = nested(&world, me, &ops, &group);
            match limit.scope(body).expect("it is new").catch_cancel().await {
                Ok(Ok(Some(Err(error)))) => Some(Err(error)),
                Ok(Ok(done)) => {
                    world.log(me, format!("timeout over {}", u8::from(limit.expired())));
                    done
                }
                Ok(Err(TimedOut)) => {
                    world.log(me, "timeout expired");
                    None
                }
                Err(Cancelled) => {
                    world.log(me, format!("timeout cancelled {}", u8::from(limit.expired())));
                    Reraise.await;
                    None
                }
            }
        }
        Op::Group(ops) => {
            let inner = Group::new(world.lp).expect("there is memory");
            let body = GroupBody(nested(&world, me, &ops, &Some(inner.clone())));
            match inner.scope(body).catch_cancel().await {
                Ok(Ok(done)) => {
                    world.log(me, "group over");
                    done
                }
                Ok(Err(errors)) => {
                    let errors: Vec<String> = errors.iter().map(i64::to_string).collect();
                    world.log(me, format!("group errors {}", errors.join(", ")));
                    None
                }
                Err(Cancelled) => {
                    world.log(me, "group cancelled");
                    Reraise.await;
                    None
                }
            }
        }
        _ => None,
    }
}

/// The body of a group: an exception is an `Err`.
struct GroupBody(Boxed);

impl Coroutine for GroupBody {
    type Output = Result<Flow, i64>;

    fn resume(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Result<Flow, i64>> {
        match Pin::new(&mut self.0).resume(cx) {
            Resume::Pending => Resume::Pending,
            Resume::Done(Some(Err(error))) => Resume::Done(Err(error)),
            Resume::Done(done) => Resume::Done(Ok(done)),
            Resume::Cancelled => Resume::Cancelled,
        }
    }
}

/// Does an operation that waits for nothing; false if it does.
fn at_once(world: &Rc<World>, me: usize, op: &Op, group: &Option<Group>) -> bool {
    let who = me.to_string();
    match *op {
        Op::Spawn(number) => spawn(world, &who, "spawn", number, |coroutine| {
            Ok(world.lp.create_task(coroutine).expect("there is memory"))
        }),
        Op::GroupSpawn(number) => spawn(world, &who, "group_spawn", number, |coroutine| {
            let group = group.as_ref().expect("it is in a group");
            group
                .create_task(coroutine)
                .map_err(|refused| refused.to_string().strip_prefix("TaskGroup ").expect("there is memory").to_string())
        }),
        Op::Cancel(target) => world.cancel(&who, target),
        Op::Uncancel => {
            let left = world.current().uncancel();
            world.log(me, format!("uncancel {left}"));
        }
        Op::UncancelOf(number, spare) => {
            let answer = match &world.tasks.borrow()[number] {
                None => "none".to_string(),
                Some(task) if spare && task.cancelling() < 2 => "few".to_string(),
                Some(task) => task.uncancel().to_string(),
            };
            world.log(me, format!("uncancel T{number} {answer}"));
        }
        Op::Cancelling => world.log(me, format!("cancelling {}", world.current().cancelling())),
        Op::Set(future, value) => world.set(&who, future, value),
        Op::SetException(future, error) => {
            let answer = if world.futures[future].set_exception(error).is_ok() { "ok" } else { "invalid" };
            world.log(me, format!("set_exception F{future} {answer}"));
        }
        Op::Reschedule(number, to) => world.reschedule(&who, number, to),
        Op::CancelKept(number) => world.cancel_kept(&who, number),
        Op::StateKept(number) => {
            let state = world.find_kept(number).map_or("none".into(), |kept| kept.state());
            world.log(me, format!("state_kept {number} {state}"));
        }
        Op::Callback(target, tag) => match world.find(target) {
            None => world.log(me, "callback none"),
            Some(Handle::Task(task)) => task
                .add_done_callback(|task, tag| called(outcome_of(task.result()), tag), tag as usize)
                .expect("there is memory"),
            Some(Handle::Future(future)) => future
                .add_done_callback(|future, tag| called(outcome_of(future.result()), tag), tag as usize)
                .expect("there is memory"),
        },
        Op::Soon(act) => {
            let world = world.clone();
            let lp = world.lp;
            lp.call_soon(move |_| world.act(act)).expect("there is memory");
        }
        Op::Later(delay, act) => {
            let world = world.clone();
            let lp = world.lp;
            lp.call_later(ticks(delay), move |_| world.act(act)).expect("there is memory");
        }
        _ => return false,
    }
    true
}

pub fn outcome_of(result: Result<Outcome, ResultError>) -> String {
    match result {
        Ok(Ok(value)) => format!("value {value}"),
        Ok(Err(error)) => format!("error {error}"),
        Err(ResultError::Cancelled) => "cancelled".into(),
        Err(error) => error.to_string(),
    }
}

fn spawn(
    world: &Rc<World>,
    who: &str,
    what: &str,
    number: usize,
    create: impl FnOnce(Routine) -> Result<Task<Outcome>, String>,
) {
    if world.tasks.borrow()[number].is_some() {
        return world.log(who, format!("{what} {number} again"));
    }
    match create(Routine::from((world.clone(), number))) {
        Ok(task) => {
            world.tasks.borrow_mut()[number] = Some(Rc::new(task));
            world.log(who, format!("{what} {number} ok"));
        }
        Err(refused) => world.log(who, format!("{what} {number} {refused}")),
    }
}

/// A routine, boxed.
struct Routine(Pin<Box<dyn Coroutine<Output = Outcome>>>);

impl From<(Rc<World>, usize)> for Routine {
    fn from((world, number): (Rc<World>, usize)) -> Routine {
        Routine(Box::pin(routine(world, number)))
    }
}

impl Coroutine for Routine {
    type Output = Outcome;

    fn is_error(output: &Outcome) -> bool {
        output.is_err()
    }

    fn resume(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Outcome> {
        self.0.as_mut().resume(cx)
    }
}

/// Runs a program, and gives its trace.
pub fn run(program: &Program) -> Vec<String> {
    run_as(program, false)
}

/// As [`run`], with each `gather` and `shield` started where it is made, and then awaited: as in CPython, which has no other way.
pub fn run_started(program: &Program) -> Vec<String> {
    run_as(program, true)
}

fn run_as(program: &Program, started: bool) -> Vec<String> {
    let clock = VirtualClock::leaked();
    clock.advance(EARLY.millis());
    let lp = segno::new_event_loop(clock, 64 * 1024);
    let world = Rc::new(World {
        lp,
        started,
        routines: program.routines.iter().map(|ops| ops.clone().into()).collect(),
        tasks: RefCell::new(vec![None; program.routines.len()]),
        futures: (0..program.futures).map(|_| lp.create_future().expect("there is memory")).collect(),
        trace: RefCell::default(),
        kept: RefCell::new(vec![None; program.routines.len()]),
        limits: RefCell::default(),
        primitives: Primitives::new(),
    });
    CURRENT.set(Some(world.clone()));
    lp.call_at(Instant::from_ticks((EARLY + END) * 1000), |lp| lp.stop()).expect("there is memory");
    let main = Rc::new(lp.create_task(Routine::from((world.clone(), 0))).expect("there is memory"));
    world.tasks.borrow_mut()[0] = Some(main.clone());
    let _ = lp.run_until_complete(&*main);
    if world.now() < END {
        lp.run_forever().expect("it does not run");
    }
    let mut trace = world.trace.take();
    for (number, task) in world.tasks.borrow().iter().enumerate() {
        if let Some(task) = task {
            let outcome = Handle::Task(task.clone()).outcome();
            trace.push(format!("T{number} {outcome} cancelling {}", task.cancelling()));
        }
    }
    for (number, future) in world.futures.iter().enumerate() {
        trace.push(format!("F{number} {}", Handle::Future(future.clone()).outcome()));
    }
    lp.close().expect("it does not run");
    CURRENT.set(None);
    world.tasks.borrow_mut().clear();
    world.kept.borrow_mut().clear();
    trace
}
