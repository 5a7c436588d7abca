//! Coroutines that are polled as futures of `core`, in a task of a loop and by another executor.

mod common;

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Wake, Waker};
use std::thread::{self, Thread};

use common::new_loop;
use segno::get_running_loop;
use segno::prelude::*;

#[segno::coroutine]
async fn sleeps(millis: u64) -> u64 {
    sleep(millis.millis()).await;
    millis
}

/// Both, with one waker.
async fn both<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut left, mut right) = (None, None);
    poll_fn(move |cx| {
        if left.is_none()
            && let Poll::Ready(output) = a.as_mut().poll(cx)
        {
            left = Some(output);
        }
        if right.is_none()
            && let Poll::Ready(output) = b.as_mut().poll(cx)
        {
            right = Some(output);
        }
        match (left.take(), right.take()) {
            (Some(left), Some(right)) => Poll::Ready((left, right)),
            (one, other) => {
                (left, right) = (one, other);
                Poll::Pending
            }
        }
    })
    .await
}

#[test]
fn in_a_task_a_coroutine_is_polled_as_if_awaited() {
    #[segno::coroutine]
    async fn joins() -> (u64, ()) {
        // A coroutine of the macro, and a leaf; rustc's future between them and the task.
        both(sleeps(30), sleep(20.millis())).await
    }
    let lp = new_loop();
    assert_eq!(lp.run_until_complete(joins()).unwrap(), (30, ()));
    assert_eq!(lp.time().as_ticks(), 30_000);
}

#[test]
fn tasks_and_futures_are_awaited_in_futures() {
    #[segno::coroutine]
    async fn joins(future: segno::Future<u64>) -> (u64, u64) {
        let lp = get_running_loop().unwrap();
        let task = lp.create_task(sleeps(4)).unwrap();
        both(IntoFuture::into_future(task), IntoFuture::into_future(&future)).await
    }
    let lp = new_loop();
    let future = lp.create_future().unwrap();
    let set = future.clone();
    lp.call_later(2.millis(), move |_| set.set_result(9).unwrap()).unwrap();
    assert_eq!(lp.run_until_complete(joins(future)).unwrap(), (4, 9));
}

#[test]
fn a_generic_future_that_is_a_coroutine_goes_through_the_bridge() {
    #[segno::coroutine]
    async fn awaits<F: Future<Output = u64>>(future: F) -> u64 {
        future.await + 1
    }
    let lp = new_loop();
    assert_eq!(lp.run_until_complete(awaits(awaits(sleeps(3)))).unwrap(), 5);
}

/// A coroutine that is cancelled because what it waits for is.
#[segno::coroutine]
async fn waits_for_a_cancelled_task() {
    let task = get_running_loop().unwrap().create_task(sleeps(1000)).unwrap();
    task.cancel();
    task.await;
    unreachable!();
}

struct Dropped(Rc<RefCell<Vec<&'static str>>>, &'static str);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.borrow_mut().push(self.1);
    }
}

#[test]
fn a_cancellation_passes_through_futures() {
    #[segno::coroutine]
    async fn inner(drops: Rc<RefCell<Vec<&'static str>>>) {
        let _inner = Dropped(drops.clone(), "inner");
        // Through a future, a coroutine, and a future.
        both(waits_for_a_cancelled_task(), sleeps(50)).await;
    }
    #[segno::coroutine]
    async fn outer(drops: Rc<RefCell<Vec<&'static str>>>) {
        let _outer = Dropped(drops.clone(), "outer");
        both(inner(drops.clone()), Beside(Dropped(drops, "beside"))).await;
    }
    /// Never ends.
    struct Beside(#[expect(dead_code)] Dropped);
    impl Future for Beside {
        type Output = ();
        fn poll(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> Poll<()> {
            Poll::Pending
        }
    }
    let lp = new_loop();
    let drops = Rc::new(RefCell::new(Vec::new()));
    let task = lp.create_task(outer(drops.clone())).unwrap();
    lp.run_until_complete(sleep(5.millis())).unwrap();
    assert!(task.cancelled());
    assert_eq!(*drops.borrow(), ["inner", "beside", "outer"]);
}

#[test]
fn a_cancellation_that_is_caught_goes_no_further() {
    #[segno::coroutine]
    async fn catches() -> &'static str {
        // Caught inside: a value for the future around it.
        let (caught, n) = both(waits_for_a_cancelled_task().catch_cancel(), sleeps(3)).await;
        assert_eq!((caught, n), (Err(Cancelled), 3));
        // Caught outside: the whole future was dropped.
        let through = FromFuture::new(both(waits_for_a_cancelled_task(), sleeps(50))).catch_cancel().await;
        assert!(through.is_err());
        // What was noted is forgotten.
        both(sleeps(1), sleeps(2)).await;
        "went on"
    }
    let lp = new_loop();
    assert_eq!(lp.run_until_complete(catches()).unwrap(), "went on");
    assert_eq!(lp.time().as_ticks(), 5_000);
}

#[test]
#[should_panic(expected = "a coroutine that is polled as a future was cancelled: poll its `catch_cancel()` instead")]
fn a_cancellation_that_nobody_can_be_told_of_panics() {
    /// Polls by hand, with the task's waker, and looks for nothing.
    struct ByHand<F>(Pin<Box<F>>);
    impl<F: Future> Coroutine for ByHand<F> {
        type Output = F::Output;
        fn resume(mut self: Pin<&mut Self>, cx: &mut segno::Context<'_>) -> Resume<F::Output> {
            let waker = cx.core_waker();
            match self.0.as_mut().poll(&mut std::task::Context::from_waker(&waker)) {
                Poll::Ready(output) => Resume::Done(output),
                Poll::Pending => Resume::Pending,
            }
        }
    }
    let lp = new_loop();
    let _ = lp.run_until_complete(ByHand(Box::pin(waits_for_a_cancelled_task())));
}

/// Another executor: it knows nothing of segno.
struct Parked {
    thread: Thread,
    wakes: AtomicUsize,
}

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.wakes.fetch_add(1, Ordering::Relaxed);
        self.thread.unpark();
    }
}

