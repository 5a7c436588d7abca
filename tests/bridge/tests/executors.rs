//! Coroutines in executors of other making: tokio, and Embassy's `block_on`.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use segno::CoroutineExt;
use segno_tests_bridge::sleeps;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};
use tokio::task::LocalSet;

fn new_runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

/// Awaits tokio's timer and tokio's channels.
#[segno::coroutine]
async fn doubles(mut numbers: mpsc::Receiver<u32>, sum: oneshot::Sender<u32>) {
    let mut total = 0;
    while let Some(n) = numbers.recv().await {
        tokio::time::sleep(Duration::from_millis(1)).await;
        total += 2 * n;
    }
    let _ = sum.send(total);
}

#[segno::coroutine]
async fn sends(numbers: mpsc::Sender<u32>, count: u32) {
    for n in 0..count {
        numbers.send(n).await.expect("the receiver is there");
    }
}

#[test]
fn tokio_spawns_coroutines() {
    new_runtime().block_on(async {
        let (numbers, received) = mpsc::channel(1);
        let (sum, total) = oneshot::channel();
        // They are `Send`, as what they hold is.
        let doubles = tokio::spawn(doubles(received, sum));
        let sends = tokio::spawn(sends(numbers, 5));
        assert_eq!(total.await.unwrap(), 20);
        doubles.await.unwrap();
        sends.await.unwrap();
    });
}

#[test]
fn tokio_drops_a_coroutine_that_takes_too_long() {
    struct Says(Rc<Cell<bool>>);
    impl Drop for Says {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    #[segno::coroutine]
    async fn forever(dropped: Rc<Cell<bool>>) {
        let _says = Says(dropped);
        std::future::pending::<()>().await;
    }
    let dropped = Rc::new(Cell::new(false));
    let theirs = dropped.clone();
    LocalSet::new().block_on(&new_runtime(), async move {
        assert!(tokio::time::timeout(Duration::from_millis(2), forever(theirs.clone())).await.is_err());
        assert!(theirs.replace(false));
        let task = tokio::task::spawn_local(forever(theirs.clone()));
        tokio::task::yield_now().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    });
    assert!(dropped.get());
}

#[test]
fn a_sleep_of_segno_in_tokio_panics_with_its_reason() {
    // It is not `Send`: `tokio::spawn` does not take it.
    let error =
        LocalSet::new().block_on(&new_runtime(), async { tokio::task::spawn_local(sleeps(1)).await.unwrap_err() });
    let panic = error.into_panic();
    let message = panic.downcast_ref::<&str>().copied().unwrap_or_default();
    assert!(message.starts_with("segno: a coroutine that waits for an event loop (a sleep"), "{message}");
}

#[test]
fn embassys_block_on_runs_a_coroutine() {
    #[segno::coroutine]
    async fn yields(count: u32) -> u32 {
        for _ in 0..count {
            embassy_futures::yield_now().await;
        }
        count
    }
    assert_eq!(embassy_futures::block_on(yields(4)), 4);
    assert_eq!(embassy_futures::block_on(yields(3).catch_cancel()), Ok(3));
    assert_eq!(embassy_futures::block_on(embassy_futures::join::join(yields(2), async { 1 })), (2, 1));
}

/// A task of a segno loop waits for what a tokio runtime on another thread does.
#[test]
fn a_segno_task_waits_for_a_thread_of_tokio() {
    #[segno::coroutine]
    async fn asks(requests: mpsc::Sender<(u32, oneshot::Sender<u32>)>, count: u32) -> u32 {
        let mut total = 0;
        for n in 0..count {
            let (answer, answered) = oneshot::channel();
            requests.send((n, answer)).await.expect("the thread is there");
            total += answered.await.expect("it answers");
        }
        total
    }
    let (requests, mut received) = mpsc::channel::<(u32, oneshot::Sender<u32>)>(1);
    let thread = std::thread::spawn(move || {
        new_runtime().block_on(async {
            while let Some((n, answer)) = received.recv().await {
                tokio::time::sleep(Duration::from_micros(100)).await;
                let _ = answer.send(n * n);
            }
        });
    });
    let lp = segno_tests_bridge::new_threaded_loop();
    assert_eq!(lp.run_until_complete(asks(requests, 10)).unwrap(), 285);
    thread.join().unwrap();
}
