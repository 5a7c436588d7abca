//! What an exception handler is told of: tasks, futures, callbacks, transports and protocols.
#![cfg(feature = "std")]

mod common;

use std::cell::RefCell;

use common::new_loop;
#[cfg(feature = "debug")]
use common::{Next, flow, pause};
use segno::prelude::*;
use segno::transport::{AnyTransport, BaseTransport, ByteStream};
use segno::{AnyFuture, AnyHandle, ErrorContext};

/// What is kept of a context.
#[derive(Debug)]
struct Told {
    message: &'static str,
    task: Option<AnyTask>,
    future: Option<AnyFuture>,
    handle: Option<AnyHandle>,
    transport: Option<AnyTransport>,
    protocol: Option<segno::protocol::AnyProtocol>,
}

thread_local! {
    static TOLD: RefCell<Vec<Told>> = const { RefCell::new(Vec::new()) };
}

fn tell(_: &'static EventLoop, context: &ErrorContext) {
    let ErrorContext { message, task, future, handle, transport, protocol, .. } = context;
    let told = Told {
        message,
        task: task.clone(),
        future: future.clone(),
        handle: handle.clone(),
        transport: transport.clone(),
        protocol: protocol.clone(),
    };
    TOLD.with_borrow_mut(|all| all.push(told));
}

fn told() -> Told {
    TOLD.with_borrow_mut(|told| {
        assert_eq!(told.len(), 1, "{told:?}");
        told.pop().unwrap()
    })
}

fn telling_loop() -> &'static EventLoop {
    let lp = new_loop();
    lp.set_exception_handler(Some(tell));
    lp
}

type Outcome = Result<u8, Box<str>>;

/// Handles that the exception handler keeps are handles as any other, although nobody had one when it was told.
#[test]
fn a_forgotten_error_names_its_future_which_may_be_kept() {
    let lp = telling_loop();
    let future: Future<Outcome> = lp.create_future().unwrap();
    let any = future.as_any();
    future.set_exception("lost".into()).unwrap();
    assert!(any == future && any.done() && !any.cancelled());
    drop(future);
    assert!(TOLD.with_borrow(Vec::is_empty), "there is a handle");
    drop(any);
    let Told { message, task, future, handle, .. } = told();
    assert_eq!(message, "Future exception was never retrieved");
    assert!(task.is_none() && handle.is_none());
    let kept = future.unwrap();
    let other: Future<Outcome> = lp.create_future().unwrap();
    assert!(kept.done() && kept != other);
    assert_eq!(format!("{kept:?}"), "<Future finished>");
    drop(kept);
    let again: Future<Outcome> = lp.create_future().unwrap();
    assert!(!again.done());
    assert!(TOLD.with_borrow(Vec::is_empty), "once");
}

/// Fails at once.
struct Fails;

impl Coroutine for Fails {
    type Output = Outcome;

