//! Those who wait for a primitive, resumed by hand: cancelled and dropped at every point, in every order, also under Miri.

use std::cell::Cell;
use std::cmp::Ordering;
use std::pin::{Pin, pin};
use std::sync::atomic::{self, AtomicPtr};

use segno::sync::{GetError, PutError, QueueShutDown};
use segno::{
    Barrier, BoundedSemaphore, BrokenBarrier, Condition, Context, Coroutine, Event, InterruptQueue, Lock,
    PriorityQueue, Queue, Resume, Semaphore, ThreadSafeFlag,
};

/// Whether it is done.
fn resume<C: Coroutine>(coroutine: &mut Pin<Box<C>>) -> Option<C::Output> {
    match coroutine.as_mut().resume(&mut Context::detached()) {
        Resume::Pending => None,
        Resume::Done(output) => Some(output),
        Resume::Cancelled => panic!("nobody cancels it"),
    }
}

/// How a waiter goes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Cancel,
    Drop,
}

/// Which of three go away before the thing is given, and which of the others after it: one bit for each. (Under Miri, half of
/// the cases.)
fn who_goes() -> impl Iterator<Item = (u32, u32)> {
    (0..8)
        .flat_map(|before| (0..8).map(move |after| (before, after)))
        .filter(|(before, after)| before & after == 0 && !(cfg!(miri) && (before + after / 2) % 2 != 0))
}

/// How many are given to three.
const COUNTS: core::ops::Range<usize> = if cfg!(miri) { 1..3 } else { 0..4 };

/// Has the waiters go away whose bits are set.
fn go<C: Coroutine>(waiters: &mut [Option<Pin<Box<C>>>], which: u32, how: End) {
    for (index, waiter) in waiters.iter_mut().enumerate() {
        if which >> index & 1 != 0
            && let Some(waiter) = waiter.take()
        {
            end(waiter, how);
        }
    }
}

fn end<C: Coroutine>(mut coroutine: Pin<Box<C>>, end: End) {
    if end == End::Cancel {
        let answer = coroutine.as_mut().resume(&mut Context::detached_cancelling());
        assert!(matches!(answer, Resume::Cancelled));
    }
    drop(coroutine);
}

/// Three waiters, of which each may go away before or after the thing is given; whoever is left gets it, in order.
#[test]
fn a_lock_reaches_the_next_waiter_whoever_goes_away() {
    for how in [End::Cancel, End::Drop] {
        for (before, after) in who_goes() {
            let lock = Lock::with_value(String::from("value"));
            let guard = lock.acquire_nowait().unwrap();
            let mut waiters: Vec<_> = (0..3).map(|_| Some(Box::pin(lock.acquire()))).collect();
            for waiter in waiters.iter_mut().flatten() {
                assert!(resume(waiter).is_none());
                assert!(resume(waiter).is_none(), "resumed without a reason");
            }
            go(&mut waiters, before, how);
            drop(guard);
            go(&mut waiters, after, how);
            let mut left: Vec<_> = waiters.into_iter().flatten().collect();
            assert!(!lock.locked());
            assert_eq!(lock.acquire_nowait().is_some(), left.is_empty());
            while !left.is_empty() {
                for other in left.iter_mut().skip(1) {
                    assert!(resume(other).is_none(), "it is not its turn");
                }
                let guard = resume(&mut left.remove(0)).expect("it is its turn");
                assert_eq!(*guard, "value");
                assert!(left.iter_mut().all(|other| resume(other).is_none()));
            }
            assert!(!lock.locked());
        }
    }
}

#[test]
fn permits_are_neither_lost_nor_doubled_whoever_goes_away() {
    for how in [End::Cancel, End::Drop] {
        for (before, after, permits) in
            who_goes().flat_map(|(before, after)| COUNTS.map(move |permits| (before, after, permits)))
        {
            let semaphore = Semaphore::new(0);
            let mut waiters: Vec<_> = (0..3).map(|_| Some(Box::pin(semaphore.acquire()))).collect();
            for waiter in waiters.iter_mut().flatten() {
                assert!(resume(waiter).is_none());
            }
            go(&mut waiters, before, how);
            for _ in 0..permits {
                semaphore.release();
            }
            go(&mut waiters, after, how);
            let mut left: Vec<_> = waiters.into_iter().flatten().collect();
            let served = left.iter_mut().filter_map(resume).map(core::mem::forget).count();
            assert_eq!(served, left.len().min(permits));
            let mut free = 0;
            while let Some(permit) = semaphore.acquire_nowait() {
                core::mem::forget(permit);
                free += 1;
            }
            assert_eq!(free, permits - served, "{before} {after} {permits}");
        }
    }
}

