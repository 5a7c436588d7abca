//! `async` blocks and closures inside coroutines.

use segno_tests::both_worlds;

#[both_worlds]
mod async_blocks {
    #[segno::coroutine]
    async fn awaited_at_once() -> u32 {
        let t = T("t");
        let a = async {
            let inner = T("inner");
            y().await;
            log(format!("{t:?}"));
            child(1).await
        }
        .await;
        y().await;
        a + 1
    }
    case!(awaited_at_once());

    #[segno::coroutine]
    async fn kept_in_a_variable() -> u32 {
        let mut n = 1u32;
        let later = async {
            y().await;
            n += 1;
            n
        };
        y().await;
        let m = later.await;
        n + m
    }
    case!(kept_in_a_variable());

    #[segno::coroutine]
    async fn moved_into() {
        let t = T("t");
        let s = T("s");
        let block = async move {
            y().await;
            log(format!("{t:?}"));
            let u = T("u");
            y().await;
        };
        log("made");
        y().await;
        block.await;
        log(s.0);
    }
    case!(moved_into());

    #[segno::coroutine]
    async fn never_awaited() {
        let t = T("t");
        let u = T("u");
        let block = async move {
            log(format!("{t:?}"));
            log(format!("{u:?}"));
            y().await;
        };
        y().await;
        log("end");
    }
    case!(never_awaited());

