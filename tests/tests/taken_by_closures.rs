//! Closures without `move` that take what they mention, over a suspension.

use segno_tests::both_worlds;

#[both_worlds]
mod taken_by_closures {
    #[segno::coroutine]
    async fn borrowed_before(n: u32) -> u32 {
        let g = T("g");
        let r = &g;
        y().await;
        r.r();
        let h = || {
            let x = g;
            x.r();
            n
        };
        y().await;
        h()
    }
    case!(borrowed_before(3));

    /// What it does not take, it borrows.
    #[segno::coroutine]
    async fn beside_what_is_borrowed(n: u32) -> u32 {
        let g = T("g");
        let o = T("o");
        let h = || {
            o.r();
            drop(g);
            n
        };
        y().await;
        h()
    }
    case!(beside_what_is_borrowed(3));

    #[segno::coroutine]
    async fn in_a_loop(n: u32, c: bool) -> u32 {
        let mut s = 0u32;
        for i in 0..2 {
            let g = T("g");
            let v = id(n).await;
            let m = &mut s;
            let add = |x| {
                *m += x + v;
            };
            let h = |x: u32| {
                let q = g;
                q.r();
                x + v
            };
            y().await;
            let mut add = add;
            add(i);
            y().await;
            add(v);
            if c {
                break;
            }
            s += h(i);
        }
        y().await;
        s
    }
    case!(in_a_loop(3, true));
    case!(in_a_loop_2 = in_a_loop(3, false));

    /// What is used again is a copy, or lent.
    #[segno::coroutine]
    async fn or_lent(n: u32, c: bool) -> u32 {
        fn up(x: &mut u32) -> u32 {
            *x += 1;
            *x
        }
        let mut s = n;
        let r = &mut s;
        let mut h = || up(r);
        y().await;
        h();
        y().await;
        h();
        let z = up(r);
        let t = (4u32, T("u"));
        let k = || t.0;
        y().await;
        let g = T("g");
        let o = T("o");
        let l = || {
            if c {
                drop(g);
            }
        };
        let w = &o;
        y().await;
        let e = k() + k();
        w.r();
        l();
        z + e + t.0
    }
    case!(or_lent(3, true));
    case!(or_lent_2 = or_lent(3, false));

    /// A call moves what moves something out.
    #[segno::coroutine]
    async fn and_called_once(n: u32, c: bool) -> u32 {
        let u = T("z");
        let k3 = || u;
        k3();
        y().await;
        let (a, b) = (T("a"), T("b"));
        let k = move || {
            drop(a);
        };
        let j = move || {
            b.r();
            n
        };
        if c {
            k();
        }
        j();
        y().await;
        let m = n + 1;
        let add = |x: u32| x + m;
        y().await;
        let z = add(1) + add(2);
        y().await;
        let w = id(n).await;
        let sub = |x: u32| child(w + x);
        sub(1).await + z
    }
    case!(and_called_once(3, true));
    case!(and_called_once_2 = and_called_once(3, false));

    #[segno::coroutine]
    async fn patterns_that_name_nothing() -> u32 {
        let x = T("x");
        x.a().await;
        let c = move || {
            if false {
                let _ = x;
            }
            match x {
                _ => 3u32,
            }
        };
        y().await;
        let n = c();
        log("behind");
        n
    }
    case!(patterns_that_name_nothing());

    #[segno::coroutine]
    async fn patterns_of_an_async_closure() -> u32 {
        let n = T("n");
        let c = async move |k: u32| {
            let _ = n;
            y().await;
            k
        };
        let r = c(3).await;
        log("behind");
        r
    }
    case!(patterns_of_an_async_closure());

    #[segno::coroutine]
    async fn patterns_that_leave_numbers() -> u32 {
        let p = id((4u32, 5u32)).await;
        let r = &p;
        y().await;
        let c = move || {
            let (a, _) = p;
            a + r.1
        };
        y().await;
        c()
    }
    case!(patterns_that_leave_numbers());
}
