//! Task factories: who is told of which task, and how tasks begin.
#![cfg(feature = "std")]

mod common;

use std::cell::{Cell, RefCell};

use common::{Next, flow, new_loop, pause};
use segno::prelude::*;
use segno::task::{NewTask, eager_task_factory};

thread_local! {
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static STARTED: Cell<u32> = const { Cell::new(0) };
}

fn told() -> Vec<String> {
    TOLD.take()
}

fn note(_: &'static EventLoop, new: NewTask) {
    assert!(!new.task().done());
    TOLD.with_borrow_mut(|told| told.push(new.task().name().to_string()));
}

/// Counts its beginning, waits, ends.
fn work(delay: u64) -> impl Coroutine<Output = u64> + 'static {
    flow(move |step, _, _| match step {
        0 => {
            STARTED.set(STARTED.get() + 1);
            pause(sleep(delay.millis()))
        }
        _ => Next::Done(delay),
    })
}

#[test]
fn a_factory_is_told_of_every_task_before_it_begins() {
    let lp = new_loop();
    assert!(lp.get_task_factory().is_none());
    lp.set_task_factory(Some(note));
    assert!(lp.get_task_factory().is_some());
    let named = lp.create_task_named("named", work(2)).unwrap();
    let plain = lp.create_task(work(1)).unwrap();
    assert_eq!(STARTED.get(), 0, "the default is to queue");
    // asyncio's `run_until_complete` makes a task of a coroutine, and none of a task.
    lp.run_until_complete(&named).unwrap();
    let names = told();
    assert_eq!(names.len(), 2);
    assert_eq!(names[0], "named");
    lp.run_until_complete(work(1)).unwrap();
    assert_eq!(told().len(), 1);
    assert!(plain.done());
    lp.set_task_factory(None);
    lp.run_until_complete(lp.create_task(work(1)).unwrap()).unwrap();
    assert_eq!(told(), [""; 0]);
}

#[test]
fn an_eager_factory_starts_tasks_while_the_loop_runs() {
    let lp = new_loop();
    lp.set_task_factory(Some(eager_task_factory));
    let task = lp.create_task(work(1)).unwrap();
    assert_eq!(STARTED.get(), 0, "the loop does not run");
    lp.call_soon(|lp| {
        let before = STARTED.get();
        let group = TaskGroup::<(), 2>::new(lp).unwrap();
        lp.create_task(work(3)).unwrap();
        lp.create_task_named("named", work(3)).unwrap();
        assert_eq!(STARTED.get() - before, 2);
        assert_eq!(lp.current_task(), None);
        // Children of a group, too: one that has ended is no child any more.
        lp.create_task(flow(move |step, _, _| match step {
            0 => pause(group.clone().scope(children(group.clone()))),
            _ => Next::Done(()),
        }))
        .unwrap();
    })
    .unwrap();
    lp.run_until_complete(task).unwrap();
    lp.run_until_complete(sleep(10.millis())).unwrap();
    assert_eq!(lp.all_tasks().count(), 0);
}

fn children(group: TaskGroup<(), 2>) -> impl Coroutine<Output = Result<(), ()>> {
    flow(move |_, _, _| {
        let quick = group.create_infallible(flow(|_, _, _| Next::Done(7))).unwrap();
        assert!(quick.done());
        let slow = group.create_infallible(work(2)).unwrap();
        assert!(!slow.done());
        Next::Done(Ok(()))
    })
}

#[test]
fn a_factory_may_cancel_and_close() {
    let lp = new_loop();
    lp.set_task_factory(Some(|_, new| {
        new.task().cancel();
        new.start_eagerly();
    }));
    lp.call_soon(|lp| {
        let task = lp.create_task(work(1)).unwrap();
        assert!(!task.done());
    })
    .unwrap();
    lp.stop();
    lp.run_forever().unwrap();
    lp.stop();
    lp.run_forever().unwrap();
    assert_eq!((STARTED.get(), lp.all_tasks().count()), (0, 0));

    lp.set_task_factory(Some(|lp, _| lp.close().unwrap()));
    let task = lp.create_task(work(1)).unwrap();
    assert!(task.cancelled() && lp.is_closed());
}

#[test]
fn a_factory_that_panics_loses_nothing() {
    let lp = new_loop();
    lp.set_task_factory(Some(|_, _| std::panic::resume_unwind(Box::new("no matter"))));
    let create = || lp.create_task(work(1));
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(create)).is_err());
    lp.set_task_factory(None);
    assert_eq!(lp.all_tasks().count(), 1);
    lp.run_until_complete(sleep(2.millis())).unwrap();
    assert_eq!((STARTED.get(), lp.all_tasks().count()), (1, 0));
}

/// asyncio's own tasks only: what connections run on is none.
#[test]
fn transports_are_no_tasks_for_a_factory() {
    struct Silent;
    impl segno::transport::ByteStream for Silent {
        fn try_read(&mut self, _: &mut [u8]) -> nb::Result<usize, LineError> {
            Err(nb::Error::WouldBlock)
        }
        fn try_write(&mut self, _: &[u8]) -> nb::Result<usize, LineError> {
            Err(nb::Error::WouldBlock)
        }
        fn try_flush(&mut self) -> nb::Result<(), LineError> {
            Ok(())
        }
    }
    struct Quiet;
    impl Protocol for Quiet {
        fn data_received(&mut self, _: &mut dyn Transport, _: &[u8]) {}
    }
    let lp = new_loop();
    lp.set_task_factory(Some(note));
    let connect = lp.connect_uart::<16, 16>(Silent, Quiet);
    lp.run_until_complete(connect).unwrap().unwrap();
    assert_eq!(told().len(), 1, "the one that connects");
}
