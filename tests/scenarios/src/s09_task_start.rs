//! A task starts in the next turn, and what is done costs none.

use segno::prelude::*;

use crate::python::outcome;
use crate::trace::{Turns, next_turn, ticks};

#[segno::coroutine]
async fn child(tag: &'static str, result: &'static str) -> &'static str {
    logn!("{tag} start");
    next_turn().await;
    logn!("{tag} after sleep(0)");
    result
}

#[segno::coroutine]
async fn plain() -> i32 {
    logn!("plain body (awaited coroutine runs inline)");
    5
}

#[segno::coroutine]
async fn scenario(lp: &'static EventLoop) {
    logn!("main start");
    let a = lp.create_task(child("a", "A")).unwrap();
    let b = lp.create_task(child("b", "B")).unwrap();
    logn!("main created a,b; nothing has run: {} {}", outcome(&a), outcome(&b));
    let five = plain().await;
    logn!("await plain() -> {five}");
    logn!("main sleep(0)");
    next_turn().await;
    logn!("main again");
    let output = (&a).await;
    logn!("await a -> {output}");
    let turns = Turns::begin(lp);
    let output = b.await;
    logn!("await b -> {output} turns spent: {}", turns.spent());
    let output = (&a).await;
    logn!("await a again -> {output}");
    let future = lp.create_future().unwrap();
    future.set_result("ready").unwrap();
    let turns = Turns::begin(lp);
    let result = (&future).await;
    logn!("await done future -> {result} turns spent: {}", turns.spent());
    let turns = Turns::begin(lp);
    sleep_until(lp.time() - ticks(3)).await;
    logn!("sleep(-3) costs turns: {}", turns.spent());
}

/// The scenario.
pub fn run(lp: &'static EventLoop) {
    lp.run_until_complete(scenario(lp)).unwrap();
}
