//! Coroutines side by side, each with limits, groups, locks and cleanups of its own: what ends one is no affair of the others.
//!
//! In asyncio they are tasks, here they share one: turns are not compared.

use std::rc::Rc;

use segno::prelude::*;
use segno::{Timeout, gather, shield};
use segno_tests::conformance::{Exception, Repr, Reraise, at, catching, conforms, now, outcome, run};
use segno_tests::log;

use super::{list, show};

type Text = &'static str;
type Value = Result<Text, Exception>;
type Group = TaskGroup<Exception>;

fn joined(tag: Text, word: Text) -> Text {
    format!("{tag}{word}").leak()
}

fn limit_of(delay: Option<u64>) -> Timeout {
    delay.map_or(Timeout::never(), |delay| Timeout::after(delay.millis()))
}

#[segno::coroutine]
async fn limited<C: IntoCoroutine<Output: std::fmt::Debug>>(tag: Text, delay: Option<u64>, body: C) -> Text {
    let scope = limit_of(delay);
    match catching(scope.scope(body).unwrap()).await {
        Ok(Ok(result)) => {
            log!("{tag} in time {}", format!("{result:?}").trim_matches('"'));
            tag
        }
        Ok(Err(TimedOut)) => {
            log!("{tag} TimeoutError");
            joined(tag, " late")
        }
        Err(Cancelled) => {
            log!("{tag} cancelled");
            Reraise.await;
            tag
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Options {
    cleanup: u64,
    limit: u64,
    swallow: bool,
    fail: bool,
}

const NONE: Options = Options { cleanup: 0, limit: 0, swallow: false, fail: false };
const FAIL: Options = Options { fail: true, ..NONE };
const SWALLOW: Options = Options { swallow: true, ..NONE };

const fn cleanup(cleanup: u64) -> Options {
    Options { cleanup, ..NONE }
}

const fn limit(limit: u64) -> Options {
    Options { limit, ..NONE }
}

#[segno::coroutine]
async fn job(tag: Text, delay: u64, options: Options) -> Value {
    if catching(sleep(delay.millis())).await.is_err() {
        log!("{tag} stops");
        if options.cleanup > 0 {
            sleep(options.cleanup.millis()).await;
            log!("{tag} cleaned up");
        }
        if options.limit > 0 {
            limited(joined(tag, " cleanup"), Some(options.limit), sleep(9.millis())).await;
        }
        if options.swallow {
            return Ok(joined(tag, " all the same"));
        }
        Reraise.await;
    }
    if options.fail { Err(Exception::Value(tag)) } else { Ok(tag) }
}

/// One that does not fail.
#[segno::coroutine]
async fn plain(tag: Text, delay: u64, options: Options) -> Text {
    job(tag, delay, options).await.unwrap()
}

#[segno::coroutine]
async fn group<F: Fn(&Group)>(lp: &'static EventLoop, tag: Text, start: F, body: u64) -> Text {
    let g = Group::new(lp).unwrap();
    let inside = async {
        start(&g);
        if body > 0 {
            let text = job(joined(tag, " body"), body, NONE).await?;
            log!("{text}");
        }
        Ok(())
    };
    match catching(g.scope(inside)).await {
        Ok(Ok(())) => {
            log!("{tag} over");
            tag
        }
        Ok(Err(errors)) => {
            let texts = errors.iter().map(|error| match error {
                Exception::Value(text) => (*text).into(),
                _ => "?".into(),
            });
            log!("{tag} {}", list(texts));
            joined(tag, " failed")
        }
        Err(Cancelled) => {
            log!("{tag} cancelled");
            Reraise.await;
            tag
        }
    }
}

fn child(g: &Group, tag: Text, delay: u64, options: Options) {
    g.create_task(job(tag, delay, options)).unwrap();
}

/// Coroutines of one type or another.
macro_rules! both {
    ($name:ident $($branch:ident $ty:ident)+) => {
        #[segno::coroutine]
        async fn $name<$($ty: IntoCoroutine<Output = Text>),+>($($branch: $ty),+) -> Text {
            match catching(gather(($($branch,)+)).return_exceptions()).await {
                Ok(($($branch,)+)) => {
                    let ends = [$($branch),+];
                    log!("{}", list(ends.into_iter().map(|end: Result<Text, Cancelled>| end.unwrap().into())));
                }
                Err(Cancelled) => {
                    log!("all cancelled");
                    Reraise.await;
                }
            }
            "both"
        }
    };
}

both!(two a A b B);
both!(three a A b B c C);
both!(four a A b B c C d D);

#[segno::coroutine]
async fn ended<C>(lp: &'static EventLoop, tag: Text, cancel: Option<u64>, branches: C)
where
    C: IntoCoroutine<Output = Text> + 'static,
{
    log!("--- {tag}");
    let task = lp.create_task(branches).unwrap();
    if let Some(cancel) = cancel {
        let it = task.as_any();
        lp.call_later(cancel.millis(), move |_| _ = it.cancel()).unwrap();
    }
    wait(&[&task]).await;
    log!("{}", outcome(&task));
}

type Moves = &'static [(u64, Option<u64>)];

#[segno::coroutine]
async fn moved(lp: &'static EventLoop, tag: Text, limit: u64, moves: Moves, delay: u64) -> Text {
    let start = now();
    let scope = Rc::new(limit_of(Some(limit)));
    for &(tick, to) in moves {
        let scope = scope.clone();
        let to = to.map(|to| at((start + to) as i64));
        lp.call_at(at((start + tick) as i64), move |_| scope.reschedule(to).unwrap()).unwrap();
    }
    match scope.scope(sleep(delay.millis())).unwrap().await {
        Ok(()) => log!("{tag} in time {}", scope.expired().repr()),
        Err(TimedOut) => log!("{tag} TimeoutError {}", scope.expired().repr()),
    }
    tag
}

#[segno::coroutine]
async fn holds(tag: Text, lock: &'static Lock, delay: u64) -> Text {
    let _guard = lock.acquire().await;
    log!("{tag} has it");
    sleep(delay.millis()).await;
    tag
}

fn locked(tag: Text, lock: &'static Lock, delay: u64, limit: u64) -> impl Coroutine<Output = Text> + 'static {
    limited(tag, Some(limit), holds(tag, lock, delay)).into_coroutine()
}

fn tell(tag: Text, end: Result<Value, TimedOut>) -> Text {
    match end {
        Ok(value) => log!("{tag} {}", value.unwrap()),
        Err(TimedOut) => log!("{tag} TimeoutError"),
    }
    tag
}

#[segno::coroutine]
async fn waits_for(tag: Text, task: Rc<Task<Value>>, shielded: bool, delay: u64) -> Text {
    let end =
        if shielded { wait_for(shield(&*task), delay.millis()).await } else { wait_for(&*task, delay.millis()).await };
    tell(tag, end)
}

#[segno::coroutine]
async fn waits_for_job(tag: Text, delay: u64) -> Text {
    let end = wait_for(job(tag, 1, NONE), delay.millis()).await;
    tell(tag, end)
}

#[segno::coroutine]
async fn limits(lp: &'static EventLoop) {
    let a = limited("a", Some(2), plain("a", 5, NONE));
    let b = limited("b", Some(9), plain("b", 3, NONE));
    ended(lp, "limits", None, three(a, b, limited("c", None, plain("c", 4, NONE)))).await;
    let o = limited("o", Some(4), limited("i", Some(2), plain("a", 9, NONE)));
    let p = limited("p", Some(3), limited("j", Some(5), plain("b", 9, NONE)));
    ended(lp, "limits in limits", None, two(o, p)).await;
    let a = limited("a", Some(2), plain("a", 9, cleanup(3)));
    let b = limited("b", Some(3), plain("b", 9, SWALLOW));
    ended(lp, "cleanups", None, three(a, b, limited("c", Some(4), plain("c", 9, limit(2))))).await;
    let a = limited("a", Some(9), plain("a", 9, NONE));
    let c = limited("c", Some(9), plain("c", 9, limit(3)));
    ended(lp, "cancelled", Some(1), three(a, plain("b", 9, cleanup(2)), c)).await;
    let a = limited("a", Some(2), plain("a", 9, cleanup(4)));
    ended(lp, "cancelled as one cleans up for its limit", Some(3), two(a, plain("b", 9, NONE))).await;
    let all = two(plain("a", 9, SWALLOW), plain("b", 9, cleanup(2)));
    ended(lp, "cancelled, and one swallows that", Some(1), all).await;
}

#[segno::coroutine]
async fn groups(lp: &'static EventLoop) {
    let start = |g: &Group| {
        child(g, "x", 2, FAIL);
        child(g, "y", 9, cleanup(1));
    };
    let b = limited("b", Some(9), plain("b", 5, NONE));
    ended(lp, "a group that fails", None, two(group(lp, "g", start, 8), b)).await;
    let h = |g: &Group| {
        child(g, "y", 3, FAIL);
        child(g, "z", 9, NONE);
    };
    let g = group(lp, "g", |g: &Group| child(g, "x", 2, FAIL), 8);
    ended(lp, "two groups that fail", None, two(g, group(lp, "h", h, 0))).await;
    let g = group(lp, "g", |g: &Group| child(g, "x", 9, NONE), 8);
    let h = group(lp, "h", |g: &Group| child(g, "y", 9, cleanup(2)), 0);
    ended(lp, "groups that are cancelled", Some(1), three(g, h, plain("b", 9, NONE))).await;
    let g = group(lp, "g", |g: &Group| child(g, "x", 9, cleanup(1)), 8);
    ended(lp, "a group with a limit", None, two(limited("l", Some(3), g), plain("b", 5, NONE))).await;
    let start = |g: &Group| {
        g.create_infallible(limited("x", Some(2), plain("x", 9, NONE))).unwrap();
        g.create_infallible(limited("y", Some(9), plain("y", 8, NONE))).unwrap();
    };
    let l = limited("l", Some(6), group(lp, "g", start, 0));
    ended(lp, "a limit in a group in a limit", None, two(l, plain("b", 5, NONE))).await;
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    limits(lp).await;
    groups(lp).await;
    let (a, b) = (moved(lp, "a", 2, &[(1, Some(4))], 9), moved(lp, "b", 9, &[(3, Some(1))], 8));
    let (c, d) = (moved(lp, "c", 5, &[(1, None)], 6), moved(lp, "d", 5, &[(2, Some(7))], 6));
    ended(lp, "limits that are moved", None, four(a, b, c, d)).await;
    static LOCK: Lock = Lock::new();
    let (a, b) = (locked("a", &LOCK, 5, 9), locked("b", &LOCK, 2, 3));
    ended(lp, "a lock", None, four(a, b, locked("c", &LOCK, 2, 9), locked("d", &LOCK, 2, 6))).await;
    log!("{}", LOCK.locked().repr());
    ended(lp, "a lock, cancelled", Some(2), two(locked("a", &LOCK, 5, 9), locked("b", &LOCK, 2, 9))).await;
    log!("{}", LOCK.locked().repr());
    let tasks = ["t", "u"].map(|tag| Rc::new(lp.create_task(job(tag, 9, cleanup(2))).unwrap()));
    let (a, b) = (waits_for("a", tasks[0].clone(), false, 2), waits_for("b", tasks[1].clone(), true, 3));
    ended(lp, "wait_for", None, three(a, b, waits_for_job("c", 9))).await;
    log!("{}", show(tasks.iter().map(|task| &**task)));
    wait(&tasks.each_ref().map(|task| &**task)).await;
    let one = two(plain("a", 2, NONE), two(plain("b", 1, NONE), limited("c", Some(3), plain("c", 9, NONE))));
    let other = limited("l", Some(2), two(plain("d", 9, NONE), plain("e", 9, cleanup(2))));
    ended(lp, "in each other", None, two(one, other)).await;
}

#[test]
fn coroutines_side_by_side() {
    conforms(include_str!("../../traces/programs/branches.out"), || run(main));
}
