//! Combinators against asyncio's traces: `gather`, `wait_for`, `timeout`, `shield`, and cancellation through tasks.
#![cfg(feature = "ours")]

use segno::Timeout;
use segno::combine::{TimeoutStateError, WithTimeout};
use segno::prelude::*;
use segno_tests::conformance::{Exception, Raised, Repr, Reraise, at, catching, conforms, now, outcome, run, turn};
use segno_tests::{log, logn};

type Outcome = Result<&'static str, Exception>;

mod nested_tasks {
    use super::*;

    #[segno::coroutine]
    async fn inner(mode: &'static str) -> Outcome {
        if sleep(50.millis()).catch_cancel().await.is_ok() {
            return Ok("inner result");
        }
        logn!("inner cancelled, mode {mode}");
        match mode {
            "swallow" => return Ok("swallowed"),
            "error" => return Err(Exception::Value("inner failed in cleanup")),
            "slow" => {
                sleep(8.millis()).await;
                logn!("inner cleanup finished");
            }
            _ => {}
        }
        Reraise.await;
        Ok("unreachable")
    }

    #[segno::coroutine]
    async fn outer(lp: &'static EventLoop, mode: &'static str) -> Outcome {
        let task = lp.create_task(inner(mode)).unwrap();
        match catching(task).await {
            Ok(Ok(result)) => {
                logn!("outer continues with {result}");
                Ok(result)
            }
            Ok(Err(error)) => {
                logn!("outer sees {}", error.raised());
                Err(error)
            }
            Err(Cancelled) => {
                logn!("outer sees CancelledError");
                Reraise.await;
                Ok("unreachable")
            }
        }
    }

    #[segno::coroutine]
    async fn survivor(lp: &'static EventLoop, inner: Task<Outcome>) -> &'static str {
        if catching(&inner).await.is_err() {
            logn!("outer: caught, own cancelling() = {}", lp.current_task().unwrap().cancelling());
        }
        "outer survived"
    }

    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        for mode in ["pass", "swallow", "error", "slow"] {
            let task = lp.create_task(outer(lp, mode)).unwrap();
            sleep(1.millis()).await;
            logn!("--- cancel outer, {mode}");
            task.cancel();
            wait(&[&task]).await;
            logn!("outer: {} cancelling {}", outcome(&task), task.cancelling());
        }
        logn!("--- cancel inner only");
        let inner_task = lp.create_task(inner("pass")).unwrap();
        let cancelled = inner_task.as_any();
        let task = lp.create_task(survivor(lp, inner_task)).unwrap();
        sleep(1.millis()).await;
        cancelled.cancel();
        let survived = task.await;
        logn!("outer: {survived}");
    }

    #[test]
    fn s14_a_cancellation_goes_through_tasks() {
        conforms(include_str!("../traces/14.out"), || run(scenario));
    }
}

mod gathering {
    use super::*;

    #[segno::coroutine]
    async fn job(tag: &'static str, delay: u64, fail: bool) -> Outcome {
        if sleep(delay.millis()).catch_cancel().await.is_err() {
            log!("{tag} cancelled");
            Reraise.await;
        }
        if fail {
            log!("{tag} raises");
            return Err(Exception::Value(tag));
        }
        log!("{tag} ends");
        Ok(tag)
    }

    fn names<const N: usize>(ends: [Result<Outcome, Cancelled>; N]) -> String {
        let names = ends.map(|end| match end {
            Ok(Ok(tag)) => tag.repr(),
            Ok(Err(error)) => format!("\"{}\"", error.raised()),
            // asyncio's has an empty message.
            Err(Cancelled) => "\"CancelledError('')\"".into(),
        });
        format!("[{}]", names.join(", "))
    }

    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let task = |tag, delay, fail| lp.create_task(job(tag, delay, fail)).unwrap();
        // Coroutines: no tasks are made of them.
        let all = try_gather!(job("c", 30, false), job("a", 10, false), job("b", 20, false)).await;
        let (c, a, b) = all.unwrap();
        log!("[{}, {}, {}]", c.repr(), a.repr(), b.repr());
        let empty: [Outcome; 0] = gather([(); 0].map(|()| job("never", 0, false))).await;
        log!("empty: {empty:?}");

