//! The queues against asyncio's traces, and what CPython's `test_queues` pins down.
#![cfg(feature = "ours")]

use std::cell::RefCell;
use std::rc::Rc;

use segno::prelude::*;
use segno::sync::{GetError, PutError, QueueShutDown, TaskDoneTooOften};
use segno_tests::conformance::{conforms, conforms_everywhere, outcome, run, turn, wait_all};
use segno_tests::log;

#[segno::coroutine]
async fn turns(count: u32) {
    for _ in 0..count {
        sleep(0.millis()).await;
    }
}

#[test]
fn s28_back_pressure() {
    conforms_everywhere(include_str!("../traces/28.out"), segno_scenarios::s28_queue::run);
}

mod shutdown {
    use super::*;

    static FIRST: Queue<&str, 1> = Queue::new();
    static SECOND: Queue<&str, 2> = Queue::new();
    static THIRD: Queue<i32, 8> = Queue::new();

    #[segno::coroutine]
    async fn get<const N: usize>(tag: &'static str, queue: &'static Queue<&'static str, N>) {
        match queue.get().await {
            Ok(item) => log!("{tag} -> {item}"),
            Err(error) => log!("{tag} -> {error}"),
        }
    }

    #[segno::coroutine]
    async fn put(tag: &'static str, item: &'static str) {
        match SECOND.put(item).await {
            Ok(()) => log!("{tag} -> None"),
            Err(error) => {
                log!("{tag} -> {error}");
                assert_eq!(error, QueueShutDown(item), "it is handed back");
            }
        }
    }

    #[segno::coroutine]
    async fn join<const N: usize, T>(queue: &'static Queue<T, N>) {
        queue.join().await;
    }

    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let getters = ["getter0", "getter1"].map(|tag| lp.create_task(get(tag, &FIRST)).unwrap());
        sleep(1.millis()).await;
        FIRST.shutdown(false);
        wait_all(&getters).await;
        log!("--- graceful: what is inside can still be taken");
        SECOND.put_nowait("a").unwrap();
        SECOND.put_nowait("b").unwrap();
        let putter = lp.create_task(put("blocked put", "c")).unwrap();
        sleep(1.millis()).await;
        SECOND.shutdown(false);
        putter.await;
        put("put", "d").await;
        get("get", &SECOND).await;
        get("get", &SECOND).await;
        get("get", &SECOND).await;
        if let Err(error) = SECOND.get_nowait() {
            log!("get_nowait {error} (not QueueEmpty)");
        }
        let joiner = lp.create_task(join(&SECOND)).unwrap();
        sleep(1.millis()).await;
        log!("join still waits for task_done: {}", outcome(&joiner));
        SECOND.task_done().unwrap();
        SECOND.task_done().unwrap();
        joiner.await;
        log!("--- immediate: items are dropped and count as done");
        for i in 0..3 {
            THIRD.put_nowait(i).unwrap();
        }
        THIRD.get_nowait().unwrap();
        let joiner = lp.create_task(join(&THIRD)).unwrap();
        sleep(1.millis()).await;
        THIRD.shutdown(true);
        if let Err(error) = THIRD.get().await {
            log!("get -> {error}");
        }
        log!("size {} join {} (one item was taken and not marked)", THIRD.qsize(), outcome(&joiner));
        THIRD.task_done().unwrap();
        joiner.await;
        THIRD.shutdown(false);
        log!("shutdown twice is fine");
    }

    #[test]
    fn e1_shutdown() {
        conforms(include_str!("../traces/E1.out"), || run(scenario));
    }
}

/// What CPython's `test_queues` pins down.
mod rows {
    use super::*;

    type Log = Rc<RefCell<Vec<String>>>;

    #[segno::coroutine]
    async fn get<const N: usize>(queue: &'static Queue<u32, N>, name: &'static str, log: Log) {
        let line = match queue.get().catch_cancel().await {
            Ok(Ok(item)) => format!("{name} {item}"),
            Ok(Err(error)) => format!("{name} {error}"),
            Err(Cancelled) => format!("x{name}"),
        };
        log.borrow_mut().push(line);
    }

    #[segno::coroutine]
    async fn put<const N: usize>(queue: &'static Queue<u32, N>, item: u32, log: Log) {
        let line = match queue.put(item).catch_cancel().await {
            Ok(Ok(())) => format!("put {item}"),
            Ok(Err(error)) => format!("{error} {item}"),
            Err(Cancelled) => format!("x{item}"),
        };
        log.borrow_mut().push(line);
    }

