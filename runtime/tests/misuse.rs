//! What programs do by mistake or in the wrong place: destructors that reach the loop, tasks that await themselves, more
//! handles than can be counted. Nothing of it may hang, and nothing may touch memory that was given back.

mod common;

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;

use common::{Next, flow, new_loop, pause};
use segno::time::{Duration, ExtU64, Instant};
use segno::{AnyTask, Context, Coroutine, ErrorContext, EventLoop, Handle, Resume, RunError, Task, sleep, sleep_until};

/// Calls a closure when it is dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Waits for ever, holding something.
fn hold<T: Unpin + 'static>(held: T) -> impl Coroutine<Output = ()> + 'static {
    flow(move |_, cancelled, _| {
        let _ = &held;
        if cancelled { Next::Cancelled } else { pause(sleep(3600.secs())) }
    })
}

#[test]
fn a_callback_may_own_its_own_handle_when_the_loop_is_closed() {
    let lp = new_loop();
    let dropped = Rc::new(Cell::new(0));
    for _ in 0..3 {
        let own: Rc<RefCell<Option<Handle>>> = Rc::default();
        let (held, count) = (own.clone(), dropped.clone());
        let last = OnDrop(move || count.set(count.get() + 1));
        let handle = lp.call_soon(move |_| drop((held, last))).unwrap();
        *own.borrow_mut() = Some(handle);
    }
    lp.close().unwrap();
    assert_eq!(dropped.get(), 3);
    // The memory was given back once: what is allocated now does not overlap.
    let futures: Vec<_> = (0..8).map(|_| lp.create_future::<[u64; 2]>().unwrap()).collect();
    for (n, future) in (0..).zip(&futures) {
        future.set_result([n; 2]).unwrap();
    }
    for (n, future) in (0..).zip(&futures) {
        assert_eq!(future.result(), Ok([n; 2]));
    }
}

#[test]
fn an_output_that_is_being_dropped_stays_where_it_is() {
    struct Output {
        lp: &'static EventLoop,
        canary: [u64; 4],
        intact: Rc<Cell<bool>>,
    }
    impl Drop for Output {
        fn drop(&mut self) {
            // The task is still queued. This makes the loop look at its queue.
            self.lp.close().unwrap();
            let futures: Vec<_> = std::iter::from_fn(|| self.lp.create_future::<[u64; 4]>().ok()).collect();
            for future in &futures {
                future.set_result([7; 4]).unwrap();
            }
            self.intact.set(self.canary == [1; 4]);
        }
    }
    let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 1024);
    let intact = Rc::new(Cell::new(false));
    let seen = intact.clone();
    let task = lp
        .create_task(flow(move |_, _, cx: &mut Context<'_>| {
            lp.wake(cx.waker());
            lp.stop();
            Next::Done(Output { lp, canary: [1; 4], intact: seen.clone() })
        }))
        .unwrap();
    lp.run_forever().unwrap();
    assert!(task.done());
    drop(task);
    assert!(intact.get());
}

#[test]
fn a_callback_is_no_task_even_if_it_creates_one_in_its_own_place() {
    struct Nothing;
    impl Coroutine for Nothing {
        type Output = ();
        fn resume(self: Pin<&mut Self>, _: &mut Context<'_>) -> Resume<()> {
            Resume::Done(())
        }
    }
    fn called(_: &segno::Future<()>, _: usize) {
        let lp = segno::get_running_loop().unwrap();
        let tasks: Vec<_> = (0..20).map(|_| lp.create_task(Nothing).unwrap()).collect();
        assert_eq!(lp.current_task(), None);
        drop(tasks);
    }
    let lp = new_loop();
    // Alone in the memory, so that the first task takes the callback's place.
    drop(
        lp.call_soon(|lp| {
            let tasks: Vec<_> = (0..20).map(|_| lp.create_task(Nothing).unwrap()).collect();
            assert_eq!(lp.current_task(), None);
            drop(tasks);
            lp.stop();
        })
        .unwrap(),
    );
    lp.run_forever().unwrap();
    lp.stop();
    lp.run_forever().unwrap();
    let future = lp.create_future().unwrap();
    future.add_done_callback(called, 0).unwrap();
    future.set_result(()).unwrap();
    drop(future);
    lp.stop();
    lp.run_forever().unwrap();
}

