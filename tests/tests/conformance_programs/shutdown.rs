//! What a runner does with the tasks that main leaves: they clean up, take the request back, swallow it, fail, wait for one
//! another.

use std::rc::Rc;

use segno::Runner;
use segno::prelude::*;
use segno_tests::conformance::{Exception, Raised, Reraise, catching, conforms, new_loop};
use segno_tests::log;

use super::{me, show};

type Value = Result<&'static str, Exception>;
type Left = Rc<Task<Value>>;

#[derive(Clone, Copy, Default)]
struct Options {
    withdraw: bool,
    fail: bool,
    swallow: bool,
}

const NONE: Options = Options { withdraw: false, fail: false, swallow: false };

#[segno::coroutine]
async fn cleans(tag: &'static str, delays: &'static [u64], options: Options) -> Value {
    if catching(sleep(99.millis())).await.is_err() {
        if options.withdraw {
            log!("{tag} uncancel {}", me().uncancel());
        }
        for delay in delays {
            sleep(delay.millis()).await;
            log!("{tag} cleans");
        }
        if options.fail {
            return Err(Exception::Value(tag));
        }
        if !options.swallow {
            Reraise.await;
        }
    }
    Ok(tag)
}

#[segno::coroutine]
async fn limited(tag: &'static str) -> Value {
    if catching(sleep(99.millis())).await.is_err() {
        log!("{tag} uncancel {}", me().uncancel());
        if timeout(2.millis(), sleep(9.millis())).await.is_err() {
            log!("{tag} TimeoutError");
        }
        sleep(3.millis()).await;
        log!("{tag} cleaned up");
    }
    Ok("None")
}

#[segno::coroutine]
async fn waits(tag: &'static str, task: Left) -> Value {
    match catching(&*task).await {
        Ok(value) => log!("{tag} got {}", value.unwrap()),
        Err(Cancelled) => {
            log!("{tag} cancelled {}", me().cancelling());
            Reraise.await;
        }
    }
    Ok("None")
}

#[segno::coroutine]
async fn grouped(lp: &'static EventLoop, tag: &'static str) -> Value {
    let group = TaskGroup::<Exception>::new(lp).unwrap();
    let body = async {
        group.create_task(cleans("a child", &[2], NONE)).unwrap();
        cleans(tag, &[1], NONE).await
    };
    if catching(group.scope(body)).await.is_err() {
        log!("{tag} over {}", me().cancelling());
        Reraise.await;
    }
    Ok(tag)
}

fn handler(_: &'static EventLoop, context: &segno::ErrorContext) {
    // The exception's type is known to who has a typed handle.
    log!("HANDLER {} {}", context.message, Exception::Value("a").raised());
}

/// In Python one loop is used again and again; a runner closes its own, whose clock is set on to where the last one stood.
fn round(tick: &mut u64, start: impl FnOnce(&'static EventLoop) -> Vec<Left>) {
    let lp = new_loop();
    segno_tests::conformance::advance(*tick);
    lp.set_exception_handler(Some(handler));
    let tasks = start(lp);
    let runner = Runner::new(lp);
    runner.run(sleep(1.millis())).unwrap();
    log!("--- close");
    runner.close().unwrap();
    log!("{}", show(tasks.iter().map(|task| &**task)).replace("\"value 'None'\"", "'value None'"));
    *tick = segno_tests::conformance::now();
    assert!(lp.is_closed());
}

fn main() {
    let mut tick = 0;
    let tick = &mut tick;
    let left =
        |lp: &'static EventLoop, tag, delays, options| Rc::new(lp.create_task(cleans(tag, delays, options)).unwrap());
    let swallow = Options { swallow: true, ..NONE };
    let withdraw = Options { withdraw: true, ..NONE };
    round(tick, |_| vec![]);
    round(tick, |lp| vec![left(lp, "a", &[], NONE), left(lp, "b", &[3, 2], NONE), left(lp, "c", &[1], swallow)]);
    round(tick, |lp| vec![left(lp, "a", &[4], NONE), left(lp, "b", &[2, 5], withdraw), left(lp, "c", &[1], NONE)]);
    round(tick, |lp| vec![left(lp, "a", &[1, 5], Options { withdraw: true, ..swallow })]);
    round(tick, |lp| vec![Rc::new(lp.create_task(limited("a")).unwrap()), left(lp, "b", &[1], NONE)]);
    let fail = Options { fail: true, ..NONE };
    round(tick, |lp| vec![left(lp, "a", &[2], fail), left(lp, "c", &[1], NONE)]);
    round(tick, |lp| {
        let (inner, swallows) = (left(lp, "inner", &[2], NONE), left(lp, "swallows", &[1], swallow));
        let a = lp.create_task(waits("a", inner.clone())).unwrap();
        let b = lp.create_task(waits("b", swallows.clone())).unwrap();
        vec![inner, swallows, Rc::new(a), Rc::new(b)]
    });
    round(tick, |lp| vec![Rc::new(lp.create_task(grouped(lp, "a")).unwrap()), left(lp, "b", &[4], NONE)]);
}

#[test]
fn tasks_that_main_leaves() {
    conforms(include_str!("../../traces/programs/shutdown.out"), main);
}
