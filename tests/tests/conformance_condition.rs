//! `Event` and `Condition` against asyncio's trace, and what CPython's `test_locks` pins down of `Condition`.
#![cfg(feature = "ours")]

use std::cell::RefCell;
use std::rc::Rc;

use segno::prelude::*;
use segno_tests::conformance::{Reraise, conforms_everywhere, run, turn, wait_all};

#[segno::coroutine]
async fn turns(count: u32) {
    for _ in 0..count {
        sleep(0.millis()).await;
    }
}

#[test]
fn s25_events_and_conditions() {
    conforms_everywhere(include_str!("../traces/25.out"), segno_scenarios::s25_event_condition::run);
}

/// What CPython's `test_locks` pins down.
mod rows {
    use super::*;

    type Log = Rc<RefCell<Vec<String>>>;

    #[segno::coroutine]
    async fn waiter(condition: &'static Condition, name: &'static str, log: Log) {
        let guard = condition.acquire().await;
        match guard.wait().catch_cancel().await {
            Ok(_guard) => log.borrow_mut().push(name.into()),
            Err((_guard, Cancelled)) => {
                log.borrow_mut().push(format!("x{name}"));
                assert!(condition.locked());
                Reraise.await;
            }
        }
        assert!(!condition.locked());
    }

    fn start(
        lp: &'static EventLoop,
        condition: &'static Condition,
        names: &[&'static str],
        log: &Log,
    ) -> Vec<Task<()>> {
        names.iter().map(|name| lp.create_task(waiter(condition, name, log.clone())).unwrap()).collect()
    }

    #[test]
    fn c88_notify_wakes_so_many_in_order() {
        static CONDITION: Condition = Condition::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let log = Log::default();
            let tasks = start(lp, &CONDITION, &["1", "2", "3", "4"], &log);
            turns(1).await;
            CONDITION.acquire().await.notify(1);
            turns(2).await;
            assert_eq!(*log.borrow(), ["1"]);
            {
                let guard = CONDITION.acquire().await;
                guard.notify(1);
                // Who has been notified is not notified again.
                guard.notify(1);
            }
            turns(3).await;
            assert_eq!(*log.borrow(), ["1", "2", "3"]);
            CONDITION.acquire().await.notify(2048);
            wait_all(&tasks[3..]).await;
            assert_eq!(*log.borrow(), ["1", "2", "3", "4"]);
            // Nobody waits: nothing is remembered.
            CONDITION.acquire().await.notify_all();
        }
        run(scenario);
    }

