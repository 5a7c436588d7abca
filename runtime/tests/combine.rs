//! Combinators of children that live in their parent's frame: what asyncio has no traces of.
#![cfg(feature = "std")]

mod common;

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::AtomicPtr;
use std::sync::atomic::Ordering::Relaxed;

use common::new_loop;
use segno::Timeout;
use segno::prelude::*;

/// A cancellation that goes on.
struct Reraise;

impl Coroutine for Reraise {
    type Output = Infallible;

    fn resume(self: Pin<&mut Self>, _: &mut Context<'_>) -> Resume<Infallible> {
        Resume::Cancelled
    }
}

fn millis(lp: &'static EventLoop) -> u64 {
    lp.time().as_ticks() / 1000
}

/// What happened, and when.
type Log = RefCell<Vec<String>>;

fn note(lp: &'static EventLoop, log: &Log, text: &str) {
    log.borrow_mut().push(format!("{} {text}", millis(lp)));
}

/// Sleeps, and if it is cancelled, cleans up for as long as it is told.
#[segno::coroutine]
async fn job(lp: &'static EventLoop, log: &Log, name: &str, delay: u64, cleanup: u64) -> u64 {
    note(lp, log, &format!("{name} starts"));
    if sleep(delay.millis()).catch_cancel().await.is_err() {
        note(lp, log, &format!("{name} cancelled"));
        sleep(cleanup.millis()).await;
        note(lp, log, &format!("{name} clean"));
        Reraise.await;
    }
    note(lp, log, &format!("{name} ends"));
    delay
}

