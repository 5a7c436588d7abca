//! Several threads at once in whatever other threads may touch. Under Miri, where they see each other's stores late and in
//! other orders, and where two that touch the same without a critical section are reported: that is what these are for.
#![cfg(feature = "std")]

mod common;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::Ordering::{AcqRel, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::task::Poll;
use std::thread;

use common::new_threaded_loop as new_loop;
use segno::board::{Clock, Idle};
use segno::prelude::*;
use segno::{RunError, Signal, UrgentLoop, WakerCell};

const ROUNDS: u32 = if cfg!(miri) { 2 } else { 500 };

#[segno::coroutine]
async fn next_turn() {
    sleep(Duration::from_ticks(0)).await;
}

/// Two threads set and put, a third one clears and asks, and tasks that wait are cancelled meanwhile.
#[test]
fn flags_and_queues_are_used_by_all() {
    static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();
    static QUEUE: InterruptQueue<u32, 2> = InterruptQueue::new();
    static PUT: AtomicU32 = AtomicU32::new(0);
    static REFUSED: AtomicU32 = AtomicU32::new(0);

    #[segno::coroutine]
    async fn waits() {
        FLAG.wait().await;
    }
    #[segno::coroutine]
    async fn gets() -> u32 {
        QUEUE.get().await
    }
    /// How many were taken, and how many lost.
    #[segno::coroutine]
    async fn consume(lp: &'static EventLoop) -> (u32, u32) {
        let (mut got, mut lost) = (0, 0);
        while got + lost < 2 * ROUNDS {
            let waits = lp.create_task(waits()).unwrap();
            let gets = lp.create_task(gets()).unwrap();
            next_turn().await;
            waits.cancel();
            gets.cancel();
            next_turn().await;
            got += u32::from(gets.take_result().is_ok());
            if QUEUE.get_nowait().is_some() {
                got += 1;
            }
            lost += QUEUE.take_lost();
        }
        (got, lost)
    }

    let mut threads: Vec<_> = (0..2)
        .map(|index| {
            thread::spawn(move || {
                for round in 0..ROUNDS {
                    FLAG.set();
                    if QUEUE.put_nowait(2 * round + index).is_ok() { &PUT } else { &REFUSED }.fetch_add(1, Relaxed);
                }
            })
        })
        .collect();
    threads.push(thread::spawn(|| {
        for _ in 0..ROUNDS {
            FLAG.clear();
            assert!(QUEUE.qsize() <= QUEUE.maxsize() && format!("{FLAG:?}{QUEUE:?}").contains("/2>"));
        }
    }));
    let lp = new_loop();
    let counts = lp.run_until_complete(consume(lp)).unwrap();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(counts, (PUT.load(Relaxed), REFUSED.load(Relaxed)));
}

/// Signals are fired and tasks are woken, by every kind of waker, while handlers are exchanged and tasks end.
#[test]
fn handlers_change_and_tasks_end_while_they_are_woken() {
    static SIGNAL: Signal = Signal::new();
    static CELL: WakerCell = WakerCell::new();
    static WAKER: Mutex<Option<std::task::Waker>> = Mutex::new(None);
    static ENDED: AtomicBool = AtomicBool::new(false);

    /// Waits for three wake-ups, of whatever kind, and parks in between.
    struct Waits(u32);
    impl Coroutine for Waits {
        type Output = ();
        fn resume(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
            CELL.register_current();
            *WAKER.lock().unwrap() = Some(cx.core_waker());
            self.0 += 1;
            if self.0 == 3 {
                return Resume::Done(());
            }
            cx.resume_after_interrupt();
            Resume::Pending
        }
    }
    #[segno::coroutine]
    async fn rounds(lp: &'static EventLoop) {
        for _ in 0..ROUNDS {
            lp.add_signal_handler(&SIGNAL, |_| {}).unwrap();
            lp.create_task(Waits(0)).unwrap().await;
            lp.add_signal_handler(&SIGNAL, |_| {}).unwrap();
            next_turn().await;
            assert!(lp.remove_signal_handler(&SIGNAL));
        }
        ENDED.store(true, Relaxed);
    }

    let lp = new_loop();
    let fires = thread::spawn(|| {
        while !ENDED.load(Relaxed) {
            SIGNAL.fire();
            thread::yield_now();
        }
    });
    let wakes = thread::spawn(|| {
        while !ENDED.load(Relaxed) {
            CELL.wake();
            if let Some(waker) = WAKER.lock().unwrap().take() {
                waker.wake_by_ref();
                waker.wake();
            }
            thread::yield_now();
        }
    });
    lp.run_until_complete(rounds(lp)).unwrap();
    fires.join().unwrap();
    wakes.join().unwrap();
    assert!(lp.all_tasks().count() == 0 && !SIGNAL.fire());
}

/// A call comes while the loop is closed: it is made, dropped with the loop, or handed back; once.
#[test]
fn a_loop_that_closes_keeps_no_call() {
    static ALIVE: AtomicU32 = AtomicU32::new(0);
    struct Counted;
    impl Drop for Counted {
        fn drop(&mut self) {
            ALIVE.fetch_sub(1, Relaxed);
        }
    }
    for _ in 0..ROUNDS.min(100) {
        let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
        let threads = [lp.remote(), lp.remote()].map(|remote| {
            thread::spawn(move || {
                for _ in 0..3 {
                    ALIVE.fetch_add(1, Relaxed);
                    let counted = Counted;
                    drop(remote.call_soon(move |_| drop(counted)));
                }
            })
        });
        lp.run_until_complete(next_turn()).unwrap();
        lp.close().unwrap();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(ALIVE.load(Relaxed), 0);
    }
}

/// An urgent loop that one thread starts and another one serves, and what reaches it while it is being served.
#[test]
fn an_urgent_loop_is_started_served_and_used_by_three_threads() {
    static URGENT: UrgentLoop<4096> = UrgentLoop::new();
    static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();
    static STORED: AtomicU32 = AtomicU32::new(0);
    static SEEN: AtomicU32 = AtomicU32::new(0);

    /// An interrupt that pends.
    struct Pends(AtomicBool);
    impl Clock for Pends {
        fn now(&self) -> Instant {
            Instant::from_ticks(0)
        }
        fn idle(&self, _: &Idle) {}
        fn wake(&self) {
            self.0.store(true, Release);
        }
    }
    static PENDS: Pends = Pends(AtomicBool::new(false));

    #[segno::coroutine]
    async fn watches() {
        loop {
            FLAG.wait().await;
            SEEN.store(STORED.load(Relaxed), Relaxed);
        }
    }

    let serves = thread::spawn(|| {
        while SEEN.load(Relaxed) < ROUNDS {
            // Before the start it does nothing.
            if PENDS.0.swap(false, AcqRel) || SEEN.load(Relaxed) == 0 {
                URGENT.serve().unwrap();
            }
            thread::yield_now();
        }
    });
    let remote = URGENT.start(&PENDS).unwrap();
    remote.call_soon(|lp| drop(lp.create_task(watches()).unwrap())).unwrap();
    for round in 1..=ROUNDS {
        STORED.store(round, Relaxed);
        FLAG.set();
        while SEEN.load(Relaxed) < round {
            thread::yield_now();
        }
    }
    serves.join().unwrap();
    assert!(matches!(URGENT.serve(), Err(RunError::AlreadyRunning)), "it is the other thread's");
}

/// Futures of `core` in the tasks of two loops wake each other across threads.
#[test]
fn wakers_of_core_cross_threads() {
    #[derive(Default)]
    struct Side {
        count: AtomicU32,
        waker: Mutex<Option<std::task::Waker>>,
    }
    static SIDES: [Side; 2] = [const { Side { count: AtomicU32::new(0), waker: Mutex::new(None) } }; 2];

    #[segno::coroutine]
    async fn plays(own: &'static Side, other: &'static Side, first: u32) {
        for round in 0..ROUNDS {
            poll_fn(|cx| {
                *own.waker.lock().unwrap() = Some(cx.waker().clone());
                if own.count.load(Relaxed) >= round + first { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            other.count.fetch_add(1, Relaxed);
            if let Some(waker) = other.waker.lock().unwrap().take() {
                waker.wake();
            }
        }
    }
    let other = thread::spawn(|| new_loop().run_until_complete(plays(&SIDES[1], &SIDES[0], 1)).unwrap());
    new_loop().run_until_complete(plays(&SIDES[0], &SIDES[1], 0)).unwrap();
    other.join().unwrap();
}
