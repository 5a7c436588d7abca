//! What is changed while a later operand is evaluated, by whatever means; and variables with unusual names, which are no constants
//! and no temporaries.

use segno_tests::both_worlds;

#[both_worlds]
/// What a later operand changes is read before that one is evaluated.
mod changed {
    struct Sp {
        x: u32,
    }

    struct Wr<'a> {
        s: &'a mut Sp,
    }

    #[segno::coroutine]
    async fn l22() -> u32 {
        let mut n = 3u32;
        let c = n < {
            let ref mut k = n;
            *k = 9;
            child(5).await
        };
        c as u32
    }

    case!(l22());

    #[segno::coroutine]
    async fn m1() -> u32 {
        let mut s = Sp { x: 3 };
        s.x.max(match s {
            Sp { ref mut x, .. } => {
                *x = 50;
                child(2).await
            }
        })
    }

    case!(m1());

    #[segno::coroutine]
    #[allow(irrefutable_let_patterns, reason = "what it is about")]
    async fn m2() -> u32 {
        let mut n = 3u32;
        (n < {
            if let ref mut m = n {
                *m = 9;
            }
            child(5).await
        }) as u32
    }

    case!(m2());

    fn inc(n: u32) -> u32 {
        n + 1
    }

    fn dec(n: u32) -> u32 {
        n - 1
    }

    #[segno::coroutine]
    async fn m3() -> u32 {
        let mut f: fn(u32) -> u32 = inc;
        f({
            let ref mut g = f;
            *g = dec;
            child(7).await
        })
    }

    case!(m3());

    struct Re(u32);

    impl Re {
        fn at(&self, n: u32) -> u32 {
            self.0 * 100 + n
        }
    }

    #[segno::coroutine]
    async fn m4() -> u32 {
        let a = Re(1);
        let b = Re(2);
        let mut r = &a;
        r.at({
            let ref mut k = r;
            *k = &b;
            child(3).await
        })
    }

    case!(m4());

    #[segno::coroutine]
    async fn f3(t: u32, x: &u32) -> u32 {
        y().await;
        t * 10 + x
    }

    #[segno::coroutine]
    async fn m5() -> u32 {
        let mut n = 3u32;
        f3(n, &{
            let ref mut k = n;
            *k = 5;
            3
        })
        .await
    }

    case!(m5());

    #[segno::coroutine]
    async fn p1() -> u32 {
        let mut n = 4u32;
        (n == {
            assert!({
                n += 1;
                n > 0
            });
            child(4).await
        }) as u32
    }

    case!(p1());

    #[segno::coroutine]
    async fn p2() -> u32 {
        let mut n = 4u32;
        (n == {
            dbg!(n += 6);
            child(4).await
        }) as u32
    }

    case!(p2());

    #[segno::coroutine]
    async fn p3() -> u32 {
        let mut n = 4u32;
        (n == {
            log(format!("{}", {
                n = 9;
                n
            }));
            child(4).await
        }) as u32
    }

    case!(p3());

    #[segno::coroutine]
    async fn p4() -> u32 {
        let mut n = 4u32;
        put(n, {
            log(format!("{}", {
                n = 9;
                n
            }));
            child(4).await
        })
    }

    case!(p4());

    fn put(a: u32, b: u32) -> u32 {
        a * 10 + b
    }

    #[segno::coroutine]
    async fn q1() -> u32 {
        let mut s = Sp { x: 4 };
        (s.x < async {
            s.x += 1;
            child(s.x).await
        }
        .await) as u32
    }

    case!(q1());

    #[segno::coroutine]
    async fn q2() -> u32 {
        let mut i = 0;
        let a = [Re(1), Re(2)];
        a[i].at(async {
            i += 1;
            y().await;
            7
        }
        .await)
    }

    case!(q2());

    #[segno::coroutine]
    async fn q3() -> u32 {
        let mut s = Sp { x: 4 };
        s.x.max(
            async {
                s.x = 30;
                child(s.x).await - 20
            }
            .await,
        )
    }

    case!(q3());

    #[segno::coroutine]
    async fn q4() -> u32 {
        let mut n = 4;
        put(
            n,
            async {
                n = 7;
                child(n).await
            }
            .await,
        )
    }

    case!(q4());

    #[segno::coroutine]
    async fn v1() -> u32 {
        let mut s = Sp { x: 4 };
        let r = &mut s;
        (r.x == {
            let w = Wr { s: r };
            w.s.x += 1;
            child(w.s.x).await
        }) as u32
    }

    case!(v1());

    #[segno::coroutine]
    async fn v2() -> u32 {
        let mut s = Sp { x: 4 };
        let r = &mut s;
        (r.x == {
            let w = r;
            w.x += 1;
            child(w.x).await
        }) as u32
    }

    case!(v2());

    #[segno::coroutine]
    async fn v3(r: &mut Sp) -> u32 {
        (r.x == {
            let w = (r, 1);
            w.0.x += w.1;
            child(w.0.x).await
        }) as u32
    }

    #[segno::coroutine]
    async fn v3a() -> u32 {
        v3(&mut Sp { x: 4 }).await
    }

    case!(v3a());

    #[segno::coroutine]
    async fn v4(r: &mut Sp) -> u32 {
        r.x.max({
            let w = r;
            w.x += 7;
            child(w.x).await - 5
        })
    }

    #[segno::coroutine]
    async fn v4a() -> u32 {
        v4(&mut Sp { x: 4 }).await
    }

    case!(v4a());

    #[segno::coroutine]
    async fn w1() -> u32 {
        let mut n = 4u32;
        (n == {
            let mut g = || n += 1;
            g();
            child(5).await
        }) as u32
    }

    case!(w1());

    #[segno::coroutine]
    async fn w2() -> u32 {
        let mut n = 4u32;
        (n == {
            for ref mut k in [1u32, 2] {
                *k += 1;
                n = *k
            }
            child(4).await
        }) as u32
    }

    case!(w2());

    #[segno::coroutine]
    async fn w3() -> u32 {
        let mut n = 4u32;
        let mut g = || {
            n += 1;
            n
        };
        (g() == {
            g();
            child(5).await
        }) as u32
    }

    case!(w3());

    #[segno::coroutine]
    async fn w4() -> u32 {
        let mut n = 4u32;
        let mut f: fn(u32) -> u32 = inc;
        f(async {
            f = dec;
            y().await;
            n += 1;
            n
        }
        .await)
    }

    case!(w4());

    struct Own(Vec<u32>);

    #[segno::coroutine]
    async fn w5() -> u32 {
        let mut v = vec![1u32, 2];
        (v.len() == {
            let w = v;
            v = vec![];
            child(w.len() as u32).await as usize
        }) as u32
    }

    case!(w5());

    #[segno::coroutine]
    async fn w6() -> u32 {
        let mut s = Sp { x: 4 };
        let r = &mut s;
        let r = &mut *r;
        (r.x < {
            std::mem::swap(r, &mut Sp { x: 1 });
            child(3).await
        }) as u32
    }

    case!(w6());

    #[segno::coroutine]
    async fn z1() -> u32 {
        let mut v: Vec<T> = vec![T("a")];
        async {
            v = vec![T("b")];
            y().await;
        }
        .await;
        v.len() as u32
    }

    case!(z1());

    #[segno::coroutine]
    async fn z2() -> u32 {
        let mut f: fn(u32) -> u32 = inc;
        async {
            f = dec;
            y().await;
        }
        .await;
        f(4)
    }

    case!(z2());

    #[segno::coroutine]
    async fn z3() -> u32 {
        let mut f: fn(u32) -> u32 = inc;
        async {
            y().await;
            f = dec;
        }
        .await;
        f(4)
    }

    case!(z3());

    #[segno::coroutine]
    async fn z4() -> u32 {
        let mut v = T("a");
        let w = async {
            v = T("b");
            y().await;
            v = T("c");
            child(2).await
        };
        let n = w.await;
        v.r();
        n
    }

    case!(z4());

    #[segno::coroutine]
    async fn z5() -> u32 {
        let mut v = None;
        let w = async {
            v = Some(T("b"));
            y().await;
            v = {
                y().await;
                Some(T("c"))
            };
            child(2).await
        };
        let n = w.await;
        v.unwrap().r();
        n
    }

    case!(z5());

    #[segno::coroutine]
    async fn z6() -> u32 {
        let mut v: Option<&dyn Fn(u32) -> u32> = None;
        async {
            v = Some(&inc);
            y().await;
            v = if child(1).await == 1 { Some(&dec) } else { None }
        }
        .await;
        v.unwrap()(4)
    }

    case!(z6());

    #[segno::coroutine]
    async fn z7() -> u32 {
        let mut v = T("a");
        async {
            if child(1).await == 1 {
                v = T("b");
                y().await
            } else {
                v = T("c")
            }
            v.r();
            for n in 0..child(2).await {
                v = if n == 0 { T("d") } else { T("e") };
                y().await
            }
        }
        .await;
        v.r();
        1
    }

    case!(z7());
}

