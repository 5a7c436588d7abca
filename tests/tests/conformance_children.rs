//! Groups whose children fail, are cancelled or multiply, alone and in each other, on CPython and here:
//! `tests/traces/programs/groups.py`.
#![cfg(feature = "ours")]

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;

use segno::ErrorGroup;
use segno::prelude::*;
use segno_tests::conformance::{Repr, Reraise, catching, conforms, new_loop_of, outcome, run};
use segno_tests::logn;

/// An error of a group inside.
#[derive(Debug, Clone)]
struct Text(&'static str);

/// What a child or a body ends with: an error, or those of a group inside.
#[derive(Debug, Clone)]
enum Error {
    One(&'static str),
    Grouped(Box<ErrorGroup<Text>>),
}

/// Errors as Python shows them.
trait Show {
    fn show(&self) -> String;
}

impl Show for Text {
    fn show(&self) -> String {
        self.0.repr()
    }
}

impl Show for Error {
    fn show(&self) -> String {
        match self {
            Error::One(text) => text.repr(),
            Error::Grouped(errors) => errors.show(),
        }
    }
}

impl<E: Show> Show for ErrorGroup<E> {
    fn show(&self) -> String {
        format!("[{}]", self.iter().map(Show::show).collect::<Vec<_>>().join(", "))
    }
}

impl From<&'static str> for Text {
    fn from(text: &'static str) -> Text {
        Text(text)
    }
}

impl From<&'static str> for Error {
    fn from(text: &'static str) -> Error {
        Error::One(text)
    }
}

type Ends<E> = Result<(), ErrorGroup<E>>;

fn cancelling(lp: &'static EventLoop) -> u32 {
    lp.current_task().expect("a task runs").cancelling()
}

/// A child: its name, how long it sleeps, its error, and that of its cleanup.
type Child = (&'static str, u64, Option<&'static str>, Option<&'static str>);

#[segno::coroutine]
async fn sleeps<E: From<&'static str>>(child: Child) -> Result<(), E> {
    let (tag, delay, fail, cleanup) = child;
    logn!("{tag} starts");
    if catching(sleep(delay.millis())).await.is_err() {
        logn!("{tag} cancelled");
        if let Some(cleanup) = cleanup {
            return Err(cleanup.into());
        }
        Reraise.await;
    }
    if let Some(fail) = fail {
        return Err(fail.into());
    }
    logn!("{tag} ends");
    Ok(())
}

fn create<E: From<&'static str> + Clone + 'static>(group: &TaskGroup<E>, children: &[Child]) {
    for child in children {
        group.create_task(sleeps::<E>(*child)).unwrap();
    }
}

#[segno::coroutine]
async fn nothing() -> Result<(), Error> {
    Ok(())
}

#[segno::coroutine]
async fn raises() -> Result<(), Error> {
    Err(Error::One("at once"))
}

#[segno::coroutine]
async fn lingers() -> Result<(), Error> {
    if catching(sleep(9.millis())).await.is_err() {
        sleep(5.millis()).await;
        logn!("body cleaned up");
        Reraise.await;
    }
    Ok(())
}

#[segno::coroutine]
async fn body_of<B: Coroutine<Output = Result<(), Error>>>(
    group: TaskGroup<Error>,
    children: &'static [Child],
    body: B,
) -> Result<(), Error> {
    create(&group, children);
    body.await
}

#[segno::coroutine]
async fn grouped<B: Coroutine<Output = Result<(), Error>>>(
    lp: &'static EventLoop,
    children: &'static [Child],
    body: B,
) -> Ends<Error> {
    let group = TaskGroup::new(lp).unwrap();
    group.scope(body_of(group.clone(), children, body)).await
}

#[segno::coroutine]
async fn inner_body(group: TaskGroup<Text>, children: &'static [Child]) -> Result<(), Text> {
    create(&group, children);
    sleeps(("body", 9, None, None)).await
}

#[segno::coroutine]
async fn outer_body(lp: &'static EventLoop, inner: &'static [Child]) -> Result<(), Error> {
    let group = TaskGroup::new(lp).unwrap();
    group.scope(inner_body(group.clone(), inner)).await.map_err(|errors| Error::Grouped(errors.into()))
}

#[segno::coroutine]
async fn awaits<C: Coroutine<Output = Ends<Error>> + 'static>(lp: &'static EventLoop, coroutine: C) -> Ends<Error> {
    lp.create_task(coroutine).unwrap().await
}