/// The output, and how often it was woken.
fn block_on<F: Future>(future: F) -> (F::Output, usize) {
    let parked = Arc::new(Parked { thread: thread::current(), wakes: AtomicUsize::new(0) });
    let waker = Waker::from(parked.clone());
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut std::task::Context::from_waker(&waker)) {
            return (output, parked.wakes.load(Ordering::Relaxed));
        }
        thread::park();
    }
}

/// Ends at the poll after the first one, which a thread asks for.
#[derive(Default)]
struct FromThread(Option<thread::JoinHandle<()>>);

impl Future for FromThread {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<()> {
        match self.0.take() {
            None => {
                let waker = cx.waker().clone();
                self.0 = Some(thread::spawn(move || waker.wake()));
                Poll::Pending
            }
            Some(thread) => {
                thread.join().unwrap();
                Poll::Ready(())
            }
        }
    }
}

#[segno::coroutine]
async fn awaits_threads(count: u32) -> u32 {
    for _ in 0..count {
        FromThread::default().await;
    }
    count
}

#[test]
fn another_executor_wakes_what_a_coroutine_awaits() {
    assert_eq!(block_on(awaits_threads(3)), (3, 3));
    assert_eq!(block_on(awaits_threads(3).catch_cancel()), (Ok(3), 3));
    assert_eq!(block_on(awaits_threads(2).into_core_future()), (Ok(2), 2));
    assert_eq!(block_on(both(awaits_threads(1), awaits_threads(2))).0, (1, 2));
}

#[test]
fn an_operation_that_would_block_is_tried_again() {
    #[segno::coroutine]
    async fn reads(left: Rc<Cell<u32>>) -> u32 {
        nb::block!(read(&left)).unwrap()
    }
    fn read(left: &Cell<u32>) -> nb::Result<u32, ()> {
        if left.replace(left.get().saturating_sub(1)) > 0 { Err(nb::Error::WouldBlock) } else { Ok(5) }
    }
    assert_eq!(block_on(reads(Rc::new(Cell::new(4)))), (5, 4));
}

const PANIC: &str = "segno: a coroutine that waits for an event loop";

fn panics(future: impl Future) {
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| block_on(future).0)).err().expect("it panics");
    let message = panic.downcast_ref::<&str>().expect("a message");
    assert!(message.starts_with(PANIC), "{message}");
}

#[test]
fn what_only_a_loop_can_end_panics_in_another_executor() {
    /// A leaf that keeps segno's waker.
    struct Leaf;
    impl Coroutine for Leaf {
        type Output = ();
        fn resume(self: Pin<&mut Self>, cx: &mut segno::Context<'_>) -> Resume<()> {
            assert_eq!(cx.waker(), segno::Waker::NONE);
            Resume::Pending
        }
    }
    #[segno::coroutine]
    async fn leaf() {
        Leaf.await;
    }
    panics(sleeps(1));
    panics(sleep(1.millis()));
    panics(sleeps(1).catch_cancel());
    panics(sleeps(1).into_core_future());
    panics(leaf());
    let lp = new_loop();
    let future = lp.create_future::<u64>().unwrap();
    panics(IntoFuture::into_future(&future));
    // Also beside something that is woken.
    panics(beside(FromThread::default()));
    // Also inside of a running loop.
    lp.call_soon(|lp| {
        panics(sleeps(1));
        lp.stop();
    })
    .unwrap();
    lp.run_forever().unwrap();
    future.set_result(1).unwrap();
    assert_eq!(block_on(IntoFuture::into_future(&future)).0, 1);
}

