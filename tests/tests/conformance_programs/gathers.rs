//! The future that gather gives: asked, cancelled by itself and through who awaits it, before, while and after its members
//! end.
//!
//! asyncio's `gather` is a future; here it is a coroutine, and to be asked and cancelled from elsewhere it is made an eager
//! task. That ends a turn later, so turns are not compared; and when it was cancelled it says so, where asyncio's future has
//! `CancelledError` as its exception.

use std::rc::Rc;

use segno::prelude::*;
use segno::task::ResultError;
use segno::{gather, try_gather};
use segno_tests::conformance::{Exception, Repr, Reraise, catching, conforms, outcome, run};
use segno_tests::log;

use super::{list, me, show};

type Value = Result<String, Exception>;
type Members<const N: usize> = Rc<[Task<Value>; N]>;
type Gathered = Task<Result<String, Exception>>;

#[derive(Clone, Copy, Default)]
struct Options {
    fail: bool,
    cleanup: u64,
    swallow: bool,
}

#[segno::coroutine]
async fn job(tag: &'static str, delay: u64, options: Options) -> Value {
    log!("{tag} starts");
    if catching(sleep(delay.millis())).await.is_err() {
        log!("{tag} cancelled");
        if options.cleanup > 0 {
            sleep(options.cleanup.millis()).await;
            log!("{tag} cleaned up");
        }
        if options.swallow {
            return Ok(format!("{tag} all the same"));
        }
        Reraise.await;
    }
    if options.fail { Err(Exception::Value(tag)) } else { Ok(tag.into()) }
}

#[segno::coroutine]
async fn all<const N: usize>(members: Members<N>, exceptions: bool) -> Result<String, Exception> {
    if exceptions {
        let ends = gather(members.each_ref()).return_exceptions().await;
        let texts = ends.map(|end| match end {
            Ok(Ok(value)) => value,
            Ok(Err(error)) => error.to_string(),
            Err(Cancelled) => "CancelledError()".into(),
        });
        return Ok(list(texts));
    }
    let values = try_gather(members.each_ref()).await?;
    Ok(list(values))
}

/// Python's `asyncio.gather(*members)`.
fn gathers<const N: usize>(lp: &'static EventLoop, members: &Members<N>, exceptions: bool) -> Gathered {
    lp.create_eager_task(all(members.clone(), exceptions)).unwrap()
}

fn ended(gathered: &Gathered) -> String {
    match gathered.result() {
        Ok(Ok(value)) => format!("value {value}"),
        Ok(Err(error)) => format!("error {}", text(error)),
        Err(ResultError::Pending) => "InvalidStateError".into(),
        Err(_) => "CancelledError".into(),
    }
}

fn text(error: Exception) -> &'static str {
    match error {
        Exception::Value(text) => text,
        _ => "?",
    }
}

#[segno::coroutine]
async fn awaits(gathered: Rc<Gathered>) {
    match catching(&*gathered).await {
        Ok(Ok(values)) => log!("gathered {values}"),
        Ok(Err(error)) => log!("error {}", text(error)),
        Err(Cancelled) => {
            log!("CancelledError, cancelling {}", me().cancelling());
            Reraise.await;
        }
    }
}

const NONE: Options = Options { fail: false, cleanup: 0, swallow: false };

