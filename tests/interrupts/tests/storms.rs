//! Storms: more interrupts than there is room for, within each other, and while the loop changes what they touch.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU32, AtomicUsize};
use std::sync::{Mutex, OnceLock};

use segno::coroutine::Waker;
use segno::prelude::*;
use segno::{WakerCell, gather};
use segno_interrupts::{deliver_rest, explore, explore_nested};

static REMOTE: Mutex<Option<Remote>> = Mutex::new(None);

fn remote() -> Remote {
    REMOTE.lock().unwrap().unwrap()
}

fn report(name: &str, runs: usize) {
    std::println!("{name}: {runs} runs");
    assert!(runs > 50);
}

#[segno::coroutine]
async fn next_turn() {
    sleep(Duration::from_ticks(0)).await;
}

/// Everything that an interrupt may call, in each; and each may be interrupted by the next one.
#[test]
fn interrupts_within_interrupts_lose_nothing() {
    static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();
    static QUEUE: InterruptQueue<usize, 3> = InterruptQueue::new();
    static SIGNAL: Signal = Signal::new();
    static FLAGGED: AtomicU32 = AtomicU32::new(0);
    static SIGNALLED: AtomicU32 = AtomicU32::new(0);
    static CALLS: AtomicU32 = AtomicU32::new(0);
    static COUNT: AtomicU32 = AtomicU32::new(0);
    const INTERRUPTS: u32 = 2;

    #[segno::coroutine]
    async fn flagged() {
        while FLAGGED.load(Relaxed) < INTERRUPTS {
            FLAG.wait().await;
            FLAGGED.store(COUNT.load(Relaxed), Relaxed);
        }
    }
    #[segno::coroutine]
    async fn scenario_of(lp: &'static EventLoop) {
        let flagged = lp.create_task(flagged()).unwrap();
        let mut got = [QUEUE.get().await, QUEUE.get().await];
        got.sort_unstable();
        assert_eq!((got, QUEUE.take_lost()), ([0, 1], 0));
        flagged.await;
        // The last one that was queued may be behind this.
        while CALLS.load(Relaxed) < INTERRUPTS || SIGNALLED.load(Relaxed) < INTERRUPTS {
            next_turn().await;
        }
        assert_eq!(CALLS.load(Relaxed), INTERRUPTS, "each once");
    }
    fn handler(number: usize) {
        COUNT.fetch_add(1, Relaxed);
        FLAG.set();
        QUEUE.put_nowait(number).unwrap();
        let call = |_: &'static EventLoop| {
            CALLS.fetch_add(1, Relaxed);
        };
        remote().call_soon(call).unwrap();
        SIGNAL.fire();
    }
    fn reset() {
        for count in [&COUNT, &FLAGGED, &SIGNALLED, &CALLS] {
            count.store(0, Relaxed);
        }
        FLAG.clear();
    }
    let scenario = |lp: &'static EventLoop| {
        *REMOTE.lock().unwrap() = Some(lp.remote());
        lp.add_signal_handler(&SIGNAL, |_| SIGNALLED.store(COUNT.load(Relaxed), Relaxed)).unwrap();
        // Who came before there was a handler is forgotten.
        assert!(SIGNAL.fire());
        lp.run_until_complete(scenario_of(lp)).unwrap();
        assert!(lp.remove_signal_handler(&SIGNAL));
    };
    report("nested", explore_nested(INTERRUPTS as usize, reset, handler, scenario));
}

