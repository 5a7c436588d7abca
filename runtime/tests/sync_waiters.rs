//! Those who wait for a primitive, resumed by hand: cancelled and dropped at every point, in every order, also under Miri.

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicPtr, Ordering};

use segno::{BoundedSemaphore, Context, Coroutine, Event, Lock, Resume, Semaphore};

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
        // Bits: who goes away before the release, and who after it.
        for (before, after) in (0..8).flat_map(|before| (0..8).map(move |after| (before, after))) {
            let lock = Lock::with_value(String::from("value"));
            let guard = lock.acquire_nowait().unwrap();
            let mut waiters: Vec<_> = (0..3).map(|_| Some(Box::pin(lock.acquire()))).collect();
            for waiter in waiters.iter_mut().flatten() {
                assert!(resume(waiter).is_none());
                assert!(resume(waiter).is_none(), "resumed without a reason");
            }
            let mut go = |which: i32| {
                for (index, waiter) in waiters.iter_mut().enumerate() {
                    if which >> index & 1 != 0
                        && let Some(waiter) = waiter.take()
                    {
                        end(waiter, how);
                    }
                }
            };
            go(before);
            drop(guard);
            go(after);
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
        for (before, after, permits) in (0..8)
            .flat_map(|before| (0..8).map(move |after| (before, after)))
            .flat_map(|(before, after)| (0..4).map(move |permits| (before, after, permits)))
        {
            let semaphore = Semaphore::new(0);
            let mut waiters: Vec<_> = (0..3).map(|_| Some(Box::pin(semaphore.acquire()))).collect();
            for waiter in waiters.iter_mut().flatten() {
                assert!(resume(waiter).is_none());
            }
            let mut go = |which: i32| {
                for (index, waiter) in waiters.iter_mut().enumerate() {
                    if which >> index & 1 != 0
                        && let Some(waiter) = waiter.take()
                    {
                        end(waiter, how);
                    }
                }
            };
            go(before);
            for _ in 0..permits {
                semaphore.release();
            }
            go(after);
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
        for (before, after) in (0..8).flat_map(|before| (0..8).map(move |after| (before, after))) {
            let event = Event::new();
            let mut waiters: Vec<_> = (0..3).map(|_| Some(Box::pin(event.wait()))).collect();
            for waiter in waiters.iter_mut().flatten() {
                assert!(resume(waiter).is_none());
            }
            let mut go = |which: i32| {
                for (index, waiter) in waiters.iter_mut().enumerate() {
                    if which >> index & 1 != 0
                        && let Some(waiter) = waiter.take()
                    {
                        end(waiter, how);
                    }
                }
            };
            go(before);
            event.set();
            event.clear();
            go(after);
            for mut waiter in waiters.into_iter().flatten() {
                assert!(resume(&mut waiter).is_some());
            }
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
    LEAKED.store(Box::into_raw(leaked).cast(), Ordering::Relaxed);
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
    shared::<segno::LockGuard<'static, u8>>();
}
