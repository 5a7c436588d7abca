//! `gather`: the order of results, errors, members that are cancelled or there twice.

use core::fmt::{self, Display};

use segno::prelude::*;
use segno::{gather, try_gather};

use crate::python::{Exception, Repr, Reraise, catching, outcome};
use crate::trace::{Turns, ticks};

type Outcome = Result<&'static str, Exception>;

#[segno::coroutine]
async fn job(tag: &'static str, delay: u32, fail: bool) -> Outcome {
    if sleep(ticks(delay)).catch_cancel().await.is_err() {
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

fn names<const N: usize>(ends: [Result<Outcome, Cancelled>; N]) -> impl Display {
    fmt::from_fn(move |f| {
        for (index, end) in ends.iter().enumerate() {
            f.write_str(if index == 0 { "[" } else { ", " })?;
            match end {
                Ok(Ok(tag)) => write!(f, "{}", tag.repr()),
                Ok(Err(error)) => write!(f, "\"{error}\""),
                // asyncio's has an empty message.
                Err(Cancelled) => f.write_str("\"CancelledError('')\""),
            }?;
        }
        f.write_str("]")
    })
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
    log!("gather raised {} slow is {}", failed.unwrap_err(), outcome(&slow));
    slow.await.unwrap();

    log!("--- return_exceptions=True");
    let ends = gather([job("x", 5, false), job("y", 1, true)]).return_exceptions().await;
    log!("{}", names(ends));

    log!("--- a child is cancelled from outside");
    let child = task("child", 50, false);
    let sibling = task("sibling", 30, false);
    let cancelled = child.as_any();
    lp.call_later(ticks(10), move |_| assert!(cancelled.cancel())).unwrap();
    if catching(gather!(child, &sibling)).await.is_err() {
        let me = lp.current_task().unwrap();
        log!("gather raised CancelledError; sibling {} own cancelling() {}", outcome(&sibling), me.cancelling());
    }
    let ended = sibling.await.unwrap();
    log!("sibling {ended}");
    let child = task("child2", 50, false);
    let cancelled = child.as_any();
    lp.call_later(ticks(10), move |_| assert!(cancelled.cancel())).unwrap();
    let ends = gather([child, task("z", 20, false)]).return_exceptions().await;
    log!("{}", names(ends));

    log!("--- the same awaitable twice runs once");
    let dup = task("dup", 3, false);
    let (one, two) = gather!(&dup, &dup).await;
    log!("[{}, {}]", one.unwrap().repr(), two.unwrap().repr());
    log!("--- done before gather: 3.11 needs two more iterations, 3.12+ none");
    let turns = Turns::begin(lp);
    let (one, two) = gather!(&dup, &dup).await;
    log!("[{}, {}] turns {}", one.unwrap().repr(), two.unwrap().repr(), turns.spent());
}

/// The scenario.
pub fn run(lp: &'static EventLoop) {
    lp.run_until_complete(scenario(lp)).unwrap();
}
