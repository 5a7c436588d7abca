//! What is called is a place, where an argument awaits: rustc borrows it meanwhile, or copies it.

use segno_tests::both_worlds;

#[both_worlds]
/// What is called is borrowed while its arguments are awaited.
mod called {
    struct H<F> {
        cb: F,
    }

    impl<F: Fn(u32) -> u32> H<F> {
        #[segno::coroutine]
        async fn go(&self) -> u32 {
            (self.cb)(child(1).await)
        }
    }

    #[segno::coroutine]
    async fn a1() -> u32 {
        H { cb: |x| x + 1 }.go().await
    }

    case!(a1());

    impl<F: FnMut(u32) -> u32> H<F> {
        #[segno::coroutine]
        async fn gom(&mut self) -> u32 {
            (self.cb)(child(1).await)
        }
    }

    #[segno::coroutine]
    async fn a2() -> u32 {
        let mut n = 1;
        H {
            cb: |x| {
                n += x;
                n
            },
        }
        .gom()
        .await
    }

    case!(a2());

    struct B {
        cb: Box<dyn Fn(u32) -> u32>,
        cm: Box<dyn FnMut(u32) -> u32 + Send>,
        p: fn(u32) -> u32,
        t: T,
    }

    impl B {
        #[segno::coroutine]
        async fn go(&self) -> u32 {
            (self.cb)(child(1).await)
        }
        #[segno::coroutine]
        async fn gom(&mut self) -> u32 {
            (self.cm)(child(1).await)
        }
        #[segno::coroutine]
        async fn gop(&mut self) -> u32 {
            (self.p)({
                self.p = dec;
                child(1).await
            })
        }
        #[segno::coroutine]
        async fn goq(&self) -> u32 {
            let n = (self.cb)(child(1).await) + (self.p)(child(2).await);
            self.t.r();
            n
        }
    }

    fn inc(n: u32) -> u32 {
        n + 1
    }

    fn dec(n: u32) -> u32 {
        n - 1
    }

    fn two(a: u32, b: u32) -> u32 {
        a * 10 + b
    }

    fn bb() -> B {
        let t = T("in");
        B {
            cb: Box::new(move |x| {
                t.r();
                x + 1
            }),
            cm: Box::new(|x| x + 2),
            p: inc,
            t: T("own"),
        }
    }

    #[segno::coroutine]
    async fn a3() -> u32 {
        bb().go().await
    }

    case!(a3());

    #[segno::coroutine]
    async fn a4() -> u32 {
        bb().gom().await
    }

    case!(a4());

    #[segno::coroutine]
    async fn a5() -> u32 {
        bb().gop().await
    }

    case!(a5());

    #[segno::coroutine]
    async fn a6() -> u32 {
        bb().goq().await
    }

    case!(a6());

    #[segno::coroutine]
    async fn a8() -> u32 {
        let cbs: Vec<Box<dyn Fn(u32) -> u32>> = vec![Box::new(|x| x + 1)];
        cbs[0](child(9).await)
    }

    case!(a8());

    #[segno::coroutine]
    async fn a9() -> u32 {
        let cbs: [fn(u32) -> u32; 2] = [inc, dec];
        let mut i = 0;
        cbs[i]({
            i = 1;
            child(9).await
        }) + cbs[i](child(4).await)
    }

    case!(a9());

    struct H2<F> {
        cb: F,
        t: T,
    }

    struct Dr<F> {
        cb: F,
    }

    impl<F> Drop for Dr<F> {
        fn drop(&mut self) {
            log("dr");
        }
    }

    #[segno::coroutine]
    async fn a18(h: &mut H<impl FnMut(u32, u32) -> u32>) -> u32 {
        (h.cb)(child(1).await, {
            y().await;
            3
        })
    }

    #[segno::coroutine]
    async fn a18a() -> u32 {
        let mut k = 0;
        let n = a18(&mut H {
            cb: |a, b| {
                k += a;
                two(k, b)
            },
        })
        .await;
        n + k
    }

    case!(a18a());

    #[segno::coroutine]
    async fn a21(h: &mut Vec<H<fn(u32) -> u32>>) -> u32 {
        (h[0].cb)({
            h[0].cb = dec;
            child(2).await
        })
    }

    #[segno::coroutine]
    async fn a21a() -> u32 {
        a21(&mut vec![H { cb: inc as fn(u32) -> u32 }]).await
    }

    case!(a21a());

    #[segno::coroutine]
    async fn id2(n: u32, x: &u32) -> u32 {
        y().await;
        n + x
    }

