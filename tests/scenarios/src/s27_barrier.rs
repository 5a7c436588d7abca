//! `Barrier`: rounds, a party that is cancelled, reset, abort.

use segno::prelude::*;

use crate::python::{Repr, Reraise};
use crate::trace::ticks;

static BARRIER: Barrier<3> = Barrier::new();

#[segno::coroutine]
async fn party(tag: &'static str, delay: u32) {
    sleep(ticks(delay)).await;
    match BARRIER.wait().catch_cancel().await {
        Ok(Ok(index)) => log!("{tag} passed, index {index}"),
        Ok(Err(_)) => log!("{tag} BrokenBarrierError"),
        Err(Cancelled) => {
            log!("{tag} cancelled");
            Reraise.await;
        }
    }
}

#[segno::coroutine]
async fn scenario(lp: &'static EventLoop) {
    let start = |(tag, delay)| lp.create_task(party(tag, delay)).unwrap();
    let n_waiting = || BARRIER.n_waiting();
    let broken = || BARRIER.broken();
    log!("parties {} n_waiting {} broken {}", BARRIER.parties(), n_waiting(), broken().repr());
    let tasks = [("a", 1), ("b", 2), ("c", 3)].map(start);
    wait(&tasks).await;
    log!("--- reused; fourth party waits for the next round");
    let tasks = [("d", 1), ("e", 2), ("f", 3), ("g", 4)].map(start);
    sleep(ticks(10)).await;
    log!("n_waiting {}", n_waiting());
    log!("--- the waiting party is cancelled: the count goes down");
    tasks[3].cancel();
    wait(&tasks).await;
    log!("n_waiting {}", n_waiting());
    log!("--- reset while two wait");
    let tasks = [("h", 1), ("i", 1)].map(start);
    sleep(ticks(5)).await;
    BARRIER.reset().await;
    wait(&tasks).await;
    log!("usable after reset: broken {} n_waiting {}", broken().repr(), n_waiting());
    log!("--- abort is permanent");
    let task = start(("j", 1));
    sleep(ticks(5)).await;
    BARRIER.abort().await;
    task.await;
    log!("broken {}", broken().repr());
    party("k", 0).await;
    BARRIER.reset().await;
    log!("after reset broken {}", broken().repr());
}

/// The scenario.
pub fn run(lp: &'static EventLoop) {
    lp.run_until_complete(scenario(lp)).unwrap();
}