#[test]
fn an_event_forgets_who_goes_away() {
    for how in [End::Cancel, End::Drop] {
        for (before, after) in who_goes() {
            let event = Event::new();
            let mut waiters: Vec<_> = (0..3).map(|_| Some(Box::pin(event.wait()))).collect();
            for waiter in waiters.iter_mut().flatten() {
                assert!(resume(waiter).is_none());
            }
            go(&mut waiters, before, how);
            event.set();
            event.clear();
            go(&mut waiters, after, how);
            for mut waiter in waiters.into_iter().flatten() {
                assert!(resume(&mut waiter).is_some());
            }
        }
    }
}

#[test]
fn no_item_is_lost_or_doubled_whoever_goes_away() {
    for how in [End::Cancel, End::Drop] {
        for (before, after, items) in
            who_goes().flat_map(|(before, after)| COUNTS.map(move |items| (before, after, items)))
        {
            // Those who wait for items.
            let (queue, shared) = (Queue::<_, 4>::new(), InterruptQueue::<_, 4>::new());
            let mut waiters: Vec<_> = (0..3).map(|_| Some(Box::pin(queue.get()))).collect();
            let mut sharers: Vec<_> = (0..3).map(|_| Some(Box::pin(shared.get()))).collect();
            assert!(waiters.iter_mut().flatten().all(|waiter| resume(waiter).is_none()));
            assert!(sharers.iter_mut().flatten().all(|waiter| resume(waiter).is_none()));
            go(&mut waiters, before, how);
            go(&mut sharers, before, how);
            for item in 0..items {
                queue.put_nowait(item.to_string()).unwrap();
                shared.put_nowait(item.to_string()).unwrap();
            }
            go(&mut waiters, after, how);
            go(&mut sharers, after, how);
            let mut got: Vec<_> = waiters.iter_mut().flatten().filter_map(resume).map(Result::unwrap).collect();
            let mut got_shared: Vec<_> = sharers.iter_mut().flatten().filter_map(resume).collect();
            assert_eq!(got.len(), items.min(3 - (before | after).count_ones() as usize));
            got.extend(core::iter::from_fn(|| queue.get_nowait().ok()));
            got_shared.extend(core::iter::from_fn(|| shared.get_nowait()));
            assert_eq!(got, (0..items).map(|item| item.to_string()).collect::<Vec<_>>());
            assert_eq!(got, got_shared);

            // Those who wait for room.
            let queue = Queue::<_, 3>::new();
            for item in 0..3 {
                queue.put_nowait(item.to_string()).unwrap();
            }
            let mut waiters: Vec<_> = (3..6).map(|item| Some(Box::pin(queue.put(item.to_string())))).collect();
            assert!(waiters.iter_mut().flatten().all(|waiter| resume(waiter).is_none()));
            go(&mut waiters, before, how);
            let mut got: Vec<_> = (0..items).map_while(|_| queue.get_nowait().ok()).collect();
            go(&mut waiters, after, how);
            let left: Vec<_> =
                (0..3).filter(|index| (before | after) >> index & 1 == 0).map(|index| index + 3).collect();
            let put: Vec<_> = waiters.iter_mut().flatten().filter_map(resume).collect();
            assert_eq!(put.len(), got.len().min(left.len()));
            got.extend(core::iter::from_fn(|| queue.get_nowait().ok()));
            let expected: Vec<_> =
                (0..3).chain(left.into_iter().take(put.len())).map(|item| item.to_string()).collect();
            assert_eq!(got, expected);
        }
    }
}

