//! Programs of our own, beside those of the traces with numbers, on CPython and here: `tests/traces/programs`. What happens when
//! two things happen at once.
#![cfg(feature = "ours")]

use std::cell::RefCell;
use std::rc::Rc;

use segno::prelude::*;
use segno::{TimerHandle, gather, try_gather};
use segno_tests::conformance::{
    Exception, Raised, Repr, Reraise, at, catching, conforms, new_loop, new_loop_of, now, outcome, run, turn,
};
use segno_tests::{logn, say};

fn current(lp: &'static EventLoop) -> AnyTask {
    lp.current_task().expect("a task runs")
}

mod timer_handles {
    use super::*;

    fn hit(tag: &'static str) -> impl FnOnce(&'static EventLoop) {
        move |_| logn!("run {tag}")
    }

    fn when(handle: &TimerHandle) -> u64 {
        handle.when().as_ticks() / 1000 - 1000
    }

    #[test]
    fn handles_of_timers_before_and_after_they_fire() {
        conforms(include_str!("../traces/programs/timer_handles.out"), || {
            let lp = new_loop_of(64 * 1024);
            let a = lp.call_later(10.millis(), hit("a")).unwrap();
            let b = lp.call_later(20.millis(), hit("b")).unwrap();
            say!("when {} {}", when(&a), when(&b));
            b.cancel();
            say!("cancelled {} {} when {}", a.cancelled().repr(), b.cancelled().repr(), when(&b));
            b.cancel();
            let second = Rc::new(RefCell::new(None::<TimerHandle>));
            let soon = Rc::new(RefCell::new(None::<Handle>));
            let (cancelled, queued) = (second.clone(), soon.clone());
            lp.call_at(at(15), move |_| {
                logn!("run first, cancels second and the soon one");
                cancelled.borrow().as_ref().unwrap().cancel();
                queued.borrow().as_ref().unwrap().cancel();
            })
            .unwrap();
            second.replace(Some(lp.call_at(at(15), hit("second")).unwrap()));
            lp.call_at(at(14), move |lp| {
                logn!("run queue");
                soon.replace(Some(lp.call_soon(hit("soon")).unwrap()));
                lp.call_at(at(14), hit("at once")).unwrap();
            })
            .unwrap();
            lp.call_at(at(15), hit("third")).unwrap();
            lp.call_at(at(30), move |_| {
                logn!("run late, a.cancel() after it ran: {}", a.cancelled().repr());
                a.cancel();
                logn!("cancelled {} when {}", a.cancelled().repr(), when(&a));
            })
            .unwrap();
            lp.call_at(at(31), |lp| lp.stop()).unwrap();
            lp.run_forever().unwrap();
            let tags: [&'static str; 200] = std::array::from_fn(|i| &*Box::leak(i.to_string().into_boxed_str()));
            let many: Vec<TimerHandle> =
                tags.iter().enumerate().map(|(i, tag)| lp.call_at(at(100 + i as i64), hit(tag)).unwrap()).collect();
            many[..199].iter().for_each(TimerHandle::cancel);
            lp.call_at(at(300), |lp| lp.stop()).unwrap();
            lp.run_forever().unwrap();
            logn!("end");
            lp.close().unwrap();
        });
    }

    fn compare(names: &str, a: &TimerHandle, b: &TimerHandle) {
        let [less, at_most, equal] = [(a < b).repr(), (a <= b).repr(), (a == b).repr()];
        let [unequal, more, at_least] = [(a != b).repr(), (a > b).repr(), (a >= b).repr()];
        say!("{names} < {less} <= {at_most} == {equal} != {unequal} > {more} >= {at_least}");
    }

    fn both(names: &str, a: &TimerHandle, b: &TimerHandle) {
        compare(names, a, b);
        compare(&names.chars().rev().collect::<String>(), b, a);
    }

    #[test]
    fn handles_of_timers_are_compared_by_when() {
        conforms(include_str!("../traces/programs/timer_order.out"), || {
            let lp = new_loop();
            let a = lp.call_later(10.millis(), hit("never")).unwrap();
            let [b, c] = [20, 10].map(|when| lp.call_at(at(when), hit("never")).unwrap());
            both("aa", &a, &a);
            both("ab", &a, &b);
            both("ac", &a, &c);
            let earlier = if a < b { &a } else { &b };
            let later = if a > b { &a } else { &b };
            say!("min {} max {}", (*earlier == a).repr(), (*later == b).repr());
            a.cancel();
            both("aa", &a, &a);
            both("ab", &a, &b);
            both("ac", &a, &c);
            [&b, &c].into_iter().for_each(TimerHandle::cancel);
            both("bc", &b, &c);
            lp.close().unwrap();
        });
    }
}

mod wakeups {
    use super::*;

