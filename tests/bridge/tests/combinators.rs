//! Combinators that were written for other executors, over segno's coroutines and futures, in a task of the loop.

use std::cell::RefCell;
use std::rc::Rc;

use embassy_futures::join::{join, join_array, join3};
use embassy_futures::select::{Either, Either3, select, select_array, select3};
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::channel::Channel;
use embassy_sync::mutex::Mutex;
use embassy_sync::signal::Signal;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use segno::get_running_loop;
use segno::prelude::*;
use segno_tests_bridge::{Trace, new_loop, sleeps};

#[test]
fn embassy_joins_coroutines_and_futures() {
    #[segno::coroutine]
    async fn joins() -> (u64, (u64, u64, u8), [u64; 3]) {
        let lp = get_running_loop().unwrap();
        let (first, ()) = join(sleeps(20), sleep(30.millis())).await;
        assert_eq!(lp.time().as_ticks(), 30_000);
        let task = lp.create_task(sleeps(5)).unwrap();
        let three = join3(sleeps(10), IntoFuture::into_future(task), async { 7 }).await;
        assert_eq!(lp.time().as_ticks(), 40_000);
        let array = join_array([sleeps(3), sleeps(1), sleeps(2)]).await;
        assert_eq!(lp.time().as_ticks(), 43_000);
        (first, three, array)
    }
    assert_eq!(new_loop().run_until_complete(joins()).unwrap(), (20, (10, 5, 7), [3, 1, 2]));
}

#[test]
fn embassy_selects_and_drops_the_rest() {
    /// Says that it was dropped.
    struct Guard(Trace);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.log("dropped");
        }
    }
    #[segno::coroutine]
    async fn guarded(trace: Trace, millis: u64) -> u64 {
        let _guard = Guard(trace);
        sleep(millis.millis()).await;
        millis
    }
    #[segno::coroutine]
    async fn selects(trace: Trace) {
        match select(sleep(10.millis()), guarded(trace.clone(), 100)).await {
            Either::First(()) => trace.log("the sleep"),
            Either::Second(_) => trace.log("the coroutine"),
        }
        match select3(guarded(trace.clone(), 30), core::future::pending::<u8>(), sleep(5.secs())).await {
            Either3::First(n) => trace.log(n),
            _ => trace.log("something else"),
        }
        let (n, index) = select_array([sleeps(9), sleeps(4), sleeps(6)]).await;
        trace.log(format_args!("{n} at {index}"));
    }
    let lp = new_loop();
    let trace = Trace::default();
    lp.run_until_complete(selects(trace.clone())).unwrap();
    trace.expect(&["10000 dropped", "10000 the sleep", "40000 dropped", "40000 30", "44000 4 at 1"]);
    // Timers of what was dropped are gone.
    lp.run_until_complete(sleep(0.millis())).unwrap();
    assert_eq!(lp.time().as_ticks(), 44_000);
}

#[test]
fn tasks_talk_through_embassys_primitives() {
    static CHANNEL: Channel<CriticalSectionRawMutex, u32, 2> = Channel::new();
    static DONE: Signal<CriticalSectionRawMutex, u32> = Signal::new();
    static TOTAL: Mutex<CriticalSectionRawMutex, u32> = Mutex::new(0);
    #[segno::coroutine]
    async fn sends(count: u32) {
        for n in 0..count {
            CHANNEL.send(n).await;
        }
    }
    #[segno::coroutine]
    async fn receives(count: u32) {
        for _ in 0..count {
            let n = CHANNEL.receive().await;
            let mut total = TOTAL.lock().await;
            // The others wait for the lock.
            sleep(1.millis()).await;
            *total += n;
        }
        DONE.signal(*TOTAL.lock().await);
    }
    #[segno::coroutine]
    async fn all() -> u32 {
        let lp = get_running_loop().unwrap();
        lp.create_task(sends(10)).unwrap();
        lp.create_task(receives(10)).unwrap();
        DONE.wait().await
    }
    let lp = new_loop();
    assert_eq!(lp.run_until_complete(all()).unwrap(), 45);
    assert_eq!(lp.time().as_ticks(), 10_000);
}

