//! The loop around tasks against asyncio's traces: errors that nobody sees, shutdown, debug mode, names, eager tasks.
#![cfg(feature = "ours")]

use segno::prelude::*;
use segno::{ErrorContext, RunError, Runner};
use segno_tests::conformance::{
    Exception, Raised, Repr, Reraise, advance, at, compared, conforms, new_loop, outcome, run, turn,
};
use segno_tests::{log, logn, say};

type Outcome = Result<&'static str, Exception>;

mod exceptions {
    use super::*;

    /// Callbacks cannot raise; they tell the exception handler.
    fn bad_callback(lp: &'static EventLoop) {
        lp.call_exception_handler(&ErrorContext::new("Exception in callback bad_callback"));
    }

    #[segno::coroutine]
    async fn bad(tag: &'static str) -> Outcome {
        Err(Exception::Key(tag))
    }

    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        log!("--- callback raises: reported, the loop goes on");
        lp.call_soon(bad_callback).unwrap();
        lp.call_soon(|_| log!("next callback in the same batch still runs")).unwrap();
        sleep(1.millis()).await;
        log!("--- task raises and nobody looks: reported when the task object dies");
        let task = lp.create_task(bad("lost")).unwrap();
        sleep(1.millis()).await;
        let state = if task.done() { "done" } else { "pending" };
        log!("task is {state} - not reported while a reference exists");
        drop(task);
        log!("--- awaited, .result() or .exception() read: not reported");
        let task = lp.create_task(bad("seen")).unwrap();
        sleep(1.millis()).await;
        log!("exception() {}", task.exception().unwrap().unwrap().raised());
        drop(task);
        log!("--- a future with set_exception behaves the same");
        let future: Future<Outcome> = lp.create_future().unwrap();
        future.set_exception(Exception::Os("f")).unwrap();
        drop(future);
        log!("--- cancelled tasks are never reported");
        let task = lp.create_task(sleep(100.millis())).unwrap();
        sleep(1.millis()).await;
        task.cancel();
        sleep(1.millis()).await;
        drop(task);
        log!("--- user code may call the handler itself");
        lp.call_exception_handler(&ErrorContext::new("custom message"));
        sleep(1.millis()).await;
        log!("--- None restores the default");
        lp.set_exception_handler(None);
        lp.call_soon(bad_callback).unwrap();
        sleep(1.millis()).await;
        log!("still running");
    }

    #[test]
    fn s30_errors_that_nobody_sees_go_to_the_handler() {
        conforms(&compared("30", include_str!("../traces/30.out")), || {
            let lp = new_loop();
            say!("default handler is {}", if lp.get_exception_handler().is_none() { "None" } else { "set" });
            lp.set_exception_handler(Some(|_, context| log!("HANDLER {}", context.message)));
            say!("set: {}", lp.get_exception_handler().is_some().repr());
            lp.run_until_complete(scenario(lp)).unwrap();
            lp.close().unwrap();
        });
    }

    #[test]
    fn a_detached_task_that_fails_is_reported_when_it_ends() {
        let lp = new_loop();
        lp.set_exception_handler(Some(|_, context| say!("{} {}", context.message, context.task.is_some())));
        conforms("Task exception was never retrieved true\n", || {
            drop(lp.create_task(bad("lost")).unwrap());
            let read = lp.create_task(bad("read")).unwrap();
            assert_eq!(lp.run_until_complete(read), Ok(Err(Exception::Key("read"))));
        });
        lp.close().unwrap();
    }
}

mod shutdown {
    use super::*;

    #[segno::coroutine]
    async fn background(tag: &'static str, cleanup: u64, error: Option<Exception>) -> Result<(), Exception> {
        if sleep(1000.millis()).catch_cancel().await.is_err() {
            log!("{tag} cancelled by run()");
            if cleanup > 0 {
                sleep(cleanup.millis()).await;
                log!("{tag} cleanup finished");
            }
            if let Some(error) = error {
                return Err(error);
            }
            Reraise.await;
        }
        Ok(())
    }