    #[segno::coroutine]
    async fn a22(h: &H<impl Fn(u32) -> u32>) -> u32 {
        id2((h.cb)(1), &(h.cb)(2)).await + (h.cb)(*&child(3).await)
    }

    #[segno::coroutine]
    async fn a22a() -> u32 {
        a22(&H { cb: |x| x * 3 }).await
    }

    case!(a22a());

    struct N {
        cb: Box<dyn Fn(u32) -> u32>,
        p: fn(u32) -> u32,
        k: u32,
    }

    impl N {
        #[segno::coroutine]
        async fn next(&self) -> u32 {
            y().await;
            self.k
        }
        #[segno::coroutine]
        async fn bump(&mut self) -> u32 {
            self.p = dec;
            y().await;
            self.k
        }
        #[segno::coroutine]
        async fn via(&self) -> u32 {
            (self.cb)(self.next().await)
        }
        #[segno::coroutine]
        async fn viap(&mut self) -> u32 {
            (self.p)(self.bump().await)
        }
    }

    #[segno::coroutine]
    async fn b1() -> u32 {
        N { cb: Box::new(|x| x * 2), p: inc, k: 4 }.via().await
    }

    case!(b1());

    #[segno::coroutine]
    async fn b2() -> u32 {
        N { cb: Box::new(|x| x * 2), p: inc, k: 4 }.viap().await
    }

    case!(b2());

    #[segno::coroutine]
    async fn b3() -> u32 {
        let mut n = N { cb: Box::new(|x| x * 2), p: inc, k: 4 };
        (n.p)(n.bump().await) + (n.cb)(n.next().await) + (n.p)(n.next().await)
    }

    case!(b3());

    impl<F: Fn(u32) -> u32> H<F> {}

    impl<F: FnMut(u32) -> u32> H<F> {}

    impl B {
        #[segno::coroutine]
        async fn gos(self) -> u32 {
            (self.cb)(child(1).await)
        }
    }

    #[segno::coroutine]
    async fn a7() -> u32 {
        bb().gos().await
    }

    case!(a7());

    #[segno::coroutine]
    async fn a13() -> u32 {
        let h = H2 { cb: |x| x + 1, t: T("own") };
        let n = (h.cb)(child(1).await) + (h.cb)(child(2).await);
        y().await;
        n
    }

    case!(a13());

    #[segno::coroutine]
    async fn a14() -> u32 {
        let mut k = 1;
        let mut h = H2 {
            cb: |x| {
                k += x;
                k
            },
            t: T("own"),
        };
        let n = (h.cb)(child(1).await) + (h.cb)(child(2).await);
        y().await;
        n
    }

    case!(a14());

    #[segno::coroutine]
    async fn a16() -> u32 {
        let h = Dr { cb: |x: u32| x + 1 };
        (h.cb)(child(1).await)
    }

    case!(a16());

    #[segno::coroutine]
    async fn a17() -> u32 {
        let h = Dr { cb: inc as fn(u32) -> u32 };
        let r = &h;
        (r.cb)((r.cb)(child(1).await)) + (h.cb)(child(2).await)
    }

    case!(a17());

    #[segno::coroutine]
    async fn a19() -> u32 {
        let h = H { cb: || |x: u32| x + 1 };
        (h.cb)()(child(2).await)
    }

    case!(a19());

    #[segno::coroutine]
    async fn b5() -> u32 {
        let t = T("in");
        let h = H2 {
            t: T("own"),
            cb: move |x: u32| {
                t.r();
                x + 1
            },
        };
        (h.cb)(child(1).await)
    }

    case!(b5());

    #[segno::coroutine]
    async fn b6() -> u32 {
        let t = T("in");
        let b: Box<dyn Fn(u32) -> u32> = Box::new(move |x: u32| {
            t.r();
            x + 1
        });
        (*b)(child(1).await) + b(child(2).await)
    }

    case!(b6());

    #[segno::coroutine]
    async fn b7(h: (impl FnMut(u32) -> u32, T)) -> u32 {
        let mut h = h;
        for n in 0..2 {
            (h.0)(child(n).await);
        }
        (h.0)(if child(1).await == 2 { return 4 } else { 5 })
    }

    #[segno::coroutine]
    async fn b7a() -> u32 {
        let t = T("in");
        b7((
            move |x| {
                t.r();
                x + 1
            },
            T("o"),
        ))
        .await
    }

    case!(b7a());
}
