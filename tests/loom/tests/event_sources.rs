//! Signals, readers, wakers of `core` and urgent loops, which other cores fire, feed and wake.

use std::future::poll_fn;
use std::ptr;
use std::sync::atomic::Ordering::Relaxed;
use std::task::Poll;

use loom::sync::Mutex;
use loom::sync::atomic::AtomicU32;
use loom::thread;
use segno::board::{Clock, Idle};
use segno::prelude::*;
use segno::{Readiness, Signal, UrgentLoop, WakerCell};
use segno_loom::{Core, explore, fresh, new_loop, new_loop_with};

#[segno::coroutine]
async fn nothing() {}

/// Each thread stores, then fires; the handler that runs last has seen all.
#[test]
fn a_signal_reaches_its_handler() {
    explore("signal", || {
        let lp = new_loop();
        let signal = fresh(Signal::new());
        let stored = [fresh(AtomicU32::new(0)), fresh(AtomicU32::new(0))];
        lp.add_signal_handler(signal, move |lp| {
            if stored.iter().all(|stored| stored.load(Relaxed) == 1) {
                lp.stop();
            }
        })
        .unwrap();
        let others = stored.map(|stored| {
            thread::spawn(move || {
                stored.store(1, Relaxed);
                assert!(signal.fire());
            })
        });
        lp.run_forever().unwrap();
        for other in others {
            other.join().unwrap();
        }
        assert!(lp.remove_signal_handler(signal) && !signal.fire());
    });
}

/// Tells when it is dropped, with the handler that has it.
struct Gone<F: FnMut()>(F);

impl<F: FnMut()> Drop for Gone<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// A handler is exchanged and removed while its signal is fired: it is called once for it at most, and not when it is gone. It
/// goes when another one takes its place.
#[test]
fn a_signal_is_fired_while_handlers_change() {
    explore("signal, exchanged", || {
        let lp = new_loop();
        let signal = fresh(Signal::new());
        let calls = fresh(AtomicU32::new(0));
        let gone = fresh(AtomicU32::new(0));
        let call = move || {
            let going = Gone(move || gone.store(gone.load(Relaxed) + 1, Relaxed));
            move |_: &'static EventLoop| {
                let _ = &going;
                calls.store(calls.load(Relaxed) + 1, Relaxed);
            }
        };
        lp.add_signal_handler(signal, call()).unwrap();
        let other = thread::spawn(move || signal.fire());
        lp.run_until_complete(nothing()).unwrap();
        lp.add_signal_handler(signal, call()).unwrap();
        assert_eq!(gone.load(Relaxed), 1, "the one before is gone");
        lp.run_until_complete(nothing()).unwrap();
        assert!(lp.remove_signal_handler(signal));
        assert_eq!(gone.load(Relaxed), 2);
        let before = calls.load(Relaxed);
        lp.run_until_complete(nothing()).unwrap();
        let fired = other.join().unwrap();
        lp.run_until_complete(nothing()).unwrap();
        assert!(calls.load(Relaxed) == before && before <= u32::from(fired));
        // The last one is as good as the first.
        lp.add_signal_handler(signal, |lp| lp.stop()).unwrap();
        assert!(signal.fire());
        lp.run_forever().unwrap();
    });
}

/// The loop of another core takes a signal over while it is fired: the loop that had it drops its handler, and is woken for that;
/// what is fired is told to one of the two, or to both where it is fired twice.
#[test]
fn another_core_takes_a_signal_over() {
    explore("signal, taken over", || {
        let lp = new_loop();
        let signal = fresh(Signal::new());
        let calls = fresh(AtomicU32::new(0));
        // `stop` is for the handler's own loop.
        let going = Gone(move || lp.stop());
        lp.add_signal_handler(signal, move |_| {
            let _ = &going;
            calls.fetch_add(1, Relaxed);
        })
        .unwrap();
        let other = thread::spawn(move || {
            assert!(signal.fire());
            let other = new_loop();
            other
                .add_signal_handler(signal, move |other| {
                    calls.fetch_add(4, Relaxed);
                    other.stop();
                })
                .unwrap();
            assert!(signal.fire());
            other.run_forever().unwrap();
            assert!(other.remove_signal_handler(signal));
        });
        lp.run_forever().unwrap();
        assert!(!lp.remove_signal_handler(signal));
        other.join().unwrap();
        assert!(matches!(calls.load(Relaxed), 4 | 5));
    });
}

/// A device becomes ready while its reader's loop asks whether it is.
#[test]
fn a_reader_is_called_for_a_device_that_becomes_ready_while_it_is_asked() {
    #[derive(Clone, Copy)]
    struct Device {
        bytes: &'static AtomicU32,
        waiting: &'static WakerCell,
    }
    impl Readiness for Device {
        fn id(&self) -> usize {
            1
        }
        fn is_readable(&self) -> bool {
            self.waiting.register_current();
            self.bytes.load(Relaxed) > 0
        }
        fn is_writable(&self) -> bool {
            true
        }
    }
    explore("reader", || {
        let lp = new_loop();
        let device = Device { bytes: fresh(AtomicU32::new(0)), waiting: fresh(WakerCell::new()) };
        let read = fresh(AtomicU32::new(0));
        lp.add_reader(device, move |lp| {
            read.store(read.load(Relaxed) + device.bytes.swap(0, Relaxed), Relaxed);
            if read.load(Relaxed) == 2 {
                lp.stop();
            }
        })
        .unwrap();
        let other = thread::spawn(move || {
            for _ in 0..2 {
                device.bytes.fetch_add(1, Relaxed);
                device.waiting.wake();
            }
        });
        lp.run_forever().unwrap();
        other.join().unwrap();
        assert!(lp.remove_reader(device));
    });
}

