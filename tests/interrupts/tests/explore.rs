//! What interrupts may call, called by an interrupt at every point.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use segno::prelude::*;
use segno_interrupts::explore;

/// How many interrupts have come, as the interrupt counts them.
static COUNT: AtomicU32 = AtomicU32::new(0);

fn report(name: &str, runs: usize) {
    std::println!("{name}: {runs} runs");
    assert!(runs > 50);
}

#[segno::coroutine]
async fn next_turn() {
    sleep(Duration::from_ticks(0)).await;
}

#[test]
fn a_flag_misses_nothing() {
    static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();
    #[segno::coroutine]
    async fn waits(interrupts: u32) {
        loop {
            FLAG.wait().await;
            if COUNT.load(Relaxed) == interrupts {
                break;
            }
            next_turn().await;
        }
    }
    fn handler(_: usize) {
        COUNT.fetch_add(1, Relaxed);
        FLAG.set();
    }
    fn reset() {
        COUNT.store(0, Relaxed);
        FLAG.clear();
    }
    let scenario = |lp: &'static EventLoop| lp.run_until_complete(waits(3)).unwrap();
    report("flag", explore(3, reset, handler, scenario));
}

#[test]
fn a_flag_is_passed_on_by_a_waiter_that_is_cancelled() {
    static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();
    #[segno::coroutine]
    async fn waits() {
        FLAG.wait().await;
    }
    #[segno::coroutine]
    async fn scenario_of(lp: &'static EventLoop) {
        let victim = lp.create_task(waits()).unwrap();
        let other = lp.create_task(waits()).unwrap();
        next_turn().await;
        victim.cancel();
        next_turn().await;
        assert!(victim.done());
        if !victim.cancelled() {
            // Two interrupts before it ran were one to it.
            while segno_interrupts::deliver_rest() {}
            FLAG.set();
        }
        other.await;
    }
    fn handler(_: usize) {
        FLAG.set();
    }
    let scenario = |lp: &'static EventLoop| {
        lp.run_until_complete(scenario_of(lp)).unwrap();
        while segno_interrupts::deliver_rest() {}
    };
    report("flag, cancelled", explore(2, || FLAG.clear(), handler, scenario));
}

#[test]
fn an_event_misses_nothing() {
    static EVENT: Event = Event::new();
    #[segno::coroutine]
    async fn waits(interrupts: u32) {
        loop {
            EVENT.wait().await;
            // First clear, then look.
            EVENT.clear();
            if COUNT.load(Relaxed) == interrupts {
                break;
            }
        }
    }
    fn handler(_: usize) {
        COUNT.fetch_add(1, Relaxed);
        EVENT.set();
    }
    fn reset() {
        COUNT.store(0, Relaxed);
        EVENT.clear();
    }
    let scenario = |lp: &'static EventLoop| lp.run_until_complete(waits(3)).unwrap();
    report("event", explore(3, reset, handler, scenario));
}

#[test]
fn an_interrupt_queue_loses_what_it_says() {
    static QUEUE: InterruptQueue<usize, 1> = InterruptQueue::new();
    #[segno::coroutine]
    async fn gets(interrupts: u32) {
        let (mut got, mut lost, mut last) = (0, 0, None);
        while got + lost < interrupts {
            let item = QUEUE.get().await;
            assert!(last.is_none_or(|last| last < item), "in order");
            last = Some(item);
            got += 1;
            next_turn().await;
            lost += QUEUE.take_lost();
        }
        assert!(QUEUE.empty());
    }
    fn handler(number: usize) {
        let full = QUEUE.full();
        assert_eq!(QUEUE.put_nowait(number).is_err(), full);
    }
    let scenario = |lp: &'static EventLoop| lp.run_until_complete(gets(3)).unwrap();
    report("interrupt queue", explore(3, || {}, handler, scenario));
}

/// Two who wait for an item; one is cancelled, perhaps in the moment in which it has one.
#[test]
fn a_queue_loses_nothing() {
    static QUEUE: Queue<usize, 2> = Queue::new();
    #[segno::coroutine]
    async fn gets() -> usize {
        QUEUE.get().await.unwrap()
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
            Err(_) => numbers.push(QUEUE.get().await.unwrap()),
        }
        numbers.sort();
        assert_eq!(numbers, [0, 1]);
    }
    fn handler(number: usize) {
        QUEUE.put_nowait(number).unwrap();
    }
    let scenario = |lp: &'static EventLoop| lp.run_until_complete(scenario_of(lp)).unwrap();
    report("queue", explore(2, || {}, handler, scenario));
}

/// Tasks that wait for room, which interrupts make.
#[test]
fn room_in_a_queue_is_passed_on() {
    static QUEUE: Queue<usize, 1> = Queue::new();
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    #[segno::coroutine]
    async fn puts(number: usize) {
        QUEUE.put(number).await.unwrap();
    }
    #[segno::coroutine]
    async fn scenario_of(lp: &'static EventLoop) {
        QUEUE.put(9).await.unwrap();
        let victim = lp.create_task(puts(1)).unwrap();
        let other = lp.create_task(puts(2)).unwrap();
        next_turn().await;
        victim.cancel();
        for _ in 0..4 {
            next_turn().await;
        }
        while segno_interrupts::deliver_rest() {}
        for _ in 0..4 {
            next_turn().await;
        }
        // An interrupt that came too early has taken nothing. But nobody waits for room while there is room.
        assert!(other.done() || QUEUE.full());
        if !other.done() {
            QUEUE.get_nowait().unwrap();
            TAKEN.fetch_add(1, Relaxed);
        }
        other.await;
        let put = 2 + u32::from(!victim.cancelled());
        assert_eq!(TAKEN.load(Relaxed) + QUEUE.qsize() as u32, put);
    }
    fn handler(_: usize) {
        TAKEN.fetch_add(u32::from(QUEUE.get_nowait().is_ok()), Relaxed);
    }
    fn reset() {
        TAKEN.store(0, Relaxed);
        while QUEUE.get_nowait().is_ok() {}
    }
    let scenario = |lp: &'static EventLoop| lp.run_until_complete(scenario_of(lp)).unwrap();
    report("room", explore(3, reset, handler, scenario));
}