#[test]
fn a_lock_of_embassys_is_released_by_cancellation() {
    static LOCK: Mutex<CriticalSectionRawMutex, ()> = Mutex::new(());
    #[segno::coroutine]
    async fn holds(trace: Trace, name: &'static str) {
        let _held = LOCK.lock().await;
        trace.log(name);
        sleep(1.secs()).await;
    }
    let lp = new_loop();
    let trace = Trace::default();
    let start = |name| lp.create_task(holds(trace.clone(), name)).unwrap();
    let first = start("first");
    let second = start("second");
    lp.run_until_complete(sleep(1.millis())).unwrap();
    // One waits for the lock, one has it. (Two that wait would wake each other for ever: the lock knows one waker.)
    second.cancel();
    lp.run_until_complete(sleep(1.millis())).unwrap();
    let third = start("third");
    lp.run_until_complete(sleep(1.millis())).unwrap();
    first.cancel();
    lp.run_until_complete(sleep(1.millis())).unwrap();
    trace.expect(&["0 first", "3000 third"]);
    assert_eq!([first, second, third].map(|task| task.cancelled()), [true, true, false]);
}

#[test]
fn wakers_of_futures_unordered_are_woken() {
    #[segno::coroutine]
    async fn collects(trace: Trace) {
        let mut all: FuturesUnordered<_> =
            [30, 10, 20].into_iter().map(|millis| sleeps(millis).into_core_future()).collect();
        while let Some(output) = all.next().await {
            trace.log(output.unwrap());
        }
    }
    let lp = new_loop();
    let trace = Trace::default();
    lp.run_until_complete(collects(trace.clone())).unwrap();
    trace.expect(&["10000 10", "20000 20", "30000 30"]);
    lp.run_until_complete(sleep(0.millis())).unwrap();
    assert_eq!(lp.all_tasks().count(), 0, "relays are left");
}

/// rustc's `async` in a coroutine in rustc's `async`, ten deep.
#[test]
fn layers_alternate() {
    #[segno::coroutine]
    async fn down(depth: u32) -> u32 {
        sleep(1.millis()).await;
        if depth == 0 {
            return 0;
        }
        // Boxed: the type would contain itself.
        let next: core::pin::Pin<Box<dyn core::future::Future<Output = u32>>> = Box::pin(across(depth - 1));
        next.await + 1
    }
    async fn across(depth: u32) -> u32 {
        let next: core::pin::Pin<Box<dyn Coroutine<Output = u32>>> = Box::pin(down(depth));
        next.into_core_future().await.unwrap()
    }
    let lp = new_loop();
    assert_eq!(lp.run_until_complete(down(10)).unwrap(), 10);
    assert_eq!(lp.time().as_ticks(), 11_000);
}

/// What a coroutine and rustc's `async fn` say while they await the same future.
#[test]
fn the_same_future_is_polled_the_same() {
    type Lines = Rc<RefCell<Vec<String>>>;
    fn future(lines: &Lines, left: u32) -> impl core::future::Future<Output = u32> {
        let lines = lines.clone();
        let mut left = left;
        core::future::poll_fn(move |cx| {
            lines.borrow_mut().push(format!("poll {left}"));
            if left == 0 {
                return core::task::Poll::Ready(4);
            }
            left -= 1;
            cx.waker().wake_by_ref();
            core::task::Poll::Pending
        })
    }
    #[segno::coroutine]
    async fn ours(lines: Lines) -> u32 {
        let n = future(&lines, 3).await;
        lines.borrow_mut().push(format!("then {n}"));
        n + future(&lines, 1).await
    }
    async fn theirs(lines: Lines) -> u32 {
        let n = future(&lines, 3).await;
        lines.borrow_mut().push(format!("then {n}"));
        n + future(&lines, 1).await
    }
    let (a, b) = (Lines::default(), Lines::default());
    let lp = new_loop();
    assert_eq!(lp.run_until_complete(ours(a.clone())).unwrap(), 8);
    assert_eq!(embassy_futures::block_on(theirs(b.clone())), 8);
    assert_eq!(a, b);
}