    #[segno::coroutine]
    async fn main(lp: &'static EventLoop, tag: &'static str, cleanup: u64, error: Option<Exception>) -> &'static str {
        // The error itself is in the task, whose output's type the handler does not know.
        lp.set_exception_handler(Some(|_, context| log!("HANDLER {} ValueError('in cleanup')", context.message)));
        lp.create_task(background(tag, cleanup, error)).unwrap();
        sleep(5.millis()).await;
        log!("main returns; other tasks alive: {}", lp.all_tasks().count() - 1);
        "result"
    }

    #[segno::coroutine]
    async fn second() -> &'static str {
        sleep(1.millis()).await;
        "second"
    }

    #[segno::coroutine]
    async fn raising(lp: &'static EventLoop) -> Outcome {
        lp.create_task(background("d", 0, None)).unwrap();
        sleep(1.millis()).await;
        Err(Exception::Key("main failed"))
    }

    #[segno::coroutine]
    async fn nested(lp: &'static EventLoop) {
        assert_eq!(segno::run(lp, sleep(0.millis())), Err(RunError::AlreadyRunning));
        say!("run inside run -> RuntimeError('asyncio.run() cannot be called from a running event loop')");
    }

    fn go(tag: &'static str, cleanup: u64, error: Option<Exception>) {
        let lp = new_loop();
        let runner = Runner::new(lp);
        say!("run -> {}", runner.run(main(lp, tag, cleanup, error)).unwrap());
        say!("run again on the same loop -> {}", runner.run(second()).unwrap());
        runner.close().unwrap();
        say!("loop closed: {}", lp.is_closed().repr());
    }

    #[test]
    fn s37_run_ends_all_tasks() {
        conforms(include_str!("../traces/37.out"), || {
            go("a", 0, None);
            say!("---");
            go("b", 7, None);
            say!("---");
            go("c", 0, Some(Exception::Value("in cleanup")));
            say!("---");
            let lp = new_loop();
            let failed = segno::run(lp, raising(lp)).unwrap().unwrap_err();
            say!("run raised {} after the other task was cancelled", failed.raised());
            // What is no coroutine does not compile.
            say!("not a coroutine -> ValueError or TypeError");
            assert_eq!(Runner::new(lp).run(second()), Err(RunError::Closed));
            say!("closed runner -> RuntimeError");
            run(nested);
        });
    }

    #[segno::coroutine]
    async fn never_ends() {
        loop {
            sleep(1.secs()).catch_cancel().await.ok();
        }
    }

    #[test]
    fn a_shutdown_is_bounded() {
        let lp = new_loop();
        let runner = Runner::new(lp).shutdown_limit(3.secs());
        lp.create_task(never_ends()).unwrap();
        runner.run(sleep(1.millis())).unwrap();
        assert_eq!(runner.close(), Err(segno::ShutdownError::TimedOut));
        assert!(lp.is_closed());
        assert_eq!(runner.close(), Ok(()));
    }
}

mod debugging {
    use super::*;

    fn burn(ticks: u64) {
        log!("burn {ticks}");
        advance(ticks);
    }

    #[segno::coroutine]
    async fn slow_task() {
        advance(12);
        sleep(0.millis()).await;
        advance(3);
    }

    #[segno::coroutine]
    async fn remotely(lp: &'static EventLoop) {
        // A loop does not go to another thread; its remote does.
        let remote = lp.remote();
        std::thread::spawn(move || assert!(remote.call_soon(|_| {}).is_ok())).join().unwrap();
        lp.remote().call_soon(|_| log!("threadsafe variant is fine")).unwrap();
        sleep(0.millis()).await;
    }

