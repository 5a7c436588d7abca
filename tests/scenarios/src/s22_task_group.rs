//! `TaskGroup`: success, failures of children and body, cancellation, misuse, children of children.

use core::fmt::{self, Display};

use heapless::Vec;
use segno::ErrorGroup;
use segno::combine::GroupRefused;
use segno::prelude::*;

use crate::python::{Exception, Reraise, outcome};
use crate::trace::ticks;

type Outcome = Result<&'static str, Exception>;

type Group = TaskGroup<Exception>;

#[segno::coroutine]
async fn job(tag: &'static str, delay: u32, fail: Option<Exception>, cleanup: u32) -> Outcome {
    if sleep(ticks(delay)).catch_cancel().await.is_err() {
        if cleanup > 0 {
            sleep(ticks(cleanup)).await;
        }
        log!("{tag} cancelled after {cleanup} of cleanup");
        Reraise.await;
    }
    if let Some(error) = fail {
        log!("{tag} raises");
        return Err(error);
    }
    log!("{tag} ends");
    Ok(tag)
}

/// The errors by name.
fn show(errors: &ErrorGroup<Exception>) -> impl Display + '_ {
    fmt::from_fn(|f| {
        let mut sorted: Vec<&Exception, 4> = errors.iter().collect();
        sorted.sort_unstable();
        for (index, error) in sorted.iter().enumerate() {
            write!(f, "{}{error}", if index == 0 { "ExceptionGroup[" } else { ", " })?;
        }
        f.write_str("]")
    })
}

fn simple(tag: &'static str, delay: u32) -> impl Coroutine<Output = Outcome> {
    job(tag, delay, None, 0)
}

#[segno::coroutine]
async fn two(group: &Group) -> Result<(Task<Outcome>, Task<Outcome>), Exception> {
    let a = group.create_task(simple("a", 10)).unwrap();
    let b = group.create_task(simple("b", 5)).unwrap();
    log!("body ends, children still run");
    Ok((a, b))
}

#[segno::coroutine]
async fn waits_for_something_else(lp: &'static EventLoop, group: &Group) -> Result<(), Exception> {
    group.create_task(job("bad", 5, Some(Exception::Value("v")), 0)).unwrap();
    group.create_task(job("sib", 50, None, 4)).unwrap();
    if sleep(ticks(100)).catch_cancel().await.is_err() {
        log!("body cancelled; cancelling {}", lp.current_task().unwrap().cancelling());
        Reraise.await;
    }
    Ok(())
}

/// Python's `try: … finally: raise`.
#[segno::coroutine]
async fn fails_in_cleanup() -> Outcome {
    sleep(ticks(50)).catch_cancel().await.ok();
    Err(Exception::Key("cleanup"))
}

#[segno::coroutine]
async fn two_failures(group: &Group) -> Result<(), Exception> {
    group.create_task(job("bad", 5, Some(Exception::Value("v")), 0)).unwrap();
    group.create_task(fails_in_cleanup()).unwrap();
    Ok(())
}

#[segno::coroutine]
async fn raises(group: &Group) -> Result<(), Exception> {
    group.create_task(simple("kid", 50)).unwrap();
    sleep(ticks(1)).await;
    Err(Exception::Os("body"))
}

#[segno::coroutine]
async fn cancels_a_child(group: &Group) -> Result<(Task<Outcome>, Task<Outcome>), Exception> {
    let lonely = group.create_task(simple("lonely", 50)).unwrap();
    let other = group.create_task(simple("other", 10)).unwrap();
    sleep(ticks(1)).await;
    lonely.cancel();
    Ok((lonely, other))
}

#[segno::coroutine]
async fn one_kid(group: Group) -> Result<(), Exception> {
    group.create_task(job("kid1", 50, None, 3)).unwrap();
    Ok(())
}

#[segno::coroutine]
async fn parent(lp: &'static EventLoop) {
    let group = Group::new(lp).unwrap();
    group.scope(one_kid(group.clone())).await.unwrap();
}

#[segno::coroutine]
async fn nothing() -> Result<(), Exception> {
    Ok(())
}

#[segno::coroutine]
async fn spawner(group: Group) -> Outcome {
    sleep(ticks(1)).await;
    group.create_task(simple("spawned by a child while the group is exiting", 1)).unwrap();
    Ok("")
}

#[segno::coroutine]
async fn spawns(group: &Group) -> Result<(), Exception> {
    group.create_task(spawner(group.clone())).unwrap();
    Ok(())
}

/// Says why a group takes no task; without its first word, as the trace has it.
fn attempt(tag: &str, group: &Group) {
    match group.create_task(simple("never", 1)).unwrap_err() {
        GroupRefused::NotEntered(_) => log!("{tag} -> RuntimeError has not been entered"),
        GroupRefused::Finished(_) => log!("{tag} -> RuntimeError is finished"),
        refused => log!("{tag} -> RuntimeError {refused}"),
    }
}

#[segno::coroutine]
async fn scenario(lp: &'static EventLoop) {
    let cancelling = || lp.current_task().unwrap().cancelling();
    let group = Group::new(lp).unwrap();
    let (a, b) = group.scope(two(&group)).await.unwrap();
    log!("group done: {} {}", a.result().unwrap().unwrap(), b.result().unwrap().unwrap());

    log!("--- a child fails while the body waits on something else");
    let group = Group::new(lp).unwrap();
    let errors = group.scope(waits_for_something_else(lp, &group)).await.unwrap_err();
    log!("caught {} cancelling {}", show(&errors), cancelling());

    log!("--- two failures are both reported");
    let group = Group::new(lp).unwrap();
    let errors = group.scope(two_failures(&group)).await.unwrap_err();
    log!("caught {}", show(&errors));

    log!("--- the body itself raises");
    let group = Group::new(lp).unwrap();
    let errors = group.scope(raises(&group)).await.unwrap_err();
    log!("caught {}", show(&errors));

    log!("--- a child cancelled alone is not an error");
    let group = Group::new(lp).unwrap();
    let (lonely, other) = group.scope(cancels_a_child(&group)).await.unwrap();
    log!("group ok: {} {}", outcome(&lonely), outcome(&other));

    log!("--- cancelled from outside: children are cancelled, plain CancelledError comes out");
    let task = lp.create_task(parent(lp)).unwrap();
    sleep(ticks(5)).await;
    task.cancel();
    wait(&[&task]).await;
    log!("parent {}", outcome(&task));

    log!("--- misuse");
    let group = Group::new(lp).unwrap();
    attempt("create_task before enter", &group);
    group.scope(nothing()).await.unwrap();
    attempt("create_task after exit", &group);
    let group = Group::new(lp).unwrap();
    group.scope(spawns(&group)).await.unwrap();
    log!("group waited for it");
}

/// The scenario.
pub fn run(lp: &'static EventLoop) {
    lp.run_until_complete(scenario(lp)).unwrap();
}