/// More calls than the loop has memory for, while the loop takes and returns memory: those that are refused are handed
/// back, those that are not are made once, and all of the memory comes back.
#[test]
fn a_full_pool_refuses_interrupts_and_loses_no_memory() {
    type Large = [u64; 60];
    static ACCEPTED: AtomicUsize = AtomicUsize::new(0);
    static REFUSED: AtomicUsize = AtomicUsize::new(0);
    static CALLED: AtomicUsize = AtomicUsize::new(0);
    /// That of an empty loop.
    static ROOM: OnceLock<usize> = OnceLock::new();

    fn room(lp: &'static EventLoop) -> usize {
        // Large ones, for each takes two points more.
        let futures: Vec<Future<[u64; 24]>> = std::iter::from_fn(|| lp.create_future().ok()).collect();
        futures.len()
    }
    #[segno::coroutine]
    async fn scenario_of(lp: &'static EventLoop) {
        for _ in 0..2 {
            let futures = [lp.create_future::<Large>().ok(), lp.create_future::<Large>().ok()];
            next_turn().await;
            drop(futures);
        }
        while deliver_rest() {}
        next_turn().await;
        next_turn().await;
    }
    fn handler(number: usize) {
        let large: Large = [number as u64; 60];
        let call = move |_: &'static EventLoop| {
            assert_eq!(large, [number as u64; 60]);
            CALLED.fetch_add(1, Relaxed);
        };
        match remote().call_soon(call) {
            Ok(()) => {
                ACCEPTED.fetch_add(1, Relaxed);
            }
            Err(refused) => {
                assert!(refused.is_full());
                REFUSED.fetch_add(1, Relaxed);
            }
        }
    }
    fn reset() {
        ACCEPTED.store(0, Relaxed);
        CALLED.store(0, Relaxed);
    }
    let scenario = |lp: &'static EventLoop| {
        *REMOTE.lock().unwrap() = Some(lp.remote());
        // In the first run, no interrupt comes before the loop sleeps.
        let before = ROOM.get_or_init(|| room(lp));
        lp.run_until_complete(scenario_of(lp)).unwrap();
        assert_eq!(CALLED.load(Relaxed), ACCEPTED.load(Relaxed));
        assert_eq!(room(lp), *before);
    };
    report("full pool", explore(3, reset, handler, scenario));
    assert!(REFUSED.load(Relaxed) > 0, "there was a storm");
}

/// A signal is fired while handlers are added, exchanged and removed.
#[test]
fn a_signal_reaches_the_handler_that_is_there() {
    static SIGNAL: Signal = Signal::new();
    /// What interrupts have left for handlers.
    static LEFT: AtomicU32 = AtomicU32::new(0);
    static TAKEN: AtomicU32 = AtomicU32::new(0);

    fn take(_: &'static EventLoop) {
        TAKEN.fetch_add(LEFT.swap(0, Relaxed), Relaxed);
    }
    #[segno::coroutine]
    async fn scenario_of(lp: &'static EventLoop) {
        lp.add_signal_handler(&SIGNAL, take).unwrap();
        next_turn().await;
        lp.add_signal_handler(&SIGNAL, take).unwrap();
        next_turn().await;
        assert!(lp.remove_signal_handler(&SIGNAL));
        next_turn().await;
        lp.add_signal_handler(&SIGNAL, take).unwrap();
        // What was fired before nobody was there is forgotten; what is left now is not.
        LEFT.store(0, Relaxed);
        while deliver_rest() {}
        next_turn().await;
        assert_eq!(LEFT.load(Relaxed), 0, "the handler has run after the last one");
        assert!(lp.remove_signal_handler(&SIGNAL));
        assert!(!SIGNAL.fire());
    }
    fn handler(_: usize) {
        LEFT.fetch_add(1, Relaxed);
        SIGNAL.fire();
    }
    fn reset() {
        LEFT.store(0, Relaxed);
        TAKEN.store(0, Relaxed);
    }
    let scenario = |lp: &'static EventLoop| lp.run_until_complete(scenario_of(lp)).unwrap();
    report("signal", explore(2, reset, handler, scenario));
    // With a handler that stays, nothing at all is forgotten.
    let scenario = |lp: &'static EventLoop| {
        lp.add_signal_handler(&SIGNAL, |lp| {
            take(lp);
            if TAKEN.load(Relaxed) == 3 {
                lp.stop();
            }
        })
        .unwrap();
        assert!(SIGNAL.fire());
        lp.run_forever().unwrap();
    };
    report("signal that stays", explore(3, reset, handler, scenario));
}

/// A driver that cannot say whom to wake: its task is resumed after each interrupt.
#[test]
fn a_task_that_registered_nothing_is_resumed_after_every_interrupt() {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    struct Counts;
    impl Coroutine for Counts {
        type Output = ();
        fn resume(self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
            if cx.take_cancel() {
                return Resume::Cancelled;
            }
            if COUNT.load(Relaxed) == 3 {
                return Resume::Done(());
            }
            cx.resume_after_interrupt();
            Resume::Pending
        }
    }
    fn handler(_: usize) {
        COUNT.fetch_add(1, Relaxed);
    }
    let scenario = |lp: &'static EventLoop| {
        let other = lp.create_task(next_turn()).unwrap();
        lp.run_until_complete(Counts).unwrap();
        assert!(other.done());
    };
    report("parked", explore(3, || COUNT.store(0, Relaxed), handler, scenario));
}

