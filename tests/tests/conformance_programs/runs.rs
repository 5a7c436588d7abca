//! Runs: the turn after the end, what waits for the next run, errors, a stop in the midst, callbacks that stop.

use segno::prelude::*;
use segno_tests::conformance::{Exception, Raised, Repr, conforms, new_loop, outcome, raised_type};
use segno_tests::logn;

type Value = Result<&'static str, Exception>;

fn says(lp: &'static EventLoop, tag: &'static str) {
    logn!("callback {tag}");
    lp.call_soon(move |_| logn!("queued by {tag}")).unwrap();
}

#[segno::coroutine]
async fn ticks(tag: &'static str, count: u32) -> Value {
    for i in 0..count {
        logn!("{tag} {i}");
        sleep(0.millis()).await;
    }
    Ok(tag)
}

#[segno::coroutine]
async fn fails(delay: u64) -> Value {
    sleep(delay.millis()).await;
    Err(Exception::Value("main"))
}

fn attempt<C: IntoCoroutine<Output = Value>>(lp: &'static EventLoop, main: C) {
    match lp.run_until_complete(main) {
        Ok(Ok(value)) => logn!("returns {value}"),
        Ok(Err(Exception::Value(text))) => logn!("ValueError {text}"),
        Ok(Err(error)) => logn!("{}", error.raised()),
        Err(RunError::Cancelled) => logn!("CancelledError"),
        Err(error) => logn!("{} {error}", raised_type(&error)),
    }
}

fn first(_: &Task<Value>, _: usize) {
    says(get_running_loop().unwrap(), "first");
}

fn late(_: &Task<Value>, _: usize) {
    says(get_running_loop().unwrap(), "late");
}

fn stops(task: &Task<Value>, _: usize) {
    task.event_loop().stop();
}

#[segno::coroutine]
async fn nested(lp: &'static EventLoop) -> Value {
    if let Err(error) = lp.run_until_complete(ticks("never", 1)) {
        logn!("RuntimeError {error}");
    }
    Ok("outer")
}

fn called(task: &AnyTask, _: usize) {
    logn!("called, done {}", task.done().repr());
}

#[segno::coroutine]
async fn adds(lp: &'static EventLoop) -> Value {
    lp.current_task().unwrap().add_done_callback(called, 0).unwrap();
    sleep(0.millis()).await;
    Ok("adds")
}

fn ends(lp: &'static EventLoop) {
    logn!("--- another task goes on by one turn, then waits for the next run");
    let other = lp.create_task(ticks("other", 9)).unwrap();
    attempt(lp, ticks("main", 2));
    logn!("{}", outcome(&other));
    attempt(lp, ticks("main", 0));
    logn!("--- callbacks of the task that ends, before and after the run's own; a timer that is due");
    let task = lp.create_task(ticks("task", 1)).unwrap();
    task.add_done_callback(first, 0).unwrap();
    lp.call_later(0.millis(), |_| logn!("timer")).unwrap();
    attempt(lp, &task);
    task.add_done_callback(late, 0).unwrap();
    attempt(lp, &task);
    logn!("--- it fails, it is cancelled, it is a future");
    attempt(lp, fails(1));
    let task = lp.create_task(fails(9)).unwrap();
    let cancelled = task.as_any();
    lp.call_later(1.millis(), move |_| _ = cancelled.cancel()).unwrap();
    attempt(lp, task);
    let future: Future<Value> = lp.create_future().unwrap();
    let set = future.clone();
    lp.call_later(1.millis(), move |_| set.set_result(Ok("set")).unwrap()).unwrap();
    attempt(lp, &future);
    attempt(lp, &future);
    attempt(lp, adds(lp));
}

#[test]
fn runs_and_stops() {
    conforms(include_str!("../../traces/programs/runs.out"), || {
        let lp = new_loop();
        ends(lp);
        logn!("--- stopped in the midst, and run to its end");
        let task = lp.create_task(ticks("task", 4)).unwrap();
        lp.call_soon(|lp| lp.stop()).unwrap();
        attempt(lp, &task);
        logn!("{}", outcome(&task));
        attempt(lp, &task);
        logn!("--- stopped before: one turn");
        lp.stop();
        // As a task, for asyncio keeps a coroutine whose run was stopped.
        attempt(lp, lp.create_task(ticks("main", 2)).unwrap());
        lp.call_soon(|_| logn!("soon")).unwrap();
        lp.stop();
        lp.stop();
        lp.run_forever().unwrap();
        logn!("ran");
        logn!("--- stopped by a callback of what ends");
        let task = lp.create_task(ticks("task", 1)).unwrap();
        task.add_done_callback(stops, 0).unwrap();
        attempt(lp, task);
        attempt(lp, ticks("main", 0));
        logn!("--- stop in a batch: all of it runs, what it adds does not");
        for tag in ["a", "b", "c"] {
            lp.call_soon(move |lp| says(lp, tag)).unwrap();
        }
        lp.call_soon(|lp| lp.stop()).unwrap();
        lp.call_soon(|lp| says(lp, "d")).unwrap();
        lp.run_forever().unwrap();
        logn!("stopped");
        attempt(lp, ticks("main", 0));
        logn!("--- a run in a run");
        attempt(lp, nested(lp));
        lp.close().unwrap();
    });
}
