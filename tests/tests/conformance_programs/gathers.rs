//! The future that gather gives: asked, cancelled by itself and through who awaits it, before, while and after its members
//! end.
//!
//! Turns are compared in `kept`.

use segno::gather;
use segno::prelude::*;
use segno_tests::conformance::{Exception, Repr, Reraise, catching, conforms, outcome, run};
use segno_tests::log;

use super::kept::{All, First, Kept, Mode, Results, ended, error_text};
use super::{me, show};

type Value = Result<String, Exception>;

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
async fn awaits<K: Kept>(gathered: K) {
    match catching(gathered.join()).await.map(|results| results.text()) {
        Ok(Ok(values)) => log!("gathered {values}"),
        Ok(Err(error)) => log!("error {}", error_text(error)),
        Err(Cancelled) => {
            log!("CancelledError, cancelling {}", me().cancelling());
            Reraise.await;
        }
    }
}

fn one<K: Kept>(lp: &'static EventLoop, gathered: &K) -> Task<()> {
    lp.create_task(awaits(gathered.clone())).unwrap()
}

const NONE: Options = Options { fail: false, cleanup: 0, swallow: false };

#[segno::coroutine]
async fn round<M: Mode + 'static>(lp: &'static EventLoop) {
    let start = |tag, delay, options| lp.create_task(job(tag, delay, options)).unwrap();
    let two = |delays: [u64; 2]| [start("a", delays[0], NONE), start("b", delays[1], NONE)];
    log!("--- return_exceptions {} : it ends by itself", M::EXCEPTIONS.repr());
    let members = two([2, 1]);
    let gathered = M::gather(lp, members.each_ref());
    log!("done {} {}", gathered.is_done().repr(), ended(&gathered));
    wait(&[&gathered]).await;
    log!("done {} cancelled {} {}", gathered.is_done().repr(), gathered.is_cancelled().repr(), ended(&gathered));
    log!("cancel {}", gathered.give_up().repr());
    log!("--- cancelled by itself, in the turn in which it was made");
    let members = two([2, 1]);
    let gathered = M::gather(lp, members.each_ref());
    log!("cancel {} done {}", gathered.give_up().repr(), gathered.is_done().repr());
    wait(&[&gathered]).await;
    log!("cancelled {} {} {}", gathered.is_cancelled().repr(), ended(&gathered), show(members.iter()));
    log!("--- cancelled by itself, as they run; one cleans up, one has ended, one swallows");
    let members = [
        start("a", 9, NONE),
        start("b", 9, Options { cleanup: 3, ..NONE }),
        start("c", 1, NONE),
        start("d", 9, Options { swallow: true, ..NONE }),
    ];
    let gathered = M::gather(lp, members.each_ref());
    sleep(2.millis()).await;
    log!("cancel {} done {}", gathered.give_up().repr(), gathered.is_done().repr());
    wait(&[&gathered]).await;
    log!("cancelled {} {} {}", gathered.is_cancelled().repr(), ended(&gathered), show(members.iter()));
    wait(&members).await;
    log!("{} again {}", show(members.iter()), gathered.give_up().repr());
    log!("--- two tasks wait for it, one of them is cancelled");
    let members = two([9, 9]);
    let gathered = M::gather(lp, members.each_ref());
    let waiting = [(); 2].map(|()| one(lp, &gathered));
    sleep(1.millis()).await;
    log!("cancel {}", waiting[0].cancel().repr());
    wait(&waiting).await;
    let counts = waiting.each_ref().map(Task::cancelling);
    log!("{} {} {counts:?}", show(&waiting), show(members.iter()));
    log!("--- a member fails, one goes on; then it is cancelled");
    let members = [start("a", 1, Options { fail: true, ..NONE }), start("b", 5, NONE)];
    let gathered = M::gather(lp, members.each_ref());
    sleep(2.millis()).await;
    log!("done {} cancel {}", gathered.is_done().repr(), gathered.give_up().repr());
    wait(&[&gathered]).await;
    let end = if M::EXCEPTIONS { "CancelledError".into() } else { ended(&gathered) };
    log!("cancelled {} {end}", gathered.is_cancelled().repr());
    wait(&members).await;
    log!("{}", show(members.iter()));
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    round::<First>(lp).await;
    round::<All>(lp).await;
    let start = |tag, delay, options| lp.create_task(job(tag, delay, options)).unwrap();
    log!("--- all swallow the request: it comes out all the same");
    let swallow = Options { swallow: true, ..NONE };
    let members = [start("a", 9, swallow), start("b", 9, swallow)];
    let gathered = First::gather(lp, members.each_ref());
    sleep(1.millis()).await;
    gathered.give_up();
    wait(&[&gathered]).await;
    log!("cancelled {} {} {}", gathered.is_cancelled().repr(), ended(&gathered), show(members.iter()));
    log!("--- a gather in a gather, of which the outer one is cancelled");
    let members = [start("a", 9, NONE), start("b", 9, NONE)];
    let third = [start("c", 9, NONE)];
    let inner = First::gather(lp, members.each_ref());
    let outer = First::nested(lp, &inner, &third[0]);
    sleep(1.millis()).await;
    log!("cancel {}", outer.cancel().repr());
    wait(&[&outer]).await;
    let ends = members.iter().chain(third.iter());
    log!("{} {} {}", ended(&outer), ended(&inner), show(ends));
    log!("--- a limit");
    let members = [start("a", 2, NONE), start("b", 9, NONE)];
    if wait_for(gather(members.each_ref()), 5.millis()).await.is_err() {
        log!("TimeoutError {}", show(members.iter()));
    }
    assert_eq!(outcome(&members[0]), "value 'a'");
}

#[test]
fn a_gather_with_a_handle() {
    conforms(include_str!("../../traces/programs/gathers.out"), || run(main));
}
