//! The ready queue: calls and wake-ups from other cores, while the loop runs, sleeps, ends and closes.

use std::pin::Pin;
use std::sync::atomic::Ordering::Relaxed;

use loom::sync::Mutex;
use loom::sync::atomic::AtomicU32;
use loom::thread;
use segno::WakerCell;
use segno::prelude::*;
use segno_loom::{explore, fresh, new_loop};

/// Waits until another thread has stored a number.
struct Reads {
    stored: &'static AtomicU32,
    number: u32,
    /// Asks to be resumed after the next interrupt.
    parks: bool,
    /// Whom the other thread wakes; or else it knows the task.
    cell: Option<&'static WakerCell>,
}

impl Coroutine for Reads {
    type Output = ();
    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
        if cx.take_cancel() {
            return Resume::Cancelled;
        }
        if let Some(cell) = self.cell {
            cell.register_current();
        }
        if self.stored.load(Relaxed) == self.number {
            return Resume::Done(());
        }
        if self.parks {
            cx.resume_after_interrupt();
        }
        Resume::Pending
    }
}

#[segno::coroutine]
async fn nothing() {}

/// The link of the task is cleared outside of critical sections. Without the fences, both threads could overlook what the
/// other one did.
#[test]
fn what_is_stored_before_a_wake_up_is_seen() {
    for (name, parks) in [("wake", false), ("wake a parked task", true)] {
        explore(name, move || {
            let lp = new_loop();
            let stored = fresh(AtomicU32::new(0));
            let task = lp.create_task(Reads { stored, number: 2, parks, cell: None }).unwrap();
            let (remote, waker) = (lp.remote(), task.as_any().waker());
            let other = thread::spawn(move || {
                for number in 1..=2 {
                    stored.store(number, Relaxed);
                    remote.wake(waker);
                }
            });
            lp.run_until_complete(task).unwrap();
            other.join().unwrap();
        });
    }
}

/// The decision to sleep, and the wake-up in that very moment: the task registers, looks, and waits.
#[test]
fn nobody_sleeps_through_a_wake_up() {
    for (name, parks) in [("cell", false), ("cell of a parked task", true)] {
        explore(name, move || {
            let lp = new_loop();
            let cell = fresh(WakerCell::new());
            let stored = [fresh(AtomicU32::new(0)), fresh(AtomicU32::new(0))];
            let others = stored.map(|stored| {
                thread::spawn(move || {
                    stored.store(1, Relaxed);
                    cell.wake();
                })
            });
            for stored in stored {
                lp.run_until_complete(Reads { stored, number: 1, parks, cell: Some(cell) }).unwrap();
            }
            for other in others {
                other.join().unwrap();
            }
        });
    }
}

/// A parked task is put into the queue in the moment in which a thread queues calls.
#[test]
fn a_parked_task_is_queued_among_calls() {
    explore("parked among calls", || {
        let lp = new_loop();
        let (stored, called) = (fresh(AtomicU32::new(0)), fresh(AtomicU32::new(0)));
        let task = lp.create_task(Reads { stored, number: 1, parks: true, cell: None }).unwrap();
        let (remote, waker) = (lp.remote(), task.as_any().waker());
        let other = thread::spawn(move || {
            for _ in 0..2 {
                remote.call_soon(|_| called.store(called.load(Relaxed) + 1, Relaxed)).unwrap();
            }
            stored.store(1, Relaxed);
            remote.wake(waker);
        });
        lp.run_until_complete(task).unwrap();
        other.join().unwrap();
        lp.run_until_complete(nothing()).unwrap();
        assert_eq!(called.load(Relaxed), 2);
    });
}

/// Each call is made once; those of one thread in their order.
#[test]
fn calls_of_two_threads_are_made() {
    explore("calls", || {
        let lp = new_loop();
        let calls = fresh(Mutex::new(Vec::new()));
        let others = [1, 3].map(|first| {
            let remote = lp.remote();
            thread::spawn(move || {
                for number in [first, first + 1] {
                    let call = move |lp: &'static EventLoop| {
                        let mut calls = calls.lock().unwrap();
                        calls.push(number);
                        if calls.len() == 4 {
                            lp.stop();
                        }
                    };
                    remote.call_soon(call).unwrap();
                }
            })
        });
        lp.run_forever().unwrap();
        for other in others {
            other.join().unwrap();
        }
        let calls = calls.lock().unwrap();
        let place = |number| calls.iter().position(|&call| call == number).unwrap();
        assert!(calls.len() == 4 && place(1) < place(2) && place(3) < place(4), "{calls:?}");
    });
}