#[test]
fn a_shut_down_queue_lets_all_go() {
    for how in [End::Cancel, End::Drop] {
        for ((before, after), immediate) in who_goes().flat_map(|who| [(who, false), (who, true)]) {
            let (empty, full) = (Queue::<String, 1>::new(), Queue::<String, 1>::new());
            full.put_nowait("first".into()).unwrap();
            let mut getters: Vec<_> = (0..3).map(|_| Some(Box::pin(empty.get()))).collect();
            let mut putters: Vec<_> = (0..3).map(|item| Some(Box::pin(full.put(item.to_string())))).collect();
            assert!(getters.iter_mut().flatten().all(|waiter| resume(waiter).is_none()));
            assert!(putters.iter_mut().flatten().all(|waiter| resume(waiter).is_none()));
            go(&mut getters, before, how);
            go(&mut putters, before, how);
            empty.shutdown(immediate);
            full.shutdown(immediate);
            go(&mut getters, after, how);
            go(&mut putters, after, how);
            for waiter in getters.iter_mut().flatten() {
                assert_eq!(resume(waiter), Some(Err(QueueShutDown(()))));
            }
            for (index, waiter) in putters.iter_mut().enumerate() {
                if let Some(waiter) = waiter {
                    assert_eq!(resume(waiter), Some(Err(QueueShutDown(index.to_string()))));
                }
            }
            assert_eq!(full.put_nowait("no".into()), Err(PutError::QueueShutDown("no".into())));
            assert_eq!(full.get_nowait().ok(), (!immediate).then(|| "first".into()));
            assert_eq!(full.get_nowait(), Err(GetError::QueueShutDown));
        }
    }
}

/// A comparison that panics, or that uses its queue, does no harm.
#[test]
fn comparisons_may_do_anything() {
    thread_local! {
        static PANICS_AT: Cell<u32> = const { Cell::new(0) };
        static QUEUE: PriorityQueue<Item, 8> = const { PriorityQueue::new() };
    }
    #[derive(Debug, PartialEq, Eq)]
    struct Item(u32, String);
    impl PartialOrd for Item {
        fn partial_cmp(&self, other: &Item) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }
    impl Ord for Item {
        fn cmp(&self, other: &Item) -> Ordering {
            QUEUE.with(|queue| {
                assert_eq!(queue.get_nowait(), Err(GetError::QueueEmpty));
                assert!(matches!(queue.put_nowait(Item(9, String::new())), Err(PutError::QueueFull(Item(9, _)))));
            });
            match PANICS_AT.get() {
                1 => std::panic::resume_unwind(Box::new("planned")),
                left => PANICS_AT.set(left.saturating_sub(1)),
            }
            self.0.cmp(&other.0)
        }
    }
    let put = |number: u32| QUEUE.with(|queue| queue.put_nowait(Item(number, number.to_string())));
    let get = || QUEUE.with(|queue| queue.get_nowait());
    let mut panics = 0;
    for panics_at in 0..6 {
        for number in [5, 3, 4, 1, 2] {
            put(number).unwrap();
        }
        PANICS_AT.set(panics_at);
        let taken = std::panic::catch_unwind(get);
        panics += u32::from(taken.is_err());
        PANICS_AT.set(0);
        let mut left: Vec<_> = core::iter::from_fn(|| get().ok()).map(|item| item.0).collect();
        left.sort();
        // What was being taken went with the panic.
        assert_eq!(left, [2, 3, 4, 5]);

        for number in [5, 4, 3] {
            put(number).unwrap();
        }
        PANICS_AT.set(panics_at);
        panics += u32::from(std::panic::catch_unwind(|| put(1)).is_err());
        PANICS_AT.set(0);
        let mut left: Vec<_> = core::iter::from_fn(|| get().ok()).map(|item| item.0).collect();
        left.sort();
        assert_eq!(left, [1, 3, 4, 5]);
    }
    assert!(panics > 4, "{panics}");
}

#[test]
fn a_flag_reaches_the_next_waiter_whoever_goes_away() {
    for how in [End::Cancel, End::Drop] {
        for (before, after) in who_goes() {
            let flag = ThreadSafeFlag::new();
            let mut waiters: Vec<_> = (0..3).map(|_| Some(Box::pin(flag.wait()))).collect();
            assert!(waiters.iter_mut().flatten().all(|waiter| resume(waiter).is_none()));
            go(&mut waiters, before, how);
            flag.set();
            flag.set();
            go(&mut waiters, after, how);
            let mut left: Vec<_> = waiters.into_iter().flatten().collect();
            let count = left.len();
            let mut late = Box::pin(flag.wait());
            assert_eq!(resume(&mut late).is_some(), count == 0);
            for (index, waiter) in left.iter_mut().enumerate() {
                assert_eq!(resume(waiter).is_some(), index == 0, "one for each time that it is set");
            }
            for waiter in left.iter_mut().skip(1) {
                flag.set();
                assert!(resume(waiter).is_some());
            }
            if count > 0 {
                flag.set();
                assert!(resume(&mut late).is_some());
            }
            assert_eq!(format!("{flag:?}"), "<ThreadSafeFlag unset>");
        }
    }
}

