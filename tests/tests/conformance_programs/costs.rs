//! What it costs, in turns, to wait at each of the things that can be waited for.

use std::mem::forget;

use segno::prelude::*;
use segno::{Timeout, gather};
use segno_tests::conformance::{conforms, run, turn};
use segno_tests::logn;

#[segno::coroutine]
async fn nothing() -> u64 {
    1
}

#[segno::coroutine]
async fn turns(count: u64) -> u64 {
    for _ in 0..count {
        sleep(0.millis()).await;
    }
    count
}

#[segno::coroutine]
async fn cost<C: IntoCoroutine>(tag: &'static str, awaitable: C) {
    let n = turn();
    forget(awaitable.await);
    logn!("{tag} {}", turn() - n);
}

#[segno::coroutine]
async fn waits<C: IntoCoroutine>(tag: &'static str, awaitable: C) {
    forget(awaitable.await);
    logn!("{tag} goes on");
}

#[segno::coroutine]
async fn free_and_not(lp: &'static EventLoop) {
    static QUEUE: Queue<i32, 2> = Queue::new();
    static SET: Event = Event::new();
    logn!("--- free");
    cost("lock", Lock::new().acquire()).await;
    cost("semaphore", Semaphore::new(1).acquire()).await;
    SET.set();
    cost("event", SET.wait()).await;
    cost("put", QUEUE.put(1)).await;
    cost("get", QUEUE.get()).await;
    QUEUE.task_done().unwrap();
    cost("join", QUEUE.join()).await;
    logn!("--- somebody lets go on");
    static LOCK: Lock = Lock::new();
    static SEMAPHORE: Semaphore = Semaphore::new(0);
    static EVENT: Event = Event::new();
    forget(LOCK.acquire().await);
    let tasks = [
        lp.create_task(waits("lock", LOCK.acquire())).unwrap(),
        lp.create_task(waits("semaphore", SEMAPHORE.acquire())).unwrap(),
        lp.create_task(waits("event", EVENT.wait())).unwrap(),
        lp.create_task(waits("get", QUEUE.get())).unwrap(),
    ];
    sleep(0.millis()).await;
    logn!("now");
    LOCK.release().unwrap();
    SEMAPHORE.release();
    EVENT.set();
    QUEUE.put_nowait(2).unwrap();
    let join = lp.create_task(waits("join", QUEUE.join())).unwrap();
    wait(&tasks).await;
    logn!("all but join");
    QUEUE.task_done().unwrap();
    join.await;
    logn!("join too");
}

#[segno::coroutine]
async fn tasks(lp: &'static EventLoop) {
    let start = |count| lp.create_task(turns(count)).unwrap();
    logn!("--- tasks that end at once, and after two turns");
    for count in [0, 2] {
        cost("task", start(count)).await;
        cost("shield", shield(start(count))).await;
        cost("wait_for", wait_for(start(count), 9.millis())).await;
        cost("wait", wait(&[start(count), start(count)])).await;
        cost("wait, first", wait(&[start(count), start(count)]).first_completed()).await;
        cost("gather", gather!(start(count), start(count))).await;
        cost("gather, exceptions", gather((start(count), start(count))).return_exceptions()).await;
    }
    logn!("--- tasks that have ended");
    let task = start(2);
    (&task).await;
    cost("task", &task).await;
    cost("shield", shield(&task)).await;
    cost("wait_for", wait_for(&task, 9.millis())).await;
    cost("wait_for 0", wait_for(&task, 0.millis())).await;
    cost("wait", wait(&[&task])).await;
    cost("gather", gather!(&task)).await;
    logn!("--- coroutines, in place");
    cost("coroutine", nothing()).await;
    cost("wait_for", wait_for(nothing(), 9.millis())).await;
    cost("wait_for, two turns", wait_for(turns(2), 9.millis())).await;
    let n = turn();
    Timeout::after(5.millis()).scope(turns(2)).unwrap().await.unwrap();
    logn!("timeout {}", turn() - n);
}

#[segno::coroutine]
async fn groups(lp: &'static EventLoop) {
    logn!("--- groups");
    for children in [0, 1, 3] {
        let n = turn();
        let group = TaskGroup::<()>::new(lp).unwrap();
        let body = async {
            for _ in 0..children {
                group.create_infallible(nothing()).unwrap();
            }
            Ok(())
        };
        group.scope(body).await.unwrap();
        logn!("group of {children} {}", turn() - n);
    }
    let n = turn();
    let group = TaskGroup::<()>::new(lp).unwrap();
    let body = async {
        group.create_infallible(turns(2)).unwrap();
        turns(5).await;
        Ok(())
    };
    group.scope(body).await.unwrap();
    logn!("group with a long body {}", turn() - n);
}

fn sets_another(_: &Future<i32>, second: usize) {
    SECONDS.with_borrow(|seconds| seconds[second].set_result(2).unwrap());
}

thread_local! {
    static SECONDS: std::cell::RefCell<Vec<Future<i32>>> = const { std::cell::RefCell::new(Vec::new()) };
}

fn chained(lp: &'static EventLoop) -> (Future<i32>, Future<i32>) {
    let (first, second) = (lp.create_future().unwrap(), lp.create_future().unwrap());
    let index = SECONDS.with_borrow_mut(|seconds| {
        seconds.push(second.clone());
        seconds.len() - 1
    });
    first.add_done_callback(sets_another, index).unwrap();
    let set = first.clone();
    lp.call_soon(move |_| set.set_result(1).unwrap()).unwrap();
    (first, second)
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    free_and_not(lp).await;
    tasks(lp).await;
    groups(lp).await;
    logn!("--- in order of completion");
    let n = turn();
    let tasks = [3, 1, 2, 1].map(|count| lp.create_task(turns(count)).unwrap());
    let mut completed = pin!(as_completed(&tasks));
    while let Some(Ok(task)) = completed.next().await {
        let index = tasks.iter().position(|other| std::ptr::eq(other, task)).unwrap();
        logn!("completed {index} {}", turn() - n);
    }
    logn!("--- a future that a callback sets, and one that a callback of that one sets");
    let (first, second) = chained(lp);
    cost("first", first).await;
    cost("second", second).await;
    let (_first, second) = chained(lp);
    cost("second at once", second).await;
}

#[test]
fn turns_spent() {
    conforms(include_str!("../../traces/programs/costs.out"), || run(main));
}