/// Interrupts wake a task that ends meanwhile, and whose memory is another task's then.
#[test]
fn a_stale_waker_disturbs_nobody() {
    static WAKER: Mutex<Waker> = Mutex::new(Waker::NONE);
    #[segno::coroutine]
    async fn steps(count: usize) -> usize {
        for _ in 0..count {
            next_turn().await;
        }
        count
    }
    #[segno::coroutine]
    async fn scenario_of(lp: &'static EventLoop) {
        for round in 0..3 {
            let task = lp.create_task(steps(round)).unwrap();
            *WAKER.lock().unwrap() = task.as_any().waker();
            assert_eq!(task.await, round);
            // The next one is in its place.
            let next = lp.create_task(steps(2)).unwrap();
            assert_eq!(next.await, 2);
        }
        while deliver_rest() {}
    }
    fn handler(_: usize) {
        remote().wake(*WAKER.lock().unwrap());
    }
    let scenario = |lp: &'static EventLoop| {
        *REMOTE.lock().unwrap() = Some(lp.remote());
        lp.run_until_complete(scenario_of(lp)).unwrap();
        assert_eq!(lp.all_tasks().count(), 0);
    };
    report("stale wakers", explore(2, || *WAKER.lock().unwrap() = Waker::NONE, handler, scenario));
}

/// An item comes in the moment in which one of those who wait is cancelled.
#[test]
fn an_interrupt_queue_keeps_the_item_of_a_getter_that_is_cancelled() {
    static QUEUE: InterruptQueue<usize, 2> = InterruptQueue::new();
    #[segno::coroutine]
    async fn gets() -> usize {
        QUEUE.get().await
    }
    #[segno::coroutine]
    async fn scenario_of(lp: &'static EventLoop) {
        let victim = lp.create_task(gets()).unwrap();
        let other = lp.create_task(gets()).unwrap();
        next_turn().await;
        victim.cancel();
        let mut numbers = vec![other.await];
        match victim.take_result() {
            Ok(number) => numbers.push(number),
            Err(_) => numbers.push(QUEUE.get().await),
        }
        numbers.sort_unstable();
        assert_eq!((numbers, QUEUE.take_lost()), (vec![0, 1], 0));
    }
    fn handler(number: usize) {
        QUEUE.put_nowait(number).unwrap();
    }
    let scenario = |lp: &'static EventLoop| lp.run_until_complete(scenario_of(lp)).unwrap();
    report("interrupt queue, cancelled", explore(2, || {}, handler, scenario));
}

/// The loop moves tasks within its queue, because members end and requests come, while interrupts add to it.
#[test]
fn the_ready_queue_is_whole_while_places_change() {
    static CELL: WakerCell = WakerCell::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    static CALLS: Mutex<Vec<usize>> = Mutex::new(Vec::new());
    const INTERRUPTS: u32 = 2;
    struct Counts;
    impl Coroutine for Counts {
        type Output = ();
        fn resume(self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
            if cx.take_cancel() {
                return Resume::Cancelled;
            }
            CELL.register_current();
            if COUNT.load(Relaxed) == INTERRUPTS { Resume::Done(()) } else { Resume::Pending }
        }
    }
    #[segno::coroutine]
    async fn joins(one: Task<()>, other: Task<()>) {
        gather((one, other)).await;
    }
    #[segno::coroutine]
    async fn scenario_of(lp: &'static EventLoop) {
        let counts = lp.create_task(Counts).unwrap();
        // Both members end in one turn; the request to who waits comes in the same one.
        let members = [lp.create_task(next_turn()).unwrap(), lp.create_task(next_turn()).unwrap()];
        let [one, other] = members;
        let waits = lp.create_task(joins(one, other)).unwrap();
        next_turn().await;
        waits.cancel();
        next_turn().await;
        next_turn().await;
        next_turn().await;
        assert!(waits.done());
        counts.await;
        while deliver_rest() {}
        next_turn().await;
        assert_eq!(*CALLS.lock().unwrap(), [0, 1], "each once, in their order");
    }
    fn handler(number: usize) {
        COUNT.fetch_add(1, Relaxed);
        remote().call_soon(move |_| CALLS.lock().unwrap().push(number)).unwrap();
        CELL.wake();
    }
    fn reset() {
        COUNT.store(0, Relaxed);
        CALLS.lock().unwrap().clear();
    }
    let scenario = |lp: &'static EventLoop| {
        *REMOTE.lock().unwrap() = Some(lp.remote());
        lp.run_until_complete(scenario_of(lp)).unwrap();
        assert_eq!(lp.all_tasks().count(), 0);
    };
    report("places", explore(INTERRUPTS as usize, reset, handler, scenario));
}