/// Those who wait for a condition go away while they wait for a notification, and while they wait for the lock.
#[test]
fn a_condition_passes_on_the_lock_and_the_notification() {
    for how in [End::Cancel, End::Drop] {
        for (before, after, notified) in
            who_goes().flat_map(|(before, after)| COUNTS.map(move |notified| (before, after, notified)))
        {
            let condition = Condition::with_lock(Lock::with_value(String::from("value")));
            let mut waiters: Vec<_> = (0..3)
                .map(|_| {
                    let guard = condition.acquire_nowait().expect("nobody has it");
                    let mut wait = Box::pin(guard.wait());
                    assert!(resume(&mut wait).is_none());
                    Some(wait)
                })
                .collect();
            assert!(!condition.locked());
            if how == End::Drop {
                go(&mut waiters, before, how);
            }
            let guard = condition.acquire_nowait().unwrap();
            guard.notify(notified);
            // They want the lock, which is taken: they are not cancelled before they have it.
            for waiter in waiters.iter_mut().flatten() {
                assert!(resume(waiter).is_none());
            }
            drop(guard);
            if how == End::Drop {
                go(&mut waiters, after, how);
            } else {
                // One after the other gets the lock, and answers that it was cancelled, with the lock.
                for (index, waiter) in waiters.iter_mut().enumerate() {
                    if (before | after) >> index & 1 != 0
                        && let Some(mut waiter) = waiter.take()
                    {
                        let mut answer = waiter.as_mut().resume(&mut Context::detached_cancelling());
                        while let Resume::Pending = answer {
                            answer = waiter.as_mut().resume(&mut Context::detached());
                            if let Resume::Pending = answer {
                                break;
                            }
                        }
                        if let Resume::Cancelled = answer {
                            assert!(condition.locked());
                        }
                    }
                }
            }
            // Whoever is left can be notified, and gets the lock, one after the other.
            let mut left: Vec<_> = waiters.into_iter().flatten().collect();
            let mut rounds = 0;
            while !left.is_empty() {
                rounds += 1;
                assert!(rounds < 20, "somebody is left over");
                if let Some(guard) = condition.acquire_nowait() {
                    guard.notify_all();
                }
                left.retain_mut(|waiter| match resume(waiter) {
                    None => true,
                    Some(guard) => {
                        assert_eq!(*guard, "value");
                        false
                    }
                });
            }
            assert!(condition.acquire_nowait().is_some());
        }
    }
}

#[test]
fn waiting_for_a_predicate() {
    let condition = Condition::with_lock(Lock::with_value(0));
    let mut wait = Box::pin(condition.wait_for(|value| *value == 2));
    assert!(resume(&mut wait).is_none());
    for value in [1, 2] {
        let mut guard = condition.acquire_nowait().unwrap();
        *guard = value;
        guard.notify(1);
        assert!(resume(&mut wait).is_none(), "the lock is taken");
        drop(guard);
        if value == 1 {
            assert!(resume(&mut wait).is_none());
        }
    }
    let guard = resume(&mut wait).unwrap();
    // Somebody who waits for the lock to begin with can be cancelled or dropped.
    for how in [End::Cancel, End::Drop] {
        let mut late = Box::pin(condition.wait_for(|value| *value == 3));
        assert!(resume(&mut late).is_none());
        end(late, how);
    }
    drop(guard);
    assert!(!condition.locked());
    // A predicate that panics releases the lock.
    let mut panics = Box::pin(condition.wait_for(|_| std::panic::resume_unwind(Box::new("planned"))));
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| resume(&mut panics).is_some())).is_err());
    assert!(!condition.locked());
    drop(panics);
    assert!(!condition.locked());
}

