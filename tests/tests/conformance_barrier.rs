//! `Barrier` against asyncio's traces, and what CPython's `test_locks` pins down.
#![cfg(feature = "ours")]

use std::cell::RefCell;
use std::rc::Rc;

use segno::prelude::*;
use segno_tests::conformance::{conforms_everywhere, run, turn, wait_all};

#[test]
fn s27_rounds_cancel_reset_and_abort() {
    conforms_everywhere(include_str!("../traces/27.out"), segno_scenarios::s27_barrier::run);
}

/// What CPython's `test_locks` pins down.
mod rows {
    use super::*;

    type Log = Rc<RefCell<Vec<String>>>;

    /// Passes the barrier so many times.
    #[segno::coroutine]
    async fn party<const N: usize>(barrier: &'static Barrier<N>, name: &'static str, rounds: u32, log: Log) {
        for _ in 0..rounds {
            let line = match barrier.wait().catch_cancel().await {
                Ok(Ok(index)) => format!("{name}{index}"),
                Ok(Err(error)) => format!("{name} {error}"),
                Err(Cancelled) => format!("x{name}"),
            };
            log.borrow_mut().push(line);
        }
    }

    fn start<const N: usize>(
        lp: &'static EventLoop,
        barrier: &'static Barrier<N>,
        names: &[&'static str],
        rounds: u32,
        log: &Log,
    ) -> Vec<Task<()>> {
        names.iter().map(|name| lp.create_task(party(barrier, name, rounds, log.clone())).unwrap()).collect()
    }

    #[segno::coroutine]
    async fn turns(count: u32) {
        for _ in 0..count {
            sleep(0.millis()).await;
        }
    }

    #[test]
    fn c91_a_barrier_for_one_costs_no_turn() {
        static BARRIER: Barrier<1> = Barrier::new();
        #[segno::coroutine]
        async fn scenario(_: &'static EventLoop) {
            let before = turn();
            assert_eq!(BARRIER.wait().await, Ok(0));
            assert_eq!(BARRIER.wait().await, Ok(0));
            assert_eq!((turn() - before, BARRIER.n_waiting()), (0, 0));
        }
        run(scenario);
    }

    #[test]
    fn c91_filling_several_rounds() {
        static BARRIER: Barrier<2> = Barrier::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let log = Log::default();
            let tasks = start(lp, &BARRIER, &["a", "b"], 3, &log);
            wait_all(&tasks).await;
            // The last one of a round waits outside until the other one has gone, which comes again at once.
            assert_eq!(*log.borrow(), ["b1", "a0", "b1", "a0", "b1", "a0"]);
        }
        run(scenario);
    }