/// More than there is memory for: what is refused is handed back, the rest is called once, and all memory comes back.
#[test]
fn a_full_pool_refuses_threads_and_loses_no_memory() {
    explore("full pool", || {
        type Large = [u64; 60];
        let lp = new_loop();
        let called = fresh(AtomicU32::new(0));
        let others = [7, 8].map(|number| {
            let remote = lp.remote();
            thread::spawn(move || {
                let large: Large = [number; 60];
                let call = move |_: &'static EventLoop| {
                    assert_eq!(large, [number; 60]);
                    called.store(called.load(Relaxed) + 1, Relaxed);
                };
                remote.call_soon(call).map_err(|refused| assert!(refused.is_full())).is_ok()
            })
        });
        // The loop takes and returns memory meanwhile.
        let future = lp.create_future::<Large>().ok();
        lp.run_until_complete(nothing()).unwrap();
        drop(future);
        let accepted = others.map(|other| u32::from(other.join().unwrap())).iter().sum::<u32>();
        lp.run_until_complete(nothing()).unwrap();
        assert_eq!(called.load(Relaxed), accepted);
        drop(lp.create_future::<[Large; 1]>().unwrap());
    });
}

/// One thread wakes a task that ends in that moment, and another task is in its place.
#[test]
fn a_stale_waker_disturbs_nobody() {
    explore("stale wakers", || {
        let lp = new_loop();
        let (cell, stored) = (fresh(WakerCell::new()), fresh(AtomicU32::new(0)));
        let task = lp.create_task(nothing()).unwrap();
        let (remote, waker) = (lp.remote(), task.as_any().waker());
        let others = [
            thread::spawn(move || remote.wake(waker)),
            thread::spawn(move || {
                stored.store(1, Relaxed);
                cell.wake();
            }),
        ];
        lp.run_until_complete(task).unwrap();
        let next = lp.create_task(Reads { stored, number: 1, parks: false, cell: Some(cell) }).unwrap();
        lp.run_until_complete(next).unwrap();
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(lp.all_tasks().count(), 0);
    });
}

/// A task is woken while its loop cancels it: it takes the request, once.
#[test]
fn a_task_is_woken_while_it_is_cancelled() {
    explore("cancelled", || {
        let lp = new_loop();
        let stored = fresh(AtomicU32::new(0));
        let task = lp.create_task(Reads { stored, number: 1, parks: false, cell: None }).unwrap();
        lp.run_until_complete(nothing()).unwrap();
        let (remote, waker) = (lp.remote(), task.as_any().waker());
        let other = thread::spawn(move || remote.wake(waker));
        assert!(task.cancel());
        assert!(lp.run_until_complete(&task).is_err() && task.cancelled());
        other.join().unwrap();
    });
}

/// A loop is stopped from elsewhere, and asleep until then; what is called behind that is called in the next run.
#[test]
fn a_thread_stops_a_loop() {
    explore("stop", || {
        let lp = new_loop();
        let called = fresh(AtomicU32::new(0));
        let remote = lp.remote();
        let other = thread::spawn(move || {
            remote.call_soon(|lp| lp.stop()).unwrap();
            remote.call_soon(|_| called.store(1, Relaxed)).unwrap();
        });
        lp.run_forever().unwrap();
        other.join().unwrap();
        lp.run_until_complete(nothing()).unwrap();
        assert_eq!(called.load(Relaxed), 1);
    });
}

/// A call comes while the loop is closed: it is handed back, or dropped with the loop.
#[test]
fn a_loop_that_closes_drops_calls_or_hands_them_back() {
    struct Dropped(&'static AtomicU32);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.store(self.0.load(Relaxed) + 1, Relaxed);
        }
    }
    explore("close", || {
        let lp = new_loop();
        let dropped = fresh(AtomicU32::new(0));
        let (remote, call) = (lp.remote(), Dropped(dropped));
        let other = thread::spawn(move || match remote.call_soon(move |_| drop(call)) {
            Ok(()) => None,
            Err(refused) => {
                assert!(!refused.is_full());
                Some(refused.into_inner())
            }
        });
        lp.close().unwrap();
        let refused = other.join().unwrap();
        assert_eq!(dropped.load(Relaxed), u32::from(refused.is_none()));
    });
}