        log!("--- exception, return_exceptions=False");
        let slow = task("slow", 40, false);
        let failed = try_gather!(&slow, task("bad1", 10, true), task("bad2", 20, true)).await;
        log!("gather raised {} slow is {}", failed.unwrap_err().raised(), outcome(&slow));
        slow.await.unwrap();

        log!("--- return_exceptions=True");
        let ends = gather([job("x", 5, false), job("y", 1, true)]).return_exceptions().await;
        log!("{}", names(ends));

        log!("--- a child is cancelled from outside");
        let child = task("child", 50, false);
        let sibling = task("sibling", 30, false);
        let cancelled = child.as_any();
        lp.call_later(10.millis(), move |_| assert!(cancelled.cancel())).unwrap();
        if catching(gather!(child, &sibling)).await.is_err() {
            let me = lp.current_task().unwrap();
            log!("gather raised CancelledError; sibling {} own cancelling() {}", outcome(&sibling), me.cancelling());
        }
        let ended = sibling.await.unwrap();
        log!("sibling {ended}");
        let child = task("child2", 50, false);
        let cancelled = child.as_any();
        lp.call_later(10.millis(), move |_| assert!(cancelled.cancel())).unwrap();
        let ends = gather([child, task("z", 20, false)]).return_exceptions().await;
        log!("{}", names(ends));

        log!("--- the same awaitable twice runs once");
        let dup = task("dup", 3, false);
        let (one, two) = gather!(&dup, &dup).await;
        log!("[{}, {}]", one.unwrap().repr(), two.unwrap().repr());
        log!("--- done before gather: 3.11 needs two more iterations, 3.12+ none");
        let before = turn();
        let (one, two) = gather!(&dup, &dup).await;
        log!("[{}, {}] turns {}", one.unwrap().repr(), two.unwrap().repr(), turn() - before);
    }

    #[test]
    fn s15_gather() {
        conforms(include_str!("../traces/15.out"), || run(scenario));
    }
}

mod waiting_for {
    use super::*;

    #[derive(Clone, Copy, PartialEq)]
    enum OnCancel {
        Pass,
        Value,
        Error,
    }

    #[segno::coroutine]
    async fn job(tag: &'static str, delay: u64, on_cancel: OnCancel, cleanup: u64) -> Result<String, Exception> {
        log!("{tag} start");
        if sleep(delay.millis()).catch_cancel().await.is_ok() {
            log!("{tag} ends");
            return Ok(tag.into());
        }
        log!("{tag} cancelled");
        if cleanup > 0 {
            sleep(cleanup.millis()).await;
            log!("{tag} cleanup done");
        }
        match on_cancel {
            OnCancel::Value => return Ok(format!("{tag}-late")),
            OnCancel::Error => return Err(Exception::Value(tag)),
            OnCancel::Pass => Reraise.await,
        };
        Ok("unreachable".into())
    }

    type Ended = Result<Result<Result<String, Exception>, TimedOut>, Cancelled>;

    /// Says what came of a `wait_for`.
    fn report(ended: Ended) {
        match ended {
            Ok(Ok(Ok(result))) => log!("result '{result}'"),
            Ok(Ok(Err(error))) => log!("{}", error.raised()),
            Ok(Err(TimedOut)) => log!("TimeoutError"),
            Err(Cancelled) => log!("CancelledError"),
        }
    }