    #[segno::coroutine]
    async fn taken_by_value_without_move() -> &'static str {
        let t = T("t");
        let block = async {
            y().await;
            let t = t;
            y().await;
            t.0
        };
        y().await;
        block.await
    }
    case!(taken_by_value_without_move());

    #[segno::coroutine]
    async fn question_marks_inside(fails: bool) -> Result<u32, Failure> {
        let t = T("t");
        let outcome = async {
            let _g = T("g");
            let n = if fails { fail(true, 2u32).await? } else { child(1).await };
            if n == 7 {
                return Ok(8);
            }
            Ok::<u32, Failure>(n + 1)
        }
        .await;
        log(format!("{outcome:?}"));
        y().await;
        outcome
    }
    case!(question_marks_inside(false));
    case!(question_marks_that_leave = question_marks_inside(true));

    #[segno::coroutine]
    async fn nested_twice() -> u32 {
        let mut log_of = Vec::new();
        let base = 3u32;
        async {
            let local = T("local");
            y().await;
            async {
                let deep = T("deep");
                y().await;
                log_of.push(base);
                log(local.0);
            }
            .await;
            log_of.push(base + 1);
        }
        .await;
        log_of.iter().sum()
    }
    case!(nested_twice());

    #[segno::coroutine]
    async fn in_a_loop() -> u32 {
        let mut sum = 0;
        for n in 0..3u32 {
            let t = T("t");
            let step = async {
                y().await;
                sum += n;
            };
            step.await;
            y().await;
        }
        sum
    }
    case!(in_a_loop());

    #[segno::coroutine]
    async fn in_branches(first: bool) -> u32 {
        let t = T("t");
        if first {
            let n = 1;
            async {
                y().await;
                log(t.0);
                n
            }
            .await
        } else {
            async move {
                y().await;
                log(format!("{t:?}"));
                2
            }
            .await
        }
    }
    case!(in_branches(true));
    case!(in_other_branches = in_branches(false));

    #[segno::coroutine]
    async fn closures_that_give_blocks() -> u32 {
        let t = T("t");
        let make = |n: u32| async move {
            y().await;
            n + 1
        };
        let a = make(1).await;
        let b = make(a).await;
        log(t.0);
        a + b
    }
    case!(closures_that_give_blocks());

    #[segno::coroutine]
    async fn async_closures() -> u32 {
        let mut total = 0;
        let mut add = async |n: u32| {
            let _g = T("g");
            y().await;
            total += n;
        };
        add(1).await;
        add(2).await;
        total
    }
    case!(async_closures());

    #[derive(Debug)]
    struct Pin(u32);

    struct Pins {
        led: Pin,
        button: Pin,
        speed: u32,
    }

    #[segno::coroutine]
    async fn fields_taken_apart() {
        let pins = Pins { led: Pin(1), button: Pin(2), speed: 9 };
        let blink = async move {
            y().await;
            log(format!("{:?} {}", pins.led, pins.speed));
            y().await;
        };
        log("made");
        y().await;
        blink.await;
        log(format!("{:?} {}", pins.button, pins.speed));
        y().await;
    }
    case!(fields_taken_apart());

    #[segno::coroutine]
    async fn fields_of_a_parameter(pins: Pins) {
        let blink = async move {
            y().await;
            log(format!("{:?}", pins.led));
            pins.speed
        };
        y().await;
        log(format!("{:?}", blink.await));
        y().await;
    }
    case!(fields_of_a_parameter(Pins { led: Pin(1), button: Pin(2), speed: 9 }));

    #[segno::coroutine]
    async fn a_copied_field_of_a_guard() {
        let t = T("t");
        let block = async move {
            y().await;
            log(t.0);
        };
        y().await;
        block.await;
        log("after");
    }
    case!(a_copied_field_of_a_guard());

    #[segno::coroutine]
    async fn fields_behind_a_reference(pins: &mut Pins) -> u32 {
        let block = async move {
            y().await;
            pins.speed += 1;
            pins.speed
        };
        y().await;
        block.await
    }
    #[segno::coroutine]
    async fn behind_references() -> u32 {
        let mut pins = Pins { led: Pin(1), button: Pin(2), speed: 9 };
        fields_behind_a_reference(&mut pins).await + pins.speed
    }
    case!(behind_references());

    struct Counter {
        count: u32,
        name: T,
    }

    impl Counter {
        #[segno::coroutine]
        async fn twice(&mut self) -> u32 {
            async {
                y().await;
                self.count += 1;
            }
            .await;
            let name = &self.name;
            async move {
                y().await;
                log(name.0);
            }
            .await;
            self.count
        }
    }

    #[segno::coroutine]
    async fn of_self() -> u32 {
        let mut counter = Counter { count: 1, name: T("counter") };
        counter.twice().await + counter.twice().await
    }
    case!(of_self());

    #[segno::coroutine]
    async fn borrowing_inside() -> u32 {
        let block = async {
            let buffer = [1u32, 2, 3];
            let part = &buffer[1..];
            y().await;
            let n = get(&part[0]).await;
            y().await;
            n + part[1]
        };
        block.await
    }
    case!(borrowing_inside());

    #[segno::coroutine]
    async fn pinned() -> u32 {
        let t = T("t");
        let mut first = core::pin::pin!(child(1));
        y().await;
        let a = first.as_mut().await;
        log(t.0);
        a
    }
    case!(pinned());

    #[segno::coroutine]
    async fn pinned_block() -> u32 {
        let t = T("t");
        let block = std::pin::pin!(async {
            let g = T("g");
            y().await;
            log(t.0);
            3
        });
        y().await;
        block.await
    }
    case!(pinned_block());

    #[segno::coroutine]
    async fn a_block_that_never_ends() {
        let t = T("t");
        let mut rounds = 0;
        let endless = async {
            loop {
                log(t.0);
                y().await;
                rounds += 1;
                if rounds > 100 {
                    continue;
                }
            }
        };
        endless.await
    }
    case!(a_block_that_never_ends());

    /// Nothing tells the type of its output.
    #[segno::coroutine]
    async fn an_endless_block_that_is_never_awaited() {
        let t = T("t");
        let runner = async move {
            loop {
                log(t.0);
                y().await;
            }
        };
        y().await;
        drop(runner);
    }
    case!(an_endless_block_that_is_never_awaited());

    #[segno::coroutine]
    async fn an_async_closure_as_an_argument(mut ready: impl AsyncFnMut() -> bool, tries: u32) -> u32 {
        for n in 0..tries {
            if ready().await {
                return n;
            }
            y().await;
        }
        tries
    }
    #[segno::coroutine]
    async fn calls_it() -> u32 {
        let t = T("t");
        an_async_closure_as_an_argument(
            async || {
                y().await;
                log(t.0);
                false
            },
            2,
        )
        .await
    }

    #[segno::coroutine]
    async fn a_closure_with_a_written_type(n: u32) -> u32 {
        let t = T("t");
        let checked = async |k: u32| -> Result<u32, u32> {
            let x = fail(k > 2, k).await.map_err(|_| 7u32)?;
            t.a().await;
            if x == 1 {
                return Ok(x);
            }
            Ok(x + 1)
        };
        let plain = async |k: u32| -> u32 { k };
        let unit = async || -> () { y().await };
        unit().await;
        checked(n).await.unwrap_or(9) + plain(n).await
    }
    case!(written_one = a_closure_with_a_written_type(1));
    case!(written_two = a_closure_with_a_written_type(2));
    case!(written_error = a_closure_with_a_written_type(3));

    #[segno::coroutine]
    async fn a_closure_with_a_type_that_leaves_something_to_rustc(n: u32) -> u32 {
        let some = async |k: u32| -> Result<_, u32> {
            let x = fail(k > 2, k).await.map_err(|_| 7u32)?;
            y().await;
            Ok(vec![x])
        };
        some(n).await.map_or(4, |all| all[0])
    }
    case!(inferred = a_closure_with_a_type_that_leaves_something_to_rustc(1));
    case!(inferred_error = a_closure_with_a_type_that_leaves_something_to_rustc(3));

    #[segno::coroutine]
    async fn a_closure_that_never_ends() -> u32 {
        let runs = async |n: u32| -> ! {
            loop {
                log(format!("{n}"));
                y().await;
            }
        };
        let t = T("t");
        let running = runs(t.r() as u32);
        y().await;
        drop(running);
        2
    }
    case!(a_closure_that_never_ends());
}
