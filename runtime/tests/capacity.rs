//! What has a capacity that is neither a queue's nor that of everyday pools: one less, as many, and one more. And what must
//! have none: waiters.
//!
//! | what | where it is tested |
//! |---|---|
//! | the loop's memory: callbacks, timers, tasks, futures, done callbacks, groups, protocols, handlers, … | `conformance_misuse.rs` |
//! | the largest memory; handles of a node; cancel requests of a task, of which there may be any number | here |
//! | a group's errors; the parties of a barrier; permits | here |
//! | those who wait for something; tasks that are cancelled in a chain or in a tree | here: no capacity |
//! | `Queue`, `LifoQueue`, `PriorityQueue`, `InterruptQueue` | `conformance_queue.rs`; the longest ones here |
//! | streams, transports and datagrams: buffers, limits, water marks | `conformance_streams.rs`, `transports.rs`, `uart.rs` |
//! | sockets, connections and names of a stack on a chip; backlogs | `boards/sim/tests/{servers,names}.rs` |
//! | addresses of a name, bytes of a process's pipe, connections that a server lets wait | `network.rs` |

mod common;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use common::new_loop;
use segno::AnyTask;
use segno::host::VirtualClock;
use segno::prelude::*;
use segno::sync::ReleasedTooOften;

#[segno::coroutine]
async fn fails(number: u32) -> Result<(), u32> {
    sleep(1.millis()).await;
    Err(number)
}

#[segno::coroutine]
async fn body<const M: usize>(group: &TaskGroup<u32, M>, failures: u32) -> Result<(), u32> {
    for number in 0..failures {
        group.create_task(fails(number)).unwrap();
    }
    Ok(())
}

#[segno::coroutine]
async fn grouped<const M: usize>(lp: &'static EventLoop, failures: u32) {
    let group = TaskGroup::<u32, M>::new(lp).unwrap();
    let errors = group.scope(body(&group, failures)).await.unwrap_err();
    let kept = M.min(failures as usize);
    assert_eq!(errors.iter().copied().collect::<Vec<_>>(), (0..kept as u32).collect::<Vec<_>>());
    assert_eq!(errors.dropped(), failures as usize - kept, "the others are counted");
}

fn errors_of_a_group<const M: usize>() {
    let lp = new_loop();
    for failures in [M - 1, M, M + 1, 2 * M + 1] {
        if failures > 0 {
            lp.run_until_complete(grouped::<M>(lp, failures as u32)).unwrap();
            assert_eq!(lp.all_tasks().count(), 0);
        }
    }
    lp.close().unwrap();
}

#[test]
fn a_group_keeps_as_many_errors_as_it_has_room_for_and_counts_the_rest() {
    errors_of_a_group::<1>();
    errors_of_a_group::<2>();
    errors_of_a_group::<4>();
}

/// How many of the smallest things the loop's memory has room for.
fn room_for_futures(lp: &'static EventLoop) -> usize {
    let futures: Vec<Future<()>> = std::iter::from_fn(|| lp.create_future().ok()).collect();
    futures.len()
}

/// Granules have numbers of 16 bits: the last one is used like the first, and what is beyond it is not.
#[test]
fn the_largest_memory_is_used_to_its_last_granule() {
    if cfg!(miri) {
        return; // It would take minutes.
    }
    const GRANULE: usize = 2 * size_of::<usize>();
    const LAST: usize = u16::MAX as usize - 1;
    let rooms = [LAST - 1, LAST, LAST + 1].map(|granules| {
        let lp = segno::new_event_loop(VirtualClock::leaked(), granules * GRANULE);
        let room = room_for_futures(lp);
        // With statistics, a future takes more than one.
        let each = LAST / room;
        assert!(room * each > LAST - 2000 && (each == 1 || cfg!(feature = "statistics")), "{room} futures");
        let ran = Rc::new(Cell::new(0));
        let tasks: Vec<_> = std::iter::from_fn(|| lp.create_task(counts(ran.clone())).ok()).collect();
        let small = room_for_futures(lp);
        assert_eq!(lp.all_tasks().count(), tasks.len());
        for task in &tasks {
            lp.wake(task.as_any().waker());
        }
        lp.stop();
        lp.run_forever().unwrap();
        assert_eq!(ran.get(), tasks.len(), "each once");
        assert_eq!(lp.all_tasks().count(), 0);
        let count = tasks.len();
        drop(tasks);
        lp.close().unwrap();
        (room_for_futures(lp), count, small)
    });
    let [less, most, beyond] = rooms;
    if cfg!(not(feature = "statistics")) {
        assert_eq!(less.0 + 1, most.0, "a granule more is a future more");
    }
    assert_eq!(most, beyond, "beyond it nothing is used");
    assert!(most.1 > 10_000, "{most:?}");
}

