//! Primitives between threads, each with a loop of its own: nothing is lost, and sleeping loops are woken.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, Thread};
use std::time;

use segno::board::{Clock, Idle};
use segno::prelude::*;
use segno::sync::PutError;

/// Sleeps by parking its thread, for ever if need be.
struct Parked(Thread);

impl Clock for Parked {
    fn now(&self) -> Instant {
        Instant::from_ticks(0)
    }

    fn idle(&self, idle: &Idle) {
        if !idle.pending() {
            let start = time::Instant::now();
            thread::park_timeout(LONG);
            // Parking may end without a reason, but not so late.
            assert!(start.elapsed() < LONG, "a wake-up was lost");
        }
    }

    fn wake(&self) {
        self.0.unpark();
    }
}

/// No thread sleeps so long.
const LONG: time::Duration = time::Duration::from_secs(60);

const ITEMS: u32 = if cfg!(miri) { 20 } else { 2000 };

fn new_loop() -> &'static EventLoop {
    segno::new_event_loop(Box::leak(Box::new(Parked(thread::current()))), 64 * 1024)
}

#[segno::coroutine]
async fn next_turn() {
    sleep(Duration::from_ticks(0)).await;
}

#[test]
fn queues_between_threads() {
    static QUEUE: Queue<u32, 4> = Queue::new();
    static SHARED: InterruptQueue<u32, 4> = InterruptQueue::new();
    static READY: ThreadSafeFlag = ThreadSafeFlag::new();
    static DONE: Event = Event::new();

    #[segno::coroutine]
    async fn consume() -> (u32, u32) {
        let (mut sum, mut shared, mut number) = (0, 0, 0);
        while number < ITEMS {
            sum += QUEUE.get().await.unwrap();
            QUEUE.task_done().unwrap();
            shared += SHARED.get().await;
            number += 1;
        }
        READY.set();
        DONE.wait().await;
        (sum, shared)
    }

    #[segno::coroutine]
    async fn produce() {
        for number in 0..ITEMS {
            QUEUE.put(number).await.unwrap();
            let mut item = number;
            while let Err(refused) = SHARED.put_nowait(item) {
                item = refused.0;
                next_turn().await;
            }
        }
        QUEUE.join().await;
        READY.wait().await;
        DONE.set();
    }

    let producer = thread::spawn(|| new_loop().run_until_complete(produce()).unwrap());
    let expected = ITEMS * (ITEMS - 1) / 2;
    assert_eq!(new_loop().run_until_complete(consume()), Ok((expected, expected)));
    producer.join().unwrap();
    assert!(QUEUE.empty() && SHARED.empty());
    assert_eq!(QUEUE.put_nowait(1), Ok(()));
    QUEUE.shutdown(true);
    assert_eq!(QUEUE.put_nowait(1), Err(PutError::QueueShutDown(1)));
}

#[test]
fn a_lock_excludes_other_threads() {
    static LOCK: Lock<(u32, u32)> = Lock::with_value((0, 0));
    static PERMITS: Semaphore = Semaphore::new(2);

    #[segno::coroutine]
    async fn user(inside: Arc<AtomicU32>) {
        for _ in 0..ITEMS / 10 {
            let _permit = PERMITS.acquire().await;
            assert!(inside.fetch_add(1, Ordering::SeqCst) < 2);
            {
                let mut value = LOCK.acquire().await;
                value.0 += 1;
                next_turn().await;
                value.1 += 1;
                assert_eq!(value.0, value.1);
            }
            inside.fetch_sub(1, Ordering::SeqCst);
        }
    }

    #[segno::coroutine]
    async fn users(lp: &'static EventLoop, inside: Arc<AtomicU32>) {
        let tasks = [(); 3].map(|()| lp.create_task(user(inside.clone())).unwrap());
        // One is cancelled somewhere on the way.
        let victim = lp.create_task(user(Arc::new(AtomicU32::new(0)))).unwrap();
        next_turn().await;
        next_turn().await;
        victim.cancel();
        for task in tasks {
            task.await;
        }
    }

    let inside = Arc::<AtomicU32>::default();
    let threads = [inside.clone(), inside.clone()].map(|inside| {
        thread::spawn(move || {
            let lp = new_loop();
            lp.run_until_complete(users(lp, inside)).unwrap();
            lp.close().unwrap();
        })
    });
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert!(!LOCK.locked() && !PERMITS.locked());
    assert!(LOCK.acquire_nowait().is_some_and(|value| value.0 >= 6 * (ITEMS / 10)));
}
