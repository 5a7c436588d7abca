//! `Queue`: back-pressure, several getters, one that is cancelled or overtaken, `join`.

use segno::prelude::*;

use crate::python::{Repr, outcome};
use crate::trace::{Turns, next_turn, ticks};

static NUMBERS: Queue<i32, 2> = Queue::new();
static TEXTS: Queue<&str, 2> = Queue::new();
static UNBOUNDED: Queue<i32, 8> = Queue::new();

#[segno::coroutine]
async fn producer() {
    for i in 0..5 {
        NUMBERS.put(i).await.unwrap();
        log!("put {i} size {} full {}", NUMBERS.qsize(), NUMBERS.full().repr());
    }
    log!("producer done");
}

#[segno::coroutine]
async fn consumer() {
    for _ in 0..5 {
        sleep(ticks(10)).await;
        let value = NUMBERS.get().await.unwrap();
        log!("got {value} size {}", NUMBERS.qsize());
        NUMBERS.task_done().unwrap();
    }
}

#[segno::coroutine]
async fn getter(tag: &'static str) {
    let item = TEXTS.get().await.unwrap();
    log!("{tag} got {item}");
}

#[segno::coroutine]
async fn joins() {
    UNBOUNDED.join().await;
}

#[segno::coroutine]
async fn scenario(lp: &'static EventLoop) {
    let tasks = [lp.create_task(producer()).unwrap(), lp.create_task(consumer()).unwrap()];
    wait(&tasks).await;
    let turns = Turns::begin(lp);
    NUMBERS.join().await;
    log!("join on a finished queue costs turns: {}", turns.spent());
    log!("--- nowait errors");
    if let Err(error) = TEXTS.get_nowait() {
        log!("{error}");
    }
    TEXTS.put_nowait("x").unwrap();
    TEXTS.put_nowait("y").unwrap();
    if let Err(error) = TEXTS.put_nowait("z") {
        log!("{error}, size {}", TEXTS.qsize());
    }
    let (x, y) = (TEXTS.get_nowait().unwrap(), TEXTS.get_nowait().unwrap());
    log!("{x} {y} empty {}", TEXTS.empty().repr());
    log!("--- several getters are served in arrival order");
    let start = |tag| lp.create_task(getter(tag)).unwrap();
    let getters = ["g0", "g1", "g2"].map(start);
    next_turn().await;
    for item in ["A", "B", "C"] {
        TEXTS.put(item).await.unwrap();
    }
    wait(&getters).await;
    log!("--- cancelling a getter that was already woken does not lose the item");
    let getters = ["g1", "g2"].map(start);
    next_turn().await;
    TEXTS.put_nowait("item").unwrap();
    getters[0].cancel();
    wait(&getters).await;
    log!("{} {}", outcome(&getters[0]), outcome(&getters[1]));
    log!("--- a newcomer may overtake a woken getter (no hand-off: the item stays in the queue)");
    let woken = start("woken");
    next_turn().await;
    TEXTS.put_nowait("1").unwrap();
    log!("main takes {}", TEXTS.get_nowait().unwrap());
    sleep(ticks(1)).await;
    log!("woken getter is {} again", outcome(&woken));
    TEXTS.put_nowait("2").unwrap();
    woken.await;
    log!("--- task_done / join");
    for i in 0..2 {
        UNBOUNDED.put_nowait(i).unwrap();
    }
    let join = lp.create_task(joins()).unwrap();
    sleep(ticks(1)).await;
    UNBOUNDED.get_nowait().unwrap();
    UNBOUNDED.get_nowait().unwrap();
    log!("taken but not task_done: join {}", outcome(&join));
    UNBOUNDED.task_done().unwrap();
    UNBOUNDED.task_done().unwrap();
    join.await;
    log!("join returned");
    if let Err(error) = UNBOUNDED.task_done() {
        log!("ValueError('{error}')");
    }
}

/// The scenario.
pub fn run(lp: &'static EventLoop) {
    lp.run_until_complete(scenario(lp)).unwrap();
}