    #[test]
    fn c88_notify_all_and_none() {
        static CONDITION: Condition = Condition::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let log = Log::default();
            let tasks = start(lp, &CONDITION, &["1", "2"], &log);
            turns(1).await;
            CONDITION.acquire().await.notify(0);
            turns(3).await;
            assert!(log.borrow().is_empty());
            CONDITION.acquire().await.notify_all();
            wait_all(&tasks).await;
            assert_eq!(*log.borrow(), ["1", "2"]);
        }
        run(scenario);
    }

    /// One waiter is cancelled and another notified, with the lock taken: both want the lock again.
    #[test]
    fn c88_wait_cancel_contested() {
        static CONDITION: Condition = Condition::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let log = Log::default();
            let tasks = start(lp, &CONDITION, &["1", "2"], &log);
            turns(1).await;
            let guard = CONDITION.acquire().await;
            guard.notify(1);
            // It has been notified, and waits for the lock.
            turns(2).await;
            tasks[0].cancel();
            turns(3).await;
            assert!(log.borrow().is_empty() && !tasks[0].done(), "cancelled or not, it needs the lock");
            drop(guard);
            turns(1).await;
            assert_eq!(*log.borrow(), ["x1"]);
            // The notification was passed on.
            wait_all(&tasks).await;
            assert_eq!(*log.borrow(), ["x1", "2"]);
            assert!(tasks[0].cancelled() && !CONDITION.locked());
        }
        run(scenario);
    }

    /// Cancelled in the turn in which it was notified, before it could run: the next one is notified.
    #[test]
    fn c88_wait_cancel_after_notify() {
        static CONDITION: Condition = Condition::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let log = Log::default();
            let tasks = start(lp, &CONDITION, &["1", "2"], &log);
            turns(1).await;
            {
                let guard = CONDITION.acquire().await;
                guard.notify(1);
                tasks[0].cancel();
            }
            wait_all(&tasks).await;
            assert_eq!(*log.borrow(), ["x1", "2"]);
            assert_eq!((tasks[0].cancelled(), tasks[1].cancelled()), (true, false));
        }
        run(scenario);
    }

    /// Cancelled several times while it waits for the lock: one cancellation comes out, with the lock.
    #[test]
    fn c88_cancelled_wakeup_relock() {
        static CONDITION: Condition = Condition::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let log = Log::default();
            let tasks = start(lp, &CONDITION, &["1", "2"], &log);
            turns(1).await;
            let guard = CONDITION.acquire().await;
            guard.notify(1);
            for _ in 0..4 {
                turns(1).await;
                tasks[0].cancel();
            }
            turns(2).await;
            assert!(log.borrow().is_empty());
            drop(guard);
            wait_all(&tasks).await;
            assert_eq!(*log.borrow(), ["x1", "2"]);
            assert_eq!(tasks[0].cancelling(), 4);
        }
        run(scenario);
    }

    /// A waiter that is cancelled while it waits for the lock, which somebody was about to hand to it, does not keep it.
    #[test]
    fn c88_cancelled_when_the_lock_is_released() {
        static CONDITION: Condition = Condition::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let log = Log::default();
            let tasks = start(lp, &CONDITION, &["1", "2", "3"], &log);
            turns(1).await;
            let guard = CONDITION.acquire().await;
            guard.notify_all();
            turns(2).await;
            drop(guard);
            // It is woken, and has not run.
            tasks[0].cancel();
            wait_all(&tasks).await;
            // Cancelled, it queued up again behind the others.
            assert_eq!(*log.borrow(), ["2", "3", "x1"]);
        }
        run(scenario);
    }

    #[test]
    fn c88_wait_for() {
        static LEVEL: Condition<Lock<u32>> = Condition::with_lock(Lock::with_value(0));
        #[segno::coroutine]
        async fn reaches(level: u32) -> u32 {
            *LEVEL.wait_for(|now| *now >= level).await
        }
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let before = turn();
            assert_eq!(reaches(0).await, 0);
            assert_eq!(turn(), before);
            let tasks = [3, 1, 2].map(|level| lp.create_task(reaches(level)).unwrap());
            for _ in 0..3 {
                turns(5).await;
                let mut level = LEVEL.acquire().await;
                *level += 1;
                level.notify_all();
            }
            wait_all(&tasks).await;
            assert_eq!(tasks.map(|task| task.take_result().unwrap()), [3, 1, 2]);
        }
        run(scenario);
    }

    /// Two conditions of one lock.
    #[test]
    fn a_lock_may_be_shared() {
        static STOCK: Lock<u32> = Lock::with_value(0);
        static NOT_EMPTY: Condition<&Lock<u32>> = Condition::with_lock(&STOCK);
        static NOT_FULL: Condition<&Lock<u32>> = Condition::with_lock(&STOCK);
        #[segno::coroutine]
        async fn produce() {
            for _ in 0..5 {
                let stock = NOT_FULL.acquire().await;
                let mut stock = ConditionGuard::wait_for(stock, |stock| *stock < 2).await;
                *stock += 1;
                NOT_EMPTY.notify(1).unwrap();
            }
        }
        #[segno::coroutine]
        async fn consume() -> u32 {
            let mut consumed = 0;
            while consumed < 5 {
                let mut stock = NOT_EMPTY.wait_for(|stock| *stock > 0).await;
                *stock -= 1;
                consumed += 1;
                NOT_FULL.notify(1).unwrap();
            }
            consumed
        }
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let consumer = lp.create_task(consume()).unwrap();
            lp.create_task(produce()).unwrap();
            assert_eq!(consumer.await, 5);
            assert_eq!(*STOCK.acquire().await, 0);
        }
        run(scenario);
    }

    /// Who was cancelled before is not notified; and as its wait was cancelled, one more is.
    #[test]
    fn c88_cancelled_and_then_notified() {
        static CONDITION: Condition = Condition::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let log = Log::default();
            let tasks = start(lp, &CONDITION, &["1", "2", "3", "4"], &log);
            turns(1).await;
            {
                let guard = CONDITION.acquire().await;
                tasks[0].cancel();
                guard.notify(1);
            }
            turns(1).await;
            assert_eq!(*log.borrow(), ["x1", "2"]);
            turns(8).await;
            assert_eq!(*log.borrow(), ["x1", "2", "3"]);
            assert!(!tasks[3].done() && tasks[3].cancel());
        }
        run(scenario);
    }

    /// A task that is woken for something else has not been notified; nor does it take the lock before its turn.
    #[test]
    fn a_wake_up_is_no_notification() {
        static CONDITION: Condition = Condition::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let log = Log::default();
            let tasks = start(lp, &CONDITION, &["1", "2"], &log);
            turns(1).await;
            lp.wake(tasks[1].as_any().waker());
            turns(2).await;
            let guard = CONDITION.acquire().await;
            guard.notify(1);
            drop(guard);
            turns(3).await;
            assert_eq!(*log.borrow(), ["1"]);
            // Now both want the lock, and the second one looks first.
            let others = start(lp, &CONDITION, &["3"], &log);
            turns(1).await;
            let guard = CONDITION.acquire().await;
            guard.notify_all();
            turns(2).await;
            lp.wake(others[0].as_any().waker());
            drop(guard);
            turns(5).await;
            assert_eq!(*log.borrow(), ["1", "2", "3"]);
        }
        run(scenario);
    }

    /// A wait that is dropped when it was notified, before or while it wants the lock again, passes the notification on.
    #[test]
    fn a_notified_wait_that_is_dropped_notifies_the_next() {
        static CONDITION: Condition = Condition::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            for resumed in [false, true] {
                let log = Log::default();
                let mut dropped = Box::pin(CONDITION.acquire().await.wait());
                assert!(matches!(dropped.as_mut().resume(&mut Context::detached()), Resume::Pending));
                let tasks = start(lp, &CONDITION, &["1", "2"], &log);
                turns(1).await;
                let guard = CONDITION.acquire().await;
                guard.notify(1);
                if resumed {
                    assert!(matches!(dropped.as_mut().resume(&mut Context::detached()), Resume::Pending));
                }
                drop(dropped);
                drop(guard);
                turns(3).await;
                assert_eq!(*log.borrow(), ["1"]);
                tasks[1].cancel();
                wait_all(&tasks).await;
                assert!(!CONDITION.locked());
            }
        }
        run(scenario);
    }

    #[test]
    fn misuse() {
        static CONDITION: Condition = Condition::new();
        assert_eq!(CONDITION.notify(1).unwrap_err().to_string(), "cannot notify on un-acquired lock");
        assert_eq!(CONDITION.notify_all().unwrap_err().to_string(), "cannot notify on un-acquired lock");
        assert_eq!(CONDITION.wait().unwrap_err().to_string(), "cannot wait on un-acquired lock");
        assert_eq!(CONDITION.release().unwrap_err().to_string(), "Lock is not acquired.");
        let guard = CONDITION.acquire_nowait().unwrap();
        assert!(CONDITION.acquire_nowait().is_none() && CONDITION.locked());
        // A wait that never began releases the lock, as the guard would have.
        drop(guard.wait());
        assert!(!CONDITION.locked());
        core::mem::forget(CONDITION.acquire_nowait());
        assert!(CONDITION.notify(1).is_ok() && CONDITION.wait().is_ok());
        assert_eq!(format!("{CONDITION:?}"), "<Condition unlocked>");
    }
}