/// A device that registers nobody is asked again after the next interrupt, and one that has registered its reader is not, if
/// that interrupt was for somebody else.
#[test]
fn a_reader_asks_again_only_if_nobody_is_registered() {
    #[derive(Clone, Copy)]
    struct Device {
        bytes: &'static AtomicU32,
        asked: &'static AtomicU32,
        waiting: Option<&'static WakerCell>,
    }
    impl Readiness for Device {
        fn id(&self) -> usize {
            ptr::from_ref(self.bytes).addr()
        }
        fn is_readable(&self) -> bool {
            self.asked.store(self.asked.load(Relaxed) + 1, Relaxed);
            if let Some(waiting) = self.waiting {
                waiting.register_current();
            }
            self.bytes.load(Relaxed) > 0
        }
        fn is_writable(&self) -> bool {
            true
        }
    }
    let device = |waiting| Device { bytes: fresh(AtomicU32::new(0)), asked: fresh(AtomicU32::new(0)), waiting };
    explore("reader that nobody wakes", move || {
        let core = fresh(Core::default());
        let lp = new_loop_with(core);
        let (alone, registered) = (device(None), device(Some(fresh(WakerCell::new()))));
        lp.add_reader(registered, |_| unreachable!("nothing comes")).unwrap();
        lp.add_reader(alone, |lp| lp.stop()).unwrap();
        let interrupt = thread::spawn(move || {
            alone.bytes.store(1, Relaxed);
            core.wake();
        });
        lp.run_forever().unwrap();
        interrupt.join().unwrap();
        assert_eq!(registered.asked.load(Relaxed), 1);
        assert!(lp.remove_reader(alone) && lp.remove_reader(registered));
    });
}

/// A future of `core` hands its waker to another thread, which wakes it, and once more when its task may have ended.
#[test]
fn a_core_waker_wakes_from_another_thread() {
    #[segno::coroutine]
    async fn waits(stored: &'static AtomicU32, waker: &'static Mutex<Option<std::task::Waker>>) {
        poll_fn(|cx| {
            *waker.lock().unwrap() = Some(cx.waker().clone());
            if stored.load(Relaxed) == 1 { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
    explore("core waker", || {
        let lp = new_loop();
        let (stored, waker) = (fresh(AtomicU32::new(0)), fresh(Mutex::new(None)));
        let task = lp.create_task(waits(stored, waker)).unwrap();
        let other = thread::spawn(move || {
            stored.store(1, Relaxed);
            let waker = waker.lock().unwrap().take();
            if let Some(waker) = waker {
                waker.wake_by_ref();
                waker.wake();
            }
        });
        lp.run_until_complete(task).unwrap();
        lp.run_until_complete(nothing()).unwrap();
        other.join().unwrap();
    });
}

/// An urgent loop is served by the handler of an interrupt, which other threads have pend: what they bring while it
/// is being served is not forgotten.
#[test]
fn an_urgent_loop_is_served_again() {
    /// The clock of an urgent loop, and its interrupt.
    #[derive(Default)]
    struct Pends(segno_loom::Event);
    impl Clock for Pends {
        fn now(&self) -> Instant {
            Instant::from_ticks(0)
        }
        fn idle(&self, _: &Idle) {}
        fn wake(&self) {
            self.0.set();
        }
    }
    #[segno::coroutine]
    async fn waits(flag: &'static ThreadSafeFlag, stored: &'static AtomicU32, done: &'static AtomicU32) {
        while stored.load(Relaxed) < 2 {
            flag.wait().await;
        }
        done.store(done.load(Relaxed) + 1, Relaxed);
    }
    explore("urgent", || {
        let interrupt = fresh(Pends::default());
        let urgent = fresh(UrgentLoop::<1024>::new());
        let (stored, done) = (fresh(AtomicU32::new(0)), fresh(AtomicU32::new(0)));
        let flag = fresh(ThreadSafeFlag::new());
        let remote = urgent.start(interrupt).unwrap();
        let flags = thread::spawn(move || {
            for number in 1..=2 {
                stored.store(number, Relaxed);
                flag.set();
            }
        });
        let calls = thread::spawn(move || {
            remote.call_soon(move |lp| drop(lp.create_task(waits(flag, stored, done)).unwrap())).unwrap();
            remote.call_soon(move |_| done.store(done.load(Relaxed) + 1, Relaxed)).unwrap();
        });
        while done.load(Relaxed) < 2 {
            interrupt.0.wait();
            urgent.serve().unwrap();
        }
        flags.join().unwrap();
        calls.join().unwrap();
    });
}