#[segno::coroutine]
async fn counts(ran: Rc<Cell<usize>>) {
    ran.set(ran.get() + 1);
}

/// 254 references to a node are counted, so that its memory comes back with the last one; with more it stays.
#[test]
fn references_at_n_minus_1_n_and_n_plus_1() {
    const MOST: usize = 254;
    for handles in [MOST - 1, MOST, MOST + 1] {
        let lp = segno::new_event_loop(VirtualClock::leaked(), 256);
        let before = room_for_futures(lp);
        let future = lp.create_future::<()>().unwrap();
        let others: Vec<_> = (1..handles).map(|_| future.clone()).collect();
        drop(future);
        drop(others);
        assert_eq!(room_for_futures(lp), before - usize::from(handles > MOST), "{handles} handles");
    }
}

/// Six cancel requests are counted in a task's header, any more by a node of the pool, which goes when six are left.
#[test]
fn cancel_requests_at_n_minus_1_n_and_n_plus_1() {
    for requests in [5, 6, 7, 8, 300] {
        let lp = segno::new_event_loop(VirtualClock::leaked(), 2048);
        let task = lp.create_task(sleep(1.millis())).unwrap();
        let before = room_for_futures(lp);
        for n in 1..=requests {
            assert!(task.cancel());
            assert_eq!(task.cancelling(), n);
            assert_eq!(room_for_futures(lp) < before, n > 6, "{n} requests");
        }
        for left in (0..requests).rev() {
            assert_eq!((task.uncancel(), task.cancelling()), (left, left));
            assert_eq!(room_for_futures(lp) < before, left > 6, "{left} requests left");
        }
        assert_eq!(task.uncancel(), 0, "it ends at nothing");
        assert_eq!(lp.run_until_complete(&task), Ok(()), "all have been taken back");
    }
}

/// A count outlives its task's end, and the end of the loop, and goes with the last handle.
#[test]
fn many_cancel_requests_are_counted_as_long_as_the_task_is_there() {
    for closes in [false, true] {
        let lp = segno::new_event_loop(VirtualClock::leaked(), 2048);
        let before = room_for_futures(lp);
        let tasks = [(); 3].map(|()| lp.create_task(sleep(1.millis())).unwrap());
        for (task, requests) in tasks.iter().zip(7..) {
            (0..requests).for_each(|_| assert!(task.cancel()));
        }
        if closes {
            lp.close().unwrap();
        } else {
            lp.run_until_complete(sleep(2.millis())).unwrap();
        }
        assert!(tasks.iter().all(Task::cancelled));
        assert_eq!(tasks.each_ref().map(Task::cancelling), [7, 8, 9]);
        let [first, second, third] = tasks;
        drop(second);
        assert_eq!((first.cancelling(), third.uncancel(), third.cancel()), (7, 8, false));
        drop((third, first));
        assert_eq!(room_for_futures(lp), before);
    }
}

/// Without room for the count, requests beyond the sixth are delivered, and the exception handler is told.
#[test]
fn cancel_requests_in_a_full_pool() {
    thread_local! {
        static TOLD: Cell<u32> = const { Cell::new(0) };
    }
    let lp = segno::new_event_loop(VirtualClock::leaked(), 1024);
    lp.set_exception_handler(Some(|_, context| {
        assert_eq!(context.message, "Cancel request was not counted: the loop's memory is full");
        TOLD.set(TOLD.get() + 1);
    }));
    let task = lp.create_task(sleep(1.millis())).unwrap();
    let futures: Vec<Future<()>> = std::iter::from_fn(|| lp.create_future().ok()).collect();
    let counts = [(); 8].map(|()| {
        assert!(task.cancel());
        task.cancelling()
    });
    assert_eq!((counts, TOLD.get()), ([1, 2, 3, 4, 5, 6, 6, 6], 2));
    drop(futures);
    assert!(task.cancel());
    assert_eq!((task.cancelling(), TOLD.get()), (7, 2));
    assert_eq!(lp.run_until_complete(&task), Err(segno::RunError::Cancelled));
}

