//! Limits that others move: later, away and into the past, at the tick at which they pass or the body ends, with a request,
//! nested.
//!
//! Turns are compared in `moved_turns`. Not here: where asyncio has a callback that is cancelled at the tick at which it is due, the
//! task itself stands, and the loop may have a turn more in which nothing happens.

use std::rc::Rc;

use segno::Timeout;
use segno::prelude::*;
use segno_tests::conformance::{Repr, Reraise, at, catching, conforms, now, outcome, run};
use segno_tests::log;

use super::{me, next_turn};

/// A moment of the trace, or none.
type Moment = Option<i64>;

fn moment(when: Moment) -> Option<Instant> {
    when.map(at)
}

/// When it passes, as the trace says it.
fn when(limit: &Timeout) -> String {
    limit.when().map(|when| (when.as_ticks() / 1000) as i32 - 1000).repr()
}

fn limit_at(when: Moment) -> Rc<Timeout> {
    Rc::new(moment(when).map_or(Timeout::never(), Timeout::at))
}

#[segno::coroutine]
async fn limited<C: IntoCoroutine>(tag: &'static str, scope: Rc<Timeout>, body: C) {
    match catching(scope.scope(body).unwrap()).await {
        Ok(Ok(_)) => log!("{tag} in time {} {}", scope.expired().repr(), when(&scope)),
        Ok(Err(TimedOut)) => {
            let expired = scope.expired().repr();
            log!("{tag} TimeoutError {expired} {} {}", when(&scope), me().cancelling());
        }
        Err(Cancelled) => {
            let expired = scope.expired().repr();
            log!("{tag} CancelledError {expired} {} {}", when(&scope), me().cancelling());
            Reraise.await;
        }
    }
}

fn move_to(scope: &Timeout, to: Moment) {
    match scope.reschedule(moment(to)) {
        Ok(()) => log!("moved {} {}", when(scope), scope.expired().repr()),
        Err(error) => log!("refused: {error}"),
    }
}

#[segno::coroutine]
async fn ended(task: &Task<()>) {
    wait(&[task]).await;
    log!("{} {}", outcome(task), task.cancelling());
}

type Moves<'a> = &'a [(i64, Moment)];

fn plan(lp: &'static EventLoop, start: i64, scope: &Rc<Timeout>, moves: Moves<'_>) {
    for &(tick, to) in moves {
        let scope = scope.clone();
        lp.call_at(at(start + tick), move |_| move_to(&scope, to.map(|to| start + to))).unwrap();
    }
}

/// Who moves it comes first in its tick, or last.
#[segno::coroutine]
async fn moved<C>(lp: &'static EventLoop, limit: Moment, body: C, moves: Moves<'_>, first: bool)
where
    C: IntoCoroutine + 'static,
{
    let start = now() as i64;
    let scope = limit_at(limit.map(|limit| start + limit));
    if first {
        plan(lp, start, &scope, moves);
    }
    let task = lp.create_task(limited("task", scope.clone(), body)).unwrap();
    next_turn().await;
    if !first {
        plan(lp, start, &scope, moves);
    }
    ended(&task).await;
}

#[segno::coroutine]
async fn alone(lp: &'static EventLoop) {
    log!("--- later, away, sooner, into the past, to now");
    sleep(10.millis()).await;
    moved(lp, Some(3), sleep(5.millis()), &[(1, Some(9))], false).await;
    moved(lp, Some(3), sleep(5.millis()), &[(1, None)], false).await;
    moved(lp, None, sleep(5.millis()), &[(1, Some(3))], false).await;
    moved(lp, None, sleep(9.millis()), &[(2, Some(-3))], false).await;
    moved(lp, Some(7), sleep(9.millis()), &[(2, Some(2))], false).await;
    log!("--- into the past, and then away, or later, or again");
    for to in [None, Some(7), Some(0)] {
        moved(lp, Some(5), sleep(9.millis()), &[(2, Some(1)), (2, to)], false).await;
    }
    log!("--- at the tick at which it passes, before and after");
    for first in [true, false] {
        moved(lp, Some(3), sleep(9.millis()), &[(3, Some(6))], first).await;
    }
    log!("--- into the past at the tick at which the body ends, before and after");
    for first in [true, false] {
        moved(lp, None, sleep(3.millis()), &[(3, Some(1))], first).await;
    }
}