#[test]
fn a_semaphore_counts_interrupts() {
    static SEMAPHORE: Semaphore = Semaphore::new(0);
    #[segno::coroutine]
    async fn takes() {
        core::mem::forget(SEMAPHORE.acquire().await);
    }
    #[segno::coroutine]
    async fn scenario_of(lp: &'static EventLoop) {
        let victim = lp.create_task(takes()).unwrap();
        let other = lp.create_task(takes()).unwrap();
        next_turn().await;
        victim.cancel();
        other.await;
        if victim.cancelled() {
            takes().await;
        }
        assert!(SEMAPHORE.locked());
    }
    fn handler(_: usize) {
        SEMAPHORE.release();
    }
    let scenario = |lp: &'static EventLoop| lp.run_until_complete(scenario_of(lp)).unwrap();
    report("semaphore", explore(2, || {}, handler, scenario));
}

/// An interrupt takes the lock if it can, and releases it again: never while a task has it.
#[test]
fn a_lock_excludes_interrupts() {
    static LOCK: Lock<(u32, u32)> = Lock::with_value((0, 0));
    #[segno::coroutine]
    async fn user() {
        for _ in 0..2 {
            let mut value = LOCK.acquire().await;
            value.0 += 1;
            next_turn().await;
            value.1 += 1;
            assert_eq!(value.0, value.1);
        }
    }
    #[segno::coroutine]
    async fn scenario_of(lp: &'static EventLoop) {
        let users = [lp.create_task(user()).unwrap(), lp.create_task(user()).unwrap()];
        for user in users {
            user.await;
        }
        while segno_interrupts::deliver_rest() {}
        assert!(!LOCK.locked());
    }
    fn handler(_: usize) {
        if let Some(mut value) = LOCK.acquire_nowait() {
            assert_eq!(value.0, value.1);
            value.0 += 1;
            value.1 += 1;
        }
    }
    let scenario = |lp: &'static EventLoop| lp.run_until_complete(scenario_of(lp)).unwrap();
    report("lock", explore(2, || {}, handler, scenario));
}

/// The ready queue: callbacks and wake-ups from interrupts.
#[test]
fn the_ready_queue_misses_nothing() {
    static REMOTE: std::sync::Mutex<Option<Remote>> = std::sync::Mutex::new(None);
    static CELL: segno::WakerCell = segno::WakerCell::new();
    static CALLS: AtomicU32 = AtomicU32::new(0);
    struct Counts(u32);
    impl Coroutine for Counts {
        type Output = ();
        fn resume(self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
            if cx.take_cancel() {
                return Resume::Cancelled;
            }
            CELL.register_current();
            if COUNT.load(Relaxed) == self.0 { Resume::Done(()) } else { Resume::Pending }
        }
    }
    #[segno::coroutine]
    async fn scenario_of(lp: &'static EventLoop) {
        let task = lp.create_task(Counts(3)).unwrap();
        task.await;
        next_turn().await;
        assert_eq!(CALLS.load(Relaxed), 3);
    }
    fn handler(_: usize) {
        COUNT.fetch_add(1, Relaxed);
        let remote = REMOTE.lock().unwrap().unwrap();
        remote
            .call_soon(|_| {
                CALLS.fetch_add(1, Relaxed);
            })
            .unwrap();
        CELL.wake();
    }
    fn reset() {
        COUNT.store(0, Relaxed);
        CALLS.store(0, Relaxed);
    }
    let scenario = |lp: &'static EventLoop| {
        *REMOTE.lock().unwrap() = Some(lp.remote());
        lp.run_until_complete(scenario_of(lp)).unwrap();
    };
    report("ready queue", explore(3, reset, handler, scenario));
}

/// A barrier is used by tasks only, but its questions may be asked anywhere.
#[test]
fn a_barrier_answers_interrupts() {
    static BARRIER: Barrier<2> = Barrier::new();
    #[segno::coroutine]
    async fn party() -> usize {
        BARRIER.wait().await.unwrap()
    }
    #[segno::coroutine]
    async fn scenario_of(lp: &'static EventLoop) {
        let first = lp.create_task(party()).unwrap();
        let second = lp.create_task(party()).unwrap();
        assert_eq!(second.await + first.await, 1);
        while segno_interrupts::deliver_rest() {}
    }
    fn handler(_: usize) {
        assert!(BARRIER.n_waiting() < 2 && !BARRIER.broken());
    }
    let scenario = |lp: &'static EventLoop| lp.run_until_complete(scenario_of(lp)).unwrap();
    report("barrier", explore(1, || {}, handler, scenario));
}
