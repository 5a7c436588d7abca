//! Queues that give the smallest first, and the newest first: with room and without, to who waits, and to who is cancelled.

use segno::prelude::*;
use segno::sync::{GetError, PutError, QueueShutDown};
use segno_tests::conformance::{Repr, Reraise, catching, conforms, outcome, raised_type, run};
use segno_tests::logn;

use super::{next_turn, show};

/// The two kinds of queues have the same methods, and no trait in common.
macro_rules! kinds {
    ($($module:ident $queue:ident)*) => {$(
        mod $module {
            use super::*;

            pub type Shared<const N: usize> = &'static $queue<i32, N>;

            pub fn queue<const N: usize>() -> Shared<N> {
                Box::leak(Box::new($queue::new()))
            }

            #[segno::coroutine]
            pub async fn gets<const N: usize>(q: Shared<N>, tag: &'static str) -> i32 {
                match catching(q.get()).await {
                    Ok(item) => {
                        let item = item.unwrap();
                        logn!("{tag} got {item} size {}", q.qsize());
                        item
                    }
                    Err(Cancelled) => {
                        logn!("{tag} cancelled");
                        Reraise.await;
                        0
                    }
                }
            }

            #[segno::coroutine]
            pub async fn puts<const N: usize>(q: Shared<N>, items: &'static [i32]) -> Result<(), QueueShutDown<i32>> {
                for item in items {
                    q.put(*item).await?;
                    logn!("put {item} size {} full {}", q.qsize(), q.full().repr());
                }
                Ok(())
            }

            #[segno::coroutine]
            pub async fn three_that_wait(lp: &'static EventLoop) {
                let q = queue::<8>();
                let tasks = ["a", "b", "c"].map(|tag| lp.create_task(gets(q, tag)).unwrap());
                next_turn().await;
                for item in [3, 1, 2] {
                    q.put_nowait(item).unwrap();
                }
                wait(&tasks).await;
                logn!("{}", show(&tasks));
            }

            #[segno::coroutine]
            pub async fn one_by_one(lp: &'static EventLoop) {
                let q = queue::<8>();
                let tasks = ["a", "b"].map(|tag| lp.create_task(gets(q, tag)).unwrap());
                for item in [3, 1, 2] {
                    sleep(1.millis()).await;
                    q.put(item).await.unwrap();
                }
                wait(&tasks).await;
                logn!("left {}", q.get_nowait().unwrap());
            }

            #[segno::coroutine]
            pub async fn full(lp: &'static EventLoop) {
                let q = queue::<2>();
                let task = lp.create_task(puts(q, &[5, 4, 1, 3])).unwrap();
                sleep(1.millis()).await;
                if let Err(PutError::QueueFull(9)) = q.put_nowait(9) {
                    logn!("QueueFull {} {}", q.maxsize(), q.full().repr());
                }
                for _ in 0..4 {
                    gets(q, "main").await;
                    sleep(1.millis()).await;
                }
                logn!("{} {}", outcome(&task), q.empty().repr());
            }

            #[segno::coroutine]
            pub async fn woken_and_cancelled(lp: &'static EventLoop) {
                let q = queue::<8>();
                let tasks = ["a", "b"].map(|tag| lp.create_task(gets(q, tag)).unwrap());
                next_turn().await;
                q.put_nowait(7).unwrap();
                logn!("cancel {}", tasks[0].cancel().repr());
                wait(&tasks).await;
                logn!("{}", show(&tasks));
            }

            #[segno::coroutine]
            pub async fn shut_down(lp: &'static EventLoop) {
                let q = queue::<2>();
                q.put_nowait(1).unwrap();
                q.put_nowait(0).unwrap();
                let putter = lp.create_task(puts(q, &[5])).unwrap();
                next_turn().await;
                q.shutdown(false);
                wait(&[&putter]).await;
                logn!("putter {}", raised_type(&putter.exception().unwrap().unwrap()));
                let (first, second) = (q.get().await.unwrap(), q.get().await.unwrap());
                logn!("{first} {second}");
                if let Err(GetError::QueueShutDown) = q.get_nowait() {
                    logn!("QueueShutDown");
                }
                if let Err(PutError::QueueShutDown(4)) = q.put_nowait(4) {
                    logn!("QueueShutDown");
                }
                let q = queue::<2>();
                q.put_nowait(1).unwrap();
                q.shutdown(true);
                q.join().await;
                logn!("joined, size {}", q.qsize());
            }
        }
    )*};
}

kinds! {
    heap PriorityQueue
    stack LifoQueue
}

#[segno::coroutine]
async fn orders() {
    logn!("--- the smallest first");
    let q = PriorityQueue::<i32, 8>::new();
    for item in [5, 1, 4, 1, 3] {
        q.put_nowait(item).unwrap();
    }
    let size = q.qsize();
    logn!("{size} {:?} {}", [(); 5].map(|()| q.get_nowait().unwrap()), q.empty().repr());
    if let Err(GetError::QueueEmpty) = q.get_nowait() {
        logn!("QueueEmpty");
    }
    logn!("--- pairs: equal priorities by what is behind them");
    let q = PriorityQueue::<(i32, &str), 4>::new();
    for item in [(2, "b"), (1, "z"), (2, "a"), (1, "y")] {
        q.put_nowait(item).unwrap();
    }
    logn!("{}", format!("{:?}", [(); 4].map(|()| q.get_nowait().unwrap())).replace('"', "'"));
    logn!("--- the newest first");
    let s = LifoQueue::<&str, 4>::new();
    for item in ["a", "b", "c"] {
        s.put_nowait(item).unwrap();
    }
    logn!("{} {}", s.qsize(), s.get_nowait().unwrap());
    s.put_nowait("d").unwrap();
    let rest = format!("{:?}", [(); 3].map(|()| s.get_nowait().unwrap())).replace('"', "'");
    logn!("{rest} {}", s.empty().repr());
}

#[segno::coroutine]
async fn joins(q: heap::Shared<8>) {
    q.join().await;
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    orders().await;
    logn!("--- three that wait, first come, first served; the items in their own order");
    heap::three_that_wait(lp).await;
    stack::three_that_wait(lp).await;
    logn!("--- one by one, with a turn between");
    heap::one_by_one(lp).await;
    stack::one_by_one(lp).await;
    logn!("--- full: who puts waits, and what it puts competes when it is in");
    heap::full(lp).await;
    stack::full(lp).await;
    logn!("--- one that was woken is cancelled: the item stays for the next one");
    heap::woken_and_cancelled(lp).await;
    stack::woken_and_cancelled(lp).await;
    logn!("--- a smaller one comes before the one that was woken runs");
    let q = heap::queue::<8>();
    let task = lp.create_task(heap::gets(q, "a")).unwrap();
    next_turn().await;
    q.put_nowait(8).unwrap();
    q.put_nowait(2).unwrap();
    task.await;
    logn!("left {}", q.get_nowait().unwrap());
    logn!("--- all are done");
    let q = heap::queue::<8>();
    for item in [2, 1] {
        q.put_nowait(item).unwrap();
    }
    let join = lp.create_task(joins(q)).unwrap();
    for _ in 0..2 {
        heap::gets(q, "main").await;
        logn!("join {}", outcome(&join));
        q.task_done().unwrap();
    }
    join.await;
    if let Err(error) = q.task_done() {
        logn!("ValueError: {error}");
    }
    logn!("--- shut down: what is in comes out in its order, then no more; at once");
    heap::shut_down(lp).await;
    stack::shut_down(lp).await;
}

#[test]
fn queues_with_an_order() {
    conforms(include_str!("../../traces/programs/queue_orders.out"), || run(main));
}