    fn resume(self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Resume<Outcome> {
        Resume::Done(Err("lost".into()))
    }

    fn is_error(output: &Outcome) -> bool {
        output.is_err()
    }
}

#[test]
fn a_forgotten_error_names_its_task_which_may_be_kept() {
    let lp = telling_loop();
    drop(lp.create_task(Fails).unwrap());
    lp.run_until_complete(sleep(1.millis())).unwrap();
    let Told { message, task, future, .. } = told();
    assert_eq!(message, "Task exception was never retrieved");
    assert!(future.is_none());
    let kept = task.unwrap();
    assert!(kept.done() && !kept.cancelled());
    let other = lp.create_task(sleep(1.millis())).unwrap();
    assert!(kept != other && !other.done());
    drop(kept);
    lp.run_until_complete(other).unwrap();
}

/// Each way to read an error is one, and what is no error is never told.
#[test]
fn an_error_that_was_read_is_not_told() {
    let lp = telling_loop();
    let failed = || {
        let future: Future<Outcome> = lp.create_future().unwrap();
        future.set_exception("read".into()).unwrap();
        future
    };
    let ways: [fn(Future<Outcome>); 5] = [
        |future| assert!(future.result().unwrap().is_err()),
        |future| assert!(future.exception().unwrap().is_some()),
        |future| assert!(future.with_result(Result::is_err).unwrap()),
        |future| assert!(future.take_result().unwrap().is_err()),
        |future| assert!(future.event_loop().run_until_complete(future).unwrap().is_err()),
    ];
    for read in ways {
        read(failed());
        assert!(TOLD.with_borrow(Vec::is_empty));
    }
    let ways: [fn(Task<Outcome>); 5] = [
        |task| assert!(task.result().unwrap().is_err()),
        |task| assert!(task.exception().unwrap().is_some()),
        |task| assert!(task.with_result(Result::is_err).unwrap()),
        |task| assert!(task.take_result().unwrap().is_err()),
        |task| assert!(task.event_loop().run_until_complete(task).unwrap().is_err()),
    ];
    for read in ways {
        let task = lp.create_task(Fails).unwrap();
        assert_eq!(task.exception(), Err(segno::ResultError::Pending));
        lp.run_until_complete(sleep(1.millis())).unwrap();
        read(task);
        assert!(TOLD.with_borrow(Vec::is_empty));
    }
    // Whether it is done may be asked, and who waits for the end alone has read nothing.
    let future = failed();
    assert!(future.done() && !future.cancelled());
    lp.run_until_complete(segno::wait(&[&future])).unwrap();
    drop(future);
    assert_eq!(told().message, "Future exception was never retrieved");
    // What is no error, or was never set, or was cancelled.
    let value: Future<Outcome> = lp.create_future().unwrap();
    value.set_result(Ok(1)).unwrap();
    let pending: Future<Outcome> = lp.create_future().unwrap();
    let cancelled: Future<Outcome> = lp.create_future().unwrap();
    assert!(cancelled.cancel());
    drop((value, pending, cancelled));
    assert!(TOLD.with_borrow(Vec::is_empty));
}

/// Of a `gather` that was started too; a cancellation, which is its exception, is not told.
#[test]
fn a_forgotten_error_of_a_gather_is_told() {
    let lp = telling_loop();
    let ended = |fails: bool| {
        let future: Future<Outcome> = lp.create_future().unwrap();
        let gathered = segno::try_gather!(&future).start(lp).unwrap();
        if fails {
            future.set_exception("lost".into()).unwrap();
        } else {
            future.cancel();
        }
        lp.run_until_complete(sleep(1.millis())).unwrap();
        assert!(gathered.done() && TOLD.with_borrow(Vec::is_empty), "there is a handle");
    };
    ended(false);
    assert!(TOLD.with_borrow(Vec::is_empty));
    ended(true);
    let Told { message, task, future, .. } = told();
    assert_eq!(message, "_GatheringFuture exception was never retrieved");
    assert!(task.is_none() && future.is_some_and(|future| future.done() && !future.cancelled() && !future.cancel()));
}

/// asyncio's handler may raise; here it may panic, which comes out of the run, and the loop can be run again.
#[test]
fn a_handler_that_panics_leaves_the_loop_usable() {
    let lp = new_loop();
    lp.set_exception_handler(Some(|_, context| std::panic::resume_unwind(Box::new(context.message))));
    let future: Future<Outcome> = lp.create_future().unwrap();
    future.set_exception("lost".into()).unwrap();
    lp.call_soon(move |_| drop(future)).unwrap();
    lp.call_soon(|lp| lp.call_exception_handler(&ErrorContext::new("mine"))).unwrap();
    let run = || std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| lp.run_until_complete(sleep(1.millis()))));
    for message in ["Future exception was never retrieved", "mine"] {
        let payload = run().unwrap_err();
        assert_eq!(*payload.downcast_ref::<&str>().unwrap(), message);
        assert!(!lp.is_running() && lp.all_tasks().count() == 0);
    }
    run().unwrap().unwrap();
    lp.set_exception_handler(None);
    assert!(lp.get_exception_handler().is_none());
    lp.call_exception_handler(&ErrorContext::new("for the console, if there is one"));
    run().unwrap().unwrap();
}

