//! `Semaphore` and `BoundedSemaphore`: what CPython's `test_locks` pins down.
#![cfg(feature = "ours")]

use core::mem::forget;
use std::cell::RefCell;
use std::rc::Rc;

use segno::prelude::*;
use segno_tests::conformance::{run, wait_all};

type Log = Rc<RefCell<Vec<String>>>;

#[segno::coroutine]
async fn next_turn() {
    sleep(0.millis()).await;
}

/// Takes a permit for good.
#[segno::coroutine]
async fn takes(semaphore: &'static Semaphore, name: &'static str, log: Log) {
    forget(semaphore.acquire().await);
    log.borrow_mut().push(name.into());
}

#[test]
fn c89_so_many_at_a_time() {
    static SEMAPHORE: Semaphore = Semaphore::new(3);
    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let log = Log::default();
        let tasks = ["1", "2", "3", "4", "5"].map(|name| lp.create_task(takes(&SEMAPHORE, name, log.clone())).unwrap());
        assert_eq!(format!("{SEMAPHORE:?}"), "<Semaphore unlocked, value:3>");
        next_turn().await;
        assert_eq!(*log.borrow(), ["1", "2", "3"]);
        assert!(SEMAPHORE.locked() && SEMAPHORE.acquire_nowait().is_none());
        assert_eq!(format!("{SEMAPHORE:?}"), "<Semaphore locked>");
        SEMAPHORE.release();
        SEMAPHORE.release();
        SEMAPHORE.release();
        // Two are handed over, one is free; but nobody gets it who comes before the two have run.
        assert!(SEMAPHORE.locked() && SEMAPHORE.acquire_nowait().is_none());
        wait_all(&tasks[3..]).await;
        assert_eq!(*log.borrow(), ["1", "2", "3", "4", "5"]);
        assert!(!SEMAPHORE.locked());
        assert!(SEMAPHORE.acquire_nowait().is_some());
        forget(SEMAPHORE.acquire_nowait());
        assert!(SEMAPHORE.locked());
    }
    run(scenario);
}

#[test]
fn c89_cancelled_before_awoken() {
    static SEMAPHORE: Semaphore = Semaphore::new(0);
    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let log = Log::default();
        let tasks = ["1", "2", "3", "4"].map(|name| lp.create_task(takes(&SEMAPHORE, name, log.clone())).unwrap());
        next_turn().await;
        tasks[0].cancel();
        tasks[1].cancel();
        SEMAPHORE.release();
        next_turn().await;
        assert_eq!(*log.borrow(), ["3"]);
        assert!(tasks[2].done() && !tasks[3].done());
        tasks[3].cancel();
        next_turn().await;
        SEMAPHORE.release();
        assert!(!SEMAPHORE.locked());
    }
    run(scenario);
}

/// A task that got its permit cancels the next one, which has been given one too: that one is free again.
#[test]
fn c89_acquire_hang() {
    static SEMAPHORE: Semaphore = Semaphore::new(0);
    #[segno::coroutine]
    async fn first(other: Rc<RefCell<Option<AnyTask>>>) {
        forget(SEMAPHORE.acquire().await);
        other.borrow().as_ref().unwrap().cancel();
    }
    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        for permits in [1, 2] {
            let other = Rc::new(RefCell::new(None));
            let log = Log::default();
            let t1 = lp.create_task(first(other.clone())).unwrap();
            let t2 = lp.create_task(takes(&SEMAPHORE, "2", log.clone())).unwrap();
            other.replace(Some(t2.as_any()));
            next_turn().await;
            for _ in 0..permits {
                SEMAPHORE.release();
            }
            next_turn().await;
            // Given a permit, it runs in the same turn; else it is cancelled in the next one.
            assert_eq!((t1.done(), t2.done()), (true, permits == 2));
            next_turn().await;
            assert!(t2.cancelled() && log.borrow().is_empty());
            assert_eq!(SEMAPHORE.locked(), permits == 1);
        }
    }
    run(scenario);
}

#[test]
fn c89_no_hang_with_guards() {
    static SEMAPHORE: Semaphore = Semaphore::new(1);
    #[segno::coroutine]
    async fn first(other: Rc<RefCell<Option<AnyTask>>>) {
        let _permit = SEMAPHORE.acquire().await;
        next_turn().await;
        other.borrow().as_ref().unwrap().cancel();
    }
    #[segno::coroutine]
    async fn second() {
        let _permit = SEMAPHORE.acquire().await;
        unreachable!("it is cancelled");
    }
    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let other = Rc::new(RefCell::new(None));
        let t1 = lp.create_task(first(other.clone())).unwrap();
        let t2 = lp.create_task(second()).unwrap();
        other.replace(Some(t2.as_any()));
        wait_all(&[t1, t2]).await;
        assert!(!SEMAPHORE.locked());
        let _permit = SEMAPHORE.acquire().await;
    }
    run(scenario);
}