#[segno::coroutine]
async fn in_one_step(lp: &'static EventLoop) {
    log!("--- in the step in which its future is set, before and after, and with a request");
    for order in ["set move", "move set", "cancel move", "move cancel", "move away", "move move set"] {
        let start = now() as i64;
        let future: Future<i32> = lp.create_future().unwrap();
        let scope = Rc::new(Timeout::after(9.millis()));
        let task = lp.create_task(limited(order, scope.clone(), future.clone())).unwrap();
        sleep(1.millis()).await;
        for word in order.split(' ') {
            match word {
                "set" => future.set_result(1).unwrap(),
                "cancel" => log!("cancel {}", task.cancel().repr()),
                "away" => move_to(&scope, None),
                _ => move_to(&scope, Some(start)),
            }
        }
        lp.call_later(4.millis(), move |_| _ = future.set_result(2)).unwrap();
        ended(&task).await;
    }
}

#[segno::coroutine]
async fn job() -> i32 {
    sleep(2.millis()).await;
    7
}

#[segno::coroutine]
async fn moves_itself(lp: &'static EventLoop, scope: Rc<Timeout>) {
    move_to(&scope, Some(now() as i64 - 1));
    let done: Future<i32> = lp.create_future().unwrap();
    done.set_result(1).unwrap();
    done.await;
    log!("still here");
    move_to(&scope, Some(now() as i64 + 9));
    next_turn().await;
    log!("moved in time");
    move_to(&scope, Some(now() as i64));
    move_to(&scope, Some(now() as i64 - 2));
    if catching(sleep(9.millis())).await.is_err() {
        move_to(&scope, Some(now() as i64 + 9));
        Reraise.await;
    }
}

#[segno::coroutine]
async fn guarded(inner: Rc<Timeout>) {
    limited("inner", inner, sleep(20.millis())).await;
    log!("between");
    sleep(1.millis()).await;
}

#[segno::coroutine]
async fn nested(lp: &'static EventLoop, moves: &[(&'static str, i64, i64)]) {
    let start = now() as i64;
    let (inner, outer) = (Rc::new(Timeout::after(9.millis())), Rc::new(Timeout::after(9.millis())));
    let task = lp.create_task(limited("outer", outer.clone(), guarded(inner.clone()))).unwrap();
    next_turn().await;
    for &(name, tick, to) in moves {
        let scope = if name == "outer" { outer.clone() } else { inner.clone() };
        lp.call_at(at(start + tick), move |_| move_to(&scope, Some(start + to))).unwrap();
    }
    ended(&task).await;
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    alone(lp).await;
    in_one_step(lp).await;
    log!("--- the same of a task");
    for to in [0, 2, 4] {
        let task = lp.create_task(job()).unwrap();
        moved(lp, None, task, &[(2, Some(to))], false).await;
    }
    log!("--- by the body");
    let scope = Rc::new(Timeout::after(5.millis()));
    limited("task", scope.clone(), moves_itself(lp, scope.clone())).await;
    log!("--- nested: the inner one, the outer one, both, both ways");
    nested(lp, &[("inner", 1, 0)]).await;
    nested(lp, &[("outer", 1, 0)]).await;
    nested(lp, &[("inner", 1, 0), ("outer", 1, 0)]).await;
    nested(lp, &[("outer", 1, 0), ("inner", 1, 0)]).await;
    nested(lp, &[("inner", 1, 3), ("outer", 1, 3)]).await;
    nested(lp, &[("outer", 1, 3), ("inner", 1, 3)]).await;
}

#[test]
fn limits_that_are_moved() {
    conforms(include_str!("../../traces/programs/moved_limits.out"), || run(main));
}
