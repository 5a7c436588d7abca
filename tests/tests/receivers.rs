//! Method calls: receivers, chains, arguments.

use segno_tests::both_worlds;

#[both_worlds]
mod receivers {
    #[derive(Debug)]
    struct Counter(u32);

    impl Counter {
        fn add(&mut self, n: u32) -> &mut Self {
            log(format!("add:{n}"));
            self.0 += n;
            self
        }

        fn value(&self) -> u32 {
            log("value");
            self.0
        }

        fn into_value(self) -> u32 {
            self.0
        }

        #[segno::coroutine]
        async fn step(&mut self, n: u32) -> &mut Self {
            y().await;
            self.0 += n;
            log(format!("step:{n}"));
            self
        }

        #[segno::coroutine]
        async fn read(&self) -> u32 {
            y().await;
            log("read");
            self.0
        }

        #[segno::coroutine]
        async fn finish(self) -> u32 {
            y().await;
            self.0 * 100
        }
    }

    #[segno::coroutine]
    async fn shared_receiver() -> u32 {
        let counter = Counter(1);
        let a = counter.read().await;
        y().await;
        a + counter.read().await
    }
    case!(shared_receiver());

    #[segno::coroutine]
    async fn mutable_receiver() -> u32 {
        let mut counter = Counter(1);
        counter.step(2).await;
        y().await;
        counter.step(3).await;
        counter.value()
    }
    case!(mutable_receiver());

    #[segno::coroutine]
    async fn owned_receiver() -> u32 {
        let counter = Counter(1);
        y().await;
        counter.finish().await
    }
    case!(owned_receiver());

    #[segno::coroutine]
    async fn parameter_as_receiver(counter: &mut Counter) -> u32 {
        counter.step(1).await;
        counter.step(1).await.step(1).await;
        counter.read().await
    }
    case!(parameter_as_receiver(&mut Counter(5)));

    #[segno::coroutine]
    async fn chain() -> u32 {
        let mut counter = Counter(0);
        counter.step(1).await.add(2).step(3).await.step(4).await.read().await
    }
    case!(chain());

    #[segno::coroutine]
    async fn chain_on_a_temporary() -> u32 {
        let n = Counter(7).step(1).await.read().await;
        y().await;
        n
    }
    case!(chain_on_a_temporary());

    #[segno::coroutine]
    async fn method_of_an_awaited_value() -> (u32, usize) {
        let n = id(Counter(7)).await.value();
        let length = id("text").await.trim().len();
        y().await;
        let m = id(Counter(8)).await.into_value();
        (n + m, length)
    }
    case!(method_of_an_awaited_value());

    #[segno::coroutine]
    async fn awaited_argument() -> u32 {
        let mut counter = Counter(1);
        counter.add(child(1).await);
        counter.add(child(2).await).add(child(3).await);
        counter.step(child(4).await).await.add(5);
        counter.value()
    }
    case!(awaited_argument());

    #[segno::coroutine]
    async fn awaited_arguments_of_a_standard_method() -> u32 {
        let a = id(5u32).await.wrapping_add(child(1).await).min(child(4).await);
        y().await;
        a.pow(child(2).await)
    }
    case!(awaited_arguments_of_a_standard_method());

    // A two-phase borrow: the receiver is borrowed, its argument still reads it.
    #[segno::coroutine]
    async fn argument_reads_the_receiver() -> u32 {
        let mut counter = Counter(4);
        counter.add(counter.value());
        y().await;
        counter.value()
    }
    case!(argument_reads_the_receiver());

    #[segno::coroutine]
    async fn token_as_receiver() {
        let mut t = T("t");
        t.a().await;
        t.renamed("u").await;
        t.rename("v").rename("w").a().await;
        T("x").a().await;
        log("before");
        t.taken().await;
        y().await;
        log("end");
    }
    case!(token_as_receiver());

    #[segno::coroutine]
    async fn unwrap_like() -> u32 {
        let a = id(Some(3u32)).await.unwrap();
        let b: u32 = id(Ok::<_, Failure>(4)).await.expect("it is");
        let c = id(None).await.unwrap_or(5) + id(None::<u32>).await.map_or(6, |n| n + 1);
        y().await;
        a + b + c
    }
    case!(unwrap_like());

    #[segno::coroutine]
    async fn turbofish_and_paths() -> u32 {
        let a = id::<u32>(3).await;
        let mut counter = Counter(a);
        Counter::step(&mut counter, 2).await;
        <Counter>::read(&counter).await + u32::max(child(1).await, 2)
    }
    case!(turbofish_and_paths());

    /// What is asked of the receiver's type holds from suspension to suspension, until ways join that differ.
    #[segno::coroutine]
    async fn last_used_as_a_receiver(kept_branch: bool, taken_branch: bool) -> u8 {
        let kept = T("kept");
        let taken = T("taken");
        let mut n = 0;
        if kept_branch {
            n += kept.r();
            y().await;
        }
        y().await;
        if taken_branch {
            n += taken.take();
            y().await;
            log("taken");
        }
        y().await;
        let both = T("both");
        n += both.r();
        y().await;
        let gone = T("gone");
        n += gone.take();
        y().await;
        log("end");
        n
    }
    case!(last_used_as_receivers = last_used_as_a_receiver(true, true));
    case!(last_used_as_the_first_receiver = last_used_as_a_receiver(true, false));
    case!(last_used_as_the_second_receiver = last_used_as_a_receiver(false, true));
    case!(last_used_as_no_receiver = last_used_as_a_receiver(false, false));

    /// A new value after a receiver that was moved, or was not.
    #[segno::coroutine]
    async fn assigned_after_a_receiver(again: bool) -> u8 {
        let mut a = T("a");
        let mut b = T("b");
        let n = a.r() + b.take();
        y().await;
        if again {
            a = T("a2");
            b = T("b2");
            y().await;
            log("again");
        }
        y().await;
        n
    }
    case!(assigned_after_a_receiver(false));
    case!(assigned_again_after_a_receiver = assigned_after_a_receiver(true));
}
