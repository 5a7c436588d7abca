//! Shields as members of a gather, on CPython and here: `tests/traces/programs/gather_shields.py`.
#![cfg(feature = "ours")]

use segno::TimedOut;
use segno::prelude::*;
use segno_tests::conformance::{Exception, Repr, Reraise, catching, conforms, outcome, run};
use segno_tests::logn;

type Value = Result<&'static str, Exception>;
type Job = &'static Task<Value>;

#[segno::coroutine]
async fn job(tag: &'static str, delay: u64, fail: bool) -> Value {
    if catching(sleep(delay.millis())).await.is_err() {
        logn!("{tag} cancelled");
        Reraise.await;
    }
    if fail {
        logn!("{tag} fails");
        return Err(Exception::Value(tag));
    }
    logn!("{tag} ends");
    Ok(tag)
}

/// Tasks that tests may refer to for as long as they like.
fn jobs<const N: usize>(lp: &'static EventLoop, delays: [u64; N], fails: &[usize]) -> [Job; N] {
    std::array::from_fn(|index| {
        let tag = ["a", "b", "c"][index];
        let task = lp.create_task(job(tag, delays[index], fails.contains(&index))).unwrap();
        &*Box::leak(Box::new(task))
    })
}

#[segno::coroutine]
async fn gathers<A, B>(lp: &'static EventLoop, a: A, b: B) -> Value
where
    A: IntoCoroutine<Output = Value> + 'static,
    B: IntoCoroutine<Output = Value> + 'static,
{
    match catching(segno::try_gather!(a, b)).await {
        Ok(Ok((a, b))) => logn!("gathered ['{a}', '{b}']"),
        Ok(Err(Exception::Value(text))) => logn!("gather failed {text}"),
        Ok(Err(error)) => panic!("{error:?}"),
        Err(Cancelled) => {
            logn!("gather cancelled {}", lp.current_task().unwrap().cancelling());
            Reraise.await;
        }
    }
    Ok("over")
}

fn start<A, B>(lp: &'static EventLoop, a: A, b: B) -> Task<Value>
where
    A: IntoCoroutine<Output = Value> + 'static,
    B: IntoCoroutine<Output = Value> + 'static,
{
    lp.create_task(gathers(lp, a, b)).unwrap()
}

#[segno::coroutine]
async fn awaits(tag: &'static str, task: Job) -> Value {
    let value = task.await?;
    logn!("{tag} awaited {value}");
    Ok(value)
}

fn show(tasks: [Job; 2]) -> String {
    format!("[{}]", tasks.map(|task| Repr::repr(&&*outcome(task))).join(", "))
}

#[segno::coroutine]
async fn turns(count: u32) {
    for _ in 0..count {
        sleep(0.millis()).await;
    }
}

#[segno::coroutine]
async fn ends(lp: &'static EventLoop) {
    logn!("--- two shields, whose tasks end in one turn, and one behind the other");
    for delays in [[0, 0], [1, 2], [2, 1]] {
        let [a, b] = jobs(lp, delays, &[]);
        let early = lp.create_task(awaits("before", b)).unwrap();
        let gather = start(lp, shield(a), shield(b));
        let late = lp.create_task(awaits("behind", b)).unwrap();
        wait(&[gather, early, late]).await;
    }
    logn!("--- a shield and a task");
    for delays in [[0, 0], [1, 2], [2, 1]] {
        let [a, b] = jobs(lp, delays, &[]);
        let gather = start(lp, shield(a), b);
        let late = lp.create_task(awaits("behind", a)).unwrap();
        wait(&[gather, late]).await;
    }
    logn!("--- tasks that have ended: all, one, and an ended task beside a shield");
    let [a, b] = jobs(lp, [0, 0], &[]);
    wait(&[a, b]).await;
    gathers(lp, shield(a), shield(b)).await.unwrap();
    let [b] = jobs(lp, [1], &[]);
    gathers(lp, shield(a), shield(b)).await.unwrap();
    let [b] = jobs(lp, [1], &[]);
    gathers(lp, a, shield(b)).await.unwrap();
    logn!("--- the first fails, the second, both in one turn");
    for (delays, fails) in [([1, 2], &[0][..]), ([1, 2], &[1]), ([0, 0], &[0, 1])] {
        let [a, b] = jobs(lp, delays, fails);
        gathers(lp, shield(a), shield(b)).await.unwrap();
        wait(&[a, b]).await;
        logn!("{}", show([a, b]));
    }
}

#[segno::coroutine]
async fn requests(lp: &'static EventLoop) {
    logn!("--- one of the tasks is cancelled");
    for index in [0, 1] {
        let [a, b] = jobs(lp, [3, 3], &[]);
        let gather = start(lp, shield(a), shield(b));
        sleep(1.millis()).await;
        let requested = [a, b][index].cancel();
        logn!("cancel {}", requested.repr());
        wait(&[&gather]).await;
        logn!("{} {}", outcome(&gather), show([a, b]));
        wait(&[a, b]).await;
        logn!("{}", show([a, b]));
    }
    logn!("--- who gathers is cancelled after so many turns");
    for count in 0..7 {
        logn!("--- {count}");
        let [a, b] = jobs(lp, [0, 0], &[]);
        let gather = start(lp, shield(a), shield(b));
        turns(count).await;
        let requested = gather.cancel();
        logn!("cancel {} {}", requested.repr(), show([a, b]));
        wait(&[&gather]).await;
        logn!("{} {}", outcome(&gather), show([a, b]));
        wait(&[a, b]).await;
    }
    logn!("--- the same, of a shield and a task");
    for turn in 0..7 {
        logn!("--- {turn}");
        let [a, b] = jobs(lp, [0, 0], &[]);
        let gather = start(lp, shield(a), b);
        turns(turn).await;
        let requested = gather.cancel();
        logn!("cancel {} {}", requested.repr(), show([a, b]));
        wait(&[&gather]).await;
        logn!("{} {}", outcome(&gather), show([a, b]));
        wait(&[a, b]).await;
        logn!("{}", show([a, b]));
    }
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    ends(lp).await;
    requests(lp).await;
    logn!("--- who gathers is cancelled while the tasks sleep");
    let [a, b] = jobs(lp, [5, 6], &[]);
    let gather = start(lp, shield(a), shield(b));
    sleep(1.millis()).await;
    let requested = gather.cancel();
    logn!("cancel {}", requested.repr());
    wait(&[&gather]).await;
    logn!("{} {}", outcome(&gather), show([a, b]));
    wait(&[a, b]).await;
    logn!("--- with a limit");
    let [a, b] = jobs(lp, [5, 6], &[]);
    if let Err(TimedOut) = wait_for(segno::gather!(shield(a), shield(b)), 2.millis()).await {
        logn!("too late {}", show([a, b]));
    }
    wait(&[a, b]).await;
    logn!("{}", show([a, b]));
}

#[test]
fn c51_c54_shields_among_the_members_of_a_gather() {
    conforms(include_str!("../traces/programs/gather_shields.out"), || run(main));
}