#[test]
fn c89_fifo_order() {
    static SEMAPHORE: Semaphore = Semaphore::new(1);
    #[segno::coroutine]
    async fn twice(name: &'static str, log: Log) {
        for time in 1..=2 {
            let _permit = SEMAPHORE.acquire().await;
            log.borrow_mut().push(format!("{name}_{time}"));
            sleep(10.millis()).await;
        }
    }
    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let log = Log::default();
        wait_all(&["c1", "c2", "c3"].map(|name| lp.create_task(twice(name, log.clone())).unwrap())).await;
        assert_eq!(*log.borrow(), ["c1_1", "c2_1", "c3_1", "c1_2", "c2_2", "c3_2"]);
    }
    run(scenario);
}

#[test]
fn c89_fifo_order_2_who_releases_and_acquires_again_is_last() {
    static SEMAPHORE: Semaphore = Semaphore::new(1);
    #[segno::coroutine]
    async fn again(log: Log) {
        forget(SEMAPHORE.acquire().await);
        log.borrow_mut().push("2".into());
        SEMAPHORE.release();
        forget(SEMAPHORE.acquire().await);
        log.borrow_mut().push("4".into());
    }
    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let log = Log::default();
        let tasks = [
            lp.create_task(takes(&SEMAPHORE, "1", log.clone())).unwrap(),
            lp.create_task(again(log.clone())).unwrap(),
            lp.create_task(takes(&SEMAPHORE, "3", log.clone())).unwrap(),
        ];
        next_turn().await;
        SEMAPHORE.release();
        SEMAPHORE.release();
        wait_all(&tasks).await;
        assert_eq!(*log.borrow(), ["1", "2", "3", "4"]);
    }
    run(scenario);
}

#[test]
fn c89_fifo_order_3_a_cancelled_waiter_is_skipped() {
    static SEMAPHORE: Semaphore = Semaphore::new(0);
    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let log = Log::default();
        let tasks = ["1", "2"].map(|name| lp.create_task(takes(&SEMAPHORE, name, log.clone())).unwrap());
        next_turn().await;
        tasks[0].cancel();
        next_turn().await;
        SEMAPHORE.release();
        SEMAPHORE.release();
        wait_all(&tasks).await;
        assert_eq!(*log.borrow(), ["2"]);
        assert!(tasks[0].cancelled() && !SEMAPHORE.locked());
    }
    run(scenario);
}

/// Who gets a permit wakes as many as there are permits, who had to wait only because others did.
#[test]
fn c89_fifo_order_4_waking_several() {
    static SEMAPHORE: Semaphore = Semaphore::new(0);
    #[segno::coroutine]
    async fn logs(log: Log) {
        log.borrow_mut().push("4".into());
    }
    #[segno::coroutine]
    async fn first(lp: &'static EventLoop, log: Log) {
        forget(SEMAPHORE.acquire().await);
        // Runs after 3, not after 2.
        lp.create_task(logs(log.clone())).unwrap();
        log.borrow_mut().push("1".into());
    }
    #[segno::coroutine]
    async fn second(log: Log) {
        for _ in 0..3 {
            SEMAPHORE.release();
        }
        // 1 has not run yet.
        assert!(SEMAPHORE.locked());
        forget(SEMAPHORE.acquire().await);
        log.borrow_mut().push("2".into());
    }
    #[segno::coroutine]
    async fn third(log: Log) {
        assert!(SEMAPHORE.locked());
        forget(SEMAPHORE.acquire().await);
        log.borrow_mut().push("3".into());
    }
    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let log = Log::default();
        let tasks = [
            lp.create_task(first(lp, log.clone())).unwrap(),
            lp.create_task(second(log.clone())).unwrap(),
            lp.create_task(third(log.clone())).unwrap(),
        ];
        wait_all(&tasks).await;
        assert_eq!(*log.borrow(), ["1", "2", "3", "4"]);
    }
    run(scenario);
}

#[test]
fn c90_a_bounded_semaphore_has_a_bound() {
    static SEMAPHORE: BoundedSemaphore = BoundedSemaphore::new(2);
    #[segno::coroutine]
    async fn scenario(_: &'static EventLoop) {
        assert_eq!(SEMAPHORE.release().unwrap_err().to_string(), "BoundedSemaphore released too many times");
        let first = SEMAPHORE.acquire().await;
        let second = SEMAPHORE.acquire().await;
        assert!(SEMAPHORE.locked());
        drop(first);
        assert!(!SEMAPHORE.locked());
        SEMAPHORE.release().unwrap();
        assert!(SEMAPHORE.release().is_err());
        // Its permit has been released already.
        drop(second);
        assert_eq!(format!("{SEMAPHORE:?}"), "<BoundedSemaphore unlocked, value:2>");
    }
    run(scenario);
}
