//! Threads under loom: what other cores, threads and interrupts touch, in every order.
//!
//! # The problem
//! Two cores do not only take turns at any instruction: what one has stored may reach the other late, and in another order.
//! A wake-up that is lost for that is lost once in a million runs, on some processors.
//!
//! # The design
//! segno is built as for a chip with two cores, with the atomics of [loom](https://docs.rs/loom), which runs a scenario once
//! for each order of their accesses that makes a difference, and for each value that an access may see by the rules of
//! the C11 memory model. loom rather than a random scheduler such as shuttle, for the link of a node is cleared outside of
//! critical sections, with a fence: under a scheduler that has all threads see the same memory, nothing breaks without it.
//!
//! A thread of a model is a core, or an interrupt of one; the first has core 0 and the loop. The critical section is a mutex
//! that the thread which has it may enter again. The clock sleeps as a core does in WFE, until the event that
//! [`Clock::wake`] sets: if it sleeps and nobody is left to wake it, loom reports a deadlock: a wake-up was lost.
//!
//! What is not in here: `Cell`s and memory that are only touched in critical sections look the same to loom without them.
//! That nobody forgets one is seen by Miri, which runs the same with the host's threads (`runtime/tests/threads.rs`), and
//! interrupts between any two critical sections of one core are those of `tests/interrupts`.
//!
//! # Costs
//! A scenario is a few thousand executions of some 50 microseconds, if at most [two](PREEMPTIONS) times a thread that could
//! go on is interrupted. `PREEMPTIONS=3 cargo test --release` takes longer, and `PREEMPTIONS=all` may take days.

use std::any::Any;
use std::cell::RefCell;
use std::env;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::panicking;

use loom::thread;
use segno::board::{Clock, Idle};
use segno::time::Instant;
use segno::{EventLoop, LoopMemory};
use segno_loom_atomics::{OfExecution, begin};

/// So often a thread that could go on is interrupted in an execution, unless the environment says otherwise.
pub const PREEMPTIONS: usize = 2;

segno::core_number!(unsafe core_number);

/// Core 0 has the first thread.
fn core_number() -> usize {
    // Of an execution that has failed, loom does not know the threads any more.
    usize::from(!panicking() && FIRST_THREAD.get() != Some(&thread::current().id()))
}

static FIRST_THREAD: OfExecution<thread::ThreadId> = OfExecution::new();

/// The critical section of all cores.
struct Section;
critical_section::set_impl!(Section);

type Guard = loom::sync::MutexGuard<'static, ()>;

static SECTION: OfExecution<loom::sync::Mutex<()>> = OfExecution::new();

thread_local! {
    /// Which thread is in the critical section, how often it has entered, and what it leaves it with.
    static INSIDE: RefCell<Option<(thread::ThreadId, usize, Guard)>> = const { RefCell::new(None) };
}

// SAFETY: a mutex; who has it enters again without.
unsafe impl critical_section::Impl for Section {
    unsafe fn acquire() -> critical_section::RawRestoreState {
        if panicking() {
            return;
        }
        let this = thread::current().id();
        let again = INSIDE.with_borrow_mut(|inside| match inside {
            Some((thread, times, _)) if *thread == this => {
                *times += 1;
                true
            }
            _ => false,
        });
        if !again {
            let guard = SECTION.get().expect("a model is running").lock().unwrap();
            INSIDE.set(Some((this, 1, guard)));
        }
    }

    unsafe fn release(_: critical_section::RawRestoreState) {
        if panicking() {
            return;
        }
        let left = INSIDE.with_borrow_mut(|inside| {
            let (_, times, _) = inside.as_mut().expect("who leaves is inside");
            *times -= 1;
            if *times == 0 { inside.take() } else { None }
        });
        drop(left);
    }
}

/// WFE and SEV.
#[derive(Default)]
pub struct Event {
    set: loom::sync::Mutex<bool>,
    was_set: loom::sync::Condvar,
}

impl Event {
    /// Ends the wait that is going on, or else the next one.
    pub fn set(&self) {
        *self.set.lock().unwrap() = true;
        self.was_set.notify_one();
    }

    /// Waits for the event, and forgets it.
    pub fn wait(&self) {
        let mut set = self.set.lock().unwrap();
        while !*set {
            set = self.was_set.wait(set).unwrap();
        }
        *set = false;
    }
}

/// A core's clock.
#[derive(Default)]
pub struct Core(Event);

impl Clock for Core {
    fn now(&self) -> Instant {
        Instant::from_ticks(0)
    }

    fn idle(&self, idle: &Idle) {
        if !idle.pending() {
            self.0.wait();
        }
    }

    fn wake(&self) {
        self.0.set();
    }
}

thread_local! {
    /// What an execution has made.
    static MADE: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

/// A value that lives to the end of the execution: what would be a static in a program.
pub fn fresh<T: 'static>(value: T) -> &'static T {
    let value = Box::new(value);
    let address = &raw const *value;
    MADE.with_borrow_mut(|made| made.push(value));
    // SAFETY: it is dropped at the end of the execution, when all threads have ended.
    unsafe { &*address }
}

/// A new loop, of the core that asks.
pub fn new_loop() -> &'static EventLoop {
    new_loop_with(fresh(Core::default()))
}

/// The same, with a clock that others wake, too.
pub fn new_loop_with(core: &'static Core) -> &'static EventLoop {
    fresh(LoopMemory::<1024>::new()).start(core).expect("it is new")
}

/// Runs `scenario` on core 0, in every order; it ends all threads that it begins.
pub fn explore(name: &str, scenario: impl Fn() + Send + Sync + 'static) {
    // ONE, and the cores' running loops are in statics.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let executions = Arc::new(AtomicUsize::new(0));
    let mut model = loom::model::Builder::new();
    model.max_branches = 20_000;
    model.preemption_bound = match env::var("PREEMPTIONS").as_deref() {
        Ok("all") => None,
        Ok(number) => Some(number.parse().expect("PREEMPTIONS is a number, or all")),
        Err(_) => Some(PREEMPTIONS),
    };
    let count = executions.clone();
    model.check(move || {
        begin();
        FIRST_THREAD.set(thread::current().id());
        SECTION.set(loom::sync::Mutex::new(()));
        count.fetch_add(1, Relaxed);
        scenario();
        MADE.take();
    });
    let executions = executions.load(Relaxed);
    println!("{name}: {executions} executions");
    assert!(executions > 10, "there is more than one order");
}