#[segno::coroutine]
async fn beside(future: FromThread) {
    /// Resumes both.
    struct Both<A, B>(A, B);
    impl<A: Coroutine + Unpin, B: Coroutine + Unpin> Coroutine for Both<A, B> {
        type Output = ();
        fn resume(mut self: Pin<&mut Self>, cx: &mut segno::Context<'_>) -> Resume<()> {
            let _ = Pin::new(&mut self.0).resume(cx);
            let _ = Pin::new(&mut self.1).resume(cx);
            Resume::Pending
        }
    }
    Both(FromFuture::new(future), Box::pin(sleep(1.millis()))).await;
}

/// Polls each of its futures only when its own waker was woken.
struct Unordered<F> {
    #[allow(clippy::type_complexity, reason = "a name for a pair that is used once would say less")]
    futures: Vec<(Option<Pin<Box<F>>>, Arc<Child>)>,
}

#[derive(Default)]
struct Child {
    woken: AtomicUsize,
    parent: std::sync::Mutex<Option<Waker>>,
}

impl Wake for Child {
    fn wake(self: Arc<Self>) {
        self.woken.fetch_add(1, Ordering::Relaxed);
        if let Some(parent) = self.parent.lock().unwrap().as_ref() {
            parent.wake_by_ref();
        }
    }
}

impl<F: Future> Unordered<F> {
    fn new(futures: impl IntoIterator<Item = F>) -> Unordered<F> {
        let child = || Child { woken: AtomicUsize::new(1), parent: Default::default() };
        Unordered { futures: futures.into_iter().map(|future| (Some(Box::pin(future)), Arc::new(child()))).collect() }
    }

    /// The next output.
    fn next(&mut self) -> impl Future<Output = Option<F::Output>> {
        poll_fn(|cx| {
            for (slot, child) in &mut self.futures {
                *child.parent.lock().unwrap() = Some(cx.waker().clone());
                if child.woken.swap(0, Ordering::Relaxed) != 0
                    && let Some(future) = slot
                {
                    let waker = Waker::from(child.clone());
                    if let Poll::Ready(output) = future.as_mut().poll(&mut std::task::Context::from_waker(&waker)) {
                        *slot = None;
                        return Poll::Ready(Some(output));
                    }
                }
            }
            if self.futures.iter().all(|(slot, _)| slot.is_none()) { Poll::Ready(None) } else { Poll::Pending }
        })
    }
}

#[segno::coroutine]
async fn two_sleeps(millis: u64) -> u64 {
    sleep(millis.millis()).await;
    sleep(millis.millis()).await;
    millis
}

#[test]
fn wakers_of_combinators_are_woken_through_a_relay() {
    #[segno::coroutine]
    async fn collects(trace: Rc<RefCell<Vec<(u64, u64)>>>) {
        let lp = get_running_loop().unwrap();
        let mut all = Unordered::new([30, 10, 20].map(|millis| two_sleeps(millis).into_core_future()));
        while let Some(output) = all.next().await {
            trace.borrow_mut().push((lp.time().as_ticks() / 1000, output.unwrap()));
        }
    }
    let lp = new_loop();
    let trace = Rc::default();
    lp.run_until_complete(collects(Rc::clone(&trace))).unwrap();
    assert_eq!(*trace.borrow(), [(20, 10), (40, 20), (60, 30)]);
    // The relays have gone.
    lp.run_until_complete(sleep(0.millis())).unwrap();
    lp.run_until_complete(sleep(0.millis())).unwrap();
    assert_eq!(lp.all_tasks().count(), 0);
    lp.close().unwrap();
}

#[test]
fn a_relay_without_room_is_a_cancellation_and_told() {
    thread_local!(static TOLD: Cell<Option<&'static str>> = const { Cell::new(None) });
    #[segno::coroutine]
    async fn collects() -> Result<u64, Cancelled> {
        let mut all = Unordered::new([sleeps(1).into_core_future()]);
        all.next().await.unwrap()
    }
    let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 64);
    lp.set_exception_handler(Some(|_, context| TOLD.set(Some(context.message))));
    assert_eq!(lp.run_until_complete(collects()).unwrap(), Err(Cancelled));
    assert_eq!(TOLD.get(), Some("no memory for the relay of a coroutine that is polled as a future"));
}