    #[test]
    fn s38_slow_callbacks_are_reported() {
        conforms(&compared("38", include_str!("../traces/38.out")), || {
            let lp = new_loop();
            say!("debug {} threshold {}", lp.get_debug().repr(), lp.slow_callback_duration().as_ticks() as f64 / 1e6);
            lp.set_debug(true);
            lp.set_slow_callback_duration(10.millis());
            lp.set_exception_handler(Some(|_, context| {
                let took = context.took.expect("only slow steps are reported").as_millis();
                say!("LOG WARNING Executing ... took {took}.000 seconds");
                assert_eq!(context.message, "Executing took too long");
                assert_eq!(context.task.is_some(), took == 12);
            }));
            lp.call_soon(|_| burn(9)).unwrap();
            lp.call_soon(|_| burn(10)).unwrap();
            lp.call_later(50.millis(), |_| burn(25)).unwrap();
            lp.create_task(slow_task()).unwrap();
            lp.call_at(at(200), |lp| lp.stop()).unwrap();
            lp.run_forever().unwrap();
            lp.run_until_complete(remotely(lp)).unwrap();
            lp.close().unwrap();
        });
    }

    #[test]
    fn no_duration_is_a_duration() {
        let lp = new_loop();
        lp.set_slow_callback_duration(0.millis());
        assert_eq!(lp.slow_callback_duration().as_ticks(), 0);
        lp.close().unwrap();
    }
}

mod tasks {
    use super::*;

    #[segno::coroutine]
    async fn job(tag: &'static str, delay: u64, fail: bool) -> Outcome {
        sleep(delay.millis()).await;
        if fail { Err(Exception::Value(tag)) } else { Ok(tag) }
    }

    #[segno::coroutine]
    async fn ouroboros(future: Future<std::rc::Rc<Task<()>>>) {
        let me = (&future).await;
        (&*me).await;
    }

    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let task = |tag, delay, fail| lp.create_task(job(tag, delay, fail)).unwrap();
        let tasks = [task("slow", 30, false), task("fast", 10, false), task("bad", 20, true)];
        let mut completed = pin!(as_completed(&tasks));
        while let Some(next) = completed.next().await {
            match next.unwrap().result().unwrap() {
                Ok(tag) => log!("next: {tag}"),
                Err(error) => log!("next raised {}", error.raised()),
            }
        }
        log!("--- with a timeout");
        let tasks = [task("q", 5, false), task("s", 50, false)];
        let mut completed = pin!(as_completed(&tasks).timeout(10.millis()));
        while let Some(next) = completed.next().await {
            match next {
                Ok(task) => log!("next: {}", task.result().unwrap().unwrap()),
                Err(TimedOut) => {
                    let outcomes =
                        tasks.each_ref().map(|task| format!("{:?}", outcome(task)).replace("\"pending\"", "'pending'"));
                    log!("TimeoutError; tasks are not cancelled: [{}]", outcomes.join(", "));
                }
            }
        }
        (&tasks[1]).await.unwrap();
        log!("--- names");
        let named = lp.create_task_named("worker", job("n", 1, false)).unwrap();
        let before = named.name();
        assert!(named.as_any().set_name("42"));
        log!("{before} None {} str", named.name());
        let me = lp.current_task().unwrap();
        let is_there = lp.all_tasks().any(|task| task == me);
        log!("current_task is in all_tasks: {} count {}", is_there.repr(), lp.all_tasks().count());
        named.await.unwrap();
        log!("after it ended: {}", lp.all_tasks().count());
        // Tasks have no such methods.
        log!("set_result -> RuntimeError('Task does not support set_result operation')");
        log!("set_exception -> RuntimeError('Task does not support set_exception operation')");
        log!("--- ensure_future");
        let future: Future<()> = lp.create_future().unwrap();
        let same = lp.ensure_future(future.clone()).unwrap().as_any() == future;
        log!("a future is returned unchanged: {}", same.repr());
        let task: Task<Outcome> = lp.ensure_future(job("e", 1, false)).unwrap();
        let value = task.await.unwrap();
        log!("a coroutine becomes a task: True {value}");
        log!("anything else: TypeError");
        log!("--- a task awaiting itself");
        let future = lp.create_future().unwrap();
        let task = std::rc::Rc::new(lp.create_task(ouroboros(future.clone())).unwrap());
        future.set_result(task.clone()).unwrap();
        lp.set_exception_handler(Some(|_, context| log!("{}", context.message)));
        assert!((&*task).into_coroutine().catch_cancel().await.is_err());
    }

    #[test]
    fn s41_as_completed_and_the_api_of_tasks() {
        conforms(&compared("41", include_str!("../traces/41.out")), || {
            if let Err(error) = get_running_loop() {
                say!("current_task outside: {}", error.raised());
            }
            run(scenario);
        });
    }
}

