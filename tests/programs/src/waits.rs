//! What programs do that waits for tasks and futures, with asyncio's combinators.

use std::rc::Rc;

use segno::combine::MayFail;
use segno::prelude::*;

use crate::interpreter::{Handle, Outcome, Reraise, World, outcome_of};
use crate::program::{Mode, Op, Target};

fn names(targets: &[Target]) -> String {
    targets.iter().map(Target::to_string).collect::<Vec<_>>().join(" ")
}

/// Operations that wait for tasks and futures.
#[segno::coroutine]
pub async fn wait_op(world: Rc<World>, me: usize, op: Op) {
    let (name, targets) = match &op {
        Op::Await(target) => ("await", vec![*target]),
        Op::WaitFor(target, _) => ("wait_for", vec![*target]),
        Op::Shield(target) => ("shield", vec![*target]),
        Op::WaitForShield(target, _) => ("wait_for_shield", vec![*target]),
        Op::Gather(targets, _) => ("gather", targets.clone()),
        Op::Wait(targets, ..) => ("wait", targets.clone()),
        Op::AsCompleted(targets, ..) => ("as_completed", targets.clone()),
        _ => ("?", Vec::new()),
    };
    let what = format!("{name} {}", names(&targets));
    let handles: Option<Vec<Handle>> = targets.iter().map(|target| world.find(*target)).collect();
    let Some(handles) = handles else {
        world.log(me, format!("{what} none"));
        return;
    };
    let waited = match op {
        Op::AsCompleted(_, timeout, one) => {
            let told = Told { world: world.clone(), me, what: what.clone(), targets, one };
            complete(told, handles, timeout).catch_cancel().await
        }
        op => wait_handles(&world, op, handles).catch_cancel().await,
    };
    match waited {
        Ok(Ok(text)) => world.log(me, format!("{what} value {text}")),
        Ok(Err(text)) => world.log(me, format!("{what} {text}")),
        Err(Cancelled) => {
            world.log(me, format!("{what} cancelled"));
            Reraise.await;
        }
    }
}

pub fn single(outcome: Outcome) -> Result<String, String> {
    outcome.map(|value| value.to_string()).map_err(|error| format!("error {error}"))
}

fn timed(outcome: Result<Outcome, TimedOut>) -> Result<String, String> {
    outcome.map_or(Err("timeout".into()), single)
}

pub fn values<const N: usize>(outcome: Result<[i64; N], i64>) -> Result<String, String> {
    match outcome {
        Ok(values) => Ok(values.map(|value| format!("value {value}")).join(", ")),
        Err(error) => Err(format!("error {error}")),
    }
}

pub fn ends<const N: usize>(ends: [Result<Outcome, Cancelled>; N]) -> Result<String, String> {
    Ok(ends.map(|end| end.map_or("cancelled".into(), |outcome| outcome_of(Ok(outcome)))).join(", "))
}

/// What came of the waiting: a value, or an error or a timeout.
#[segno::coroutine]
async fn wait_handles(world: &World, op: Op, handles: Vec<Handle>) -> Result<String, String> {
    let handle = handles[0].clone();
    match op {
        Op::Await(_) => single(handle.await),
        Op::WaitFor(_, delay) => timed(wait_for(handle, delay.millis()).await),
        Op::Shield(_) if world.started => single(start_shield(world.lp, handle).await),
        Op::WaitForShield(_, delay) if world.started => {
            timed(wait_for(start_shield(world.lp, handle), delay.millis()).await)
        }
        Op::Shield(_) => match handle {
            Handle::Task(task) => single(shield(&*task).await),
            Handle::Future(future) => single(shield(&future).await),
        },
        Op::WaitForShield(_, delay) => match handle {
            Handle::Task(task) => timed(wait_for(shield(&*task), delay.millis()).await),
            Handle::Future(future) => timed(wait_for(shield(&future), delay.millis()).await),
        },
        Op::Gather(_, exceptions) if world.started => match handles.len() {
            1 => gather_started::<1>(world.lp, handles, exceptions).await,
            2 => gather_started::<2>(world.lp, handles, exceptions).await,
            _ => gather_started::<3>(world.lp, handles, exceptions).await,
        },
        Op::Gather(_, exceptions) => match handles.len() {
            1 => gather_array::<1>(handles, exceptions).await,
            2 => gather_array::<2>(handles, exceptions).await,
            _ => gather_array::<3>(handles, exceptions).await,
        },
        Op::Wait(targets, mode, timeout) => match handles.len() {
            1 => wait_array::<1>(handles, targets, mode, timeout).await,
            2 => wait_array::<2>(handles, targets, mode, timeout).await,
            _ => wait_array::<3>(handles, targets, mode, timeout).await,
        },
        _ => Ok(String::new()),
    }
}