#[segno::coroutine]
async fn caught<C: Coroutine<Output = Ends<Error>>>(lp: &'static EventLoop, coroutine: C) {
    match catching(coroutine).await {
        Ok(Ok(())) => logn!("ends {}", cancelling(lp)),
        Ok(Err(errors)) => logn!("errors {} {}", errors.show(), cancelling(lp)),
        Err(Cancelled) => {
            logn!("CancelledError {}", cancelling(lp));
            Reraise.await;
        }
    }
}

#[segno::coroutine]
async fn cancelled_at<C: Coroutine<Output = Ends<Error>> + 'static>(lp: &'static EventLoop, delay: u64, coroutine: C) {
    let task = lp.create_task(caught(lp, coroutine)).unwrap();
    sleep(delay.millis()).await;
    let cancelled = task.cancel();
    logn!("cancel {}", cancelled.repr());
    wait(&[&task]).await;
    logn!("{} {}", outcome(&task), task.cancelling());
}

/// A coroutine that creates others of its own type; boxed, for that type knows no end.
struct Hydra(Pin<Box<dyn Coroutine<Output = Result<(), Error>>>>);

impl Coroutine for Hydra {
    type Output = Result<(), Error>;

    fn resume(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        self.0.as_mut().resume(cx)
    }
}

/// How many heads there have been, and how many were refused.
type Heads = Rc<[Cell<u32>; 2]>;

fn count_one(cell: &Cell<u32>) {
    cell.set(cell.get() + 1);
}

fn hydra(group: TaskGroup<Error>, heads: Heads) -> Hydra {
    Hydra(Box::pin(grows(group, heads)))
}

#[segno::coroutine]
async fn grows(group: TaskGroup<Error>, heads: Heads) -> Result<(), Error> {
    count_one(&heads[0]);
    if catching(sleep(2.millis())).await.is_err() {
        if group.create_task(hydra(group.clone(), heads.clone())).is_err() {
            count_one(&heads[1]);
        }
        Reraise.await;
    }
    for _ in 0..2 {
        group.create_task(hydra(group.clone(), heads.clone())).unwrap();
    }
    Ok(())
}

#[segno::coroutine]
async fn hercules(heads: Heads) -> Result<(), Error> {
    while heads[0].get() < 10 {
        sleep(3.millis()).await;
    }
    Err(Error::One("dead"))
}

#[segno::coroutine]
async fn arena(group: TaskGroup<Error>, heads: Heads) -> Result<(), Error> {
    group.create_task(hydra(group.clone(), heads.clone())).unwrap();
    group.create_task(hercules(heads)).unwrap();
    Ok(())
}

#[segno::coroutine]
async fn fight(lp: &'static EventLoop) -> Ends<Error> {
    let (group, heads) = (TaskGroup::new(lp).unwrap(), Heads::default());
    let ends = group.scope(arena(group.clone(), heads.clone())).await;
    logn!("heads {} refused {}", heads[0].get(), heads[1].get());
    ends
}

#[segno::coroutine]
async fn one_in_each(inner: TaskGroup<Error>, outer: TaskGroup<Error>) -> Result<(), Error> {
    create(&inner, &[("i", 0, Some("inner"), None)]);
    create(&outer, &[("o", 0, Some("outer"), None)]);
    Ok(())
}

#[segno::coroutine]
async fn between(lp: &'static EventLoop, outer: TaskGroup<Error>) -> Result<(), Error> {
    let inner = TaskGroup::new(lp).unwrap();
    if let Err(errors) = inner.scope(one_in_each(inner.clone(), outer)).await {
        logn!("inner {} {}", errors.show(), cancelling(lp));
    }
    logn!("between {}", cancelling(lp));
    Ok(())
}

#[segno::coroutine]
async fn both_cancelled(lp: &'static EventLoop) {
    let outer = TaskGroup::new(lp).unwrap();
    if let Err(errors) = outer.scope(between(lp, outer.clone())).await {
        logn!("outer {} {}", errors.show(), cancelling(lp));
    }
}

#[segno::coroutine]
async fn error_and_cancel(lp: &'static EventLoop) {
    const CHILDREN: &[Child] = &[("e", 1, Some("error"), None)];
    if let Err(errors) = grouped(lp, CHILDREN, sleeps(("body", 9, None, None))).await {
        logn!("errors {} {}", errors.show(), cancelling(lp));
    }
    logn!("behind {}", cancelling(lp));
    sleep(9.millis()).await;
    logn!("never");
}

