//! `Lock` against asyncio's trace: whose turn it is.
#![cfg(feature = "ours")]

use core::mem::forget;

use segno::prelude::*;
use segno_tests::conformance::{conforms_everywhere, run, wait_all};

#[test]
fn s24_first_come_first_served() {
    conforms_everywhere(include_str!("../traces/24.out"), segno_scenarios::s24_lock::run);
}

/// What CPython's `test_locks` and MicroPython's `asyncio_lock*.py` pin down.
mod rows {
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;

    use super::*;

    /// Who got the lock, in order; `x` before a name is a cancellation.
    type Owners = Rc<RefCell<Vec<String>>>;

    /// Acquires the lock, and keeps it for so many turns.
    #[segno::coroutine]
    async fn owner(lock: &'static Lock, name: &'static str, turns: u32, owners: Owners) {
        match lock.acquire().catch_cancel().await {
            Ok(_guard) => {
                owners.borrow_mut().push(name.into());
                for _ in 0..turns {
                    sleep(0.millis()).await;
                }
            }
            Err(Cancelled) => owners.borrow_mut().push(format!("x{name}")),
        }
    }

    fn start(lp: &'static EventLoop, lock: &'static Lock, names: &[&'static str], owners: &Owners) -> Vec<Task<()>> {
        names.iter().map(|name| lp.create_task(owner(lock, name, 3, owners.clone())).unwrap()).collect()
    }

    #[segno::coroutine]
    async fn turns(count: u32) {
        for _ in 0..count {
            sleep(0.millis()).await;
        }
    }

    #[test]
    fn c85_waiters_get_it_in_the_order_in_which_they_came() {
        static LOCK: Lock = Lock::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let owners = Owners::default();
            let tasks = start(lp, &LOCK, &["1", "2", "3", "4"], &owners);
            wait_all(&tasks).await;
            assert_eq!(*owners.borrow(), ["1", "2", "3", "4"]);
            assert!(!LOCK.locked());
        }
        run(scenario);
    }

