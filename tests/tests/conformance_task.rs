//! Tasks against asyncio's traces: when they start, and what cancels them.
#![cfg(feature = "ours")]

use std::cell::RefCell;
use std::rc::Rc;

use segno::prelude::*;
use segno_tests::conformance::{
    Exception, Raised, Repr, Reraise, at, catching, conforms, new_loop, now, outcome, run, turn,
};
use segno_tests::{log, logn};

mod start {
    use super::*;

    #[segno::coroutine]
    async fn child(tag: &'static str, result: &'static str) -> &'static str {
        logn!("{tag} start");
        sleep(0.millis()).await;
        logn!("{tag} after sleep(0)");
        result
    }

    #[segno::coroutine]
    async fn plain() -> i32 {
        logn!("plain body (awaited coroutine runs inline)");
        5
    }

    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        logn!("main start");
        let a = lp.create_task(child("a", "A")).unwrap();
        let b = lp.create_task(child("b", "B")).unwrap();
        logn!("main created a,b; nothing has run: {} {}", outcome(&a), outcome(&b));
        let five = plain().await;
        logn!("await plain() -> {five}");
        logn!("main sleep(0)");
        sleep(0.millis()).await;
        logn!("main again");
        let output = (&a).await;
        logn!("await a -> {output}");
        let before = turn();
        let output = b.await;
        logn!("await b -> {output} turns spent: {}", turn() - before);
        let output = (&a).await;
        logn!("await a again -> {output}");
        let future = lp.create_future().unwrap();
        future.set_result("ready").unwrap();
        let before = turn();
        let result = (&future).await;
        logn!("await done future -> {result} turns spent: {}", turn() - before);
        let before = turn();
        sleep_until(lp.time() - 3.millis()).await;
        logn!("sleep(-3) costs turns: {}", turn() - before);
    }

    #[test]
    fn s09_a_task_starts_in_the_next_turn_and_what_is_done_costs_none() {
        conforms(include_str!("../traces/09.out"), || run(scenario));
    }
}

mod cancel_states {
    use super::*;

    /// Waits for the future or, if there is none, sleeps; says how that ended.
    #[segno::coroutine]
    async fn body(tag: &'static str, future: Option<Future<&'static str>>, delay: Duration) -> &'static str {
        logn!("{tag} start");
        let waited = match future {
            Some(future) => catching(future).await.map(drop),
            None => sleep(delay).catch_cancel().await,
        };
        if let Err(cancelled) = waited {
            logn!("{tag} got {}", cancelled.raised());
            Reraise.await;
        }
        logn!("{tag} finished normally");
        tag
    }

    #[segno::coroutine]
    async fn selfish(lp: &'static EventLoop) {
        lp.current_task().unwrap().cancel();
        logn!("5 still running after cancel()");
        if sleep(5.millis()).catch_cancel().await.is_err() {
            logn!("5 cancelled at its next await");
            Reraise.await;
        }
    }

    #[segno::coroutine]
    async fn last_words(lp: &'static EventLoop) -> &'static str {
        lp.current_task().unwrap().cancel();
        "lost"
    }

    #[segno::coroutine]
    async fn no_yield(lp: &'static EventLoop) {
        lp.current_task().unwrap().cancel();
        let future = lp.create_future().unwrap();
        future.set_result(0).unwrap();
        (&future).await;
        logn!("8 passed an await that did not suspend");
        sleep(0.millis()).await;
        logn!("8 unreachable");
    }

    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let next_turn = || sleep(0.millis());

        // 1. before the first step
        let task = lp.create_task(body("1", None, 10.millis())).unwrap();
        let cancelled = task.cancel();
        logn!("cancel -> {} done: {} cancelled: {}", cancelled.repr(), task.done().repr(), task.cancelled().repr());
        next_turn().await;
        logn!("1: {}", outcome(&task));

        // 2. waiting for a future
        let future = lp.create_future().unwrap();
        let task = lp.create_task(body("2", Some(future.clone()), 0.millis())).unwrap();
        next_turn().await;
        let cancelled = task.cancel();
        logn!("cancel -> {} future now: {} task: {}", cancelled.repr(), outcome(&future), outcome(&task));
        next_turn().await;
        next_turn().await;
        logn!("2: {}", outcome(&task));

        // 3. sleeping
        let task = lp.create_task(body("3", None, 1000.millis())).unwrap();
        next_turn().await;
        task.cancel();
        let error = catching(&task).await.unwrap_err();
        logn!("3: awaiting it raises {}", error.raised());

        // 4. runnable: what it waited for is there, but it has not been resumed
        let future = lp.create_future().unwrap();
        let task = lp.create_task(body("4", Some(future.clone()), 0.millis())).unwrap();
        next_turn().await;
        future.set_result("value that will be lost").unwrap();
        let cancelled = task.cancel();
        logn!("cancel runnable -> {} future: {}", cancelled.repr(), outcome(&future));
        next_turn().await;
        logn!("4: {}", outcome(&task));

        // 5. itself
        let task = lp.create_task(selfish(lp)).unwrap();
        wait(&[&task]).await;
        logn!("5: {}", outcome(&task));

        // 6. itself, and then it returns
        let task = lp.create_task(last_words(lp)).unwrap();
        wait(&[&task]).await;
        logn!("6: {}", outcome(&task));

        // 7. done
        let task = lp.create_task(body("7", None, 1.millis())).unwrap();
        (&task).await;
        let cancelled = task.cancel();
        logn!("cancel done -> {} {}", cancelled.repr(), outcome(&task));

        // 8. itself, and then it awaits what is done
        let task = lp.create_task(no_yield(lp)).unwrap();
        wait(&[&task]).await;
        logn!("8: {}", outcome(&task));
    }

    #[test]
    fn s11_cancel_in_every_state() {
        // How many timers are left cannot be asked; the next test shows that there is none.
        let compared = include_str!("../traces/11.out").replace(" timers left: 0", "");
        conforms(&compared, || run(scenario));
    }

    #[test]
    fn a_cancel_at_the_tick_of_the_timer_is_a_cancel() {
        for cancel_is_set_first in [true, false] {
            let lp = new_loop();
            let victim = lp.create_task(sleep(10.millis())).unwrap();
            let victim_of_callback = victim.as_any();
            let cancel = move |_: &EventLoop| assert!(victim_of_callback.cancel());
            if cancel_is_set_first {
                lp.call_at(at(10), cancel).unwrap();
            } else {
                // Runs when the victim sleeps.
                lp.call_soon(move |lp| drop(lp.call_at(at(10), cancel).unwrap())).unwrap();
            }
            assert_eq!(lp.run_until_complete(&victim), Err(RunError::Cancelled));
            assert_eq!(now(), 10);
            lp.close().unwrap();
        }
    }

    #[test]
    #[should_panic(expected = "no timer is set")]
    fn a_cancelled_sleep_leaves_no_timer() {
        let lp = new_loop();
        let task = lp.create_task(sleep(1000.millis())).unwrap();
        lp.call_soon(move |_| assert!(task.cancel())).unwrap();
        lp.run_forever().unwrap();
    }
}

