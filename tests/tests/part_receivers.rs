//! Methods on a field of a variable, which may take it by value.

use segno_tests::both_worlds;

#[both_worlds]
mod part_receivers {
    struct Channel(u8);

    impl Channel {
        fn split(self) -> (u8, u8) {
            log("split");
            (self.0, 2)
        }

        fn peek(&self) -> u8 {
            self.0
        }
    }

    struct Device {
        channel: Channel,
        name: Option<Channel>,
        n: [u8; 2],
    }

    struct Guarded {
        channel: Channel,
        name: Option<u8>,
        n: [u8; 2],
        t: T,
    }

    fn device() -> Device {
        Device { channel: Channel(1), name: Some(Channel(2)), n: [1, 2] }
    }

    fn guarded(name: &'static str) -> Guarded {
        Guarded { channel: Channel(1), name: Some(2), n: [1, 2], t: T(name) }
    }

    trait ByValue: Sized {
        fn extended(self) -> u8;
    }

    impl ByValue for u8 {
        fn extended(self) -> u8 {
            self + 1
        }
    }

    /// The device is borrowed across a suspension before it is taken apart.
    #[segno::coroutine]
    async fn out_of_a_slot(device: Device) -> u8 {
        let r = &device.n;
        y().await;
        let a = r[0];
        let (x, _) = device.channel.split();
        let name = device.name.map(|channel| channel.0).unwrap_or(3);
        y().await;
        x + a + name
    }
    case!(out_of_a_slot(device()));

    impl Device {
        #[segno::coroutine]
        async fn out_of_self(self) -> u8 {
            let r = &self.n;
            y().await;
            let a = r[0];
            let (x, _) = self.channel.split();
            x + a
        }

        #[segno::coroutine]
        async fn through_a_reference(&mut self) -> u8 {
            let r = &mut self.n;
            y().await;
            r[1] += 1;
            let x = self.channel.peek();
            y().await;
            x + self.n[1].extended()
        }
    }
    #[segno::coroutine]
    async fn calls_by_value() -> u8 {
        device().out_of_self().await
    }
    case!(calls_by_value());

    #[segno::coroutine]
    async fn calls_through_a_reference() -> u8 {
        let mut one = device();
        one.through_a_reference().await
    }
    case!(calls_through_a_reference());

    #[segno::coroutine]
    async fn one_after_the_other(device: Device) -> u8 {
        let (x, _) = device.channel.split();
        y().await;
        let name = device.name.map(|channel| channel.0).unwrap_or(3);
        y().await;
        x + device.n[1].extended() + name
    }
    case!(one_after_the_other(device()));

    /// What is copied, or borrowed, leaves the value whole: its destructor is still to come.
    #[segno::coroutine]
    async fn of_a_value_with_a_destructor(p: Guarded, mut q: Guarded) -> u8 {
        let a = p.channel.peek();
        y().await;
        let name = p.name.map(|n| n + 1).unwrap_or(3);
        q.t.r();
        {
            let r = &mut q.n;
            y().await;
            r[0] += 1;
        }
        let b = q.name.map(|n| n + 1).unwrap_or(3);
        y().await;
        name + a + b + q.n[0].extended() + q.channel.peek()
    }
    case!(of_a_value_with_a_destructor(guarded("p"), guarded("q")));

    /// Methods of traits by value, on what is copied.
    #[segno::coroutine]
    async fn of_a_trait(f: u8) -> u8 {
        let k = id(f).await.extended();
        let c = 3u8;
        y().await;
        let e = c.extended();
        y().await;
        let mut buffer = [0u8; 4];
        let slice = buffer.as_mut_slice();
        y().await;
        slice[0] = 1;
        k + e
    }
    case!(of_a_trait(3));

    impl Channel {
        fn send(&self, n: u8, text: &str) -> u8 {
            log(text);
            self.0 + n
        }
    }

    /// What the arguments are made of is declared inside of what is asked about.
    #[segno::coroutine]
    async fn arguments_of_inner_blocks(device: &Guarded, which: u8) -> u8 {
        let found = y().await;
        let _: () = found;
        let n = match which {
            0 => {
                let line = (2, String::from("line"));
                device.channel.send(line.0, &line.1)
            }
            1 => {
                y().await;
                3
            }
            _ => {
                if let Some((n, ref text)) = Some((which, String::from("text"))) {
                    device.channel.send(n, text)
                } else {
                    0
                }
            }
        };
        y().await;
        n + device.n[1]
    }
    case!(arguments_of_inner_blocks_0 = arguments_of_inner_blocks(&guarded("p"), 0));
    case!(arguments_of_inner_blocks_1 = arguments_of_inner_blocks(&guarded("p"), 1));
    case!(arguments_of_inner_blocks_2 = arguments_of_inner_blocks(&guarded("p"), 2));

    trait WithTimeout: core::future::Future + Sized {
        fn with_timeout(self, seconds: u32) -> Self {
            log(format!("timeout:{seconds}"));
            self
        }
    }

    impl<F: core::future::Future> WithTimeout for F {}

    /// By its name, since rustc cannot be asked about the methods of traits.
    #[segno::coroutine]
    async fn of_a_future() -> u32 {
        let reply = child(2);
        y().await;
        let n = reply.with_timeout(3).await;
        y().await;
        n
    }
    case!(of_a_future());

    #[segno::coroutine]
    async fn in_an_async_block(device: Guarded) -> u8 {
        let block = async { device.t.a().await };
        y().await;
        block.await;
        device.channel.peek()
    }
    case!(in_an_async_block(guarded("p")));

    /// Parentheses make no difference.
    #[segno::coroutine]
    async fn in_parentheses(q: (Option<T>, T)) -> u32 {
        (q.1).a().await;
        let t = (q.0).unwrap_or(T("z"));
        (t).r() as u32
    }
    case!(in_parentheses((Some(T("q0")), T("q1"))));
    case!(in_parentheses_none = in_parentheses((None, T("q1"))));
}