#[test]
fn a_destructor_may_cancel_the_task_that_ran_before() {
    let lp = new_loop();
    let sleeper = lp.create_task(hold(())).unwrap();
    let victim = sleeper.as_any();
    let unstarted = lp
        .create_task(hold(OnDrop(move || {
            assert_eq!(lp.current_task(), None);
            assert!(victim.cancel());
        })))
        .unwrap();
    unstarted.cancel();
    lp.run_until_complete(sleep(1.millis())).unwrap();
    assert!(unstarted.cancelled());
    assert!(sleeper.cancelled());
}

std::thread_local! {
    static REPORTED: RefCell<Vec<(&'static str, Option<AnyTask>)>> = const { RefCell::new(Vec::new()) };
}

fn report(_: &'static EventLoop, context: &ErrorContext) {
    REPORTED.with_borrow_mut(|reported| reported.push((context.message, context.task.clone())));
}

fn reported() -> Vec<(&'static str, Option<AnyTask>)> {
    REPORTED.take()
}

#[test]
fn a_task_that_awaits_itself_is_cancelled_and_reported() {
    for observes in [false, true] {
        let lp = new_loop();
        lp.set_exception_handler(Some(report));
        let own: Rc<RefCell<Option<Task<u8>>>> = Rc::default();
        let slot = own.clone();
        let caught = Rc::new(Cell::new(false));
        let seen = caught.clone();
        let task = lp
            .create_task(flow(move |step, cancelled, _| match step {
                0 if observes => pause(slot.borrow().as_ref().unwrap().as_any().wait()),
                0 => pause(slot.borrow().as_ref().unwrap()),
                _ => {
                    seen.set(cancelled);
                    Next::Done(5)
                }
            }))
            .unwrap();
        let any = task.as_any();
        *own.borrow_mut() = Some(task);
        // Virtual time: without anything to do, this would panic.
        lp.run_until_complete(any.wait()).unwrap();
        assert!(caught.get());
        assert!(!any.cancelled());
        assert_eq!(reported(), [("Task cannot await on itself", Some(any))]);
        own.take();
    }
}

#[test]
fn awaiting_what_belongs_to_another_loop_is_cancelled_and_reported() {
    let (lp, other) = (new_loop(), new_loop());
    lp.set_exception_handler(Some(report));
    let theirs = other.create_future::<u8>().unwrap();
    let task = lp.create_task(theirs.clone()).unwrap();
    assert_eq!(lp.run_until_complete(&task), Err(RunError::Cancelled));
    assert_eq!(reported(), [("Task got Future attached to a different loop", Some(task.as_any()))]);
    assert_eq!(lp.run_until_complete(theirs.clone()), Err(RunError::Cancelled));
    assert_eq!(reported().len(), 1);
    // The loop goes on, and so does what was awaited.
    lp.run_until_complete(sleep(1.millis())).unwrap();
    assert!(!theirs.done());
    // One that has ended can be read by anybody.
    theirs.set_result(3).unwrap();
    assert_eq!(lp.run_until_complete(theirs), Ok(3));
    assert!(reported().is_empty());
}

#[test]
fn more_handles_than_can_be_counted_keep_a_node_for_ever() {
    let lp = new_loop();
    let counted = Rc::new(());
    let future = lp.create_future::<Rc<()>>().unwrap();
    let many: Vec<_> = (0..1000).map(|_| future.clone()).collect();
    future.set_result(counted.clone()).unwrap();
    drop(many);
    assert_eq!(Rc::strong_count(&future.result().unwrap()), 3);
    drop(future);
    // As many as can be counted are counted exactly.
    let future = lp.create_future::<Rc<()>>().unwrap();
    let many: Vec<_> = (0..253).map(|_| future.clone()).collect();
    future.set_result(counted.clone()).unwrap();
    assert_eq!(Rc::strong_count(&counted), 3);
    drop(future);
    drop(many);
    assert_eq!(Rc::strong_count(&counted), 2);
    // Tasks and callbacks too.
    let task = lp.create_task(sleep(1.millis())).unwrap();
    let many: Vec<_> = (0..1000).map(|_| task.as_any()).collect();
    let handle = lp.call_soon(|_| {}).unwrap();
    lp.run_until_complete(&task).unwrap();
    assert!(many.iter().all(AnyTask::done) && !handle.cancelled());
    lp.close().unwrap();
}

#[test]
fn who_waits_for_a_task_learns_of_its_end_though_its_destructor_panics() {
    fn ended(task: &Task<()>, _: usize) {
        assert!(task.cancelled());
        REPORTED.with_borrow_mut(|reported| reported.push(("ended", Some(task.as_any()))));
    }
    let lp = new_loop();
    let task = lp.create_task(hold(OnDrop(|| panic!("in a destructor")))).unwrap();
    task.add_done_callback(ended, 0).unwrap();
    task.cancel();
    let run = || catch_unwind(AssertUnwindSafe(|| lp.run_until_complete(sleep(1.millis()))));
    assert!(run().is_err());
    run().unwrap().unwrap();
    assert_eq!(reported(), [("ended", Some(task.as_any()))]);
    assert_eq!(lp.all_tasks().count(), 0);
    // When its loop is closed, too.
    let task = lp.create_task(hold(OnDrop(|| panic!("in a destructor")))).unwrap();
    let other = lp.create_task(hold(())).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| lp.close())).is_err());
    lp.close().unwrap();
    assert!(task.cancelled() && other.cancelled());
}

