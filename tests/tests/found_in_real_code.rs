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

    /// As `tracing` reads its fields.
    macro_rules! info {
        (target: $target:expr, $($rest:tt)*) => {{ log($target); info!($($rest)*) }};
        ($($name:ident).+ = ?$value:expr, $($rest:tt)*) => {{
            log(format!("{}={:?}", stringify!($($name).+), &$value));
            info!($($rest)*)
        }};
        ($($name:ident).+ = %$value:expr, $($rest:tt)*) => {{
            log(format!("{}={}", stringify!($($name).+), &$value));
            info!($($rest)*)
        }};
        (?$($name:ident).+, $($rest:tt)*) => { info!($($name).+ = ?$($name).+, $($rest)*) };
        ($text:literal $(, $($args:tt)*)?) => { log(format!($text $(, $($args)*)?)) };
    }

    struct Peer {
        address: u32,
        frame: Option<u32>,
    }

    impl Peer {
        #[segno::coroutine]
        async fn receive(&self, mut frame: Option<u32>) -> u32 {
            let changed = &mut frame;
            y().await;
            *changed = Some(4);
            let count = 3;
            info!(target: "net", address = %self.address, ?frame, "received {count} bytes of {frame:?}");
            info!(net.address=?self.frame, ?self.frame, "{}", frame.unwrap());
            info!(target: "net", "{}", frame.map_or(0, |n| n + 1));
            y().await;
            let frame = child(5).await;
            info!(?frame, "shadows");
            info!(frame = ?child(frame).await, "awaited");
            frame
        }
    }

    /// The fields of a record are no expressions.
    #[segno::coroutine]
    async fn records() -> u32 {
        Peer { address: 3, frame: None }.receive(Some(2)).await
    }
    case!(records());
}