    #[segno::coroutine]
    async fn value(v: i32) -> i32 {
        v
    }

    #[segno::coroutine]
    async fn deep_2(n: i32) -> i32 {
        value(value(n).await).await
    }

    /// A task that awaits a task that awaits a task; boxed, for its type knows no end.
    struct Chain(std::pin::Pin<Box<dyn Coroutine<Output = i32>>>);

    impl Coroutine for Chain {
        type Output = i32;
        fn resume(mut self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<i32> {
            self.0.as_mut().resume(cx)
        }
    }

    #[segno::coroutine]
    async fn link(lp: &'static EventLoop, n: i32) -> i32 {
        if n == 0 {
            sleep(0.millis()).await;
            return 0;
        }
        1 + lp.create_task(chain(lp, n - 1)).unwrap().await
    }

    fn chain(lp: &'static EventLoop, n: i32) -> Chain {
        Chain(Box::pin(link(lp, n)))
    }

    #[segno::coroutine]
    async fn waits(tag: &'static str, future: Future<i32>) {
        let got = future.await;
        logn!("{tag} got {got}");
    }

    #[segno::coroutine]
    async fn main(lp: &'static EventLoop) {
        let n = turn();
        value(1).await;
        deep_2(2).await;
        logn!("plain coroutines cost {}", turn() - n);
        let future: Future<i32> = lp.create_future().unwrap();
        let a = lp.create_task(waits("a", future.clone())).unwrap();
        let b = lp.create_task(waits("b", future.clone())).unwrap();
        let c = lp.create_task(waits("c", future.clone())).unwrap();
        sleep(0.millis()).await;
        let n = turn();
        future.set_result(7).unwrap();
        logn!("set");
        gather([a, b, c]).await;
        logn!("three waiters cost {}", turn() - n);
        let n = turn();
        (&future).await;
        logn!("a done future costs {}", turn() - n);
        for length in [0, 1, 2, 5] {
            let n = turn();
            chain(lp, length).await;
            logn!("chain of {length} costs {}", turn() - n);
        }
        let n = turn();
        for _ in 0..3 {
            sleep(0.millis()).await;
        }
        logn!("three sleep(0) cost {}", turn() - n);
        let done = lp.create_task(value(3)).unwrap();
        let n = turn();
        (&done).await;
        logn!("a new task costs {}", turn() - n);
        let n = turn();
        (&done).await;
        logn!("again {}", turn() - n);
    }

    #[test]
    fn what_it_costs_to_wait() {
        conforms(include_str!("../traces/programs/wakeups.out"), || run(main));
    }
}

type Value = Result<i32, Exception>;

mod cancel_races {
    use super::*;

    #[segno::coroutine]
    async fn waits(lp: &'static EventLoop, tag: &'static str, future: Future<Value>) -> Option<&'static str> {
        match catching(future).await {
            Ok(Ok(value)) => {
                logn!("{tag} got {value}");
                Some(tag)
            }
            Ok(Err(error)) => {
                logn!("{tag} error {}", error.raised());
                None
            }
            Err(Cancelled) => {
                logn!("{tag} cancelled, cancelling {}", current(lp).cancelling());
                Reraise.await;
                None
            }
        }
    }

    #[segno::coroutine]
    async fn sleeps(lp: &'static EventLoop, tag: &'static str) {
        if catching(sleep(5.millis())).await.is_err() {
            logn!("{tag} cancelled, cancelling {}", current(lp).cancelling());
            Reraise.await;
        }
        logn!("{tag} got None");
    }

    type Others = Rc<RefCell<Vec<Task<()>>>>;

    #[segno::coroutine]
    async fn other(i: usize, tasks: Others) {
        if catching(cancels(i, tasks)).await.is_err() {
            logn!("other {i} is cancelled");
            Reraise.await;
        }
    }

