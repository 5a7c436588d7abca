//! Other contexts: threads queue callbacks and wake tasks.

mod common;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::{thread, time};

use common::new_threaded_loop as new_loop;
use segno::board::{Clock, Idle};
use segno::time::Instant;
use segno::{Context, Coroutine, EventLoop, Resume, WakerCell, new_event_loop};

#[test]
fn threads_queue_callbacks_in_their_own_order() {
    const CALLS: u32 = if cfg!(miri) { 20 } else { 1000 };
    let lp = new_loop();
    let remote = lp.remote();
    let next: Arc<[AtomicU32; 2]> = Arc::default();
    let threads: Vec<_> = (0..2)
        .map(|index| {
            let next = next.clone();
            thread::spawn(move || {
                for call in 0..CALLS {
                    let next = next.clone();
                    let mut callback: Box<dyn FnOnce(&'static EventLoop) + Send> = Box::new(move |lp| {
                        assert_eq!(next[index].fetch_add(1, Ordering::Relaxed), call);
                        if next.iter().all(|next| next.load(Ordering::Relaxed) == CALLS) {
                            lp.stop();
                        }
                    });
                    // The pool may be full for a moment.
                    while let Err(refused) = remote.call_soon(callback) {
                        callback = refused.into_inner();
                        thread::yield_now();
                    }
                }
            })
        })
        .collect();
    lp.run_forever().unwrap();
    for thread in threads {
        thread.join().unwrap();
    }
    lp.close().unwrap();
    assert_eq!(remote.call_soon(|_| {}).unwrap_err().to_string(), "Event loop is closed");
}

/// Counts what another thread has signalled through a waker cell, up to ten.
struct Signals {
    cell: &'static WakerCell,
    count: &'static AtomicU32,
}

impl Coroutine for Signals {
    type Output = u32;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<u32> {
        if cx.take_cancel() {
            return Resume::Cancelled;
        }
        self.cell.register_current();
        assert!(cx.event_loop().unwrap().take_interest());
        match self.count.load(Ordering::SeqCst) {
            10 => Resume::Done(10),
            _ => Resume::Pending,
        }
    }
}

#[test]
fn an_interrupt_wakes_the_task_that_registered() {
    static CELL: WakerCell = WakerCell::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    CELL.wake();
    let lp = new_loop();
    let (begin, begun) = mpsc::channel();
    let interrupts = thread::spawn(move || {
        begun.recv().unwrap();
        for _ in 0..10 {
            COUNT.fetch_add(1, Ordering::SeqCst);
            CELL.wake();
            thread::yield_now();
        }
    });
    lp.call_soon(move |_| begin.send(()).unwrap()).unwrap();
    let task = lp.create_task(Signals { cell: &CELL, count: &COUNT }).unwrap();
    assert_eq!(lp.run_until_complete(task), Ok(10));
    interrupts.join().unwrap();
    // A waker whose task has ended is harmless.
    CELL.register_current();
    CELL.wake();
}

#[test]
fn stale_wakers_are_harmless() {
    let lp = common::new_loop();
    let remote = lp.remote();
    for _ in 0..20 {
        let task = lp.create_task(segno::sleep(segno::Duration::from_ticks(0))).unwrap();
        let waker = task.as_any().waker();
        lp.run_until_complete(&task).unwrap();
        remote.wake(waker);
        drop(task);
        remote.wake(waker);
        // What takes its place is not run early.
        let later = lp.call_later(segno::Duration::from_ticks(10), |lp| lp.stop()).unwrap();
        remote.wake(waker);
        lp.wake(waker);
        let begin = lp.time();
        lp.run_forever().unwrap();
        assert_eq!(lp.time().as_ticks(), begin.as_ticks() + 10);
        drop(later);
    }
    lp.wake(segno::Waker::NONE);
}

#[test]
fn interest_is_that_of_the_step() {
    static CELL: WakerCell = WakerCell::new();
    struct Registers(bool);
    impl Coroutine for Registers {
        type Output = ();
        fn resume(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
            let lp = cx.event_loop().unwrap();
            assert!(!lp.take_interest());
            CELL.register_current();
            if std::mem::replace(&mut self.0, true) {
                return Resume::Done(());
            }
            CELL.wake();
            Resume::Pending
        }
    }
    let lp = common::new_loop();
    lp.create_task(Registers(false)).unwrap();
    lp.run_until_complete(Registers(false)).unwrap();
}

/// A thread stores, then wakes; the task's link is cleared, then it loads. If each could overlook the other, the wake-up
/// would be lost.
#[test]
fn no_wake_up_is_lost_between_threads() {
    /// Spins, so that the loop comes to the task as soon as it can.
    struct Spinning;
    impl Clock for Spinning {
        fn now(&self) -> Instant {
            Instant::from_ticks(0)
        }
        fn idle(&self, idle: &Idle) {
            let start = time::Instant::now();
            while !idle.pending() {
                assert!(start.elapsed() < time::Duration::from_secs(5), "a wake-up was lost");
                if cfg!(miri) { thread::yield_now() } else { std::hint::spin_loop() }
            }
        }
    }
    const ROUNDS: u32 = if cfg!(miri) {
        20
    } else if cfg!(debug_assertions) {
        2_000
    } else {
        30_000
    };
    #[derive(Default)]
    struct Board {
        stored: AtomicU32,
        seen: AtomicU32,
    }
    struct Reads(Arc<Board>);
    impl Coroutine for Reads {
        type Output = ();
        fn resume(self: Pin<&mut Self>, _: &mut Context<'_>) -> Resume<()> {
            let stored = self.0.stored.load(Ordering::Relaxed);
            self.0.seen.store(stored, Ordering::Relaxed);
            if stored == ROUNDS { Resume::Done(()) } else { Resume::Pending }
        }
    }
    let lp = new_event_loop(&Spinning, 1024);
    let board = Arc::<Board>::default();
    let task = lp.create_task(Reads(board.clone())).unwrap();
    let (remote, waker) = (lp.remote(), task.as_any().waker());
    let thread = thread::spawn(move || {
        for round in 1..=ROUNDS {
            remote.wake(waker);
            for _ in 0..round % 64 {
                std::hint::spin_loop();
            }
            board.stored.store(round, Ordering::Relaxed);
            remote.wake(waker);
            let start = time::Instant::now();
            while board.seen.load(Ordering::Relaxed) != round {
                if start.elapsed() > time::Duration::from_secs(5) {
                    return;
                }
                if cfg!(miri) { thread::yield_now() } else { std::hint::spin_loop() }
            }
        }
    });
    lp.run_until_complete(task).unwrap();
    thread.join().unwrap();
}