    #[test]
    fn c91_more_tasks_than_parties() {
        static BARRIER: Barrier<3> = Barrier::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let log = Log::default();
            let tasks = start(lp, &BARRIER, &["a", "b", "c", "d", "e"], 1, &log);
            turns(10).await;
            assert_eq!(*log.borrow(), ["c2", "a0", "b1"]);
            assert_eq!(BARRIER.n_waiting(), 2);
            assert_eq!(format!("{BARRIER:?}"), "<Barrier filling, waiters:2/3>");
            assert_eq!(BARRIER.wait().await, Ok(2));
            wait_all(&tasks[3..]).await;
            assert_eq!(log.borrow()[3..], ["d0", "e1"]);
        }
        run(scenario);
    }

    /// While those of one round go, the barrier lets nobody in.
    #[test]
    fn c91_draining() {
        static BARRIER: Barrier<2> = Barrier::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let log = Log::default();
            let tasks = start(lp, &BARRIER, &["a"], 1, &log);
            turns(1).await;
            assert_eq!(BARRIER.n_waiting(), 1);
            assert_eq!(BARRIER.wait().await, Ok(1));
            // The other one has not run yet.
            assert_eq!(BARRIER.n_waiting(), 0);
            assert_eq!(format!("{BARRIER:?}"), "<Barrier draining, waiters:0/2>");
            let next = start(lp, &BARRIER, &["b", "c"], 1, &log);
            wait_all(&next).await;
            assert_eq!(*log.borrow(), ["a0", "c1", "b0"]);
            drop(tasks);
        }
        run(scenario);
    }

    #[test]
    fn c91_one_is_cancelled_and_another_comes() {
        static BARRIER: Barrier<3> = Barrier::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let log = Log::default();
            let tasks = start(lp, &BARRIER, &["a", "b"], 1, &log);
            turns(1).await;
            tasks[0].cancel();
            turns(2).await;
            assert_eq!((BARRIER.n_waiting(), BARRIER.broken()), (1, false));
            let more = start(lp, &BARRIER, &["c", "d"], 1, &log);
            wait_all(&more).await;
            // A number is how many were there when one came: as in asyncio, after a cancellation two may have the same.
            assert_eq!(*log.borrow(), ["xa", "d2", "b1", "c1"]);
            drop(tasks);
        }
        run(scenario);
    }

    #[test]
    fn c91_reset() {
        static BARRIER: Barrier<3> = Barrier::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            BARRIER.reset().await;
            assert_eq!(BARRIER.n_waiting(), 0);
            let log = Log::default();
            let tasks = start(lp, &BARRIER, &["a", "b"], 1, &log);
            turns(1).await;
            BARRIER.reset().await;
            assert_eq!(format!("{BARRIER:?}"), "<Barrier resetting, waiters:0/3>");
            // It waits until those who were reset have gone, and counts afterwards.
            let next = start(lp, &BARRIER, &["c"], 1, &log);
            wait_all(&tasks).await;
            assert_eq!(*log.borrow(), ["a Abort or reset of barrier", "b Abort or reset of barrier"]);
            turns(2).await;
            assert_eq!((BARRIER.broken(), BARRIER.n_waiting()), (false, 1));
            next[0].cancel();
            wait_all(&next).await;
            assert_eq!(BARRIER.n_waiting(), 0);
        }
        run(scenario);
    }

    #[test]
    fn c91_abort() {
        static BARRIER: Barrier<3> = Barrier::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let log = Log::default();
            let tasks = start(lp, &BARRIER, &["a", "b"], 2, &log);
            turns(1).await;
            BARRIER.abort().await;
            wait_all(&tasks).await;
            assert_eq!(
                *log.borrow(),
                [
                    "a Abort or reset of barrier",
                    "a Barrier aborted",
                    "b Abort or reset of barrier",
                    "b Barrier aborted"
                ]
            );
            assert!(BARRIER.broken());
            assert_eq!(format!("{BARRIER:?}"), "<Barrier broken>");
            BARRIER.reset().await;
            assert!(!BARRIER.broken());
            log.borrow_mut().clear();
            wait_all(&start(lp, &BARRIER, &["a", "b", "c"], 1, &log)).await;
            assert_eq!(*log.borrow(), ["c2", "a0", "b1"]);
        }
        run(scenario);
    }

    /// Dropped with its loop, a party does not count any more.
    #[test]
    fn a_closed_loop_takes_its_parties_along() {
        static BARRIER: Barrier<2> = Barrier::new();
        #[segno::coroutine]
        async fn leaves_one_behind(lp: &'static EventLoop) {
            lp.create_task(party(&BARRIER, "a", 1, Log::default())).unwrap();
            turns(2).await;
            assert_eq!(BARRIER.n_waiting(), 1);
        }
        run(leaves_one_behind);
        assert_eq!(BARRIER.n_waiting(), 0);
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let log = Log::default();
            wait_all(&start(lp, &BARRIER, &["a", "b"], 1, &log)).await;
            assert_eq!(*log.borrow(), ["b1", "a0"]);
        }
        run(scenario);
    }
}

/// Reset, aborted or left while some wait, some go and some come again: `tests/traces/programs/barriers.py`.
mod changes {
    use segno_tests::conformance::{Repr, Reraise, catching, conforms, outcome};
    use segno_tests::logn;

    use super::*;

    #[segno::coroutine]
    async fn party<const N: usize>(barrier: &'static Barrier<N>, tag: &'static str, rounds: u32) {
        for _ in 0..rounds {
            match catching(barrier.wait()).await {
                Ok(Ok(index)) => logn!("{tag} passes {index} {} {}", barrier.n_waiting(), barrier.broken().repr()),
                Ok(Err(error)) => logn!("{tag} {error}"),
                Err(Cancelled) => {
                    logn!("{tag} cancelled");
                    Reraise.await;
                }
            }
        }
    }