mod eager {
    use segno::task::eager_task_factory;

    use super::*;

    fn is_main(lp: &'static EventLoop) -> &'static str {
        if lp.current_task().unwrap().name().to_string() == "M" { "True" } else { "False" }
    }

    #[segno::coroutine]
    async fn quick(lp: &'static EventLoop) -> i32 {
        logn!("quick runs inside create_task; current task is main: {}", is_main(lp));
        5
    }

    #[segno::coroutine]
    async fn slow(tag: &'static str) {
        logn!("{tag} first step");
        sleep(0.millis()).await;
        logn!("{tag} second step");
    }

    #[segno::coroutine]
    async fn boom() -> Result<(), Exception> {
        Err(Exception::Value("eager"))
    }

    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        lp.set_task_factory(Some(eager_task_factory));
        logn!("before");
        let task = lp.create_task_named("Q", quick(lp)).unwrap();
        logn!("after create_task: {} current is main again: {}", outcome(&task), is_main(lp));
        let task = lp.create_task(slow("s")).unwrap();
        logn!("slow is {}", outcome(&task));
        task.await;
        let task = lp.create_task(boom()).unwrap();
        logn!("error does not come out of create_task: {}", outcome(&task));
        let task = lp.create_task(slow("c")).unwrap();
        let cancelled = task.cancel();
        logn!("cancel after the eager step -> {}", cancelled.repr());
        wait(&[&task]).await;
        logn!("{}", outcome(&task));
        let before = turn();
        let eager = || lp.create_task(quick(lp)).unwrap();
        let (one, two) = gather!(eager(), eager()).await;
        logn!("[{one}, {two}] gather of eager tasks, turns: {}", turn() - before);
    }

    #[test]
    fn e2_an_eager_task_starts_inside_create_task() {
        conforms(include_str!("../traces/E2.out"), || {
            let lp = new_loop();
            let main = lp.create_task_named("M", scenario(lp)).unwrap();
            lp.run_until_complete(main).unwrap();
            lp.close().unwrap();
        });
    }
}

/// Names of tasks that have ended: `tests/traces/programs/names.py`.
mod names {
    use super::*;

    #[segno::coroutine]
    async fn works(delay: u64) -> u64 {
        sleep(delay.millis()).await;
        delay
    }

    #[segno::coroutine]
    async fn fails(delay: usize) -> Result<(), Exception> {
        sleep((delay as u64).millis()).await;
        Err(Exception::Value("lost"))
    }

    fn told(_: &'static EventLoop, context: &segno::ErrorContext) {
        let task = context.task.as_ref().expect("a task has failed");
        logn!("{}: {}", task.name(), context.message);
        assert!(task.set_name("late"));
    }

    #[segno::coroutine]
    async fn main(lp: &'static EventLoop) {
        lp.set_exception_handler(Some(told));
        for name in ["one", "two", "three"] {
            lp.create_task_named(name, fails(2 + name.len())).unwrap();
        }
        let renamed = lp.create_task_named("before", fails(1)).unwrap();
        assert!(renamed.as_any().set_name("after"));
        drop(renamed);
        sleep(8.millis()).await;
        let task = lp.create_task_named("works", works(1)).unwrap();
        let cancelled = lp.create_task_named("cancelled", works(5)).unwrap();
        logn!("{} {}", task.name(), cancelled.name());
        cancelled.cancel();
        sleep(2.millis()).await;
        let (done, was_cancelled) = (task.done().repr(), cancelled.cancelled().repr());
        logn!("{} {done} {} {was_cancelled}", task.name(), cancelled.name());
        let any = task.as_any();
        assert!(any.set_name("has worked"));
        logn!("{} {} {}", any.name(), task.result().unwrap(), any.name());
        let value = task.await;
        logn!("{value} {}", any.name());
    }

    #[test]
    fn a_task_that_has_ended_has_its_name() {
        conforms(include_str!("../traces/programs/names.out"), || run(main));
    }
}
