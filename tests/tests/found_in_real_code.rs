//! What other people's code has found, reduced.

use segno_tests::both_worlds;

#[both_worlds]
mod found_in_real_code {
    struct Cache(T);

    impl Cache {
        #[segno::coroutine]
        async fn r#match(&self, key: u32) -> u32 {
            y().await;
            u32::from(self.0.r()) + key
        }

        fn sync(&mut self) -> u32 {
            u32::from(self.0.r())
        }

        /// What a block takes is `self`.
        #[segno::coroutine]
        async fn in_a_block(&mut self) -> u32 {
            let synced = id(async move { self.sync() }).await;
            synced.await
        }

        #[segno::coroutine]
        async fn in_a_block_that_suspends(&mut self) -> u32 {
            y().await;
            let synced = async move {
                y().await;
                self.sync()
            };
            synced.await
        }

        #[segno::coroutine]
        async fn all_in_a_block(self) -> u32 {
            let all = async move {
                y().await;
                let all = self;
                all.0.r()
            };
            y().await;
            all.await.into()
        }
    }

    /// A method whose name is a keyword.
    #[segno::coroutine]
    async fn raw_method() -> u32 {
        let cache = Cache(T("cache"));
        Cache(T("other")).r#match(1).await + cache.r#match(2).await
    }
    case!(raw_method());

    #[segno::coroutine]
    async fn self_in_blocks() -> u32 {
        let mut cache = Cache(T("cache"));
        cache.in_a_block().await + cache.in_a_block_that_suspends().await + cache.all_in_a_block().await
    }
    case!(self_in_blocks());

    struct Register(u32);
    struct Status(u32);

    impl Register {
        fn read(&mut self) -> Status {
            self.0 += 1;
            Status(self.0)
        }
    }

    impl Status {
        fn is_ready(&self) -> bool {
            self.0 > 3
        }
    }

    /// A condition that is taken apart is a `bool`.
    #[segno::coroutine]
    async fn condition_that_assigns(mut register: Register) -> bool {
        let mut status;
        while {
            status = register.read();
            !status.is_ready()
        } {}
        y().await;
        status.is_ready()
    }
    case!(condition_that_assigns(Register(1)));

    /// A variable in a slot, in a macro with a guard.
    #[segno::coroutine]
    async fn matches_with_a_guard(mut version: Option<u32>) -> bool {
        let changed = &mut version;
        y().await;
        *changed = Some(5);
        let is_old = matches!(version, Some(v) if v < 11);
        y().await;
        is_old && !matches!(&version, Some(1 | 2) | None if is_old)
    }
    case!(matches_with_a_guard(Some(3)));
}
