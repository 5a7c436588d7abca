//! Shapes that were found in code that others wrote, where they did not compile.

use segno_tests::both_worlds;

/// As the standard library's, which is younger than the oldest Rust that is supported.
macro_rules! assert_matches {
    ($value:expr, $pattern:pat $(if $guard:expr)? $(, $($message:tt)+)?) => {
        match $value {
            $pattern $(if $guard)? => {}
            _ => panic!("no match"),
        }
    };
}

#[both_worlds]
mod real_code {
    #[segno::coroutine]
    async fn fill(buffer: &mut [u8]) -> usize {
        y().await;
        buffer.fill(1);
        buffer.len()
    }

    #[segno::coroutine]
    async fn into_a_constant() -> usize {
        fill(&mut [0; 4]).await;
        assert_eq!(fill(&mut [0; 3]).await, 3);
        if fill(&mut [0, 0]).await != 2 {
            return 1;
        }
        match fill(&mut [0; 8][..5]).await + fill(&mut []).await {
            5 => fill(&mut [0; 6]).await,
            other => other,
        }
    }
    case!(into_a_constant());

    #[segno::coroutine]
    async fn bump(n: &mut u32) {
        y().await;
        *n += 1;
    }

    #[segno::coroutine]
    async fn look(t: &T) {
        y().await;
        log(t.0);
    }

    /// The closure has a copy.
    #[segno::coroutine]
    async fn copied_into_a_closure() -> u32 {
        let mut n = 1;
        bump(&mut n).await;
        let mut add = move |m: u32| {
            n += m;
            n
        };
        y().await;
        let sum = add(2) + add(3);
        bump(&mut n).await;
        sum * 10 + n
    }
    case!(copied_into_a_closure());

    /// The closure drops it.
    #[segno::coroutine]
    async fn moved_into_a_closure(t: T, call: bool) {
        look(&t).await;
        let mut consume = Some(move || {
            log("called");
            let _t = t;
        });
        y().await;
        if call {
            consume.take().unwrap()();
            y().await;
        }
        log("end");
    }
    case!(called = moved_into_a_closure(T("t"), true));
    case!(not_called = moved_into_a_closure(T("t"), false));

    #[derive(Debug)]
    struct Socket(u32, Option<T>);

    impl Socket {
        fn with<R>(&mut self, f: impl FnOnce(&mut u32) -> R) -> R {
            f(&mut self.0)
        }

        /// `self` goes into the closure, and what it names in its branches too.
        #[segno::coroutine]
        async fn send_with<R>(&mut self, f: impl FnOnce(&mut u32) -> R) -> R {
            let full = self.with(|n| *n > 9);
            y().await;
            let mut f = Some(f);
            let mut poll = move |go: bool| {
                self.with(|n| match go {
                    true if full => None,
                    true => Some(f.take().unwrap()(n)),
                    false => None,
                })
            };
            y().await;
            assert!(poll(false).is_none());
            poll(true).unwrap()
        }

        #[segno::coroutine]
        async fn close(mut self) -> Option<T> {
            self.send_with(|n| *n += 1).await;
            let mut last = self.1.take();
            let mut next = move |more: bool| match more {
                true => last.take(),
                false => None,
            };
            y().await;
            log("closing");
            next(false).or(next(true))
        }
    }

    #[segno::coroutine]
    async fn sockets() {
        let mut socket = Socket(1, Some(T("last")));
        let t = T("sent");
        log(socket.send_with(move |n| (*n, t)).await.1.0);
        socket.close().await;
    }
    case!(sockets());

    trait Device {
        #[segno::coroutine]
        async fn write(&mut self, data: &mut [u8]) -> usize;
    }

    impl Device for T {
        #[segno::coroutine]
        async fn write(&mut self, data: &mut [u8]) -> usize {
            y().await;
            data.len()
        }
    }

    trait Chip {
        #[segno::coroutine]
        async fn bus_write<D: Device>(data: &mut [u8], device: &mut D) -> usize;

        #[segno::coroutine]
        async fn reset<D: Device>(device: &mut D) -> usize;
    }

    struct Wiznet;

    /// Functions without `self`, whose signatures cannot have a lifetime that the trait's do not have.
    impl Chip for Wiznet {
        #[segno::coroutine]
        async fn bus_write<D: Device>(data: &mut [u8], device: &mut D) -> usize {
            let mut header = [child(1).await as u8; 2];
            device.write(&mut header).await + device.write(data).await
        }

        #[segno::coroutine]
        async fn reset<D: Device>(device: &mut D) -> usize {
            let mut register = [0; 2];
            device.write(&mut register).await + Self::bus_write(&mut register, device).await
        }
    }

    #[segno::coroutine]
    async fn chips() -> usize {
        let mut device = T("device");
        Wiznet::reset(&mut device).await + Wiznet::bus_write(&mut [1; 3], &mut device).await
    }
    case!(chips());

    #[segno::coroutine]
    async fn blocks_in_macros(t: T) -> u32 {
        let mut tasks = Vec::new();
        let name = t.0;
        assert!(
            Some(tasks.push(async move {
                let _t = t;
                child(1).await
            }))
            .is_some(),
            "{name}"
        );
        y().await;
        tasks.pop().unwrap().await
    }
    case!(blocks_in_macros(T("t")));

    #[segno::coroutine]
    async fn matching(n: u32) {
        assert_matches!(fail(false, n).await, Ok(m) if m == n, "for {n}");
        let name = T("name");
        assert_matches!(two(&name, T("value")).await, 0..);
        y().await;
    }
    case!(matching(1));

    /// Of `cfg_select!` the arm that holds.
    #[segno::coroutine]
    async fn selected(t: T, u: T) -> u32 {
        look(&t).await;
        let chosen = cfg_select! {
            test => { t }
            _ => u,
        };
        cfg_select! {
            not(test) => { let n = 1; }
            all(test, debug_assertions) => { let n = child(2).await; }
            _ => { let n = child(2).await; }
        }
        look(&chosen).await;
        let sum = cfg_select! { not(test) => { n } test => { n + child(3).await } };
        sum * 2
    }
    case!(selected(T("t"), T("u")));
}