mod cancel_suppressed {
    use super::*;

    #[segno::coroutine]
    async fn stubborn(lp: &'static EventLoop) -> &'static str {
        let me = lp.current_task().unwrap();
        if let Err(cancelled) = sleep(100.millis()).catch_cancel().await {
            log!("caught {} cancelling {}", cancelled.raised(), me.cancelling());
        }
        sleep(5.millis()).await;
        log!("still alive after suppressing");
        if let Err(cancelled) = sleep(100.millis()).catch_cancel().await {
            log!("caught {} cancelling {}", cancelled.raised(), me.cancelling());
            let (first, second, third) = (me.uncancel(), me.uncancel(), me.uncancel());
            log!("uncancel -> {first} {second} {third}");
        }
        "done"
    }

    /// Python's `try: … finally: …`.
    #[segno::coroutine]
    async fn cleanup() {
        let ended = sleep(100.millis()).catch_cancel().await;
        log!("cleanup begins");
        sleep(7.millis()).await;
        log!("cleanup ends");
        if ended.is_err() {
            Reraise.await;
        }
    }

    #[segno::coroutine]
    async fn replaces() -> Result<(), Exception> {
        sleep(100.millis()).catch_cancel().await.map_err(|Cancelled| Exception::Value("instead"))
    }

    #[segno::coroutine]
    async fn counter(seen: Rc<RefCell<Vec<String>>>) -> &'static str {
        if let Err(cancelled) = sleep(100.millis()).catch_cancel().await {
            seen.borrow_mut().push(format!("\"{}\"", cancelled.raised()));
        }
        sleep(1.millis()).await;
        "survived"
    }

    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let task = lp.create_task(stubborn(lp)).unwrap();
        sleep(1.millis()).await;
        log!("cancel {}", task.cancel().repr());
        sleep(10.millis()).await;
        log!("cancel {} state {}", task.cancel().repr(), outcome(&task));
        let result = (&task).await;
        log!("result {result} cancelled {} cancelling {}", task.cancelled().repr(), task.cancelling());

        let task = lp.create_task(cleanup()).unwrap();
        sleep(1.millis()).await;
        task.cancel();
        wait(&[&task]).await;
        log!("cleanup task {}", outcome(&task));

        let task = lp.create_task(cleanup()).unwrap();
        sleep(1.millis()).await;
        task.cancel();
        sleep(2.millis()).await;
        log!("cancel again during cleanup");
        task.cancel();
        wait(&[&task]).await;
        log!("cleanup task {}", outcome(&task));

        let task = lp.create_task(replaces()).unwrap();
        sleep(1.millis()).await;
        task.cancel();
        wait(&[&task]).await;
        log!("replaces {}", outcome(&task));

        // Several requests before the task runs are one cancellation.
        let seen = Rc::new(RefCell::new(Vec::new()));
        let task = lp.create_task(counter(seen.clone())).unwrap();
        sleep(0.millis()).await;
        for _ in 0..3 {
            task.cancel();
        }
        wait(&[&task]).await;
        log!("three cancels: [{}] {} cancelling {}", seen.borrow().join(", "), outcome(&task), task.cancelling());
    }

    #[test]
    fn s12_a_cancellation_can_be_caught_and_counted() {
        conforms(include_str!("../traces/12.out"), || run(scenario));
    }
}