    #[segno::coroutine]
    async fn caller() {
        report(wait_for(job("i", 50, OnCancel::Pass, 3), 40.millis()).catch_cancel().await);
    }

    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let simple = |tag, delay| job(tag, delay, OnCancel::Pass, 0);
        log!("--- in time");
        report(wait_for(simple("a", 5), 10.millis()).catch_cancel().await);
        log!("--- timeout");
        report(wait_for(simple("b", 50), 10.millis()).catch_cancel().await);
        log!("--- timeout, slow cleanup");
        report(wait_for(job("c", 50, OnCancel::Pass, 7), 10.millis()).catch_cancel().await);
        log!("--- timeout, inner returns a value instead");
        report(wait_for(job("d", 50, OnCancel::Value, 0), 10.millis()).catch_cancel().await);
        log!("--- timeout, inner raises in cleanup");
        report(wait_for(job("e", 50, OnCancel::Error, 0), 10.millis()).catch_cancel().await);
        log!("--- no timeout");
        let result = simple("f", 5).await.unwrap();
        log!("result '{result}'");
        log!("--- timeout 0: body never starts");
        report(wait_for(simple("g", 5), 0.millis()).catch_cancel().await);
        log!("--- timeout 0 on a finished future");
        let future = lp.create_future().unwrap();
        future.set_result(Ok("ready".to_string())).unwrap();
        report(wait_for(future, 0.millis()).catch_cancel().await);
        log!("--- plain future: it is cancelled");
        let future: Future<Result<String, Exception>> = lp.create_future().unwrap();
        report(wait_for(&future, 10.millis()).catch_cancel().await);
        log!("future {}", if future.cancelled() { "cancelled" } else { "left alone" });
        log!("--- shielded: survives the timeout");
        let task = lp.create_task(simple("h", 15)).unwrap();
        report(wait_for(shield(&task), 10.millis()).catch_cancel().await);
        let later = task.await.unwrap();
        log!("h later: {later}");
        log!("--- the caller is cancelled");
        let caller = lp.create_task(caller()).unwrap();
        sleep(5.millis()).await;
        caller.cancel();
        caller.await;
        log!("--- completion and timeout at the same tick (completion scheduled first)");
        let task = lp.create_task(simple("j", 10)).unwrap();
        sleep(0.millis()).await;
        report(wait_for(task, 10.millis()).catch_cancel().await);
    }

    #[test]
    fn s18_wait_for() {
        conforms(include_str!("../traces/18.out"), || run(scenario));
    }
}

mod timeouts {
    use super::*;

    #[segno::coroutine]
    async fn sleep_loudly() {
        if sleep(50.millis()).catch_cancel().await.is_err() {
            log!("inside the block it is CancelledError");
            Reraise.await;
        }
    }

    #[segno::coroutine]
    async fn reschedules(lp: &'static EventLoop, limit: &Timeout) {
        sleep(20.millis()).await;
        limit.reschedule(Some(lp.time() + 10.millis())).unwrap();
        log!("rescheduled to {}", tick(limit.when()));
        sleep(5.millis()).await;
        limit.reschedule(Some(lp.time() + 10.millis())).unwrap();
        sleep(9.millis()).await;
    }

    fn tick(when: Option<Instant>) -> u64 {
        (when.unwrap() - at(0)).as_millis()
    }

    #[segno::coroutine]
    async fn no_await() {}

    fn past<C: IntoCoroutine>(awaited: C) -> WithTimeout<C::Coroutine> {
        timeout_at(at(-1), awaited)
    }

    #[segno::coroutine]
    async fn inner_then_sleep() {
        if timeout(10.millis(), sleep(100.millis())).await.is_err() {
            log!("inner timed out, outer still armed");
        }
        sleep(100.millis()).await;
    }

    #[segno::coroutine]
    async fn inside(inner: &Timeout) {
        if inner.scope(sleep(100.millis())).unwrap().await.is_err() {
            log!("wrong: inner converted");
        }
    }

    #[segno::coroutine]
    async fn raises() -> Result<(), Exception> {
        Err(Exception::Key("k"))
    }

    fn refused<T>(tag: &str, result: Result<T, TimeoutStateError>) {
        log!("{tag} -> RuntimeError('{}')", result.err().expect("it is refused"));
    }

    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let limit = Timeout::after(10.millis());
        limit.scope(sleep(5.millis())).unwrap().await.unwrap();
        log!("in time: expired {} when {}", limit.expired().repr(), tick(limit.when()));

        let limit = Timeout::after(10.millis());
        if limit.scope(sleep_loudly()).unwrap().await == Err(TimedOut) {
            let me = lp.current_task().unwrap();
            // The cause of the error is the cancellation, which there is no object of.
            log!(
                "outside it is TimeoutError, cause CancelledError expired {} cancelling {}",
                limit.expired().repr(),
                me.cancelling()
            );
        }

        let limit = Timeout::never();
        limit.scope(reschedules(lp, &limit)).unwrap().await.unwrap();
        log!("survived thanks to reschedule");