fn run<C: Coroutine>(coroutine: impl FnOnce(&'static EventLoop) -> C) -> C::Output {
    let lp = new_loop();
    let output = lp.run_until_complete(coroutine(lp)).unwrap();
    lp.close().unwrap();
    output
}

#[segno::coroutine]
async fn push(list: &mut Vec<u64>, delay: u64) -> usize {
    for step in 0..3 {
        sleep(delay.millis()).await;
        list.push(delay + step);
    }
    list.len()
}

#[test]
fn children_borrow_from_their_parent() {
    #[segno::coroutine]
    async fn parent() -> (Vec<u64>, Vec<u64>, Vec<u64>) {
        let (mut a, mut b, mut c) = (vec![], vec![], vec![]);
        let (one, two) = gather!(push(&mut a, 1), push(&mut b, 2)).await;
        assert_eq!((one, two), (3, 3));
        a.push(9);
        let winner = select!(push(&mut a, 10), push(&mut b, 20), push(&mut c, 5)).await;
        assert_eq!(winner, Either3::Third(3));
        assert_eq!(timeout(10.millis(), push(&mut a, 4)).await, Err(TimedOut));
        assert_eq!(wait_for(push(&mut b, 4), 12.millis()).await, Err(TimedOut));
        assert_eq!(wait_for(push(&mut c, 4), 13.millis()).await, Ok(6));
        (a, b, c)
    }

    let (a, b, c) = run(|_| parent());
    assert_eq!(a, [1, 2, 3, 9, 10, 4, 5]);
    // Its third timer and the timeout are due at the same moment; the timeout was set first.
    assert_eq!(b, [2, 3, 4, 4, 5]);
    assert_eq!(c, [5, 6, 7, 4, 5, 6]);
}

#[test]
fn the_losers_of_a_select_clean_up_before_it_ends() {
    #[segno::coroutine]
    async fn parent(lp: &'static EventLoop, log: Rc<Log>) {
        let winner = select!(job(lp, &log, "a", 50, 5), job(lp, &log, "b", 10, 0), job(lp, &log, "c", 60, 7)).await;
        note(lp, &log, &format!("{winner:?}"));
        let (index, delay) = select([job(lp, &log, "d", 3, 0), job(lp, &log, "e", 3, 0)]).await;
        note(lp, &log, &format!("{index} {delay}"));
    }

    let log = Rc::new(Log::default());
    run(|lp| parent(lp, log.clone()));
    let expected = [
        "0 a starts",
        "0 b starts",
        "0 c starts",
        "10 b ends",
        "10 a cancelled",
        "10 c cancelled",
        "15 a clean",
        "17 c clean",
        "17 Second(10)",
        "17 d starts",
        "17 e starts",
        "20 d ends",
        "20 e ends",
        "20 0 3",
    ];
    assert_eq!(*log.borrow(), expected);
}

#[test]
fn a_task_that_loses_goes_on() {
    #[segno::coroutine]
    async fn parent(lp: &'static EventLoop) -> u64 {
        let task = lp.create_task(sleep(30.millis())).unwrap();
        assert_eq!(select!(&task, sleep(10.millis())).await, Either::Second(()));
        assert!(!task.done() && task.cancelling() == 0);
        assert_eq!(select!(sleep(50.millis()), &task).await, Either::Second(()));
        millis(lp)
    }

    assert_eq!(run(parent), 30);
}

#[test]
fn an_error_stops_the_coroutines_beside_it_and_waits_for_them() {
    #[segno::coroutine]
    async fn fails(lp: &'static EventLoop, log: &Log) -> Result<(), &'static str> {
        sleep(10.millis()).await;
        note(lp, log, "fails");
        Err("bad")
    }

    #[segno::coroutine]
    async fn never_fails(lp: &'static EventLoop, log: &Log) -> Result<(), &'static str> {
        job(lp, log, "a", 50, 5).await;
        Ok(())
    }

    #[segno::coroutine]
    async fn parent(lp: &'static EventLoop, log: Rc<Log>) {
        let failed = try_gather!(never_fails(lp, &log), fails(lp, &log)).await;
        note(lp, &log, &format!("{failed:?}"));
    }

    let log = Rc::new(Log::default());
    run(|lp| parent(lp, log.clone()));
    assert_eq!(*log.borrow(), ["0 a starts", "10 fails", "10 a cancelled", "15 a clean", "15 Err(\"bad\")"]);
}

/// A parent waits in several places at once; a request to it reaches all of them, and tasks at once.
#[test]
fn a_cancel_request_reaches_every_child() {
    #[segno::coroutine]
    async fn awaits(task: Task<u64>) -> u64 {
        task.await
    }

    #[segno::coroutine]
    async fn stubborn(cancelled: Rc<Cell<u64>>, lp: &'static EventLoop) -> u64 {
        if sleep(1000.millis()).catch_cancel().await.is_err() {
            cancelled.set(lp.turn());
            sleep(4.millis()).await;
        }
        7
    }

    #[segno::coroutine]
    async fn parent(lp: &'static EventLoop, log: Rc<Log>, seen: Rc<Cell<u64>>) {
        let task = lp.create_task(stubborn(seen, lp)).unwrap();
        let future: Future<u64> = lp.create_future().unwrap();
        let ended = gather!(awaits(task), job(lp, &log, "a", 100, 2), &future).catch_cancel().await;
        assert!(ended.is_err(), "a gather that was cancelled is");
        note(lp, &log, &format!("cancelled {}", future.cancelled()));
        Reraise.await;
    }

    let lp = new_loop();
    let (log, seen) = (Rc::new(Log::default()), Rc::new(Cell::new(0)));
    let task = lp.create_task(parent(lp, log.clone(), seen.clone())).unwrap();
    let (cancelled, at) = (task.as_any(), Rc::new(Cell::new(0)));
    let turn = at.clone();
    lp.call_later(10.millis(), move |lp| {
        assert!(cancelled.cancel());
        turn.set(lp.turn());
    })
    .unwrap();
    assert_eq!(lp.run_until_complete(task), Err(RunError::Cancelled));
    assert_eq!(seen.get(), at.get() + 1, "the task is told at once, not when its waiter is resumed");
    assert_eq!(*log.borrow(), ["0 a starts", "10 a cancelled", "12 a clean", "14 cancelled true"]);
    lp.close().unwrap();
}

/// Each of two children has a timeout; the one that expires leaves the other alone, and cancels the task that it awaits.
#[test]
fn a_timeout_in_a_branch_is_its_own_affair() {
    #[segno::coroutine]
    async fn parent(lp: &'static EventLoop, log: Rc<Log>) {
        let task = lp.create_task(sleep(50.millis())).unwrap();
        let (a, b, c) = gather!(
            timeout(10.millis(), &task),
            timeout(20.millis(), job(lp, &log, "b", 15, 0)),
            wait_for(job(lp, &log, "c", 50, 8), 12.millis())
        )
        .await;
        assert_eq!((a, b, c), (Err(TimedOut), Ok(15), Err(TimedOut)));
        assert!(task.cancelled());
        assert_eq!(lp.current_task().unwrap().cancelling(), 0);
        note(lp, &log, "all");
    }

    let log = Rc::new(Log::default());
    run(|lp| parent(lp, log.clone()));
    assert_eq!(*log.borrow(), ["0 b starts", "0 c starts", "12 c cancelled", "15 b ends", "20 c clean", "20 all"]);
}

#[test]
fn a_branch_that_is_cancelled_while_its_timeout_expires_is_cancelled() {
    #[segno::coroutine]
    async fn parent(lp: &'static EventLoop, log: Rc<Log>) {
        // The first child wins while the second one, which has timed out, cleans up.
        let winner = select!(sleep(12.millis()), timeout(10.millis(), job(lp, &log, "b", 50, 5))).await;
        note(lp, &log, &format!("{winner:?}"));
    }

    let log = Rc::new(Log::default());
    run(|lp| parent(lp, log.clone()));
    assert_eq!(*log.borrow(), ["0 b starts", "10 b cancelled", "12 First(())"], "its cleanup was interrupted");
}

#[test]
fn of_nested_timeouts_at_one_moment_the_outermost_expires() {
    #[segno::coroutine]
    async fn inner(limit: &Timeout) -> &'static str {
        match limit.scope(sleep(50.millis())).unwrap().await {
            Err(TimedOut) => "the inner one",
            Ok(()) => "none",
        }
    }

    #[segno::coroutine]
    async fn parent(lp: &'static EventLoop) {
        let (outer, limit) = (Timeout::after(10.millis()), Timeout::after(10.millis()));
        assert_eq!(outer.scope(inner(&limit)).unwrap().await, Err(TimedOut));
        assert!(outer.expired() && limit.expired());
        assert_eq!(lp.current_task().unwrap().cancelling(), 0);
    }

    run(parent);
}

#[test]
fn a_cancellation_by_others_is_no_timeout() {
    for (cancel_at, expected) in
        [(9, Err(RunError::Cancelled)), (10, Err(RunError::Cancelled)), (11, Ok(Err(TimedOut)))]
    {
        let lp = new_loop();
        let task = lp.create_task(timeout(10.millis(), sleep(50.millis()))).unwrap();
        let cancelled = task.as_any();
        lp.call_later(cancel_at.millis(), move |_| _ = cancelled.cancel()).unwrap();
        assert_eq!(lp.run_until_complete(task), expected);
        lp.close().unwrap();
    }
}

/// Kept for ever, in a list, so that it is no leak.
fn kept(timeout: Timeout) -> &'static Timeout {
    struct Kept {
        timeout: Timeout,
        _before: *mut Kept,
    }
    static LAST: AtomicPtr<Kept> = AtomicPtr::new(core::ptr::null_mut());
    let kept = Box::leak(Box::new(Kept { timeout, _before: LAST.load(Relaxed) }));
    LAST.store(kept, Relaxed);
    &kept.timeout
}

#[test]
fn a_timeout_can_be_moved_from_outside() {
    let lp = new_loop();
    let limit = kept(Timeout::after(10.millis()));
    lp.call_later(5.millis(), move |lp| limit.reschedule(Some(lp.time() + 2.millis())).unwrap()).unwrap();
    assert_eq!(lp.run_until_complete(limit.scope(sleep(50.millis())).unwrap()), Ok(Err(TimedOut)));
    assert_eq!(millis(lp), 7);
    let limit = kept(Timeout::after(10.millis()));
    lp.call_later(5.millis(), move |lp| limit.reschedule(Some(lp.time())).unwrap()).unwrap();
    assert_eq!(lp.run_until_complete(limit.scope(sleep(50.millis())).unwrap()), Ok(Err(TimedOut)));
    assert_eq!(millis(lp), 12);
    lp.close().unwrap();
}

#[test]
fn a_suspended_combinator_can_be_dropped() {
    let lp = new_loop();
    let log = Rc::new(Log::default());
    let kept = log.clone();
    lp.create_task(async_parent(lp, log.clone())).unwrap();
    lp.call_later(5.millis(), |lp| lp.stop()).unwrap();
    lp.run_forever().unwrap();
    assert_eq!(Rc::strong_count(&kept), 3);
    lp.close().unwrap();
    drop(log);
    assert_eq!(Rc::strong_count(&kept), 1);
}

#[segno::coroutine]
async fn async_parent(lp: &'static EventLoop, log: Rc<Log>) {
    let task = lp.create_task(sleep(9.millis())).unwrap();
    let limit = timeout(20.millis(), job(lp, &log, "a", 50, 5));
    let ended = gather!(limit, shield(&task), select!(&task, sleep(30.millis()))).catch_cancel().await;
    assert!(ended.is_err());
}

/// Tasks that end after so many milliseconds, with that.
fn after(lp: &'static EventLoop, delays: &[u64]) -> Vec<Task<u64>> {
    delays.iter().map(|delay| lp.create_task(pause_for(*delay)).unwrap()).collect()
}

#[segno::coroutine]
async fn pause_for(delay: u64) -> u64 {
    sleep(delay.millis()).await;
    delay
}

fn array<const N: usize>(tasks: Vec<Task<u64>>) -> [Task<u64>; N] {
    tasks.try_into().unwrap()
}

/// Takes one after the other, and is busy for so long with each.
#[segno::coroutine]
async fn completions<const N: usize>(tasks: &[Task<u64>; N], busy: u64, limit: Option<u64>) -> Vec<Option<u64>> {
    let mut order = Vec::new();
    let completed = as_completed(tasks);
    let mut completed = pin!(match limit {
        Some(limit) => completed.timeout(limit.millis()),
        None => completed,
    });
    while let Some(next) = completed.next().await {
        order.push(next.ok().map(|task| task.result().unwrap()));
        sleep(busy.millis()).await;
    }
    assert_eq!(completed.next().await.map(|_| ()), None, "it stays over");
    order
}

#[test]
fn who_completes_while_another_one_is_handled_is_given_in_that_order() {
    let lp = new_loop();
    let tasks: [_; 4] = array(after(lp, &[1, 9, 5, 7]));
    assert_eq!(lp.run_until_complete(completions(&tasks, 20, None)).unwrap(), [1, 5, 7, 9].map(Some));
    assert_eq!(
        lp.run_until_complete(completions(&tasks, 20, None)).unwrap(),
        [1, 9, 5, 7].map(Some),
        "all ended before"
    );
    let tasks: [_; 3] = array(after(lp, &[4, 3, 2]));
    lp.run_until_complete(sleep(3.millis())).unwrap();
    assert_eq!(lp.run_until_complete(completions(&tasks, 1, None)).unwrap(), [3, 2, 4].map(Some), "some ended before");
    assert_eq!(lp.run_until_complete(completions(&[], 1, None)).unwrap(), []);
}

#[test]
fn who_completes_late_is_too_late_for_all_questions() {
    let lp = new_loop();
    let tasks: [_; 4] = array(after(lp, &[1, 9, 5, 7]));
    let order = lp.run_until_complete(completions(&tasks, 20, Some(6))).unwrap();
    assert_eq!(order, [Some(1), Some(5), None, None]);
    let order = lp.run_until_complete(completions(&tasks, 1, Some(0))).unwrap();
    assert_eq!(order, [1, 9, 5, 7].map(Some), "who has ended before is in time");
}

#[segno::coroutine]
async fn twice(lp: &'static EventLoop) -> Vec<u64> {
    let mut order = Vec::new();
    let tasks: [_; 2] = array(after(lp, &[2, 1]));
    let again = [&tasks[0], &tasks[1], &tasks[0], &tasks[1]];
    let mut completed = pin!(as_completed(&again));
    while let Some(Ok(task)) = completed.next().await {
        order.push(task.result().unwrap());
    }
    order
}

#[test]
fn who_is_named_twice_completes_once() {
    let lp = new_loop();
    assert_eq!(lp.run_until_complete(twice(lp)).unwrap(), [1, 2]);
}

#[segno::coroutine]
async fn impatient(lp: &'static EventLoop) -> Vec<Option<u64>> {
    let mut order = Vec::new();
    let tasks: [_; 3] = array(after(lp, &[5, 3, 1]));
    let mut completed = pin!(as_completed(&tasks));
    loop {
        match wait_for(completed.next(), 2.millis()).await {
            Ok(Some(Ok(task))) => order.push(Some(task.result().unwrap())),
            Ok(_) => return order,
            Err(TimedOut) => order.push(None),
        }
    }
}

#[test]
fn a_question_that_is_cancelled_loses_nobody() {
    let lp = new_loop();
    assert_eq!(lp.run_until_complete(impatient(lp)).unwrap(), [Some(1), None, Some(3), None, Some(5)]);
}

/// Asks, and goes away before all have answered, at every millisecond.
#[segno::coroutine]
async fn leaves_early(lp: &'static EventLoop, leave: u64) {
    let tasks: [_; 4] = array(after(lp, &[0, 2, 2, 4]));
    sleep(1.millis()).await;
    let all = completions(&tasks, 1, Some(3));
    select!(all, sleep(leave.millis())).await;
    gather(tasks).await;
}

#[test]
fn who_asks_may_go_away_at_any_time() {
    for leave in 0..6 {
        let lp = new_loop();
        lp.run_until_complete(leaves_early(lp, leave)).unwrap();
        assert_eq!(lp.all_tasks().count(), 0);
        lp.close().unwrap();
    }
}

#[segno::coroutine]
async fn all_of(tasks: Rc<[Task<u64>; 3]>) -> Vec<Option<u64>> {
    completions(&tasks, 0, None).await
}

#[segno::coroutine]
async fn first_of(tasks: Rc<[Task<u64>; 3]>) -> u64 {
    (&tasks[0]).await
}

/// Two ask about the same members, and a third one awaits one of them in between.
#[test]
fn several_may_ask_about_the_same_members() {
    let lp = new_loop();
    let tasks = Rc::new(array(after(lp, &[3, 1, 2])));
    let first = lp.create_task(all_of(tasks.clone())).unwrap();
    let between = lp.create_task(first_of(tasks.clone())).unwrap();
    let second = lp.create_task(all_of(tasks)).unwrap();
    let ended = lp.run_until_complete(gather((first, between, second))).unwrap();
    assert_eq!(ended, ([1, 2, 3].map(Some).to_vec(), 3, [1, 2, 3].map(Some).to_vec()));
}

#[test]
fn members_of_another_loop_are_refused() {
    thread_local!(static TOLD: Cell<Option<&'static str>> = const { Cell::new(None) });

    let (lp, other) = (new_loop(), new_loop());
    lp.set_exception_handler(Some(|_, context| TOLD.set(Some(context.message))));
    let tasks: [_; 1] = array(after(other, &[1]));
    assert_eq!(lp.run_until_complete(completions(&tasks, 0, None)), Err(RunError::Cancelled));
    assert_eq!(TOLD.get(), Some("Task got Future attached to a different loop"));
}

/// A limit that is moved into the past in the turn in which the future is set, in a loop with room for asyncio's callback, and
/// without: then the task stands for it, and has a turn more.
#[test]
fn a_limit_that_is_moved_into_the_past_needs_no_room() {
    let turns = [false, true].map(|full| {
        let lp = new_loop();
        let limit = kept(Timeout::after(1.secs()));
        let future: Future<u8> = lp.create_future().unwrap();
        let task = lp.create_task(limit.scope(future.clone()).unwrap()).unwrap();
        lp.run_until_complete(sleep(1.millis())).unwrap();
        let begun = Rc::new(Cell::new(0));
        let when = begun.clone();
        lp.call_soon(move |lp| {
            let mut filling = Vec::new();
            while let Ok(filler) = lp.create_future::<[u64; 2]>() {
                filling.push(filler);
            }
            if !full {
                filling.clear();
            }
            limit.reschedule(Some(lp.time())).unwrap();
            future.set_result(7).unwrap();
            when.set(lp.turn());
        })
        .unwrap();
        assert_eq!(lp.run_until_complete(task), Ok(Err(TimedOut)));
        assert!(limit.expired());
        lp.turn() - begun.get()
    });
    assert_eq!(turns, [2, 3]);
}