    fn start<const N: usize>(
        lp: &'static EventLoop,
        barrier: &'static Barrier<N>,
        tags: &[&'static str],
        rounds: u32,
    ) -> Vec<Task<()>> {
        tags.iter().map(|tag| lp.create_task(party(barrier, tag, rounds)).unwrap()).collect()
    }

    fn new<const N: usize>() -> &'static Barrier<N> {
        Box::leak(Box::new(Barrier::new()))
    }

    fn show(tasks: &[Task<()>]) -> String {
        format!("[{}]", tasks.iter().map(|task| format!("'{}'", outcome(task))).collect::<Vec<_>>().join(", "))
    }

    fn say_state<const N: usize>(barrier: &Barrier<N>, before: &str) {
        logn!("{before} {} {}", barrier.n_waiting(), barrier.broken().repr());
    }

    #[segno::coroutine]
    async fn resets<const N: usize>(barrier: &'static Barrier<N>) {
        barrier.reset().await;
        say_state(barrier, "reset");
    }

    /// The one that passes first makes the others, which have not gone yet, fail.
    #[segno::coroutine]
    async fn breaks<const N: usize>(barrier: &'static Barrier<N>, abort: bool) {
        let index = barrier.wait().await.unwrap();
        logn!("breaks passes {index}");
        if abort {
            barrier.abort().await
        } else {
            barrier.reset().await
        }
        say_state(barrier, "broken");
    }

    #[segno::coroutine]
    async fn changed_while_they_go(lp: &'static EventLoop, abort: bool) {
        let name = if abort { "abort" } else { "reset" };
        logn!("--- {name} while some go, and some come again");
        let barrier = new::<3>();
        let mut tasks = start(lp, barrier, &["a", "b"], 2);
        tasks.push(lp.create_task(breaks(barrier, abort)).unwrap());
        tasks.extend(start(lp, barrier, &["d"], 1));
        sleep(1.millis()).await;
        say_state(barrier, &show(&tasks));
        logn!("--- {name} afterwards");
        resets(barrier).await;
        sleep(1.millis()).await;
        tasks.extend(start(lp, barrier, &["e", "f", "g"], 1));
        sleep(1.millis()).await;
        say_state(barrier, &show(&tasks));
        wait_all(&tasks).await;
        logn!("{}", barrier.n_waiting());
    }

    #[segno::coroutine]
    async fn cancelled(lp: &'static EventLoop) {
        let barrier = new::<2>();
        let mut tasks = start(lp, barrier, &["a", "b"], 1);
        tasks[0].cancel();
        turns(1).await;
        tasks.extend(start(lp, barrier, &["c"], 1));
        sleep(1.millis()).await;
        logn!("{} {}", show(&tasks), barrier.n_waiting());
        let tasks = start(lp, barrier, &["d", "e", "f", "g"], 1);
        for victim in [0, 2] {
            turns(1).await;
            let cancelled = tasks[victim].cancel();
            logn!("cancel {}", cancelled.repr());
        }
        sleep(1.millis()).await;
        logn!("{} {}", show(&tasks), barrier.n_waiting());
        barrier.abort().await;
        say_state(barrier, "abort");
        sleep(1.millis()).await;
        logn!("{} {}", show(&tasks), barrier.n_waiting());
    }

    #[segno::coroutine]
    async fn main(lp: &'static EventLoop) {
        logn!("--- reset of nobody");
        let barrier = new::<3>();
        resets(barrier).await;
        logn!("--- reset while some wait, who come again");
        let mut tasks = start(lp, barrier, &["a", "b"], 2);
        turns(1).await;
        resets(barrier).await;
        sleep(1.millis()).await;
        logn!("{}", barrier.n_waiting());
        tasks.extend(start(lp, barrier, &["c"], 1));
        wait_all(&tasks).await;
        logn!("{} {}", barrier.n_waiting(), barrier.broken().repr());
        changed_while_they_go(lp, false).await;
        changed_while_they_go(lp, true).await;
        logn!("--- one is cancelled when it waits, when it goes, and when it waits outside");
        cancelled(lp).await;
    }

    #[segno::coroutine]
    async fn turns(count: u32) {
        for _ in 0..count {
            sleep(0.millis()).await;
        }
    }

    #[test]
    fn c91_changed_while_they_come_and_go() {
        conforms(include_str!("../traces/programs/barriers.out"), || run(main));
    }
}