#[test]
fn a_program_names_its_callback() {
    let lp = telling_loop();
    let [soon, other] = [lp.call_soon(|lp| lp.stop()).unwrap(), lp.call_soon(|_| {}).unwrap()];
    let later = lp.call_later(1.millis(), |_| {}).unwrap();
    lp.call_exception_handler(&ErrorContext::new("mine").with_handle(&soon));
    let handle = told().handle.unwrap();
    assert!(handle == soon && handle != other && handle != later && !handle.cancelled());
    lp.call_exception_handler(&ErrorContext::new("mine").with_handle(&later));
    let handle = told().handle.unwrap();
    later.cancel();
    assert!(handle == later && handle.cancelled());
    let future: Future<u8> = lp.create_future().unwrap();
    lp.call_exception_handler(&ErrorContext::new("mine").with_future(&future));
    assert!(told().future.unwrap() == future);
    lp.run_forever().unwrap();
}

/// As asyncio's "Executing <Handle …> took … seconds", which names a task by its step's handle.
#[cfg(feature = "debug")]
#[test]
fn a_slow_step_names_its_callback_or_its_task() {
    let clock = segno::host::VirtualClock::leaked();
    let lp = segno::new_event_loop(clock, 1024);
    lp.set_exception_handler(Some(tell));
    lp.set_debug(true);
    let slow = lp.call_soon(|_| clock.advance(200.millis())).unwrap();
    lp.call_soon(|_| clock.advance(20.millis())).unwrap();
    let later = lp.call_later(1.secs(), |_| clock.advance(200.millis())).unwrap();
    let task = lp
        .create_task(flow(move |step, _, _| match step {
            0 => pause(segno::sleep(2.secs())),
            _ => {
                clock.advance(100.millis());
                Next::Done(())
            }
        }))
        .unwrap();
    lp.run_until_complete(&task).unwrap();
    let [first, second, third] = TOLD.take().try_into().unwrap();
    assert!(first.task.is_none() && first.handle.unwrap() == slow);
    assert!(second.task.is_none() && second.handle.unwrap() == later);
    assert!(third.handle.is_none() && third.task.unwrap() == task);
}

/// A slow handler of a signal is named, too: that is no callback which could be cancelled by it.
#[cfg(feature = "debug")]
#[test]
fn a_handler_of_a_signal_is_not_cancelled_by_what_names_it() {
    static SIGNAL: segno::Signal = segno::Signal::new();
    let clock = segno::host::VirtualClock::leaked();
    let lp = segno::new_event_loop(clock, 1024);
    lp.set_exception_handler(Some(tell));
    lp.set_debug(true);
    let calls = std::rc::Rc::new(std::cell::Cell::new(0));
    let count = calls.clone();
    lp.add_signal_handler(&SIGNAL, move |_| {
        count.set(count.get() + 1);
        clock.advance(200.millis());
    })
    .unwrap();
    for call in 1..=2 {
        assert!(SIGNAL.fire());
        lp.run_until_complete(sleep(1.millis())).unwrap();
        assert_eq!(calls.get(), call);
        told().handle.unwrap().cancel();
    }
    assert!(lp.remove_signal_handler(&SIGNAL));
    assert_eq!(std::rc::Rc::strong_count(&calls), 1);
}

/// Nothing ever comes, nothing can be sent.
struct Silent;

impl ByteStream for Silent {
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

#[test]
fn a_fatal_error_names_its_transport_and_protocol() {
    let lp = telling_loop();
    let connect = || lp.run_until_complete(lp.connect_uart::<16, 16>(Silent, Quiet)).unwrap().unwrap();
    let ((mut one, protocol), (other, others)) = (connect(), connect());
    one.fatal_error(LineError::Protocol, "Fatal error");
    let told = told();
    assert_eq!(told.message, "Fatal error");
    let transport = told.transport.unwrap();
    assert!(transport == one && transport != other);
    let again: AnyTransport = (&one).into();
    assert!(transport == again);
    let named = told.protocol.unwrap();
    assert!(named == protocol && named != others);
    assert!(told.task.is_none() && told.future.is_none());
    lp.run_until_complete(one.wait_closed()).unwrap();
}
