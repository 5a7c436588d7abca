//! A loop that preempts another one. The processor is simulated: a pending interrupt is served at once, unless its handler
//! runs, and an alarm's when the time is moved on.
#![cfg(feature = "std")]

mod common;

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use common::{Next, flow, pause};
use segno::board::{Clock, Idle};
use segno::prelude::*;
use segno::{RunError, UrgentLoop, WakerCell};

const NEVER: u64 = u64::MAX;

/// One core: its time, its alarm, and what the handler of the software interrupt calls.
struct Core {
    now: AtomicU64,
    alarm: AtomicU64,
    in_handler: AtomicBool,
    pending: AtomicBool,
    handler: fn(),
}

impl Core {
    const fn new(handler: fn()) -> Core {
        Core {
            now: AtomicU64::new(0),
            alarm: AtomicU64::new(NEVER),
            in_handler: AtomicBool::new(false),
            pending: AtomicBool::new(false),
            handler,
        }
    }

    fn pend(&self) {
        self.pending.store(true, Relaxed);
        while !self.in_handler.load(Relaxed) && self.pending.swap(false, Relaxed) {
            self.in_handler.store(true, Relaxed);
            (self.handler)();
            self.in_handler.store(false, Relaxed);
        }
    }

    /// Lets time pass, and alarms ring meanwhile.
    fn pass(&self, duration: Duration) {
        let end = self.now.load(Relaxed) + duration.as_ticks();
        while self.alarm.load(Relaxed) <= end {
            let alarm = self.alarm.swap(NEVER, Relaxed);
            self.now.fetch_max(alarm, Relaxed);
            self.pend();
        }
        self.now.fetch_max(end, Relaxed);
    }
}