#[test]
fn times_at_the_end_of_time() {
    let lp = new_loop();
    let longest = lp.create_task(sleep(Duration::from_ticks(u64::MAX))).unwrap();
    let last = lp.create_task(sleep_until(Instant::from_ticks(u64::MAX))).unwrap();
    let later = lp.call_later(Duration::from_ticks(u64::MAX), |_| panic!("never")).unwrap();
    lp.run_until_complete(sleep(1.millis())).unwrap();
    assert_eq!(later.when(), Instant::from_ticks(u64::MAX));
    assert!(!longest.done() && !last.done());
    later.cancel();
    assert!(longest.cancel());
    assert_eq!(lp.run_until_complete(longest), Err(RunError::Cancelled));
    assert_eq!(lp.run_until_complete(&last), Ok(()));
    assert_eq!(lp.time(), Instant::from_ticks(u64::MAX));
    // Time stands still there; sleeping still ends.
    assert_eq!(lp.run_until_complete(sleep(Duration::from_ticks(u64::MAX))), Ok(()));
}

#[test]
fn a_timer_that_fires_may_cancel_those_that_fire_with_it() {
    let lp = new_loop();
    let ran = Rc::new(Cell::new(0));
    let others: Rc<RefCell<Vec<segno::TimerHandle>>> = Rc::default();
    for n in 0..10 {
        let (ran, others) = (ran.clone(), others.clone());
        let mine = others.clone();
        let handle = lp
            .call_later(1.millis(), move |_| {
                ran.set(ran.get() | 1 << n);
                mine.borrow_mut().drain(1..).for_each(|other| other.cancel());
            })
            .unwrap();
        others.borrow_mut().push(handle);
    }
    lp.run_until_complete(sleep(2.millis())).unwrap();
    assert_eq!(ran.get(), 1);
    others.take();
}

#[test]
fn a_waited_for_task_is_listed_and_cancelled_once() {
    let lp = new_loop();
    let task = lp.create_task(hold(())).unwrap();
    let any = task.as_any();
    lp.call_soon(|lp| {
        assert_eq!(lp.all_tasks().count(), 1);
        lp.all_tasks().for_each(|task| assert!(task.cancel()));
    })
    .unwrap();
    assert_eq!(lp.run_until_complete(&task), Err(RunError::Cancelled));
    assert_eq!(any.cancelling(), 1);
}

#[test]
fn sleeping_until_a_moment_that_has_passed_costs_one_turn() {
    let lp = new_loop();
    let turns = Rc::new(RefCell::new(Vec::new()));
    let seen = turns.clone();
    lp.run_until_complete(flow(move |step, _, _| {
        seen.borrow_mut().push(lp.turn());
        match step {
            0 => pause(sleep(5.millis())),
            1 => pause(sleep_until(Instant::from_ticks(1000))),
            2 => pause(sleep_until(lp.time())),
            3 => pause(sleep(Duration::from_ticks(0))),
            _ => Next::Done(()),
        }
    }))
    .unwrap();
    assert_eq!(*turns.borrow(), [1, 3, 4, 5, 6]);
}