#[segno::coroutine]
async fn round(lp: &'static EventLoop, exceptions: bool) {
    let start = |tag, delay, options| lp.create_task(job(tag, delay, options)).unwrap();
    let two = |delays: [u64; 2]| Rc::new([start("a", delays[0], NONE), start("b", delays[1], NONE)]);
    log!("--- return_exceptions {} : it ends by itself", exceptions.repr());
    let members = two([2, 1]);
    let gathered = gathers(lp, &members, exceptions);
    log!("done {} {}", gathered.done().repr(), ended(&gathered));
    wait(&[&gathered]).await;
    log!("done {} cancelled {} {}", gathered.done().repr(), gathered.cancelled().repr(), ended(&gathered));
    log!("cancel {}", gathered.cancel().repr());
    log!("--- cancelled by itself, in the turn in which it was made");
    let members = two([2, 1]);
    let gathered = gathers(lp, &members, exceptions);
    log!("cancel {} done {}", gathered.cancel().repr(), gathered.done().repr());
    wait(&[&gathered]).await;
    log!("cancelled {} {} {}", gathered.cancelled().repr(), ended(&gathered), show(members.iter()));
    log!("--- cancelled by itself, as they run; one cleans up, one has ended, one swallows");
    let members = Rc::new([
        start("a", 9, NONE),
        start("b", 9, Options { cleanup: 3, ..NONE }),
        start("c", 1, NONE),
        start("d", 9, Options { swallow: true, ..NONE }),
    ]);
    let gathered = gathers(lp, &members, exceptions);
    sleep(2.millis()).await;
    log!("cancel {} done {}", gathered.cancel().repr(), gathered.done().repr());
    wait(&[&gathered]).await;
    log!("cancelled {} {} {}", gathered.cancelled().repr(), ended(&gathered), show(members.iter()));
    wait(&members).await;
    log!("{} again {}", show(members.iter()), gathered.cancel().repr());
    log!("--- two tasks wait for it, one of them is cancelled");
    let members = two([9, 9]);
    let gathered = Rc::new(gathers(lp, &members, exceptions));
    let waiting = [(); 2].map(|()| lp.create_task(awaits(gathered.clone())).unwrap());
    sleep(1.millis()).await;
    log!("cancel {}", waiting[0].cancel().repr());
    wait(&waiting).await;
    let counts = waiting.each_ref().map(Task::cancelling);
    log!("{} {} {counts:?}", show(&waiting), show(members.iter()));
    log!("--- a member fails, one goes on; then it is cancelled");
    let members = Rc::new([start("a", 1, Options { fail: true, ..NONE }), start("b", 5, NONE)]);
    let gathered = gathers(lp, &members, exceptions);
    sleep(2.millis()).await;
    log!("done {} cancel {}", gathered.done().repr(), gathered.cancel().repr());
    wait(&[&gathered]).await;
    let end = if exceptions { "CancelledError".into() } else { ended(&gathered) };
    log!("cancelled {} {end}", gathered.cancelled().repr());
    wait(&members).await;
    log!("{}", show(members.iter()));
}

type Inner = Rc<Gathered>;

#[segno::coroutine]
async fn outer_of(inner: Inner, member: Members<1>) -> Result<String, Exception> {
    let (both, one) = try_gather!(&*inner, &member[0]).await?;
    Ok(format!("{both} {one}"))
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    for exceptions in [false, true] {
        round(lp, exceptions).await;
    }
    let start = |tag, delay, options| lp.create_task(job(tag, delay, options)).unwrap();
    log!("--- all swallow the request: it comes out all the same");
    let swallow = Options { swallow: true, ..NONE };
    let members = Rc::new([start("a", 9, swallow), start("b", 9, swallow)]);
    let gathered = gathers(lp, &members, false);
    sleep(1.millis()).await;
    gathered.cancel();
    wait(&[&gathered]).await;
    log!("cancelled {} {} {}", gathered.cancelled().repr(), ended(&gathered), show(members.iter()));
    log!("--- a gather in a gather, of which the outer one is cancelled");
    let members = Rc::new([start("a", 9, NONE), start("b", 9, NONE)]);
    let third = Rc::new([start("c", 9, NONE)]);
    let inner = Rc::new(gathers(lp, &members, false));
    let outer = lp.create_eager_task(outer_of(inner.clone(), third.clone())).unwrap();
    sleep(1.millis()).await;
    log!("cancel {}", outer.cancel().repr());
    wait(&[&outer]).await;
    let ends = members.iter().chain(third.iter());
    log!("{} {} {}", ended(&outer), ended(&inner), show(ends));
    log!("--- a limit");
    let members = Rc::new([start("a", 2, NONE), start("b", 9, NONE)]);
    if wait_for(gather(members.each_ref()), 5.millis()).await.is_err() {
        log!("TimeoutError {}", show(members.iter()));
    }
    assert_eq!(outcome(&members[0]), "value 'a'");
}

#[test]
fn a_gather_with_a_handle() {
    let asyncio = include_str!("../../traces/programs/gathers.out");
    conforms(&asyncio.replace("cancelled False CancelledError", "cancelled True CancelledError"), || run(main));
}