/// Parties go away at every stage: before they have come, while they wait, and when they could go.
#[test]
fn a_barrier_counts_those_who_are_there() {
    for how in [End::Cancel, End::Drop] {
        for (before, after) in who_goes() {
            let barrier = Barrier::<4>::new();
            let mut waiters: Vec<_> = (0..3).map(|_| Some(Box::pin(barrier.wait()))).collect();
            assert!(waiters.iter_mut().flatten().all(|waiter| resume(waiter).is_none()));
            assert_eq!(barrier.n_waiting(), 3);
            go(&mut waiters, before, how);
            let gone = before.count_ones() as usize;
            assert_eq!(barrier.n_waiting(), 3 - gone);
            let mut late: Vec<_> = (0..=gone).map(|_| Box::pin(barrier.wait())).collect();
            let passed: Vec<_> = late.iter_mut().map(|waiter| resume(waiter).is_some()).collect();
            assert!(passed[gone] && passed.iter().filter(|passed| **passed).count() == 1);
            // Those who could go do not.
            go(&mut waiters, after, how);
            let mut next = Box::pin(barrier.wait());
            let mut rest: Vec<_> = waiters.into_iter().flatten().chain(late.into_iter().take(gone)).collect();
            let draining = resume(&mut next).is_none() && barrier.n_waiting() == 0;
            assert_eq!(draining, !rest.is_empty());
            for waiter in &mut rest {
                assert!(matches!(resume(waiter), Some(Ok(_))));
            }
            // The next one gets in, when the others have gone.
            let _ = resume(&mut next);
            assert_eq!(barrier.n_waiting(), 1);
            drop(rest);
            let mut reset = Box::pin(barrier.reset());
            assert!(resume(&mut reset).is_some());
            assert_eq!(resume(&mut next), Some(Err(BrokenBarrier::WhileWaiting)));
            assert_eq!(barrier.n_waiting(), 0);
            assert!(resume(&mut Box::pin(barrier.abort())).is_some());
            assert_eq!(resume(&mut Box::pin(barrier.wait())), Some(Err(BrokenBarrier::Aborted)));
        }
    }
}

/// A cancel request counts only for who has waited: what can be had at once is had.
#[test]
fn a_cancel_request_does_not_stop_what_need_not_wait() {
    let (event, lock, semaphore) = (Event::new(), Lock::new(), BoundedSemaphore::new(1));
    event.set();
    let mut cx = Context::detached_cancelling();
    assert!(matches!(pin!(event.wait()).resume(&mut cx), Resume::Done(())));
    let Resume::Done(guard) = pin!(lock.acquire()).resume(&mut cx) else { panic!() };
    let Resume::Done(permit) = pin!(semaphore.acquire()).resume(&mut cx) else { panic!() };
    assert!(lock.locked() && semaphore.locked());
    drop((guard, permit));
    assert!(!lock.locked() && !semaphore.locked());
    assert!(cx.take_cancel());
}

/// A primitive may be moved while nobody waits, and a waiter that was never resumed is no waiter.
#[test]
fn primitives_may_be_moved() {
    let lock = Lock::with_value(1);
    drop(lock.acquire());
    {
        let guard = lock.acquire_nowait().unwrap();
        let mut waiting = Box::pin(lock.acquire());
        assert!(resume(&mut waiting).is_none());
        drop(guard);
        let _guard = resume(&mut waiting).unwrap();
    }
    let lock = Box::new(lock);
    let guard = lock.acquire_nowait().unwrap();
    let mut waiting = Box::pin(lock.acquire());
    assert!(resume(&mut waiting).is_none());
    // A waiter that is leaked stays where it is for ever, and does no harm.
    static LEAKED: AtomicPtr<()> = AtomicPtr::new(core::ptr::null_mut());
    // SAFETY: nothing is moved.
    let leaked = unsafe { Pin::into_inner_unchecked(waiting) };
    LEAKED.store(Box::into_raw(leaked).cast(), atomic::Ordering::Relaxed);
    drop(guard);
    assert_eq!(lock.into_inner(), 1);
}

#[test]
fn what_may_go_where() {
    fn shared<T: Sync + Send>() {}
    shared::<Event>();
    shared::<Lock<core::cell::Cell<u8>>>();
    shared::<Semaphore>();
    shared::<BoundedSemaphore>();
    shared::<Condition<Lock<core::cell::Cell<u8>>>>();
    shared::<Barrier<3>>();
    shared::<Queue<core::cell::Cell<u8>, 3>>();
    shared::<PriorityQueue<u8, 3>>();
    shared::<InterruptQueue<core::cell::Cell<u8>, 3>>();
    shared::<ThreadSafeFlag>();
    shared::<segno::LockGuard<'static, u8>>();
}