    #[segno::coroutine]
    async fn cancels(i: usize, tasks: Others) {
        sleep(1.millis()).await;
        logn!("other {i} cancels: {}", tasks.borrow()[1 - i].cancel().repr());
        sleep(1.millis()).await;
    }

    fn cancel_at(lp: &'static EventLoop, tick: u64, task: Rc<RefCell<Option<AnyTask>>>) {
        lp.call_at(at(tick as i64), move |_| {
            let cancelled = task.borrow().as_ref().unwrap().cancel();
            logn!("cancel {}", cancelled.repr());
        })
        .unwrap();
    }

    #[segno::coroutine]
    async fn main(lp: &'static EventLoop) {
        logn!("--- result ready, then cancel: the result is lost");
        let future: Future<Value> = lp.create_future().unwrap();
        let task = lp.create_task(waits(lp, "r", future.clone())).unwrap();
        sleep(0.millis()).await;
        future.set_result(Ok(1)).unwrap();
        logn!("{}", task.cancel().repr());
        wait(&[&task]).await;
        logn!("{} {}", ended(&task), outcome(&future));
        logn!("--- error ready, then cancel: the error is lost");
        let future: Future<Value> = lp.create_future().unwrap();
        let task = lp.create_task(waits(lp, "e", future.clone())).unwrap();
        sleep(0.millis()).await;
        future.set_exception(Exception::Value("lost")).unwrap();
        logn!("{}", task.cancel().repr());
        wait(&[&task]).await;
        logn!("{}", ended(&task));
        future.exception().unwrap();
        logn!("--- cancel, then result: refused");
        let future: Future<Value> = lp.create_future().unwrap();
        let task = lp.create_task(waits(lp, "c", future.clone())).unwrap();
        sleep(0.millis()).await;
        logn!("{} future {}", task.cancel().repr(), outcome(&future));
        if future.set_result(Ok::<i32, Exception>(2)).is_err() {
            logn!("InvalidStateError");
        }
        wait(&[&task]).await;
        logn!("--- one waiting task cancelled: all who wait for the future are");
        let future: Future<Value> = lp.create_future().unwrap();
        let x = lp.create_task(waits(lp, "x", future.clone())).unwrap();
        let y = lp.create_task(waits(lp, "y", future.clone())).unwrap();
        sleep(0.millis()).await;
        x.cancel();
        wait(&[&x, &y]).await;
        logn!("{} {} {} {}", ended(&x), ended(&y), x.cancelling(), y.cancelling());
        logn!("--- timer and cancel at the same tick, both ways");
        let cancelled = Rc::new(RefCell::new(None));
        let task = lp.create_task(sleeps(lp, "s")).unwrap();
        cancelled.replace(Some(task.as_any()));
        cancel_at(lp, now() + 5, cancelled.clone());
        wait(&[&task]).await;
        logn!("{}", outcome(&task));
        cancel_at(lp, now() + 5, cancelled.clone());
        let task = lp.create_task(sleeps(lp, "t")).unwrap();
        cancelled.replace(Some(task.as_any()));
        wait(&[&task]).await;
        logn!("{}", outcome(&task));
        logn!("--- two tasks cancel each other");
        let tasks = Others::default();
        let one = lp.create_task(other(0, tasks.clone())).unwrap();
        let two = lp.create_task(other(1, tasks.clone())).unwrap();
        let (first, second) = (one.as_any(), two.as_any());
        tasks.borrow_mut().extend([one, two]);
        wait(&[first, second]).await;
        let ends = show(&tasks.borrow());
        logn!("{ends}");
    }

    fn show(tasks: &[Task<()>]) -> String {
        format!("[{}]", tasks.iter().map(|task| format!("'{}'", outcome(task))).collect::<Vec<_>>().join(", "))
    }

    fn ended(task: &Task<Option<&'static str>>) -> &'static str {
        if task.cancelled() { "cancelled" } else { "ended" }
    }

    #[test]
    fn a_request_that_meets_what_is_ready() {
        conforms(include_str!("../traces/programs/cancel_races.out"), || run(main));
    }
}

type Outcome = Result<&'static str, Exception>;

mod gather_cancel {
    use super::*;