#[segno::coroutine]
async fn awaits(next: Option<Task<()>>) {
    match next {
        Some(next) => next.await,
        None => sleep(1000.millis()).await,
    }
}

#[segno::coroutine]
async fn awaits_two(next: Option<Task<()>>) {
    match next {
        Some(next) => {
            gather((next, sleep(2000.millis()))).await;
        }
        None => sleep(1000.millis()).await,
    }
}

/// Makes so many tasks, each of which waits for the next one, and cancels the first. How many were cancelled?
fn cancelled_of<C: Coroutine<Output = ()> + 'static>(length: usize, link: fn(Option<Task<()>>) -> C) -> usize {
    let lp = segno::new_event_loop(VirtualClock::leaked(), 256 * 1024);
    let mut all: Vec<AnyTask> = Vec::new();
    let mut next = None;
    for _ in 0..length {
        let task = lp.create_task(link(next)).unwrap();
        all.push(task.as_any());
        next = Some(task);
    }
    lp.run_until_complete(sleep(1.millis())).unwrap();
    assert!(next.unwrap().cancel());
    lp.run_until_complete(sleep(10.secs())).unwrap();
    assert_eq!(lp.all_tasks().count(), 0, "whoever was not cancelled has ended by itself");
    let cancelled = all.iter().filter(|task| task.cancelled()).count();
    lp.close().unwrap();
    cancelled
}

/// (Each task of a chain looks for who waits among all that wait.)
const CHAINS: &[usize] = if cfg!(miri) { &[1, 2, 30] } else { &[1, 2, 100, 300] };

/// A request is passed on along a chain of any length.
#[test]
fn chains_of_tasks_are_cancelled_whole() {
    for &length in CHAINS {
        assert_eq!(cancelled_of(length, awaits), length, "a chain of {length}");
    }
}

#[segno::coroutine]
async fn awaits_when_told(next: Future<Rc<Task<()>>>) {
    let next = (&next).await;
    (&*next).await;
}

/// Tasks that wait for one another, `ring` of them in a ring, with `tail` in front of it; the first is cancelled.
fn cancelled_ring<C>(
    lp: &'static EventLoop,
    ring: usize,
    tail: usize,
    waits: impl Fn(Future<Rc<Task<()>>>) -> C,
) -> Vec<Rc<Task<()>>>
where
    C: Coroutine<Output = ()> + 'static,
{
    let told: Vec<Future<Rc<Task<()>>>> = (0..ring + tail).map(|_| lp.create_future().unwrap()).collect();
    let start = |told: &Future<Rc<Task<()>>>| Rc::new(lp.create_task(waits(told.clone())).unwrap());
    let tasks: Vec<Rc<Task<()>>> = told.iter().map(start).collect();
    for (index, told) in told.iter().enumerate() {
        let next = if index + 1 < ring + tail { index + 1 } else { tail };
        told.set_result(tasks[next].clone()).unwrap();
    }
    lp.run_until_complete(sleep(1.millis())).unwrap();
    assert!(tasks[0].cancel());
    lp.run_until_complete(sleep(1.millis())).unwrap();
    tasks
}

/// A ring of so many tasks that wait for one another, with so many in front of it, of which the first is cancelled: all of
/// them are, for one of the ring is cancelled itself.
#[test]
fn rings_of_tasks_can_be_cancelled() {
    for (ring, tail) in [(2, 0), (3, 0), (2, 3), (3, 1), (5, 8)] {
        let lp = new_loop();
        let tasks = cancelled_ring(lp, ring, tail, awaits_when_told);
        assert!(tasks.iter().all(|task| task.cancelled()), "a ring of {ring} behind {tail}");
        lp.close().unwrap();
    }
}