    #[test]
    fn c92_order_and_size() {
        static QUEUE: Queue<u32, 3> = Queue::new();
        static STACK: LifoQueue<u32, 3> = LifoQueue::new();
        static HEAP: PriorityQueue<u32, 3> = PriorityQueue::new();
        for item in [1, 3, 2] {
            QUEUE.put_nowait(item).unwrap();
            STACK.put_nowait(item).unwrap();
            HEAP.put_nowait(item).unwrap();
        }
        assert_eq!(format!("{QUEUE:?} {STACK:?} {HEAP:?}"), "<Queue 3/3> <LifoQueue 3/3> <PriorityQueue 3/3>");
        assert_eq!((QUEUE.maxsize(), QUEUE.full(), QUEUE.empty(), QUEUE.qsize()), (3, true, false, 3));
        assert_eq!(QUEUE.put_nowait(4), Err(PutError::QueueFull(4)));
        assert_eq!(STACK.put_nowait(4).unwrap_err().into_inner(), 4);
        assert_eq!(HEAP.put_nowait(4), Err(PutError::QueueFull(4)));
        assert_eq!([(); 3].map(|()| QUEUE.get_nowait().unwrap()), [1, 3, 2]);
        assert_eq!([(); 3].map(|()| STACK.get_nowait().unwrap()), [2, 3, 1]);
        assert_eq!([(); 3].map(|()| HEAP.get_nowait().unwrap()), [1, 2, 3]);
        assert_eq!(QUEUE.get_nowait(), Err(GetError::QueueEmpty));
        assert_eq!(STACK.get_nowait(), Err(GetError::QueueEmpty));
        assert_eq!(HEAP.get_nowait(), Err(GetError::QueueEmpty));
    }

    /// One less than there is room for, as many, and one more: many times around the ring.
    #[test]
    fn capacities_at_n_minus_1_n_and_n_plus_1() {
        fn check<const N: usize>() {
            let (queue, stack, heap) = (Queue::<_, N>::new(), LifoQueue::<_, N>::new(), PriorityQueue::<_, N>::new());
            let shared = InterruptQueue::<_, N>::new();
            let counted = Rc::new(());
            for round in 0..2 * N + 3 {
                for count in [N - 1, N, N + 1] {
                    let put = |index: usize| {
                        let item = (7 * index % (N + 1), index, counted.clone());
                        let results = [
                            queue.put_nowait(item.clone()).is_ok(),
                            stack.put_nowait(item.clone()).is_ok(),
                            heap.put_nowait(item.clone()).is_ok(),
                            shared.put_nowait(item).is_ok(),
                        ];
                        assert_eq!(results, [index < N; 4]);
                    };
                    (0..count).for_each(put);
                    let inside = count.min(N);
                    assert_eq!(
                        (queue.qsize(), stack.qsize(), heap.qsize(), shared.qsize()),
                        (inside, inside, inside, inside)
                    );
                    assert_eq!((queue.full(), stack.empty(), shared.full()), (inside == N, inside == 0, inside == N));
                    assert_eq!(Rc::strong_count(&counted), 1 + 4 * inside, "what was refused was dropped by its owner");
                    let mut sorted: Vec<_> = (0..inside).map(|index| (7 * index % (N + 1), index)).collect();
                    sorted.sort();
                    for (index, expected) in sorted.into_iter().enumerate() {
                        assert_eq!(queue.get_nowait().unwrap().1, index);
                        assert_eq!(shared.get_nowait().unwrap().1, index);
                        assert_eq!(stack.get_nowait().unwrap().1, inside - 1 - index);
                        let (priority, put, _) = heap.get_nowait().unwrap();
                        assert_eq!((priority, put), expected);
                    }
                    assert!(queue.get_nowait().is_err() && shared.get_nowait().is_none());
                    assert_eq!(shared.take_lost(), (count - inside) as u32);
                    // The ring begins elsewhere next time.
                    queue.put_nowait((round, round, counted.clone())).unwrap();
                    queue.get_nowait().unwrap();
                    shared.put_nowait((round, round, counted.clone())).unwrap();
                    shared.get_nowait().unwrap();
                }
            }
            // What is inside is dropped with the queue.
            for index in 0..N {
                queue.put_nowait((0, index, counted.clone())).unwrap();
                stack.put_nowait((0, index, counted.clone())).unwrap();
                heap.put_nowait((0, index, counted.clone())).unwrap();
                shared.put_nowait((0, index, counted.clone())).unwrap();
            }
            drop((queue, stack, heap, shared));
            assert_eq!(Rc::strong_count(&counted), 1);
        }
        check::<1>();
        check::<2>();
        check::<3>();
        check::<8>();
        check::<9>();
    }

