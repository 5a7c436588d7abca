//! Tasks that begin at once: what ends and what waits in its first step, in a group, cancelled, with callbacks, and who runs
//! meanwhile.

use segno::combine::GroupRefused;
use segno::gather;
use segno::prelude::*;
use segno::task::eager_task_factory;
use segno_tests::conformance::{Exception, Repr, Reraise, catching, conforms, outcome, run};
use segno_tests::logn;

use super::{list, me, next_turn, show};

type Value = Result<&'static str, Exception>;

#[segno::coroutine]
async fn turns(count: u32) {
    for _ in 0..count {
        next_turn().await;
    }
}

#[segno::coroutine]
async fn job(lp: &'static EventLoop, tag: &'static str, count: u32, fail: bool) -> Value {
    logn!("{tag} starts {}", lp.all_tasks().count());
    turns(count).await;
    if fail {
        return Err(Exception::Value(tag));
    }
    logn!("{tag} ends");
    Ok(tag)
}

#[segno::coroutine]
async fn itself(count: u32) -> Value {
    me().cancel();
    logn!("cancelling {}", me().cancelling());
    turns(count).await;
    Ok("over")
}

#[segno::coroutine]
async fn nested(lp: &'static EventLoop, depth: u32) {
    let it = me();
    logn!("depth {depth}");
    if depth > 0 {
        let task = lp.create_eager_task(nested(lp, depth - 1)).unwrap();
        logn!("back {} {}", (me() == it).repr(), outcome(&task));
    } else {
        next_turn().await;
    }
    logn!("leaves {depth} {}", (me() == it).repr());
}

#[segno::coroutine]
async fn waits_for(future: Future<Value>) -> Value {
    future.await
}

fn callback(task: &Task<Value>, _: usize) {
    logn!("callback {}", outcome(task));
}

type Children<'a> = &'a [(&'static str, u32, bool)];

#[segno::coroutine]
async fn group(lp: &'static EventLoop, children: Children<'_>) -> Result<(), String> {
    let g = TaskGroup::<Exception>::new(lp).unwrap();
    let body = async {
        for &(tag, count, fail) in children {
            match g.create_task(job(lp, tag, count, fail)) {
                Ok(child) => logn!("{tag} {} {}", outcome(&child), me().cancelling()),
                Err(GroupRefused::ShuttingDown(_)) => logn!("refused is shutting down"),
                Err(_) => logn!("refused"),
            }
        }
        logn!("body waits");
        next_turn().await;
        logn!("body ends");
        Ok(())
    };
    match g.scope(body).await {
        Ok(()) => Ok(()),
        Err(errors) => Err(list(errors.iter().map(|error| match error {
            Exception::Value(text) => (*text).into(),
            _ => "?".into(),
        }))),
    }
}

#[segno::coroutine]
async fn caught(lp: &'static EventLoop, children: Children<'_>) {
    match catching(group(lp, children)).await {
        Ok(Ok(())) => logn!("ends {}", me().cancelling()),
        Ok(Err(errors)) => logn!("errors {errors} {}", me().cancelling()),
        Err(Cancelled) => {
            logn!("CancelledError {}", me().cancelling());
            Reraise.await;
        }
    }
}

#[segno::coroutine]
async fn first_steps(lp: &'static EventLoop) {
    let eager = |tag, count, fail| lp.create_eager_task(job(lp, tag, count, fail)).unwrap();
    logn!("--- one that ends in its first step, one that fails, one that waits");
    let tasks = [eager("a", 0, false), eager("b", 0, true), eager("c", 1, false)];
    logn!("{}", show(&tasks));
    let value = (&tasks[0]).await.unwrap();
    logn!("await {value}");
    wait(&tasks).await;
    logn!("{}", show(&tasks));
    logn!("--- cancelled: when it has ended, when it waits, by itself");
    let [a, b] = [eager("a", 0, false), eager("b", 2, false)];
    logn!("[{}, {}]", a.cancel().repr(), b.cancel().repr());
    let tasks = [a, b, lp.create_eager_task(itself(0)).unwrap(), lp.create_eager_task(itself(1)).unwrap()];
    logn!("{}", show(&tasks));
    wait(&tasks).await;
    let ends = tasks.iter().map(|task| format!("({}, {})", outcome(task).repr(), task.cancelling()));
    logn!("[{}]", ends.collect::<Vec<_>>().join(", "));
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    first_steps(lp).await;
    let it = me();
    let eager = |tag, count| lp.create_eager_task(job(lp, tag, count, false)).unwrap();
    logn!("--- in each other");
    let task = lp.create_eager_task(nested(lp, 2)).unwrap();
    logn!("back {} {}", (me() == it).repr(), outcome(&task));
    sleep(1.millis()).await;
    logn!("--- callbacks: of one that has ended, of one that waits");
    let tasks = [eager("a", 0), eager("b", 1)];
    for task in &tasks {
        task.add_done_callback(callback, 0).unwrap();
    }
    logn!("added");
    sleep(1.millis()).await;
    logn!("--- one that awaits what is there, what comes, what fails");
    let future: Future<Value> = lp.create_future().unwrap();
    future.set_result(Ok("there")).unwrap();
    let done = lp.create_eager_task(waits_for(future)).unwrap();
    let comes: Future<Value> = lp.create_future().unwrap();
    let waiting = lp.create_eager_task(waits_for(comes.clone())).unwrap();
    logn!("{} {}", outcome(&done), outcome(&waiting));
    comes.set_exception(Exception::Value("late")).unwrap();
    logn!("{}", outcome(&waiting));
    wait(&[&waiting]).await;
    logn!("{}", outcome(&waiting));
    logn!("--- gather, wait and as_completed of those that have ended");
    let tasks = [eager("a", 0), eager("b", 0)];
    let ends = gather(tasks.each_ref()).await;
    logn!("{}", list(ends.map(|end| end.unwrap().into())));
    let sets = wait(&tasks).await;
    logn!("{} {}", sets.done().count(), sets.pending().count());
    let third = eager("c", 1);
    let ends = gather([&tasks[0], &tasks[1], &third]).await;
    logn!("{}", list(ends.map(|end| end.unwrap().into())));
    logn!("--- in a group, all of whose tasks begin at once");
    lp.set_task_factory(Some(eager_task_factory));
    caught(lp, &[("a", 0, false), ("b", 1, false), ("c", 0, false)]).await;
    caught(lp, &[("a", 0, false), ("b", 0, true), ("c", 0, false)]).await;
    caught(lp, &[("a", 2, false), ("b", 0, true), ("c", 0, false)]).await;
    caught(lp, &[("a", 2, false), ("b", 1, true)]).await;
}

#[test]
fn tasks_that_begin_at_once() {
    conforms(include_str!("../../traces/programs/eager.out"), || run(main));
}