    #[segno::coroutine]
    async fn child(tag: &'static str, delay: u64, cleanup: u64, fail: bool) -> Outcome {
        if catching(sleep(delay.millis())).await.is_err() {
            logn!("{tag} cancelled");
            if cleanup > 0 {
                sleep(cleanup.millis()).await;
                logn!("{tag} cleaned up");
            }
            Reraise.await;
        }
        logn!("{tag} ends");
        if fail { Err(Exception::Value(tag)) } else { Ok(tag) }
    }

    type Children<const N: usize> = Rc<[Task<Outcome>; N]>;

    #[segno::coroutine]
    async fn all<const N: usize>(children: Children<N>) -> Result<String, Exception> {
        let values = try_gather(children.each_ref()).await?;
        Ok(format!("{values:?}"))
    }

    #[segno::coroutine]
    async fn ends<const N: usize>(children: Children<N>) -> Result<String, Exception> {
        let ends = gather(children.each_ref()).return_exceptions().await;
        Ok(format!("{ends:?}"))
    }

    #[segno::coroutine]
    async fn gathers<const N: usize>(tag: &'static str, children: Children<N>, exceptions: bool) {
        let result = if exceptions { catching(ends(children)).await } else { catching(all(children)).await };
        match result {
            Ok(Ok(result)) => logn!("{tag} result {result}"),
            Ok(Err(error)) => logn!("{tag} error {}", text(error)),
            Err(Cancelled) => {
                logn!("{tag} cancelled");
                Reraise.await;
            }
        }
    }

    fn text(error: Exception) -> &'static str {
        match error {
            Exception::Value(text) => text,
            _ => "?",
        }
    }

    fn show<const N: usize>(children: &Children<N>) -> String {
        let quote = |text: String| if text.contains('\'') { format!("\"{text}\"") } else { format!("'{text}'") };
        format!("[{}]", children.iter().map(|child| quote(outcome(child))).collect::<Vec<_>>().join(", "))
    }

    fn cancel_later(lp: &'static EventLoop, delay: u64, task: AnyTask) {
        lp.call_at(at((now() + delay) as i64), move |_| {
            let cancelled = task.cancel();
            logn!("cancel {}", cancelled.repr());
        })
        .unwrap();
    }

    #[segno::coroutine]
    async fn round(lp: &'static EventLoop, exceptions: bool) {
        logn!("--- return_exceptions {}", exceptions.repr());
        let start = |tag, delay, cleanup, fail| lp.create_task(child(tag, delay, cleanup, fail)).unwrap();
        let children = Rc::new([start("a", 10, 0, false), start("b", 10, 5, false), start("c", 1, 0, false)]);
        let task = lp.create_task(gathers("g", children.clone(), exceptions)).unwrap();
        sleep(3.millis()).await;
        logn!("cancel {}", task.cancel().repr());
        wait(&[&task]).await;
        logn!("gather {} {}", outcome(&task), show(&children));
        wait(children.as_ref()).await;
        logn!("{}", show(&children));
        logn!("--- children done in the turn of the cancel");
        let children = Rc::new([start("d", 2, 0, false), start("e", 2, 0, false)]);
        let task = lp.create_task(gathers("h", children.clone(), exceptions)).unwrap();
        cancel_later(lp, 2, task.as_any());
        wait(&[&task]).await;
        logn!("{} {}", outcome(&task), show(&children));
        logn!("--- cancel after a child has failed");
        let children = Rc::new([start("f", 1, 0, true), start("i", 5, 0, false)]);
        let task = lp.create_task(gathers("j", children.clone(), exceptions)).unwrap();
        sleep(2.millis()).await;
        let cancelled = task.cancel();
        logn!("cancel {} {}", cancelled.repr(), show(&children));
        wait(&[&task]).await;
        logn!("{}", outcome(&task));
        wait(children.as_ref()).await;
        logn!("{}", show(&children));
    }

    #[segno::coroutine]
    async fn main(lp: &'static EventLoop) {
        for exceptions in [false, true] {
            round(lp, exceptions).await;
        }
    }

    #[test]
    fn cancelling_a_gather_before_while_and_after_its_children_end() {
        conforms(include_str!("../traces/programs/gather_cancel.out"), || run(main));
    }
}

mod timeout_races {
    use segno::Timeout;

    use super::*;

    fn state(lp: &'static EventLoop, limit: &Timeout) -> String {
        format!("{} {}", limit.expired().repr(), current(lp).cancelling())
    }

    #[segno::coroutine]
    async fn slept(tag: &'static str, delay: u64) {
        sleep(delay.millis()).await;
        logn!("{tag} slept");
    }

