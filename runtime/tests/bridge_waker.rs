//! The waker that a future of `core` gets in a coroutine.

mod common;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;

use common::{new_loop, new_threaded_loop};
use segno::prelude::*;
use segno::{Context, get_running_loop};

/// Keeps the waker that it is polled with; counts its polls, and ends when told.
#[derive(Clone, Default)]
struct Waits {
    waker: Rc<RefCell<Option<Waker>>>,
    polls: Rc<Cell<u32>>,
    done: Rc<Cell<bool>>,
}

impl Future for Waits {
    type Output = u32;

    fn poll(self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<u32> {
        *self.waker.borrow_mut() = Some(cx.waker().clone());
        self.polls.set(self.polls.get() + 1);
        if self.done.get() { Poll::Ready(self.polls.get()) } else { Poll::Pending }
    }
}

impl Waits {
    fn waker(&self) -> Waker {
        self.waker.borrow().clone().expect("it has been polled")
    }
}

#[segno::coroutine]
async fn waits_for(waits: Waits) -> u32 {
    waits.await
}

#[segno::coroutine]
async fn turns(count: u32) {
    for _ in 0..count {
        sleep(0.millis()).await;
    }
}

#[test]
fn wake_ups_during_a_poll_are_not_lost() {
    struct WakesItself(u32);
    impl Future for WakesItself {
        type Output = &'static str;
        fn poll(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<&'static str> {
            if self.0 == 0 {
                return Poll::Ready("ended");
            }
            self.0 -= 1;
            match self.0 % 3 {
                0 => cx.waker().wake_by_ref(),
                #[expect(clippy::waker_clone_wake, reason = "the clone is what is tested")]
                1 => cx.waker().clone().wake(),
                // More than once.
                _ => (0..3).for_each(|_| cx.waker().wake_by_ref()),
            }
            Poll::Pending
        }
    }
    #[segno::coroutine]
    async fn awaits() -> (&'static str, u64) {
        let before = get_running_loop().unwrap().turn();
        let answer = WakesItself(10).await;
        (answer, get_running_loop().unwrap().turn() - before)
    }
    // Virtual time panics if nothing would ever wake the task.
    assert_eq!(new_loop().run_until_complete(awaits()).unwrap(), ("ended", 10));
}

#[test]
fn a_timer_wakes_a_future() {
    let lp = new_loop();
    let waits = Waits::default();
    let theirs = waits.clone();
    lp.call_later(20.millis(), move |_| {
        theirs.done.set(true);
        theirs.waker().wake();
    })
    .unwrap();
    assert_eq!(lp.run_until_complete(waits_for(waits)).unwrap(), 2);
    assert_eq!(lp.time().as_ticks(), 20_000);
}

#[test]
fn wakers_are_the_same_if_they_wake_the_same() {
    let (first, second) = (new_loop(), new_loop());
    let waits: [Waits; 3] = Default::default();
    let tasks = [
        first.create_task(waits_for(waits[0].clone())).unwrap(),
        first.create_task(waits_for(waits[1].clone())).unwrap(),
        second.create_task(waits_for(waits[2].clone())).unwrap(),
    ];
    first.run_until_complete(turns(2)).unwrap();
    second.run_until_complete(turns(2)).unwrap();
    let wakers = waits.each_ref().map(Waits::waker);
    for (i, one) in wakers.iter().enumerate() {
        for (j, other) in wakers.iter().enumerate() {
            assert_eq!(one.will_wake(other), i == j);
            assert_eq!(one.clone().will_wake(other), i == j);
        }
    }
    assert_eq!(waits.each_ref().map(|waits| waits.polls.get()), [1, 1, 1]);
    drop(tasks);
}

#[test]
fn of_many_loops_the_right_one_is_woken() {
    let loops = [(); 5].map(|()| new_loop());
    let waits: [[Waits; 3]; 5] = Default::default();
    for (lp, waits) in loops.iter().zip(&waits) {
        for waits in waits {
            lp.create_task(waits_for(waits.clone())).unwrap();
        }
        lp.run_until_complete(turns(2)).unwrap();
    }
    for (woken_loop, woken_task) in [(3, 0), (0, 2), (4, 1), (1, 1), (2, 0)] {
        let before: Vec<u32> = waits.iter().flatten().map(|waits| waits.polls.get()).collect();
        waits[woken_loop][woken_task].waker().wake_by_ref();
        for lp in loops {
            lp.run_until_complete(turns(2)).unwrap();
        }
        let after: Vec<u32> = waits.iter().flatten().map(|waits| waits.polls.get()).collect();
        for (index, (before, after)) in before.iter().zip(&after).enumerate() {
            let woken = index == woken_loop * 3 + woken_task;
            assert_eq!(after - before, u32::from(woken), "task {index}");
        }
    }
}

#[test]
fn a_stale_waker_wakes_nobody_or_another_task_once() {
    let lp = new_loop();
    let waits = Waits::default();
    let task = lp.create_task(waits_for(waits.clone())).unwrap();
    lp.run_until_complete(turns(1)).unwrap();
    let stale = waits.waker();
    waits.done.set(true);
    stale.wake_by_ref();
    lp.run_until_complete(turns(2)).unwrap();
    assert_eq!(task.take_result().unwrap(), 2);

    // The handle keeps the node.
    stale.wake_by_ref();
    lp.run_until_complete(turns(2)).unwrap();
    drop(task);
    // Nothing is in its place.
    stale.wake_by_ref();
    lp.run_until_complete(turns(2)).unwrap();
    // Futures and callbacks are: first fit from the end puts them there.
    let futures: Vec<Future_> = (0..20).map(|_| lp.create_future().unwrap()).collect();
    lp.call_later(1.millis(), |_| {}).unwrap();
    (0..3).for_each(|_| stale.wake_by_ref());
    lp.run_until_complete(turns(2)).unwrap();
    drop(futures);

    // A task of the same size.
    let other = Waits::default();
    let task = lp.create_task(waits_for(other.clone())).unwrap();
    lp.run_until_complete(turns(1)).unwrap();
    assert_eq!(other.polls.get(), 1);
    let same_place = other.waker().will_wake(&stale);
    (0..3).for_each(|_| stale.wake_by_ref());
    lp.run_until_complete(turns(2)).unwrap();
    assert_eq!(other.polls.get(), 1 + u32::from(same_place));
    drop(task);
    lp.close().unwrap();
    stale.wake();
}

type Future_ = segno::Future<u64>;

#[test]
fn another_thread_wakes_a_future() {
    /// Ends when another thread has said so.
    struct Signal(Arc<(AtomicBool, Mutex<Option<Waker>>)>);
    impl Future for Signal {
        type Output = ();
        fn poll(self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<()> {
            *self.0.1.lock().unwrap() = Some(cx.waker().clone());
            if self.0.0.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
        }
    }
    #[segno::coroutine]
    async fn rounds(count: u32) -> u32 {
        let mut sum = 0;
        for round in 0..count {
            let shared = Arc::new((AtomicBool::new(false), Mutex::new(None::<Waker>)));
            let theirs = shared.clone();
            let thread = thread::spawn(move || {
                let waker = loop {
                    // The future is polled at some time.
                    if let Some(waker) = theirs.1.lock().unwrap().clone() {
                        break waker;
                    }
                    thread::yield_now();
                };
                let clones = [waker.clone(), waker.clone()];
                theirs.0.store(true, Ordering::Release);
                waker.wake();
                drop(clones);
            });
            Signal(shared).await;
            sum += round;
            thread.join().unwrap();
        }
        sum
    }
    let rounds_of_this_test = if cfg!(miri) { 5 } else { 200 };
    let lp = new_threaded_loop();
    let expected = (0..rounds_of_this_test).sum();
    assert_eq!(lp.run_until_complete(rounds(rounds_of_this_test)).unwrap(), expected);
}

#[test]
fn threads_wake_tasks_of_their_own_loops_and_of_others() {
    let threads: Vec<_> = (0..if cfg!(miri) { 2 } else { 8 })
        .map(|_| {
            thread::spawn(|| {
                let lp = new_loop();
                let waits = Waits::default();
                let task = lp.create_task(waits_for(waits.clone())).unwrap();
                lp.run_until_complete(turns(1)).unwrap();
                let wakers = vec![waits.waker(); 10];
                let elsewhere = thread::spawn(move || wakers.into_iter().for_each(Waker::wake));
                while waits.polls.get() < 2 {
                    lp.run_until_complete(turns(1)).unwrap();
                }
                elsewhere.join().unwrap();
                waits.done.set(true);
                waits.waker().wake();
                lp.run_until_complete(turns(2)).unwrap();
                assert!(task.done());
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// A future that says where it is dropped, and whether it was where it was polled.
struct Stays {
    polled_at: Cell<usize>,
    dropped: Rc<Cell<Option<bool>>>,
    _pinned: std::marker::PhantomPinned,
}

impl Future for Stays {
    type Output = ();
    fn poll(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> Poll<()> {
        let here = (&raw const *self).addr();
        assert!([0, here].contains(&self.polled_at.replace(here)));
        Poll::Pending
    }
}

impl Drop for Stays {
    fn drop(&mut self) {
        self.dropped.set(Some(self.polled_at.get() == (&raw const *self).addr()));
    }
}

#[segno::coroutine]
async fn cancelled_at_a_future(dropped: Rc<Cell<Option<bool>>>) -> &'static str {
    let stays = Stays { polled_at: Cell::new(0), dropped: dropped.clone(), _pinned: std::marker::PhantomPinned };
    let caught = segno::FromFuture::new(stays).catch_cancel().await;
    assert_eq!((caught, dropped.get()), (Err(Cancelled), Some(true)));
    // Cleanup may await.
    sleep(5.millis()).await;
    let stays = Stays { polled_at: Cell::new(0), dropped, _pinned: std::marker::PhantomPinned };
    stays.await;
    "never"
}

#[test]
fn a_cancel_request_drops_the_future_in_place() {
    let lp = new_loop();
    let dropped = Rc::new(Cell::new(None));
    let task = lp.create_task(cancelled_at_a_future(dropped.clone())).unwrap();
    lp.run_until_complete(turns(2)).unwrap();
    assert!(task.cancel());
    lp.run_until_complete(sleep(10.millis())).unwrap();
    assert_eq!((lp.time().as_ticks(), task.done()), (10_000, false));
    dropped.set(None);
    assert!(task.cancel());
    lp.run_until_complete(turns(2)).unwrap();
    assert!(task.cancelled());
    assert_eq!(dropped.get(), Some(true));
}

#[test]
fn a_future_is_a_task_of_its_own() {
    let lp = new_loop();
    let task = lp.create_task(FromFuture::new(async { 7 })).unwrap();
    assert_eq!(lp.run_until_complete(task).unwrap(), 7);
    assert_eq!(lp.run_until_complete(FromFuture::new(std::future::ready(8))).unwrap(), 8);
}

#[test]
fn an_awaited_future_costs_its_own_bytes() {
    assert_eq!(size_of::<FromFuture<Stays>>(), size_of::<Stays>());
    assert!(size_of_val(&waits_for(Waits::default())) <= size_of_val(&async_waits_for(Waits::default())));
}

async fn async_waits_for(waits: Waits) -> u32 {
    waits.await
}

#[test]
fn by_hand_wake_ups_go_nowhere() {
    let waits = Waits::default();
    let mut coroutine = std::pin::pin!(waits_for(waits.clone()));
    assert_eq!(coroutine.as_mut().resume(&mut Context::detached()), Resume::Pending);
    waits.waker().wake();
    waits.done.set(true);
    assert_eq!(coroutine.as_mut().resume(&mut Context::detached()), Resume::Done(2));
}