        if past(no_await()).await.is_ok() {
            log!("past deadline, no await -> no timeout");
        }
        if past(sleep(0.millis())).await.is_err() {
            log!("past deadline, sleep(0) -> TimeoutError");
        }

        if timeout(30.millis(), inner_then_sleep()).await.is_err() {
            log!("outer timed out");
        }

        let outer = Timeout::after(10.millis());
        let inner = Timeout::after(30.millis());
        if outer.scope(inside(&inner)).unwrap().await.is_err() {
            log!("outer fired: outer.expired {} inner.expired {}", outer.expired().repr(), inner.expired().repr());
        }

        if let Ok(Err(error)) = timeout(10.millis(), raises()).await {
            log!("foreign {}", error.raised());
        }

        let limit = Timeout::after(5.millis());
        refused("reschedule before enter", limit.reschedule(Some(at(1))));
        limit.scope(no_await()).unwrap().await.unwrap();
        refused("reschedule after exit", limit.reschedule(Some(at(1))));
        refused("enter twice", limit.scope(no_await()));

        if timeout_at(lp.time() + 3.millis(), sleep(4.millis())).await.is_err() {
            log!("timeout_at fired");
        }
        assert_eq!(now(), 92);
    }

    #[test]
    fn s19_timeout() {
        conforms(include_str!("../traces/19.out"), || run(scenario));
    }
}

mod shielding {
    use super::*;

    #[segno::coroutine]
    async fn job(delay: u64, fail: bool) -> Outcome {
        if sleep(delay.millis()).catch_cancel().await.is_err() {
            log!("inner cancelled");
            Reraise.await;
        }
        if fail {
            return Err(Exception::Value("inner failed"));
        }
        log!("inner ends");
        Ok("inner value")
    }

    #[segno::coroutine]
    async fn user(task: std::rc::Rc<Task<Outcome>>) -> Outcome {
        match catching(shield(&*task)).await {
            Ok(outcome) => outcome,
            Err(Cancelled) => {
                log!("user sees CancelledError; inner {}", outcome(&*task));
                Reraise.await;
                Ok("unreachable")
            }
        }
    }

    #[segno::coroutine]
    async fn patient(task: Task<Outcome>) -> Outcome {
        match catching(shield(&task)).await {
            Ok(outcome) => outcome,
            Err(Cancelled) => {
                log!("patient: finishing the critical part first");
                task.await.unwrap();
                Reraise.await;
                Ok("unreachable")
            }
        }
    }

    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let task = std::rc::Rc::new(lp.create_task(job(20, false)).unwrap());
        let waiting = lp.create_task(user(task.clone())).unwrap();
        sleep(5.millis()).await;
        waiting.cancel();
        wait(&[&waiting]).await;
        log!("user {} inner {}", outcome(&waiting), outcome(&*task));
        let result = (&*task).await.unwrap();
        log!("inner result {result}");

        log!("--- inner cancelled");
        let task = std::rc::Rc::new(lp.create_task(job(20, false)).unwrap());
        let waiting = lp.create_task(user(task.clone())).unwrap();
        sleep(5.millis()).await;
        task.cancel();
        wait(&[&waiting]).await;
        log!("user {} its cancelling() {}", outcome(&waiting), waiting.cancelling());

        log!("--- inner raises");
        let task = lp.create_task(job(3, true)).unwrap();
        if let Err(error) = shield(&task).await {
            log!("shield raised {}", error.raised());
        }

        log!("--- shield of a done task is that task");
        let task = lp.create_task(job(1, false)).unwrap();
        (&task).await.unwrap();
        let before = turn();
        shield(&task).await.unwrap();
        // asyncio hands the task itself back; here it costs no turn either.
        log!("{}", (turn() == before).repr());

        log!("--- wait for the shielded work to end after the cancel, then give up");
        let task = lp.create_task(job(10, false)).unwrap();
        let waiting = lp.create_task(patient(task)).unwrap();
        sleep(2.millis()).await;
        waiting.cancel();
        wait(&[&waiting]).await;
        log!("patient {}", outcome(&waiting));
    }

    #[test]
    fn s21_shield() {
        conforms(include_str!("../traces/21.out"), || run(scenario));
    }
}