    #[segno::coroutine]
    async fn guarded(lp: &'static EventLoop, tag: &'static str, after: u64, delay: u64) {
        let limit = Timeout::after(after.millis());
        match catching(limit.scope(slept(tag, delay)).unwrap()).await {
            Ok(Ok(())) => {}
            Ok(Err(TimedOut)) => logn!("{tag} TimeoutError {}", state(lp, &limit)),
            Err(Cancelled) => {
                logn!("{tag} CancelledError {}", state(lp, &limit));
                Reraise.await;
            }
        }
    }

    fn cancel_at(lp: &'static EventLoop, tick: u64, task: Rc<RefCell<Option<AnyTask>>>) {
        lp.call_at(at(tick as i64), move |_| {
            let cancelled = task.borrow().as_ref().unwrap().cancel();
            logn!("cancel {}", cancelled.repr());
        })
        .unwrap();
    }

    #[segno::coroutine]
    async fn inside(inner: &Timeout) {
        if inner.scope(sleep(20.millis())).unwrap().await.is_err() {
            logn!("inner TimeoutError");
            sleep(1.millis()).await;
        }
        logn!("between");
    }

    #[segno::coroutine]
    async fn swallows() {
        if catching(sleep(5.millis())).await.is_err() {
            logn!("swallowed");
        }
        sleep(1.millis()).await;
        logn!("goes on");
    }

    #[segno::coroutine]
    async fn cleans_up() {
        let slept = catching(sleep(9.millis())).await;
        sleep(5.millis()).await;
        logn!("cleaned up");
        if slept.is_err() {
            Reraise.await;
        }
    }

    #[segno::coroutine]
    async fn limited() {
        if timeout(2.millis(), cleans_up()).await.is_err() {
            logn!("inner");
        }
    }

    #[segno::coroutine]
    async fn moves(lp: &'static EventLoop, limit: &Timeout) {
        sleep(1.millis()).await;
        limit.reschedule(Some(lp.time() + 5.millis::<1, 1_000_000>())).unwrap();
        sleep(3.millis()).await;
        limit.reschedule(None).unwrap();
        sleep(10.millis()).await;
    }

    #[segno::coroutine]
    async fn main(lp: &'static EventLoop) {
        logn!("--- the sleep is due with its limit");
        guarded(lp, "a", 5, 5).await;
        logn!("--- cancel from outside at the tick of the limit, before it and after it");
        for early in [true, false] {
            let when = now() + 5;
            let cancelled = Rc::new(RefCell::new(None));
            if early {
                cancel_at(lp, when, cancelled.clone());
            }
            let task = lp.create_task(guarded(lp, "b", 5, 10)).unwrap();
            cancelled.replace(Some(task.as_any()));
            sleep(0.millis()).await;
            if !early {
                cancel_at(lp, when, cancelled.clone());
            }
            wait(&[&task]).await;
            logn!("{} {}", outcome(&task), task.cancelling());
        }
        logn!("--- nested, the inner one first, the outer one first, both at once");
        for (first, second) in [(9, 4), (4, 9), (4, 4)] {
            let outer = Timeout::after(u64::millis(first));
            let inner = Timeout::after(u64::millis(second));
            if outer.scope(inside(&inner)).unwrap().await.is_err() {
                logn!("outer TimeoutError");
            }
            let expired = format!("{} {}", outer.expired().repr(), inner.expired().repr());
            logn!("expired {expired} cancelling {}", current(lp).cancelling());
        }
        logn!("--- the body swallows the cancellation");
        let limit = Timeout::after(2.millis());
        limit.scope(swallows()).unwrap().await.unwrap();
        logn!("expired {}", state(lp, &limit));
        logn!("--- cleanup takes longer than the limit of another timeout around it");
        if timeout(4.millis(), limited()).await.is_err() {
            logn!("outer");
        }
        logn!("--- moved while it runs");
        let limit = Timeout::after(2.millis());
        limit.scope(moves(lp, &limit)).unwrap().await.unwrap();
        logn!("expired {} {}", limit.expired().repr(), if limit.when().is_none() { "None" } else { "?" });
    }

    #[test]
    fn limits_against_requests_and_each_other() {
        conforms(include_str!("../traces/programs/timeout_races.out"), || run(main));
    }
}
