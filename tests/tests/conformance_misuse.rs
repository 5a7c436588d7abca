//! What the loop answers to bad input: a full pool, a closed loop, a run inside a run, a machine resumed after its end.
#![cfg(feature = "ours")]

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use segno::prelude::*;
use segno_tests::conformance::{new_loop, new_loop_of, now};
use segno_tests::memtransport::pair;

/// Calls `make` until it is refused, and answers how often it was not. What is made is kept, so that it takes room.
fn fill<T, R>(mut make: impl FnMut() -> Result<T, Refused<R>>) -> (Vec<T>, Refused<R>) {
    let mut made = Vec::new();
    loop {
        match make() {
            Ok(one) => made.push(one),
            Err(refused) => return (made, refused),
        }
    }
}

/// Makes one of something that takes room in the loop, or has `R` handed back.
type Make<T, R> = fn(&'static EventLoop, Rc<Cell<u32>>) -> Result<T, Refused<R>>;

/// With room for N of something: N - 1 fit, N fit, the next one is handed back, whole; when one of them goes, one fits
/// again.
fn check_room<T, R>(make: Make<T, R>, handed_back: fn(R), remove: fn(&'static EventLoop, T)) {
    let count = Rc::new(Cell::new(0));
    let lp = new_loop_of(1024);
    let (mut made, refused) = fill(|| make(lp, count.clone()));
    assert!(made.len() > 4, "1 KiB has room for {}", made.len());
    assert!(refused.is_full());
    assert_eq!(refused.to_string(), "Event loop's memory is full");
    handed_back(refused.into_inner());
    // Nothing was lost by the refusal: one out, one in, none more.
    for _ in 0..3 {
        remove(lp, made.pop().unwrap());
        made.push(make(lp, count.clone()).unwrap_or_else(|_| panic!("there is room for one")));
        assert!(make(lp, count.clone()).is_err());
    }
    // All out, as many in.
    let capacity = made.len();
    for one in made {
        remove(lp, one);
    }
    let (made, _) = fill(|| make(lp, count.clone()));
    assert_eq!(made.len(), capacity);
    drop(made);
    lp.close().unwrap();
}

/// Lets the loop look at what is queued.
fn one_turn(lp: &'static EventLoop) {
    lp.stop();
    lp.run_forever().unwrap();
}

#[test]
fn a_full_pool_hands_a_callback_back() {
    fn count_one(count: Rc<Cell<u32>>) -> impl FnOnce(&'static EventLoop) {
        move |_| count.set(count.get() + 1)
    }

    let count = Rc::new(Cell::new(0));
    let lp = new_loop_of(1024);
    let (handles, refused) = fill(|| lp.call_soon(count_one(count.clone())));
    assert!(refused.is_full());
    one_turn(lp);
    assert_eq!(count.get() as usize, handles.len(), "each of those that fitted has run, once");
    refused.into_inner()(lp);
    assert_eq!(count.get() as usize, handles.len() + 1, "the one that did not fit can be called");
    drop(handles);
    let (handles, _) = fill(|| lp.call_soon(count_one(count.clone())));
    one_turn(lp);
    assert_eq!(count.get() as usize, 2 * handles.len() + 1, "the memory has come back");
}

#[test]
fn a_full_pool_hands_a_timer_back() {
    check_room(
        |lp, count| {
            lp.call_later(1.millis(), move |_| count.set(count.get() + 1))
                .map_err(|refused| refused.map(|callback| (lp, callback)))
        },
        |(lp, callback)| callback(lp),
        |_, timer| timer.cancel(),
    );
}

#[test]
fn a_full_pool_hands_a_future_back() {
    check_room(|lp, _| lp.create_future::<[u8; 20]>(), |()| {}, |_, future| drop(future));
}

/// Callbacks from other contexts are counted without a handle.
#[test]
fn a_full_pool_hands_a_remote_callback_back() {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let lp = new_loop_of(1024);
    let fill_remotely = || {
        fill(|| {
            lp.remote().call_soon(|_| {
                COUNT.fetch_add(1, Relaxed);
            })
        })
    };
    let (made, refused) = fill_remotely();
    assert!(refused.is_full() && made.len() > 4);
    one_turn(lp);
    assert_eq!(COUNT.load(Relaxed), made.len(), "each of those that fitted has run, once");
    refused.into_inner()(lp);
    assert_eq!(COUNT.swap(0, Relaxed), made.len() + 1);
    assert_eq!(fill_remotely().0.len(), made.len(), "the memory has come back");
}

#[test]
fn a_full_pool_hands_a_handler_back() {
    check_room(
        |lp, count| {
            let signal: &'static Signal = Box::leak(Box::default());
            let handler = move |_: &'static EventLoop| count.set(count.get() + 1);
            lp.add_signal_handler(signal, handler).map(|()| signal)
        },
        drop,
        |lp, signal| assert!(lp.remove_signal_handler(signal)),
    );
}

/// Is never ready; known by its address.
#[derive(Clone, Copy)]
struct Device(&'static u8);

impl Readiness for Device {
    fn id(&self) -> usize {
        std::ptr::from_ref(self.0).addr()
    }

    fn is_readable(&self) -> bool {
        false
    }

    fn is_writable(&self) -> bool {
        false
    }
}

#[test]
fn a_full_pool_hands_a_reader_and_a_writer_back() {
    check_room(
        |lp, count| {
            let device = Device(Box::leak(Box::new(0)));
            lp.add_reader(device, move |_| count.set(count.get() + 1)).map(|()| device)
        },
        drop,
        |lp, device| {
            assert!(lp.remove_reader(device));
            // It was queued, to be asked.
            one_turn(lp);
        },
    );
    check_room(
        |lp, count| {
            let device = Device(Box::leak(Box::new(0)));
            lp.add_writer(device, move |_| count.set(count.get() + 1)).map(|()| device)
        },
        drop,
        |lp, device| {
            assert!(lp.remove_writer(device));
            one_turn(lp);
        },
    );
}

struct Quiet(#[expect(dead_code, reason = "it counts its owners")] Rc<Cell<u32>>);

impl Protocol for Quiet {
    fn data_received(&mut self, _: &mut dyn Transport, _: &[u8]) {}
}

#[test]
fn a_full_pool_hands_what_is_connected_back() {
    check_room(|lp, count| lp.create_protocol::<dyn Protocol, _>(Quiet(count)), drop, |_, protocol| drop(protocol));
    check_room(|lp, _| StreamReader::new::<16>(lp), |()| {}, |_, reader| drop(reader));
    check_room(|lp, _| TaskGroup::<(), 1>::new(lp), |()| {}, |_, group| drop(group));
    // A transport that was refused has left its protocol alone.
    let (lp, count) = (new_loop_of(512), Rc::new(Cell::new(0)));
    let protocol = lp.create_protocol::<dyn Protocol, _>(Quiet(count.clone())).unwrap();
    let (callbacks, _) = fill(|| lp.call_soon(|_| {}));
    let (end, _other) = pair();
    let Err(refused) = lp.make_transport::<8, 8>(end, protocol.clone()) else { panic!("there is no room") };
    assert!(refused.is_full());
    one_turn(lp);
    drop(callbacks);
    assert!(lp.make_transport::<8, 8>(refused.into_inner(), protocol).is_ok());
    lp.close().unwrap();
    assert_eq!(Rc::strong_count(&count), 1);
}

/// How many children there was room for; the one for which there was none is run by hand.
#[segno::coroutine]
async fn children(group: &TaskGroup<(), 1>, count: Rc<Cell<u32>>) -> Result<usize, ()> {
    for fitted in 0.. {
        if let Err(refused) = group.create_infallible(add(count.clone())) {
            assert_eq!(refused.to_string(), "Event loop's memory is full");
            refused.into_inner().await;
            return Ok(fitted);
        }
    }
    Err(())
}

#[test]
fn a_full_pool_hands_a_child_back() {
    let lp = new_loop_of(1024);
    let count = Rc::new(Cell::new(0));
    let fitted = [(); 3].map(|()| {
        let group = TaskGroup::new(lp).unwrap();
        count.set(0);
        let fitted = lp.run_until_complete(group.scope(children(&group, count.clone()))).unwrap().unwrap();
        assert_eq!(count.get() as usize, fitted + 1, "all have run, and the one that did not fit");
        fitted
    });
    assert!(fitted[0] > 4 && fitted == [fitted[0]; 3], "{fitted:?}");
}

#[segno::coroutine]
async fn add(count: Rc<Cell<u32>>) {
    sleep(1.millis()).await;
    count.set(count.get() + 1);
}

#[test]
fn a_full_pool_hands_a_task_back() {
    check_room(
        |lp, count| lp.create_task(add(count)),
        |coroutine| {
            // It is whole: elsewhere it runs.
            new_loop().run_until_complete(coroutine).unwrap();
        },
        |lp, task| {
            task.cancel();
            one_turn(lp);
            assert!(task.cancelled());
        },
    );
}

#[test]
fn a_full_pool_refuses_a_done_callback() {
    check_room(
        |lp, _| {
            let future: Future<()> = lp.create_future()?;
            future.add_done_callback(|_, _| {}, 0).map(|()| future)
        },
        |()| {},
        |lp, future| {
            future.set_result(()).unwrap();
            drop(future);
            one_turn(lp);
        },
    );
}

#[test]
fn a_full_pool_refuses_a_run() {
    let lp = new_loop_of(256);
    let (callbacks, _) = fill(|| lp.call_soon(|_| {}));
    assert_eq!(lp.run_until_complete(sleep(0.millis())), Err(RunError::Full));
    one_turn(lp);
    drop(callbacks);
    assert_eq!(lp.run_until_complete(sleep(0.millis())), Ok(()));
}

#[test]
fn a_closed_loop_hands_everything_back() {
    let count = Rc::new(Cell::new(0));
    let lp = new_loop();
    let kept = count.clone();
    lp.call_soon(move |_| kept.set(100)).unwrap();
    lp.create_task(add(count.clone())).unwrap();
    lp.close().unwrap();
    assert_eq!(Rc::strong_count(&count), 1, "closing drops what is queued");

    let add_one = |count: &Rc<Cell<u32>>| {
        let count = count.clone();
        move |_: &'static EventLoop| count.set(count.get() + 1)
    };
    for refused in [
        lp.call_soon(add_one(&count)).map(drop).unwrap_err(),
        lp.call_later(1.millis(), add_one(&count)).map(drop).unwrap_err(),
        lp.call_at(lp.time(), add_one(&count)).map(drop).unwrap_err(),
    ] {
        assert_eq!(refused.to_string(), "Event loop is closed");
        refused.into_inner()(lp);
    }
    assert_eq!(count.get(), 3);

    let refused = lp.create_task(add(count.clone())).unwrap_err();
    assert!(matches!(refused, Refused::Closed(_)));
    new_loop().run_until_complete(refused.into_inner()).unwrap();
    assert_eq!(count.get(), 4);
    assert_eq!(lp.run_forever(), Err(RunError::Closed));
    assert_eq!(lp.run_until_complete(sleep(0.millis())), Err(RunError::Closed));
    assert!(matches!(lp.remote().call_soon(|_| {}), Err(Refused::Closed(_))));
}

#[test]
fn a_run_inside_a_run_is_refused_and_disturbs_nothing() {
    let lp = new_loop();
    let other = segno::new_event_loop(segno::host::VirtualClock::leaked(), 1024);
    lp.call_soon(move |lp| {
        assert_eq!(lp.run_forever(), Err(RunError::AlreadyRunning));
        assert_eq!(lp.run_until_complete(sleep(0.millis())), Err(RunError::AlreadyRunning));
        assert_eq!(other.run_forever(), Err(RunError::AnotherLoopRunning));
        assert_eq!(other.run_until_complete(sleep(0.millis())), Err(RunError::AnotherLoopRunning));
        assert!(lp.is_running() && !other.is_running());
        assert!(std::ptr::eq(get_running_loop().unwrap(), lp));
        assert!(lp.close().is_err());
        lp.call_later(5.millis(), |lp| lp.stop()).unwrap();
    })
    .unwrap();
    let before = lp.time();
    lp.run_forever().unwrap();
    assert_eq!(lp.time() - before, 5.millis::<1, 1_000_000>(), "the refused runs have not stopped this one");
    assert!(get_running_loop().is_err());
    assert_eq!(other.run_until_complete(sleep(0.millis())), Ok(()));
}

#[test]
fn a_second_run_does_not_see_the_stop_of_the_first() {
    let lp = new_loop();
    for _ in 0..3 {
        assert_eq!(lp.run_until_complete(sleep(1.millis())), Ok(()));
    }
    assert!(!lp.is_running());
}

/// A run that was stopped, or ended by a panic, leaves nothing behind by which its task would end the next one.
#[test]
fn a_second_run_is_not_ended_by_what_the_first_one_waited_for() {
    for panics in [false, true] {
        let lp = new_loop();
        let first = lp.create_task(sleep(5.millis())).unwrap();
        lp.call_later(1.millis(), move |lp| if panics { resume_unwind(Box::new("fatal")) } else { lp.stop() }).unwrap();
        let run = catch_unwind(AssertUnwindSafe(|| lp.run_until_complete(&first)));
        assert_eq!(run.ok(), (!panics).then_some(Err(RunError::Stopped)));
        assert_eq!(lp.run_until_complete(sleep(9.millis())), Ok(()));
        assert_eq!((now(), first.done()), (10, true));
        lp.close().unwrap();
    }
}

#[segno::coroutine]
async fn answers_at_once() -> u32 {
    7
}

#[test]
#[should_panic(expected = "a coroutine was resumed after its end")]
fn a_machine_that_is_resumed_after_its_end_says_so() {
    let mut machine = pin!(answers_at_once());
    assert_eq!(machine.as_mut().resume(&mut Context::detached()), Resume::Done(7));
    let _ = machine.as_mut().resume(&mut Context::detached());
}

/// What asyncio refuses when it runs, types refuse here.
mod types {
    use super::*;

    /// Compiles only for a type that is not what it is asked for: else there are two answers.
    macro_rules! is_not {
        ($($type:ty: $bound:path),* $(,)?) => {
            $(const _: () = {
                trait Answer<A> {
                    const IS: bool = true;
                }
                impl<T: ?Sized> Answer<()> for T {}
                impl<T: ?Sized + $bound> Answer<u8> for T {}
                assert!(<$type as Answer<_>>::IS);
            };)*
        };
    }

    // A loop and what belongs to it stay in their thread, as asyncio's debug mode has it; its remote does not.
    is_not!(EventLoop: Sync, &'static EventLoop: Send, Task<()>: Send, AnyTask: Send, Future<()>: Send);
    is_not!(Handle: Send, TimerHandle: Send, Task<()>: Sync, Future<()>: Sync);
    const _: fn() = || {
        fn goes_anywhere<T: Send + Sync>() {}
        goes_anywhere::<Remote>();
    };

    /// A task has no such methods of its own, or these would be hidden.
    trait Setters {
        fn set_result(&self, _: ()) -> &'static str {
            "no such method"
        }

        fn set_exception(&self, _: ()) -> &'static str {
            "no such method"
        }
    }

    impl Setters for Task<Result<(), ()>> {}

    #[test]
    fn a_task_cannot_be_given_a_result() {
        let lp = new_loop();
        let task = lp.create_task(Future::clone(&lp.create_future::<Result<(), ()>>().unwrap())).unwrap();
        assert_eq!((task.set_result(()), task.set_exception(())), ("no such method", "no such method"));
        lp.close().unwrap();
    }
}
