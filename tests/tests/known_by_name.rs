//! Methods that by their names take a value that has no variable, or only borrow it.

use segno_tests::both_worlds;

#[both_worlds]
mod known_by_name {
    use std::cell::RefCell;

    /// What is awaited is no number, and no iterator.
    #[segno::coroutine]
    async fn awaited_calls() -> u32 {
        struct Uart(Vec<u8>, T);
        impl Uart {
            async fn skip(&mut self, n: usize) -> u32 {
                y().await;
                self.0.drain(..n);
                self.0.len() as u32
            }
            async fn expect(&mut self, b: u8) -> Result<(), u8> {
                y().await;
                match self.0.remove(0) {
                    x if x == b => Ok(()),
                    x => Err(x),
                }
            }
        }
        struct Mutex<X>(RefCell<X>);
        impl<X> Mutex<X> {
            async fn lock(&self) -> std::cell::RefMut<'_, X> {
                y().await;
                self.0.borrow_mut()
            }
        }
        let m = Mutex(RefCell::new(Uart(vec![1, 2, 3, 4], T("uart"))));
        let n = m.lock().await.skip(1).await;
        match m.lock().await.expect(2).await {
            Ok(()) => log("ok"),
            Err(e) => {
                child(e as u32).await;
            }
        }
        if let Err(e) = m.lock().await.expect(2).await {
            child(e as u32).await;
        }
        n + m.0.into_inner().0.len() as u32
    }
    case!(awaited_calls());

    /// `expect` wants a text, `map` a function.
    #[segno::coroutine]
    async fn parser(s: &[u8]) -> Result<u32, u8> {
        struct P<'a> {
            s: &'a [u8],
            at: usize,
        }
        impl<'a> P<'a> {
            fn sub(&mut self) -> P<'_> {
                P { s: &self.s[self.at..], at: 0 }
            }
            async fn expect(&mut self, b: u8) -> Result<&mut Self, u8> {
                y().await;
                match self.s.get(self.at) {
                    Some(&x) if x == b => {
                        self.at += 1;
                        Ok(self)
                    }
                    Some(&x) => Err(x),
                    None => Err(0),
                }
            }
            async fn map(&mut self, n: u8) -> Option<u8> {
                y().await;
                self.s.get(n as usize).copied()
            }
        }
        let mut p = P { s, at: 0 };
        p.expect(b'a').await?.expect(b'b').await?;
        let x = p.sub().map(0).await.ok_or(7)?;
        p.sub().expect(b'c').await?.expect(b'd').await?;
        Ok(p.at as u32 + x as u32)
    }
    case!(parser(b"abcd"));
    case!(parser_2 = parser(b"abce"));
    case!(parser_3 = parser(b"ab"));
    case!(parser_4 = parser(b""));

    #[segno::coroutine]
    async fn on_a_guard() -> u32 {
        let lock = RefCell::new(vec![1u32]);
        trait Rx {
            async fn expect_ok(&mut self, n: u32) -> u32;
        }
        impl Rx for Vec<u32> {
            async fn expect_ok(&mut self, n: u32) -> u32 {
                y().await;
                self.push(n);
                3
            }
        }
        lock.borrow_mut().expect_ok(2).await
    }
    case!(on_a_guard());

    #[segno::coroutine]
    async fn counted_on_a_guard() -> u32 {
        struct Dev(u32, T);
        impl Dev {
            async fn count(&mut self) -> u32 {
                y().await;
                self.0 += 1;
                self.0
            }
        }
        let dev = RefCell::new(Dev(1, T("dev")));
        let a = dev.borrow_mut().count().await;
        a + dev.borrow_mut().count().await
    }
    case!(counted_on_a_guard());

    #[segno::coroutine]
    async fn taken_of_a_range() -> u32 {
        let v = vec![1u32, 2];
        let mut s = 0;
        y().await;
        for i in (1..).take(3) {
            s += i;
            y().await;
        }
        s
    }
    case!(taken_of_a_range());

    #[segno::coroutine]
    async fn taken_of_words(s: &str) -> u32 {
        let mut n = 0;
        for w in s.split_whitespace().take(2) {
            n += w.len();
            y().await;
        }
        n as u32
    }
    case!(taken_of_words("a b c"));

    #[segno::coroutine]
    async fn taken_of_a_repetition(n: u32) -> u32 {
        let v = vec![1u32, 2];
        let mut s = 0;
        y().await;
        for i in std::iter::repeat(3u32).take(3) {
            s += i;
            y().await;
        }
        s
    }
    case!(taken_of_a_repetition(3));

    #[segno::coroutine]
    async fn taken_of_chunks(v: &[u8]) -> u32 {
        let mut n = 0;
        for w in v.chunks_exact(2).take(2) {
            n += w.len();
            y().await;
        }
        n as u32
    }
    case!(taken_of_chunks(&[1, 2, 3]));

    /// By-value methods that others borrow by.
    #[segno::coroutine]
    async fn pinned(slot: std::pin::Pin<&mut T>) -> u32 {
        let r = &slot;
        r.a().await;
        let this = slot.get_mut();
        this.renamed("q").await;
        3
    }
    case!(pinned(std::pin::Pin::new(Box::leak(Box::new(T("x"))))));

    #[segno::coroutine]
    async fn of_a_type_for_each_state() -> u32 {
        struct Pin_(T);
        impl Pin_ {
            fn set_high(self) -> Self {
                log("high");
                self
            }
        }
        let pin = Pin_(T("pin"));
        pin.0.a().await;
        let pin = pin.set_high();
        pin.0.a().await as u32
    }
    case!(of_a_type_for_each_state());
}