/// The clock of the main loop: sleeps until its deadline, or an interrupt.
struct MainClock(&'static Core);

impl Clock for MainClock {
    fn now(&self) -> Instant {
        Instant::from_ticks(self.0.now.load(Relaxed))
    }
    fn idle(&self, idle: &Idle) {
        while !idle.pending() {
            let deadline = idle.deadline().map_or(NEVER, |deadline| deadline.as_ticks());
            let alarm = self.0.alarm.load(Relaxed);
            assert!(deadline.min(alarm) != NEVER, "nothing will ever happen");
            self.0.pass(Duration::from_ticks(deadline.min(alarm).saturating_sub(self.0.now.load(Relaxed))));
            if deadline <= alarm {
                return;
            }
        }
    }
    fn in_interrupt(&self) -> bool {
        self.0.in_handler.load(Relaxed)
    }
}

/// The clock of the urgent loop.
struct UrgentClock(&'static Core);

impl Clock for UrgentClock {
    fn now(&self) -> Instant {
        Instant::from_ticks(self.0.now.load(Relaxed))
    }
    fn idle(&self, idle: &Idle) {
        self.0.alarm.store(idle.deadline().map_or(NEVER, |deadline| deadline.as_ticks()), Relaxed);
    }
    fn wake(&self) {
        self.0.pend();
    }
}

thread_local! {
    static TRACE: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn trace(text: impl Into<String>) {
    TRACE.with_borrow_mut(|trace| trace.push(text.into()));
}

/// A core, its main loop and its urgent loop.
macro_rules! core {
    () => {{
        static URGENT: UrgentLoop<4096> = UrgentLoop::new();
        static CORE: Core = Core::new(|| URGENT.serve().unwrap());
        static URGENT_CLOCK: UrgentClock = UrgentClock(&CORE);
        static MAIN_CLOCK: MainClock = MainClock(&CORE);
        CORE.pend(); // before the start it does nothing
        let lp = segno::new_event_loop(&MAIN_CLOCK, 4096);
        (&CORE, lp, URGENT.start(&URGENT_CLOCK).unwrap(), &URGENT)
    }};
}

/// Ticks every `period`.
fn ticking(times: u32, period: u64) -> impl Coroutine<Output = ()> + 'static {
    flow(move |step, _, _| match step as u32 {
        0 => pause(sleep(period.millis())),
        step => {
            let now = get_running_loop().unwrap().time().as_ticks() / 1000;
            trace(format!("tick {step} at {now}"));
            if step == times { Next::Done(()) } else { pause(sleep(period.millis())) }
        }
    })
}

#[test]
fn an_urgent_task_runs_in_the_midst_of_a_long_step() {
    let (core, lp, urgent, _) = core!();
    urgent.call_soon(|lp| drop(lp.create_task(ticking(3, 10)).unwrap())).unwrap();
    lp.call_soon(move |lp| {
        trace("the step begins");
        for millis in 1..=25 {
            core.pass(1.millis());
            if millis % 10 == 5 {
                trace(format!("computes, {millis} ms"));
            }
        }
        assert!(std::ptr::eq(get_running_loop().unwrap(), lp), "it runs again");
        trace("the step ends");
        lp.call_later(10.millis(), |lp| lp.stop()).unwrap();
    })
    .unwrap();
    lp.run_forever().unwrap();
    assert_eq!(
        TRACE.take(),
        [
            "the step begins",
            "computes, 5 ms",
            "tick 1 at 10",
            "computes, 15 ms",
            "tick 2 at 20",
            "computes, 25 ms",
            "the step ends",
            "tick 3 at 30", // while the main loop sleeps
        ]
    );
}

#[test]
fn calls_go_both_ways() {
    let (core, lp, urgent, _) = core!();
    let main = lp.remote();
    lp.call_soon(move |lp| {
        trace("main: before");
        urgent
            .call_soon(move |urgent| {
                assert!(std::ptr::eq(get_running_loop().unwrap(), urgent));
                assert!(std::ptr::eq(segno::get_event_loop().unwrap(), urgent));
                trace("urgent: inside");
                main.call_soon(|lp| {
                    trace("main: its turn");
                    lp.stop();
                })
                .unwrap();
            })
            .unwrap();
        trace("main: behind");
        assert!(std::ptr::eq(get_running_loop().unwrap(), lp));
        core.pass(1.millis());
    })
    .unwrap();
    lp.run_forever().unwrap();
    assert_eq!(TRACE.take(), ["main: before", "urgent: inside", "main: behind", "main: its turn"]);
    assert!(get_running_loop().is_err());
}

/// Primitives in statics, a driver's cell and a signal reach tasks of an urgent loop at once.
#[test]
fn whatever_wakes_an_urgent_task_preempts() {
    static EVENT: Event = Event::new();
    static CELL: WakerCell = WakerCell::new();
    static READY: AtomicBool = AtomicBool::new(false);
    static SIGNAL: Signal = Signal::new();
    let (_, lp, urgent, _) = core!();
    let tasks = |lp: &'static EventLoop| {
        lp.create_task(flow(|step, _, _| match step {
            0 => pause(EVENT.wait()),
            _ => {
                trace("event");
                Next::Done(())
            }
        }))
        .unwrap();
        struct Driver;
        impl Coroutine for Driver {
            type Output = ();
            fn resume(self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Resume<()> {
                CELL.register_current();
                if !READY.load(Relaxed) {
                    return Resume::Pending;
                }
                trace("driver");
                Resume::Done(())
            }
        }
        lp.create_task(Driver).unwrap();
        lp.add_signal_handler(&SIGNAL, |_| trace("signal")).unwrap();
    };
    urgent.call_soon(tasks).unwrap();
    lp.call_soon(|lp| {
        trace("1");
        EVENT.set();
        trace("2");
        READY.store(true, Relaxed);
        CELL.wake();
        trace("3");
        SIGNAL.fire();
        SIGNAL.fire();
        trace("4");
        lp.stop();
    })
    .unwrap();
    lp.run_forever().unwrap();
    assert_eq!(TRACE.take(), ["1", "event", "2", "driver", "3", "signal", "signal", "4"]);
}

/// A queue between the loops: the urgent one is the producer, in the midst of the consumer's steps.
#[test]
fn a_queue_between_two_loops() {
    static QUEUE: Queue<u32, 4> = Queue::new();
    let (core, lp, urgent, _) = core!();
    urgent
        .call_soon(|lp| {
            lp.create_task(flow(|step, _, _| {
                if step > 0 {
                    QUEUE.put_nowait(step as u32).unwrap();
                }
                if step == 6 { Next::Done(()) } else { pause(sleep(10.millis())) }
            }))
            .unwrap();
        })
        .unwrap();
    let taken = std::rc::Rc::new(RefCell::new(Vec::new()));
    let into = taken.clone();
    let got = std::rc::Rc::new(Cell::new(0));
    let task = flow(move |_, _, _| {
        while let Ok(item) = QUEUE.get_nowait() {
            into.borrow_mut().push((core.now.load(Relaxed) / 1000, item));
            got.set(got.get() + 1);
        }
        core.pass(25.millis());
        if got.get() == 6 { Next::Done(()) } else { pause(sleep(1.millis())) }
    });
    lp.run_until_complete(task).unwrap();
    assert_eq!(*taken.borrow(), [(26, 1), (26, 2), (52, 3), (52, 4), (52, 5), (78, 6)]);
}

#[test]
fn a_call_in_a_call_is_refused_and_a_panic_gives_the_loop_back() {
    static URGENT: UrgentLoop<1024> = UrgentLoop::new();
    static CORE: Core = Core::new(|| {});
    static CLOCK: UrgentClock = UrgentClock(&CORE);
    let remote = URGENT.start(&CLOCK).unwrap();
    assert!(URGENT.start(&CLOCK).is_err());
    remote.call_soon(|_| assert_eq!(URGENT.serve(), Err(RunError::AlreadyRunning))).unwrap();
    remote.call_soon(|_| std::panic::resume_unwind(Box::new("no matter"))).unwrap();
    remote.call_soon(|_| trace("goes on")).unwrap();
    assert!(std::panic::catch_unwind(|| URGENT.serve()).is_err());
    assert!(get_running_loop().is_err());
    assert_eq!(TRACE.take(), [""; 0]);
    URGENT.serve().unwrap();
    assert_eq!(TRACE.take(), ["goes on"]);
    // Always the same thread: what is in it is not `Send`.
    assert_eq!(std::thread::spawn(|| URGENT.serve()).join().unwrap(), Err(RunError::AlreadyRunning));
}

#[test]
fn stop_ends_the_call_after_the_batch() {
    static URGENT: UrgentLoop<1024> = UrgentLoop::new();
    static CORE: Core = Core::new(|| {});
    static CLOCK: UrgentClock = UrgentClock(&CORE);
    let remote = URGENT.start(&CLOCK).unwrap();
    remote
        .call_soon(|lp| {
            assert!(lp.is_running() && lp.close().is_err());
            lp.stop();
            lp.call_soon(|_| trace("next")).unwrap();
        })
        .unwrap();
    remote.call_soon(|_| trace("batch")).unwrap();
    URGENT.serve().unwrap();
    assert_eq!(TRACE.take(), ["batch"]);
    URGENT.serve().unwrap();
    assert_eq!(TRACE.take(), ["next"]);
}

/// Tried once in each call, not for ever.
#[test]
fn a_task_that_registers_nothing_does_not_keep_the_handler() {
    struct Polls(u32);
    impl Coroutine for Polls {
        type Output = ();
        fn resume(mut self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
            self.0 += 1;
            trace(format!("poll {}", self.0));
            cx.resume_after_interrupt();
            Resume::Pending
        }
    }
    static URGENT: UrgentLoop<1024> = UrgentLoop::new();
    static CORE: Core = Core::new(|| {});
    static CLOCK: UrgentClock = UrgentClock(&CORE);
    let remote = URGENT.start(&CLOCK).unwrap();
    remote.call_soon(|lp| drop(lp.create_task(Polls(0)).unwrap())).unwrap();
    URGENT.serve().unwrap();
    URGENT.serve().unwrap();
    assert_eq!(TRACE.take(), ["poll 1", "poll 2"]);
}