/// Where tasks wait for several each, too.
#[test]
fn trees_of_tasks_of_any_depth_are_cancelled() {
    for levels in [1, 8, 9, 10, if cfg!(miri) { 20 } else { 300 }] {
        assert_eq!(cancelled_of(levels, awaits_two), levels, "{levels} levels");
    }
}

#[segno::coroutine]
async fn awaits_two_when_told(next: Future<Rc<Task<()>>>) {
    let next = (&next).await;
    segno::gather!(&*next, &*next).await;
}

/// A ring of tasks that wait for one another, twice each, waits for ever, also when one is cancelled: none of them can end before
/// the others. The request comes to all of them, and to an end. (asyncio's ends with a `RecursionError`.)
#[test]
fn requests_to_rings_of_trees_come_to_an_end() {
    // (Under Miri, which needs a quarter of an hour for the last, without it.)
    let rings = [(2, 0), (3, 1), (5, 8)];
    for &(ring, tail) in if cfg!(miri) { &rings[..2] } else { &rings[..] } {
        let lp = new_loop();
        let tasks = cancelled_ring(lp, ring, tail, awaits_two_when_told);
        assert!(tasks.iter().all(|task| task.cancelling() > 0), "a ring of {ring} behind {tail}");
        lp.close().unwrap();
        assert!(tasks.iter().all(|task| task.cancelled()));
    }
}

/// Bytes for more tasks than anybody has. (Miri looks at each byte of it when tasks are counted.)
const ROOMY: usize = if cfg!(miri) { 32 * 1024 } else { 1024 * 1024 };

/// What `count` tasks that wait for something say when they go on.
type Log = Rc<RefCell<Vec<usize>>>;

#[segno::coroutine]
async fn then_says<C: Coroutine>(waiting: C, number: usize, log: Log) {
    waiting.await;
    log.borrow_mut().push(number);
}

/// Many tasks wait for what `wait` makes; then `wake` is called. All go on, in the order in which they came.
fn any_number_waits<C: Coroutine + 'static>(wait: impl Fn() -> C, wake: impl Fn(usize)) {
    let count = if cfg!(miri) { 20 } else { 1500 };
    let lp = segno::new_event_loop(VirtualClock::leaked(), ROOMY);
    let log = Log::default();
    for number in 0..count {
        lp.create_task(then_says(wait(), number, log.clone())).unwrap();
    }
    lp.run_until_complete(sleep(1.millis())).unwrap();
    assert!(log.borrow().is_empty());
    wake(count);
    lp.run_until_complete(sleep(1.millis())).unwrap();
    assert!(log.borrow().iter().copied().eq(0..count), "{} of {count}", log.borrow().len());
    assert_eq!(lp.all_tasks().count(), 0);
    lp.close().unwrap();
}

#[test]
fn waiters_have_no_capacity() {
    static EVENT: Event = Event::new();
    any_number_waits(|| EVENT.wait(), |_| EVENT.set());

    static PERMITS: Semaphore = Semaphore::new(0);
    any_number_waits(|| PERMITS.acquire(), |_| PERMITS.release());

    static LOCK: Lock = Lock::new();
    let held = RefCell::new(LOCK.acquire_nowait());
    any_number_waits(|| LOCK.acquire(), |_| held.take().into_iter().for_each(drop));

    static QUEUE: Queue<usize, 1> = Queue::new();
    any_number_waits(|| QUEUE.get(), |_| QUEUE.shutdown(true));

    static ROOM: Queue<usize, 1> = Queue::new();
    ROOM.put_nowait(0).unwrap();
    any_number_waits(|| ROOM.put(1), |_| ROOM.shutdown(true));

    static UNDONE: Queue<usize, 1> = Queue::new();
    UNDONE.put_nowait(0).unwrap();
    any_number_waits(|| UNDONE.join(), |_| UNDONE.task_done().unwrap());
}

#[segno::coroutine]
async fn shares(future: Rc<Future<()>>, number: usize, log: Log) {
    (&*future).await;
    log.borrow_mut().push(number);
}