pub fn array<const N: usize>(handles: Vec<Handle>) -> [Handle; N] {
    handles.try_into().unwrap_or_else(|_| unreachable!("as many as were counted"))
}

#[segno::coroutine]
async fn gather_array<const N: usize>(handles: Vec<Handle>, exceptions: bool) -> Result<String, String> {
    let handles: [Handle; N] = array(handles);
    if exceptions { ends(gather(handles).return_exceptions().await) } else { values(try_gather(handles).await) }
}

#[segno::coroutine]
async fn gather_started<const N: usize>(
    lp: &'static EventLoop,
    handles: Vec<Handle>,
    exceptions: bool,
) -> Result<String, String> {
    let handles: [Handle; N] = array(handles);
    if exceptions {
        ends((&gather(handles).return_exceptions().start(lp).expect("there is memory")).await)
    } else {
        values((&try_gather(handles).start(lp).expect("there is memory")).await)
    }
}

pub fn start_shield(lp: &'static EventLoop, handle: Handle) -> Future<Outcome> {
    let started = match handle {
        Handle::Task(task) => shield(&*task).start(lp),
        Handle::Future(future) => shield(&future).start(lp),
    };
    started.expect("there is memory")
}

/// How many of the targets have ended, one that is there twice counted twice: what Python's side says.
#[segno::coroutine]
async fn wait_array<const N: usize>(
    handles: Vec<Handle>,
    targets: Vec<Target>,
    mode: Mode,
    timeout: Option<u64>,
) -> Result<String, String> {
    let handles: [Handle; N] = array(handles);
    let members = handles.each_ref().map(Handle::member);
    let waiting = wait(&members);
    let waiting = match mode {
        Mode::All => waiting,
        Mode::First => waiting.first_completed(),
        Mode::Exception => waiting.first_exception(),
    };
    let waiting = match timeout {
        Some(timeout) => waiting.timeout(timeout.millis()),
        None => waiting,
    };
    let sets = waiting.await;
    let done: Vec<Target> = sets.done().map(|member| targets[position(&members, member)]).collect();
    Ok(targets.iter().filter(|target| done.contains(target)).count().to_string())
}

fn position<'a>(members: &[&'a dyn MayFail], member: &&'a dyn MayFail) -> usize {
    members.iter().position(|one| std::ptr::eq(one, member)).expect("it is one of them")
}

/// Who writes what down.
struct Told {
    world: Rc<World>,
    me: usize,
    what: String,
    targets: Vec<Target>,
    /// Only the first one is taken.
    one: bool,
}

impl Told {
    fn gives<'a>(&self, handles: &[Handle], members: &[&'a dyn MayFail], member: &&'a dyn MayFail) {
        let index = position(members, member);
        let (target, outcome) = (self.targets[index], handles[index].outcome());
        self.world.log(self.me, format!("{} gives {target} {outcome}", self.what));
    }
}

#[segno::coroutine]
async fn complete(told: Told, handles: Vec<Handle>, timeout: Option<u64>) -> Result<String, String> {
    match handles.len() {
        1 => complete_array::<1>(told, handles, timeout).await,
        2 => complete_array::<2>(told, handles, timeout).await,
        _ => complete_array::<3>(told, handles, timeout).await,
    }
}

/// Writes each down as it comes.
#[segno::coroutine]
async fn complete_array<const N: usize>(
    told: Told,
    handles: Vec<Handle>,
    timeout: Option<u64>,
) -> Result<String, String> {
    let handles: [Handle; N] = array(handles);
    let members = handles.each_ref().map(Handle::member);
    let completed = as_completed(&members);
    let mut completed = pin!(match timeout {
        Some(timeout) => completed.timeout(timeout.millis()),
        None => completed,
    });
    loop {
        let next = completed.next().await;
        match next {
            Some(Ok(member)) => {
                told.gives(&handles, &members, member);
                if told.one {
                    return Ok("one".into());
                }
            }
            Some(Err(TimedOut)) => return Err("timeout".into()),
            None => return Ok("over".into()),
        }
    }
}