#[both_worlds]
/// How a variable is called tells nothing of it.
mod names {
    fn put(a: u32, b: u32) -> u32 {
        a * 10 + b
    }

    #[segno::coroutine]
    async fn c16() -> u32 {
        let mut _1 = 3;
        put(_1, {
            _1 += 1;
            child(_1).await
        })
    }

    case!(c16());

    #[segno::coroutine]
    async fn c17() -> u32 {
        let mut 名 = 3;
        put(名, {
            名 += 1;
            child(名).await
        })
    }

    case!(c17());

    #[segno::coroutine]
    async fn g20() -> u32 {
        let mut __value = T("v");
        let m = (__value, {
            __value = T("w");
            child(2).await
        });
        y().await;
        m.1
    }

    case!(g20());

    #[segno::coroutine]
    async fn g21() -> u32 {
        let mut __awaited = T("v");
        let m = (__awaited, {
            __awaited = T("w");
            child(2).await
        });
        y().await;
        m.1
    }

    case!(g21());

    #[segno::coroutine]
    async fn g22() -> u32 {
        let __operand_1 = T("v");
        let m = (T("o"), child(2).await, __operand_1);
        y().await;
        m.1
    }

    case!(g22());

    #[segno::coroutine]
    async fn g23() -> u32 {
        let __value_1 = T("v");
        let m = (T("o"), if child(2).await == 2 { child(3).await } else { 4 }, __value_1);
        y().await;
        m.1
    }

    case!(g23());

    #[segno::coroutine]
    async fn g25(__parameter_0: T, (_, b): (T, T), __parameter_1: T) -> u32 {
        y().await;
        b.r();
        child(1).await
    }

    case!(g25(T("a"), (T("b"), T("c")), T("d")));

    #[segno::coroutine]
    async fn g26() -> u32 {
        let __awaited_1 = 5;
        let x = child(1).await;
        let __awaited_3 = 2;
        x + __awaited_1 * child(2).await + __awaited_3
    }

    case!(g26());

    #[segno::coroutine]
    async fn g27() -> u32 {
        let __awaited_1 = 5;
        async {
            let __awaited_2 = 7;
            let x = child(1).await;
            __awaited_2 + child(x).await + __awaited_1
        }
        .await
            + child(5).await
    }

    case!(g27());
}
