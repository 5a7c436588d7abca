//! Limits that another task moves into the past, turn by turn, as what is waited for ends in the same turn.

use std::cell::RefCell;
use std::rc::Rc;

use segno::prelude::*;
use segno::{Timeout, gather, shield};
use segno_tests::conformance::{Repr, conforms, outcome, run};
use segno_tests::{logn, say};

use super::me;

#[segno::coroutine]
async fn limited<C: IntoCoroutine<Output: Repr>>(tag: &'static str, scope: Rc<Timeout>, body: C) {
    #[segno::coroutine]
    async fn got<C: IntoCoroutine<Output: Repr>>(tag: &'static str, body: C) {
        let output = body.await;
        logn!("{tag} got {}", output.repr());
    }
    match scope.scope(got(tag, body)).unwrap().await {
        Ok(()) => logn!("{tag} in time {}", scope.expired().repr()),
        Err(TimedOut) => logn!("{tag} TimeoutError {} {}", scope.expired().repr(), me().cancelling()),
    }
}

fn bystander(lp: &'static EventLoop, tag: String, then: Option<String>) {
    lp.call_soon(move |lp| {
        logn!("{tag}");
        if let Some(then) = then {
            bystander(lp, then, None);
        }
    })
    .unwrap();
}

#[segno::coroutine]
async fn moved<C>(lp: &'static EventLoop, tag: &'static str, make: &dyn Fn() -> C, end: &dyn Fn())
where
    C: IntoCoroutine<Output: Repr> + 'static,
{
    for order in ["move end", "end move", "move", "move away end", "end move away"] {
        say!("--- {tag} {order}");
        let scope = Rc::new(Timeout::after(90.millis()));
        let task = lp.create_task(limited(order, scope.clone(), make())).unwrap();
        sleep(1.millis()).await;
        bystander(lp, "first".into(), Some("first again".into()));
        for word in order.split(' ') {
            match word {
                "end" => end(),
                "away" => scope.reschedule(Some(lp.time() + 20.millis())).unwrap(),
                _ => scope.reschedule(Some(lp.time())).unwrap(),
            }
            bystander(lp, format!("after {word}"), Some(format!("again after {word}")));
        }
        wait(&[&task]).await;
        logn!("{} {}", outcome(&task), scope.expired().repr());
        if !order.contains("end") {
            end();
        }
    }
}

#[segno::coroutine]
async fn waits_event(event: Rc<Event>) -> bool {
    event.wait().await;
    true
}

#[segno::coroutine]
async fn gets(queue: Rc<Queue<i32, 1>>) -> i32 {
    queue.get().await.unwrap()
}

#[segno::coroutine]
async fn job(future: Future<i32>) -> i32 {
    future.await
}

#[segno::coroutine]
async fn both(future: Future<i32>) -> String {
    let [a, b] = gather([&future, &future]).await;
    format!("[{a}, {b}]")
}

#[segno::coroutine]
async fn waits(future: Future<i32>) -> i32 {
    let members = [&future];
    let ended = wait(&members).await;
    ended.done().count() as i32
}

/// What [`Repr`] writes as it is.
#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    let future: RefCell<Option<Future<i32>>> = RefCell::default();
    let make_future = || {
        let made = lp.create_future().unwrap();
        *future.borrow_mut() = Some(made.clone());
        made
    };
    let set = || _ = future.borrow().as_ref().unwrap().set_result(1);
    moved(lp, "future", &make_future, &set).await;
    moved(lp, "shield", &|| shield(make_future()), &set).await;
    let event: RefCell<Rc<Event>> = RefCell::default();
    let make_event = || {
        let made = Rc::new(Event::new());
        *event.borrow_mut() = made.clone();
        waits_event(made)
    };
    moved(lp, "event", &make_event, &|| event.borrow().set()).await;
    let queue: RefCell<Rc<Queue<i32, 1>>> = RefCell::default();
    let make_queue = || {
        let made = Rc::new(Queue::new());
        *queue.borrow_mut() = made.clone();
        gets(made)
    };
    moved(lp, "queue", &make_queue, &|| queue.borrow().put_nowait(1).unwrap()).await;
    moved(lp, "task", &|| lp.create_task(job(make_future())).unwrap(), &set).await;
    moved(lp, "gather", &|| both(make_future()), &set).await;
    moved(lp, "wait", &|| waits(make_future()), &set).await;
}

#[test]
fn limits_that_are_moved_as_what_is_waited_for_ends() {
    let asyncio = include_str!("../../traces/programs/moved_turns.out");
    conforms(&asyncio.replace("got [1, 1]", "got '[1, 1]'"), || run(main));
}
