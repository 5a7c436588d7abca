//! Interrupts at every point of a run, in every combination.
//!
//! # The problem
//! An interrupt may come between any two instructions of the loop, unless they are masked. A wake-up that is lost in one of
//! those gaps is lost once in a million runs.
//!
//! # The design
//! segno is built as for a chip, with critical sections that are told about here ([`Masking`]), and with atomics that tell of
//! each access. Whatever interrupts touch is either atomic or only touched while they are masked. So all that an interrupt can
//! find, it finds at one of the points at which they are masked or unmasked or an atomic is accessed, or in the idle loop.
//! [`explore`] runs a scenario once to count those points, and then once for each
//! way to distribute the interrupts over them; an interrupt that has no point comes when the processor sleeps. If it
//! sleeps and no interrupt is left, the scenario hangs: a wake-up was lost. [`explore_nested`] has interrupts come in the
//! midst of interrupts, too.
//!
//! # Costs
//! With `n` points and `k` interrupts, about nᵏ / k! runs, of some microseconds each.

use std::cell::{Cell, RefCell};
use std::sync::{Mutex, PoisonError};

use segno::board::{Clock, Idle};
use segno::time::Instant;
use segno::{EventLoop, LoopMemory};
use segno_interrupts_atomics::before_each_access;

/// Where interrupts come.
#[derive(Default)]
struct Plan {
    /// The points at which one comes each, in order.
    points: Vec<usize>,
    /// What an interrupt does; it is told which one it is.
    handler: Option<fn(usize)>,
    /// How many are to come.
    interrupts: usize,
    /// They come within handlers, too.
    nested: bool,
}

thread_local! {
    static PLAN: RefCell<Plan> = RefCell::default();
    static POINT: Cell<usize> = const { Cell::new(0) };
    static COME: Cell<usize> = const { Cell::new(0) };
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static HANDLERS: Cell<usize> = const { Cell::new(0) };
    /// An interrupt has come since the processor last slept.
    static SERVED: Cell<bool> = const { Cell::new(false) };
}

struct Masking;
critical_section::set_impl!(Masking);

// SAFETY: one thread runs at a time, and interrupts are calls that are only made outside of critical sections.
unsafe impl critical_section::Impl for Masking {
    unsafe fn acquire() -> critical_section::RawRestoreState {
        if DEPTH.get() == 0 {
            point();
        }
        DEPTH.set(DEPTH.get() + 1);
    }

    unsafe fn release(_: critical_section::RawRestoreState) {
        DEPTH.set(DEPTH.get() - 1);
        if DEPTH.get() == 0 {
            point();
        }
    }
}

/// Interrupts may come here.
fn point() {
    if HANDLERS.get() > 0 && !PLAN.with_borrow(|plan| plan.nested) {
        return;
    }
    let point = POINT.replace(POINT.get() + 1);
    while PLAN.with_borrow(|plan| plan.points.get(COME.get()).is_some_and(|&at| at <= point)) {
        interrupt();
    }
}

/// An atomic is about to be accessed.
fn access() {
    if DEPTH.get() == 0 {
        point();
    }
}

/// The next interrupt comes; false if there is none left.
fn interrupt() -> bool {
    let (handler, interrupts) = PLAN.with_borrow(|plan| (plan.handler, plan.interrupts));
    let number = COME.get();
    let Some(handler) = handler.filter(|_| number < interrupts) else { return false };
    COME.set(number + 1);
    SERVED.set(true);
    HANDLERS.set(HANDLERS.get() + 1);
    handler(number);
    HANDLERS.set(HANDLERS.get() - 1);
    true
}

/// The next interrupt comes now, if there is one left: for a scenario that has seen all that it wants to see.
pub fn deliver_rest() -> bool {
    interrupt()
}

/// A clock that sleeps until the next interrupt, unless one has come since it last did.
struct Asleep;

impl Clock for Asleep {
    fn now(&self) -> Instant {
        Instant::from_ticks(0)
    }

    fn idle(&self, idle: &Idle) {
        point();
        // Interrupts are masked from the question on until the processor sleeps.
        if !idle.pending() && !SERVED.take() {
            assert!(interrupt(), "the processor sleeps, and nothing will wake it: a wake-up was lost");
        }
        SERVED.set(false);
        point();
    }

    fn in_interrupt(&self) -> bool {
        HANDLERS.get() > 0
    }
}

/// Runs `scenario` with so many interrupts at all points; answers how many runs that were.
///
/// `handler` is what an interrupt does. `scenario` is run on a new loop each time, after `reset`, and checks what came of
/// it.
pub fn explore(interrupts: usize, reset: fn(), handler: fn(usize), scenario: fn(&'static EventLoop)) -> usize {
    explore_all(interrupts, false, reset, handler, scenario)
}

/// As [`explore`], with interrupts that come within handlers, too: each has a higher priority than those before it.
pub fn explore_nested(interrupts: usize, reset: fn(), handler: fn(usize), scenario: fn(&'static EventLoop)) -> usize {
    explore_all(interrupts, true, reset, handler, scenario)
}

fn explore_all(
    interrupts: usize,
    nested: bool,
    reset: fn(),
    handler: fn(usize),
    scenario: fn(&'static EventLoop),
) -> usize {
    // A chip has one running loop, in a static.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let run = |points: &[usize]| {
        let memory = Box::into_raw(Box::new(LoopMemory::<2048>::new()));
        reset();
        // SAFETY: it lives until the loop is not used any more, at the end of this closure.
        let lp = unsafe { &*memory }.start(&Asleep).expect("it is new");
        PLAN.set(Plan { points: points.to_vec(), handler: Some(handler), interrupts, nested });
        before_each_access(access);
        COME.set(0);
        POINT.set(0);
        SERVED.set(false);
        scenario(lp);
        assert_eq!(COME.get(), interrupts, "the scenario ended before all interrupts had come, with {points:?}");
        PLAN.take();
        let count = POINT.get();
        lp.close().expect("it does not run");
        // SAFETY: nobody has the loop any more.
        drop(unsafe { Box::from_raw(memory) });
        count
    };
    let mut runs = 1;
    // An interrupt may bring more points about, but none that are reached without it.
    let count = run(&[]);
    let mut points = vec![0; interrupts];
    loop {
        run(&points);
        runs += 1;
        let Some(index) = points.iter().rposition(|&point| point < count) else { return runs };
        let next = points[index] + 1;
        points[index..].fill(next);
    }
}