/// Tasks and callbacks that wait for one future, and for one task.
#[test]
fn those_who_wait_for_one_future_have_no_capacity() {
    std::thread_local! {
        static CALLED: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
    }
    let count = if cfg!(miri) { 20 } else { 1000 };
    let lp = segno::new_event_loop(VirtualClock::leaked(), ROOMY);
    let future = lp.create_future::<()>().unwrap();
    for number in 0..count {
        future.add_done_callback(|_, number| CALLED.with_borrow_mut(|called| called.push(number)), number).unwrap();
    }
    // A handle each would be more than can be counted: they share one.
    let future = Rc::new(future);
    let log = Log::default();
    for number in 0..count {
        lp.create_task(shares(future.clone(), number, log.clone())).unwrap();
    }
    lp.run_until_complete(sleep(1.millis())).unwrap();
    future.set_result(()).unwrap();
    lp.run_until_complete(sleep(1.millis())).unwrap();
    assert!(CALLED.take().into_iter().eq(0..count) && log.borrow().iter().copied().eq(0..count));
    lp.close().unwrap();
}

#[test]
fn permits_at_n_minus_1_n_and_n_plus_1() {
    fn check(permits: usize) {
        let (bounded, free) = (BoundedSemaphore::new(permits), Semaphore::new(permits));
        for count in [permits.saturating_sub(1), permits, permits + 1] {
            let taken: Vec<_> = (0..count).map_while(|_| bounded.acquire_nowait()).collect();
            let also: Vec<_> = (0..count).map_while(|_| free.acquire_nowait()).collect();
            assert_eq!((taken.len(), also.len()), (count.min(permits), count.min(permits)));
            assert_eq!((bounded.locked(), free.locked()), (count >= permits, count >= permits));
        }
        assert_eq!(bounded.release(), Err(ReleasedTooOften));
        free.release();
        assert_eq!((0..permits + 2).map_while(|_| free.acquire_nowait()).map(std::mem::forget).count(), permits + 1);
    }
    check(0);
    check(1);
    check(5);
    let most = Semaphore::new(usize::MAX);
    most.release();
    assert_eq!(format!("{most:?}"), format!("<Semaphore unlocked, value:{}>", usize::MAX));
}

#[segno::coroutine]
async fn party<const N: usize>(barrier: Rc<Barrier<N>>, log: Log) {
    let index = barrier.wait().await.unwrap();
    log.borrow_mut().push(index);
}

#[test]
fn parties_at_n_minus_1_n_and_n_plus_1() {
    fn check<const N: usize>() {
        let lp = new_loop();
        let (barrier, log) = (Rc::new(Barrier::<N>::new()), Log::default());
        let mut expected = Vec::new();
        for round in 0..3 {
            for come in 1..=N {
                assert_eq!((barrier.n_waiting(), log.borrow().len()), (come - 1, round * N));
                lp.create_task(party(barrier.clone(), log.clone())).unwrap();
                lp.run_until_complete(sleep(1.millis())).unwrap();
            }
            expected.extend([N - 1].into_iter().chain(0..N - 1));
            assert_eq!(*log.borrow(), expected, "all of the round, and nobody of the next one");
        }
        lp.close().unwrap();
    }
    check::<1>();
    check::<2>();
    check::<5>();
}

/// Places in a queue have numbers of 16 bits.
#[test]
fn the_longest_queues_are_used_to_their_last_place() {
    fn check<const N: usize>() {
        let (queue, shared) = (Box::new(Queue::<u8, N>::new()), Box::new(InterruptQueue::<u8, N>::new()));
        // Not from the first place on.
        for item in 0..3 {
            queue.put_nowait(item).unwrap();
            shared.put_nowait(item).unwrap();
            assert_eq!((queue.get_nowait(), shared.get_nowait()), (Ok(item), Some(item)));
        }
        for item in 0..N {
            queue.put_nowait(item as u8).unwrap();
            shared.put_nowait(item as u8).unwrap();
        }
        assert!(queue.put_nowait(1).is_err() && shared.put_nowait(1).is_err());
        assert_eq!((queue.qsize(), shared.qsize(), shared.take_lost()), (N, N, 1));
        for item in 0..N {
            assert_eq!((queue.get_nowait(), shared.get_nowait()), (Ok(item as u8), Some(item as u8)));
        }
        assert!(queue.empty() && shared.empty());
    }
    if cfg!(miri) {
        return;
    }
    check::<65_534>();
    check::<65_535>();
}