    #[test]
    fn c92_blocking_get_and_put() {
        static QUEUE: Queue<u32, 1> = Queue::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let log = Log::default();
            let getter = lp.create_task(get(&QUEUE, "g", log.clone())).unwrap();
            lp.call_later(10.millis(), |_| QUEUE.put_nowait(1).unwrap()).unwrap();
            let begin = lp.time();
            getter.await;
            assert_eq!((lp.time() - begin).as_ticks(), 10_000);
            QUEUE.put(2).await.unwrap();
            let putter = lp.create_task(put(&QUEUE, 3, log.clone())).unwrap();
            lp.call_later(10.millis(), |_| assert_eq!(QUEUE.get_nowait(), Ok(2))).unwrap();
            let begin = lp.time();
            putter.await;
            assert_eq!((lp.time() - begin).as_ticks(), 10_000);
            assert_eq!(*log.borrow(), ["g 1", "put 3"]);
            assert_eq!(QUEUE.get().await, Ok(3));
        }
        run(scenario);
    }

    #[test]
    fn c93_c94_getters_and_putters_that_are_cancelled() {
        static QUEUE: Queue<u32, 1> = Queue::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let start = |name, log: &Log| lp.create_task(get(&QUEUE, name, log.clone())).unwrap();
            // One of two who wait is cancelled, before or after an item came for the first.
            for (victim, cancel_first) in [(0, true), (0, false), (1, true), (1, false)] {
                let log = Log::default();
                let getters = ["1", "2"].map(|name| start(name, &log));
                turns(1).await;
                if cancel_first {
                    getters[victim].cancel();
                }
                QUEUE.put_nowait(7).unwrap();
                if !cancel_first {
                    getters[victim].cancel();
                }
                wait_all(&getters).await;
                let other = ["1", "2"][1 - victim];
                let mut lines = log.borrow().clone();
                lines.sort();
                assert_eq!(lines, [format!("{other} 7"), format!("x{}", ["1", "2"][victim])]);
            }
            // All who wait are cancelled: the item stays.
            let log = Log::default();
            let getters = ["1", "2", "3"].map(|name| start(name, &log));
            turns(1).await;
            QUEUE.put_nowait(8).unwrap();
            getters.iter().for_each(|getter| assert!(getter.cancel()));
            wait_all(&getters).await;
            assert_eq!(QUEUE.get_nowait(), Ok(8));

            // The same for those who put.
            let start = |item, log: &Log| lp.create_task(put(&QUEUE, item, log.clone())).unwrap();
            for (victim, cancel_first) in [(0, true), (0, false), (1, true), (1, false)] {
                let log = Log::default();
                QUEUE.put_nowait(0).unwrap();
                let putters = [1, 2].map(|item| start(item, &log));
                turns(1).await;
                if cancel_first {
                    putters[victim].cancel();
                }
                assert_eq!(QUEUE.get_nowait(), Ok(0));
                if !cancel_first {
                    putters[victim].cancel();
                }
                wait_all(&putters).await;
                let mut lines = log.borrow().clone();
                lines.sort();
                assert_eq!(lines, [format!("put {}", 2 - victim), format!("x{}", victim + 1)]);
                assert_eq!(QUEUE.get_nowait(), Ok(2 - victim as u32));
            }
            assert!(QUEUE.empty());
        }
        run(scenario);
    }

    /// Several wait to get, and several to put: nobody is left over.
    #[test]
    fn c94_nobody_is_left_waiting() {
        static QUEUE: Queue<u32, 1> = Queue::new();
        #[segno::coroutine]
        async fn gets(count: u32) -> u32 {
            let mut sum = 0;
            for _ in 0..count {
                sum += QUEUE.get().await.unwrap();
                turns(1).await;
            }
            sum
        }
        #[segno::coroutine]
        async fn puts(count: u32) -> u32 {
            for _ in 0..count {
                QUEUE.put(1).await.unwrap();
            }
            0
        }
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let tasks: Vec<_> = (0..6).map(|_| lp.create_task(gets(5)).unwrap()).collect();
            let putters: Vec<_> = (0..10).map(|_| lp.create_task(puts(3)).unwrap()).collect();
            wait_all(&tasks).await;
            wait_all(&putters).await;
            assert_eq!(tasks.iter().map(|task| task.result().unwrap()).sum::<u32>(), 30);
            assert!(QUEUE.empty());
        }
        run(scenario);
    }

    /// Who was cancelled takes no room: the loop's memory, where frames are, is free again, and items find others.
    #[test]
    fn c95_those_who_were_cancelled_are_not_held() {
        static QUEUE: Queue<u32, 1> = Queue::new();
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let log = Log::default();
            for _ in 0..2000 {
                let getter = lp.create_task(get(&QUEUE, "g", log.clone())).unwrap();
                turns(1).await;
                getter.cancel();
                turns(1).await;
                assert!(getter.done());
            }
            QUEUE.put_nowait(1).unwrap();
            for _ in 0..2000 {
                let putter = lp.create_task(put(&QUEUE, 2, log.clone())).unwrap();
                turns(1).await;
                putter.cancel();
                turns(1).await;
                assert!(putter.done());
            }
            assert_eq!(QUEUE.get_nowait(), Ok(1));
            assert!(QUEUE.empty());
        }
        run(scenario);
    }

    #[test]
    fn c96_join_and_task_done() {
        static QUEUE: Queue<u32, 4> = Queue::new();
        #[segno::coroutine]
        async fn worker(log: Log) {
            loop {
                let item = QUEUE.get().await.unwrap();
                sleep(1.millis()).await;
                log.borrow_mut().push(item.to_string());
                QUEUE.task_done().unwrap();
            }
        }
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            let before = turn();
            QUEUE.join().await;
            assert_eq!(turn(), before, "nothing was put");
            assert_eq!(QUEUE.task_done(), Err(TaskDoneTooOften));
            let log = Log::default();
            let workers = [(); 2].map(|()| lp.create_task(worker(log.clone())).unwrap());
            for item in 0..10 {
                QUEUE.put(item).await.unwrap();
            }
            QUEUE.join().await;
            assert_eq!(log.borrow().len(), 10);
            assert_eq!(QUEUE.task_done().unwrap_err().to_string(), "task_done() called too many times");
            workers.iter().for_each(|worker| assert!(worker.cancel()));
        }
        run(scenario);
    }

    #[test]
    fn c96_the_orders_of_waiting_queues() {
        static STACK: LifoQueue<u32, 2> = LifoQueue::new();
        static HEAP: PriorityQueue<(u32, &str), 4> = PriorityQueue::new();
        #[segno::coroutine]
        async fn puts() {
            for item in 0..4 {
                STACK.put(item).await.unwrap();
            }
        }
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            lp.create_task(puts()).unwrap();
            turns(1).await;
            let mut got = Vec::new();
            for _ in 0..4 {
                got.push(STACK.get().await.unwrap());
                turns(1).await;
            }
            assert_eq!(got, [1, 2, 3, 0]);
            for item in [(2, "b"), (1, "z"), (2, "a"), (1, "y")] {
                HEAP.put(item).await.unwrap();
            }
            let got = [HEAP.get().await, HEAP.get().await, HEAP.get().await, HEAP.get().await];
            assert_eq!(got.map(Result::unwrap), [(1, "y"), (1, "z"), (2, "a"), (2, "b")]);
        }
        run(scenario);
    }

    #[test]
    fn c97_shut_down_empty_and_with_items() {
        #[segno::coroutine]
        async fn check(lp: &'static EventLoop, queue: &'static Queue<u32, 2>, items: u32, immediate: bool) {
            let log = Log::default();
            for item in 0..items {
                queue.put_nowait(item).unwrap();
            }
            let putter = lp.create_task(put(queue, 9, log.clone())).unwrap();
            turns(1).await;
            queue.shutdown(immediate);
            assert_eq!(queue.put_nowait(9), Err(PutError::QueueShutDown(9)));
            assert_eq!(queue.put(9).await, Err(QueueShutDown(9)));
            wait_all(std::slice::from_ref(&putter)).await;
            let was_put = items < 2;
            assert_eq!(*log.borrow(), [if was_put { "put 9" } else { "QueueShutDown 9" }]);
            let left = if immediate { 0 } else { items + u32::from(was_put) };
            assert_eq!(queue.qsize(), left as usize);
            for _ in 0..left {
                assert!(queue.get().await.is_ok());
                queue.task_done().unwrap();
            }
            assert_eq!(queue.get().await, Err(QueueShutDown(())));
            assert_eq!(queue.get_nowait(), Err(GetError::QueueShutDown));
            assert!(queue.task_done().is_err(), "what was dropped counts as done");
            queue.join().await;
        }
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            for items in 0..=2 {
                for immediate in [false, true] {
                    check(lp, Box::leak(Box::default()), items, immediate).await;
                }
            }
        }
        run(scenario);
    }

    /// Items that are taken, but not done, keep `join` waiting; those that are dropped do not.
    #[test]
    fn c97_shut_down_at_once_with_unfinished_items() {
        static QUEUE: Queue<u32, 4> = Queue::new();
        #[segno::coroutine]
        async fn joins() {
            QUEUE.join().await;
        }
        #[segno::coroutine]
        async fn scenario(lp: &'static EventLoop) {
            QUEUE.put_nowait(1).unwrap();
            QUEUE.put_nowait(2).unwrap();
            let join = lp.create_task(joins()).unwrap();
            assert_eq!(QUEUE.get().await, Ok(1));
            turns(1).await;
            QUEUE.shutdown(true);
            turns(2).await;
            assert!(!join.done());
            QUEUE.task_done().unwrap();
            turns(1).await;
            assert!(join.done());
        }
        run(scenario);
    }
}
