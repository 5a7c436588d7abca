//! `wait` for the same task twice, on CPython and here: `tests/traces/programs/wait_twice.py`.
#![cfg(feature = "ours")]

use std::rc::Rc;

use segno::combine::WaitSets;
use segno::prelude::*;
use segno_tests::conformance::{Exception, Repr, conforms, outcome, run};
use segno_tests::logn;

type Value = Result<&'static str, Exception>;
type Job = Rc<Task<Value>>;

#[segno::coroutine]
async fn job(tag: &'static str, delay: u64, fail: bool) -> Value {
    sleep(delay.millis()).await;
    if fail {
        logn!("{tag} fails");
        return Err(Exception::Value(tag));
    }
    logn!("{tag} ends");
    Ok(tag)
}

fn jobs(lp: &'static EventLoop, delays: [u64; 2], fails: Option<&str>) -> [Job; 2] {
    let [first, second] = delays;
    [("a", first), ("b", second)]
        .map(|(tag, delay)| Rc::new(lp.create_task(job(tag, delay, fails == Some(tag))).unwrap()))
}

fn show(tag: &str, sets: WaitSets<'_, &Task<Value>>) {
    logn!("{tag} {} done {} pending", sets.done().count(), sets.pending().count());
}

#[segno::coroutine]
async fn waits<const N: usize>(tag: &'static str, members: [Job; N]) -> Value {
    show(tag, wait(&members.each_ref().map(|member| &**member)).await);
    Ok("None")
}

#[segno::coroutine]
async fn modes(lp: &'static EventLoop) {
    logn!("--- all, behind each other and in one turn");
    for delays in [[1, 2], [2, 1], [0, 0]] {
        let [a, b] = &jobs(lp, delays, None);
        show("waited", wait(&[&**a, &**a, &**b]).await);
    }
    logn!("--- the first");
    let [a, b] = &jobs(lp, [1, 2], None);
    let members: [&Task<Value>; 4] = [b, a, a, b];
    show("waited", wait(&members).first_completed().await);
    show("waited", wait(&members).first_completed().await);
    show("waited", wait(&members).await);
    logn!("--- the first that fails");
    for fails in [Some("a"), Some("b"), None] {
        let [a, b] = &jobs(lp, [1, 2], fails);
        let members: [&Task<Value>; 3] = [a, b, a];
        show("waited", wait(&members).first_exception().await);
        show("waited", wait(&members).await);
    }
    logn!("--- not for long");
    let [a, b] = &jobs(lp, [1, 5], None);
    let members: [&Task<Value>; 4] = [a, a, b, b];
    show("waited", wait(&members).timeout(3.millis()).await);
    let members: [&Task<Value>; 2] = [b, b];
    show("waited", wait(&members).timeout(1.millis()).await);
    show("waited", wait(&members).await);
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    modes(lp).await;
    logn!("--- beside others, who began before and later");
    let [a, b] = jobs(lp, [1, 2], None);
    let waiting = [
        lp.create_task(waits("one", [a.clone()])).unwrap(),
        lp.create_task(waits("twice", [a.clone(), a.clone()])).unwrap(),
        lp.create_task(waits("one later", [a.clone()])).unwrap(),
        lp.create_task(waits("both", [b.clone(), a.clone(), b.clone(), a.clone()])).unwrap(),
        lp.create_task(waits("b", [b.clone()])).unwrap(),
    ];
    wait(&waiting).await;
    logn!("--- and is cancelled");
    for turns in 0..5 {
        let [a, b] = jobs(lp, [0, 0], None);
        let waiting = lp.create_task(waits("waited", [a.clone(), a.clone(), b.clone()])).unwrap();
        for _ in 0..turns {
            sleep(0.millis()).await;
        }
        let requested = waiting.cancel();
        logn!("cancel {} {}", requested.repr(), outcome(&*a));
        wait(&[&waiting, &waiting]).await;
        let ended = outcome(&waiting).replace("'None'", "None");
        logn!("{ended} {}", outcome(&*a));
        wait(&[&*a, &*b]).await;
    }
}

#[test]
fn c47_c49_the_same_task_twice() {
    conforms(include_str!("../traces/programs/wait_twice.out"), || run(main));
}