    /// The waiter that is to be cancelled is the first when the lock is released: the next one gets it.
    #[test]
    fn c85_cancel_race() {
        static LOCK: Lock = Lock::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            for cancel_first in [true, false] {
                let owners = Owners::default();
                forget(LOCK.acquire().await);
                let tasks = start(lp, &LOCK, &["b", "c"], &owners);
                turns(1).await;
                if cancel_first {
                    tasks[0].cancel();
                }
                LOCK.release().unwrap();
                if !cancel_first {
                    tasks[0].cancel();
                }
                wait_all(&tasks).await;
                assert_eq!(*owners.borrow(), ["xb", "c"]);
                assert!(!LOCK.locked());
            }
        }
        run(scenario);
    }

    /// Of three waiters, the first is cancelled and the lock released at the same time: exactly one other gets it.
    #[test]
    fn c85_cancel_release_race() {
        static LOCK: Lock = Lock::new();
        #[segno::coroutine]
        async fn takes(taken: Rc<Cell<u32>>) {
            forget(LOCK.acquire().await);
            taken.set(taken.get() + 1);
        }
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let taken = Rc::new(Cell::new(0));
            forget(LOCK.acquire().await);
            let [t1, t2, t3] = [(); 3].map(|()| lp.create_task(takes(taken.clone())).unwrap());
            turns(1).await;
            let first = t1.as_any();
            lp.call_soon(move |_| {
                first.cancel();
                LOCK.release().unwrap();
            })
            .unwrap();
            assert_eq!((&t1).into_coroutine().catch_cancel().await, Err(Cancelled));
            turns(1).await;
            assert_eq!((taken.get(), t2.done(), t3.done()), (1, true, false));
            t3.cancel();
            turns(1).await;
            assert!(t3.cancelled());
            // Nobody waits, and it is locked.
            LOCK.release().unwrap();
            assert!(LOCK.acquire_nowait().is_some());
        }
        run(scenario);
    }

    /// A waiter that was woken and then cancelled wakes the next one, in the turn in which it would have run.
    #[test]
    fn c85_finished_waiter_cancelled() {
        static LOCK: Lock = Lock::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let owners = Owners::default();
            forget(LOCK.acquire().await);
            let tasks = start(lp, &LOCK, &["a", "b"], &owners);
            turns(1).await;
            LOCK.release().unwrap();
            tasks[0].cancel();
            assert!(!LOCK.locked());
            turns(2).await;
            assert_eq!(*owners.borrow(), ["xa", "b"]);
            wait_all(&tasks[1..]).await;
        }
        run(scenario);
    }

    /// If all who wait are about to be cancelled, a newcomer need not wait for that.
    #[test]
    fn a_newcomer_overtakes_those_who_are_cancelled() {
        static LOCK: Lock = Lock::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let owners = Owners::default();
            forget(LOCK.acquire().await);
            let tasks = start(lp, &LOCK, &["a", "b"], &owners);
            turns(1).await;
            tasks[0].cancel();
            LOCK.release().unwrap();
            assert!(LOCK.acquire_nowait().is_none(), "b waits");
            tasks[1].cancel();
            assert!(LOCK.acquire_nowait().is_some(), "nobody waits");
            assert!(!LOCK.locked());
            wait_all(&tasks).await;
            assert_eq!(*owners.borrow(), ["xa", "xb"]);
        }
        run(scenario);
    }

    #[test]
    fn c86_misuse_and_guards() {
        static LOCK: Lock = Lock::new();
        assert_eq!(LOCK.release().unwrap_err().to_string(), "Lock is not acquired.");
        let guard = LOCK.acquire_nowait().unwrap();
        assert!(LOCK.locked());
        assert!(LOCK.acquire_nowait().is_none());
        drop(guard);
        assert!(!LOCK.locked());
        assert_eq!(format!("{LOCK:?}"), "<Lock unlocked>");
        // Somebody else releases it: the guard has nothing left to do.
        let guard = LOCK.acquire_nowait().unwrap();
        LOCK.release().unwrap();
        drop(guard);
        assert_eq!(LOCK.release(), Err(segno::sync::NotAcquired));
        let mut value = Lock::with_value(1);
        *value.acquire_nowait().unwrap() += 1;
        *value.get_mut() += 1;
        assert_eq!(value.into_inner(), 3);
    }

    /// MicroPython's `asyncio_lock`: users that sleep with the lock, and one who is cancelled by another.
    #[test]
    fn b22_sleeping_with_the_lock() {
        static LOCK: Lock = Lock::new();
        type Log = Rc<RefCell<Vec<(&'static str, i32)>>>;
        #[segno::coroutine]
        async fn user(name: &'static str, times: i32, log: Log) {
            for time in 0..times {
                let _guard = LOCK.acquire().await;
                log.borrow_mut().push((name, time));
                sleep(10.millis()).await;
            }
        }
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let log = Log::default();
            let tasks = ["1", "2", "3"].map(|name| lp.create_task(user(name, 2, log.clone())).unwrap());
            sleep(15.millis()).await;
            tasks[1].cancel();
            wait_all(&tasks).await;
            assert_eq!(*log.borrow(), [("1", 0), ("2", 0), ("3", 0), ("1", 1), ("3", 1)]);
            assert!(tasks[1].cancelled() && !LOCK.locked());
        }
        run(scenario);
    }

    /// The same test: three users that want it again and again; the first of three cancels the second.
    #[test]
    fn b22_users_in_turns_and_one_who_cancels_another() {
        static LOCK: Lock = Lock::new();
        type Log = Rc<RefCell<Vec<String>>>;
        #[segno::coroutine]
        async fn again(name: u32, log: Log) {
            for time in 0..3 {
                let _guard = LOCK.acquire().await;
                log.borrow_mut().push(format!("{name} {time}"));
            }
        }
        #[segno::coroutine]
        async fn user(name: u32, log: Log, victim: Rc<RefCell<Option<AnyTask>>>) {
            let Ok(guard) = LOCK.acquire().catch_cancel().await else {
                return log.borrow_mut().push(format!("cancel {name}"));
            };
            log.borrow_mut().push(format!("got {name}"));
            sleep(100.millis()).await;
            drop(guard);
            log.borrow_mut().push(format!("release {name}"));
            if let Some(victim) = victim.take() {
                victim.cancel();
            }
        }
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let log = Log::default();
            let tasks = [1, 2, 3].map(|name| lp.create_task(again(name, log.clone())).unwrap());
            let guard = LOCK.acquire().await;
            turns(1).await;
            drop(guard);
            wait_all(&tasks).await;
            assert_eq!(log.take(), ["1 0", "2 0", "3 0", "1 1", "2 1", "3 1", "1 2", "2 2", "3 2"]);
            let victim = Rc::new(RefCell::new(None));
            let tasks = [0, 1, 2].map(|name| lp.create_task(user(name, log.clone(), victim.clone())).unwrap());
            victim.replace(Some(tasks[1].as_any()));
            wait_all(&tasks).await;
            assert_eq!(log.take(), ["got 0", "release 0", "cancel 1", "got 2", "release 2"]);
            assert!(!LOCK.locked());
        }
        run(scenario);
    }

    /// MicroPython's `asyncio_lock_cancel`: two of four waiters are cancelled; there is one owner at a time.
    #[test]
    fn b23_two_of_four_waiters_are_cancelled() {
        static LOCK: Lock = Lock::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let owners = Owners::default();
            forget(LOCK.acquire().await);
            let tasks = start(lp, &LOCK, &["1", "2", "3", "4"], &owners);
            turns(1).await;
            tasks[0].cancel();
            tasks[2].cancel();
            LOCK.release().unwrap();
            turns(2).await;
            assert_eq!(*owners.borrow(), ["x1", "x3", "2"]);
            assert!(LOCK.locked());
            wait_all(&tasks).await;
            assert_eq!(*owners.borrow(), ["x1", "x3", "2", "4"]);
        }
        run(scenario);
    }
}