#[segno::coroutine]
async fn twice(lp: &'static EventLoop) {
    // asyncio raises, for which a coroutine's output has no place here: it is cancelled, and the handler told.
    lp.set_exception_handler(Some(|_, context| logn!("{}", context.message.trim_start_matches("TaskGroup "))));
    let group = TaskGroup::<Error>::new(lp).unwrap();
    group.scope(nothing()).await.unwrap();
    assert!(catching(group.scope(raises())).await.is_err());
}

const NONE: &[Child] = &[];
const TWO: &[Child] = &[("a", 9, None, None), ("b", 9, None, None)];
const FAILS: &[Child] = &[("a", 3, Some("a"), None)];

#[segno::coroutine]
async fn from_outside(lp: &'static EventLoop) {
    logn!("--- cancelled from outside: body and children, all without a word");
    cancelled_at(lp, 1, grouped(lp, TWO, sleeps(("body", 9, None, None)))).await;
    logn!("--- no children");
    cancelled_at(lp, 1, grouped(lp, NONE, sleeps(("body", 9, None, None)))).await;
    logn!("--- the body ends with an error of its own");
    cancelled_at(lp, 1, grouped(lp, NONE, sleeps(("body", 9, None, Some("own"))))).await;
    logn!("--- no body");
    cancelled_at(lp, 1, grouped(lp, TWO, nothing())).await;
    logn!("--- errors while being cancelled, in a group in a group");
    let inner: &[Child] = &[("i", 9, None, Some("i")), ("k", 9, None, Some("k"))];
    cancelled_at(lp, 1, grouped(lp, NONE, outer_body(lp, inner))).await;
    let (outer, inner): (&[Child], &[Child]) =
        (&[("o", 9, None, None)], &[("i", 9, None, Some("i")), ("k", 9, None, None)]);
    cancelled_at(lp, 1, grouped(lp, outer, outer_body(lp, inner))).await;
    logn!("--- a child fails while the body, cancelled from outside, cleans up");
    cancelled_at(lp, 1, grouped(lp, FAILS, lingers())).await;
    cancelled_at(lp, 1, awaits(lp, grouped(lp, FAILS, lingers()))).await;
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    from_outside(lp).await;
    logn!("--- the body fails before the children have begun");
    caught(lp, grouped(lp, TWO, raises())).await;
    logn!("--- a child fails, and so does the body when it is cancelled");
    let children: &[Child] = &[("a", 1, Some("a"), None)];
    caught(lp, grouped(lp, children, sleeps(("body", 9, None, Some("body"))))).await;
    logn!("--- children that make children");
    caught(lp, fight(lp)).await;
    logn!("--- a child of each of two groups fails in the same turn");
    both_cancelled(lp).await;
    logn!("--- an error and a request at the same time, with the request first");
    let task = lp.create_task(error_and_cancel(lp)).unwrap();
    sleep(1.millis()).await;
    sleep(0.millis()).await;
    let cancelled = task.cancel();
    logn!("cancel {} {}", cancelled.repr(), task.cancelling());
    wait(&[&task]).await;
    logn!("{} {}", outcome(&task), task.cancelling());
    logn!("--- a second time");
    twice(lp).await;
}

#[test]
fn c64_to_c73_children_that_fail_are_cancelled_or_multiply() {
    conforms(include_str!("../traces/programs/groups.out"), || run(main));
}

#[segno::coroutine]
async fn ends_soon() {
    sleep(1.millis()).await;
}

#[segno::coroutine]
async fn one_after_the_other(lp: &'static EventLoop, group: TaskGroup<()>) -> Result<(), ()> {
    for _ in 0..500 {
        group.create_infallible(ends_soon()).unwrap();
        group.create_infallible(ends_soon()).unwrap();
        assert!(lp.all_tasks().count() <= 5);
        sleep(1.millis()).await;
    }
    sleep(2.millis()).await;
    assert_eq!(lp.all_tasks().count(), 1);
    Ok(())
}

/// A child leaves its group, and the loop's memory, when it ends: a long group needs no more of it than a short one.
#[test]
fn c71_children_leave_when_they_end() {
    let lp = new_loop_of(1024);
    let group = TaskGroup::new(lp).unwrap();
    assert_eq!(lp.run_until_complete(group.scope(one_after_the_other(lp, group.clone()))).unwrap().ok(), Some(()));
}
