//! What interrupts set and fill, set and filled by other cores; and primitives between the loops of two cores.

use std::sync::atomic::Ordering::Relaxed;

use loom::sync::Mutex;
use loom::sync::atomic::AtomicU32;
use loom::thread;
use segno::prelude::*;
use segno_loom::{explore, fresh, new_loop};

#[segno::coroutine]
async fn nothing() {}

/// Each thread stores, then sets the flag; the task goes on until it has seen all.
#[test]
fn a_flag_misses_no_setter() {
    #[segno::coroutine]
    async fn waits(flag: &'static ThreadSafeFlag, stored: [&'static AtomicU32; 2]) {
        let mut times = 0;
        while stored.iter().any(|stored| stored.load(Relaxed) < 2) {
            flag.wait().await;
            times += 1;
        }
        assert!(times <= 4, "once for each time that it was set, at most");
    }
    explore("flag", || {
        let lp = new_loop();
        let flag = fresh(ThreadSafeFlag::new());
        let stored = [fresh(AtomicU32::new(0)), fresh(AtomicU32::new(0))];
        let others = stored.map(|stored| {
            thread::spawn(move || {
                for number in 1..=2 {
                    stored.store(number, Relaxed);
                    flag.set();
                }
            })
        });
        lp.run_until_complete(waits(flag, stored)).unwrap();
        for other in others {
            other.join().unwrap();
        }
    });
}

/// A flag is cleared by one thread while another sets it. What is set after that is not lost.
#[test]
fn a_flag_is_set_behind_a_clear() {
    #[segno::coroutine]
    async fn waits(flag: &'static ThreadSafeFlag, stored: &'static AtomicU32) {
        while stored.load(Relaxed) == 0 {
            flag.wait().await;
        }
    }
    explore("flag, cleared", || {
        let lp = new_loop();
        let (flag, stored) = (fresh(ThreadSafeFlag::new()), fresh(AtomicU32::new(0)));
        let sets = thread::spawn(move || flag.set());
        let clears = thread::spawn(move || {
            flag.clear();
            sets.join().unwrap();
            stored.store(1, Relaxed);
            flag.set();
        });
        lp.run_until_complete(waits(flag, stored)).unwrap();
        clears.join().unwrap();
    });
}

/// The flag is set in the moment in which the first of two who wait is cancelled: the other one goes on, or the first had
/// been woken.
#[test]
fn a_flag_is_passed_on_by_a_waiter_that_is_cancelled() {
    #[segno::coroutine]
    async fn waits(flag: &'static ThreadSafeFlag) {
        flag.wait().await;
    }
    explore("flag, cancelled", || {
        let lp = new_loop();
        let flag = fresh(ThreadSafeFlag::new());
        let victim = lp.create_task(waits(flag)).unwrap();
        let other = lp.create_task(waits(flag)).unwrap();
        lp.run_until_complete(nothing()).unwrap();
        let sets = thread::spawn(move || flag.set());
        victim.cancel();
        lp.run_until_complete(&victim).ok();
        assert!(victim.done());
        if !victim.cancelled() {
            sets.join().unwrap();
            flag.set();
            lp.run_until_complete(other).unwrap();
        } else {
            lp.run_until_complete(other).unwrap();
            sets.join().unwrap();
        }
    });
}

/// A queue that is empty, full and empty again: what is taken and what is refused is all that was put, in the order of each
/// thread.
#[test]
fn an_interrupt_queue_loses_what_it_says() {
    #[segno::coroutine]
    async fn gets<const N: usize>(queue: &'static InterruptQueue<u32, N>, got: &'static Mutex<Vec<u32>>) {
        let mut lost = 0;
        while got.lock().unwrap().len() as u32 + lost < 4 {
            let item = queue.get().await;
            got.lock().unwrap().push(item);
            lost += queue.take_lost();
        }
        assert!(queue.empty());
    }
    fn explore_with<const N: usize>() {
        explore(&format!("interrupt queue of {N}"), || {
            let lp = new_loop();
            let queue = fresh(InterruptQueue::<u32, N>::new());
            let got = fresh(Mutex::new(Vec::new()));
            let others = [10, 20].map(|first| {
                thread::spawn(move || {
                    [first, first + 1].map(|item| queue.put_nowait(item).map_err(|refused| assert_eq!(refused.0, item)))
                })
            });
            lp.run_until_complete(gets(queue, got)).unwrap();
            let got = got.lock().unwrap();
            for (other, first) in others.into_iter().zip([10, 20]) {
                let put = other.join().unwrap();
                let of_this = got.iter().copied().filter(|&item| item / 10 * 10 == first);
                assert!(
                    of_this.eq((first..).zip(put).filter_map(|(item, put)| put.is_ok().then_some(item))),
                    "{got:?}"
                );
            }
        });
    }
    explore_with::<1>();
    explore_with::<2>();
}

/// A loop on each core: one puts, the other one gets, and each waits for the other.
#[test]
fn a_queue_joins_two_cores() {
    #[segno::coroutine]
    async fn puts(queue: &'static Queue<u32, 1>, done: &'static Event) {
        queue.put(1).await.unwrap();
        queue.put(2).await.unwrap();
        done.wait().await;
    }
    #[segno::coroutine]
    async fn gets(queue: &'static Queue<u32, 1>, done: &'static Event) {
        assert_eq!(queue.get().await, Ok(1));
        assert_eq!(queue.get().await, Ok(2));
        done.set();
    }
    explore("queue", || {
        let (queue, done) = (fresh(Queue::new()), fresh(Event::new()));
        let other = thread::spawn(move || new_loop().run_until_complete(puts(queue, done)).unwrap());
        new_loop().run_until_complete(gets(queue, done)).unwrap();
        other.join().unwrap();
    });
}

/// A lock that both cores want.
#[test]
fn a_lock_excludes_the_other_core() {
    #[segno::coroutine]
    async fn next_turn() {
        sleep(Duration::from_ticks(0)).await;
    }
    #[segno::coroutine]
    async fn user(lock: &'static Lock<()>, counts: [&'static AtomicU32; 2]) {
        let guard = lock.acquire().await;
        let count = counts[0].load(Relaxed) + 1;
        counts[0].store(count, Relaxed);
        next_turn().await;
        counts[1].store(counts[1].load(Relaxed) + 1, Relaxed);
        assert_eq!(counts.map(|count| count.load(Relaxed)), [count; 2]);
        drop(guard);
    }
    explore("lock", || {
        let lock = fresh(Lock::new());
        let counts = [fresh(AtomicU32::new(0)), fresh(AtomicU32::new(0))];
        let other = thread::spawn(move || new_loop().run_until_complete(user(lock, counts)).unwrap());
        new_loop().run_until_complete(user(lock, counts)).unwrap();
        other.join().unwrap();
        assert!(!lock.locked() && counts[1].load(Relaxed) == 2);
    });
}
