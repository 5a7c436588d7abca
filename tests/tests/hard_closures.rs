//! Closures that borrow what crosses a suspension.

use segno_tests::both_worlds;

#[both_worlds]
mod hard_closures {
    #[segno::coroutine]
    async fn borrow_kept_across_an_await() -> u32 {
        let n = child(4).await;
        let t = T("t");
        let f = || n + t.r() as u32;
        y().await;
        let a = f();
        y().await;
        a + n
    }
    case!(borrow_kept_across_an_await());

    #[segno::coroutine]
    async fn mutable_borrow_kept_across_an_await() -> u32 {
        let mut n = 1;
        let mut add = |m: u32| n += m;
        add(1);
        y().await;
        add(10);
        y().await;
        n
    }
    case!(mutable_borrow_kept_across_an_await());

    #[segno::coroutine]
    async fn borrow_given_to_a_child() -> u32 {
        let n = 4u32;
        let t = T("t");
        let a = apply(|m| m + n + t.r() as u32).await;
        y().await;
        a + n
    }

    #[segno::coroutine]
    async fn apply(mut f: impl FnMut(u32) -> u32) -> u32 {
        let a = f(child(1).await);
        y().await;
        a + f(2)
    }
    case!(borrow_given_to_a_child());

    #[segno::coroutine]
    async fn mutable_borrow_given_to_a_child() -> Vec<u32> {
        let mut seen = Vec::new();
        apply(|m| {
            seen.push(m);
            m
        })
        .await;
        y().await;
        seen
    }
    case!(mutable_borrow_given_to_a_child());

    #[segno::coroutine]
    async fn borrow_of_an_anchored_variable() -> u32 {
        let mut n = 1u32;
        bump(&mut n).await;
        let f = || n + 1;
        let a = f();
        bump(&mut n).await;
        let b = Some(a).map(|a| a + n).unwrap_or_default();
        y().await;
        b + n
    }

    #[segno::coroutine]
    async fn bump(n: &mut u32) {
        y().await;
        *n += 10;
    }
    case!(borrow_of_an_anchored_variable());

    #[segno::coroutine]
    async fn move_of_an_anchored_variable() -> u8 {
        let mut t = T("t");
        t.renamed("u").await;
        let owned = t;
        let f = move || owned.r();
        y().await;
        f()
    }
    case!(move_of_an_anchored_variable());

    #[segno::coroutine]
    async fn captures_a_parameter(n: &mut u32, t: T) -> u32 {
        let mut f = |m| {
            *n += m + t.r() as u32;
            *n
        };
        let a = f(1);
        y().await;
        a + f(2)
    }
    case!(captures_a_parameter(&mut 3, T("t")));

    #[segno::coroutine]
    async fn in_an_operand_with_an_await() -> u32 {
        let n = child(2).await;
        let a = id(Some(3u32)).await.map(|m| m * n).unwrap_or_else(|| n);
        let b = [1, 2].iter().map(|m| m * n).sum::<u32>() + child(n).await;
        a + b
    }
    case!(in_an_operand_with_an_await());

    #[segno::coroutine]
    async fn disjoint_captures() -> u32 {
        let mut pair = (1u32, T("t"));
        let mut f = || pair.0 += 1;
        f();
        y().await;
        f();
        pair.1.a().await;
        pair.0
    }
    case!(disjoint_captures());

    /// What holds a closure cannot be asked whether it is `Copy`.
    #[segno::coroutine]
    async fn kept_in_an_option(t: T) -> u32 {
        let closure = move || t.0.len() as u32;
        let mut kept = Some(closure);
        let mut n = 0;
        for round in 0..2 {
            if let Some(k) = kept {
                n += k();
                y().await;
                n += k() * round;
                y().await;
            }
            kept = None;
            y().await;
        }
        n
    }
    case!(kept_in_an_option(T("t")));

    #[segno::coroutine]
    async fn taken_out_of_others(t: T, u: T, v: T) -> usize {
        let (f, _g) = (move || t.0.len(), T("g"));
        y().await;
        let boxed = Box::new(move || u.0.len());
        let mut some = Some(move || v.0.len());
        y().await;
        let unboxed = *boxed;
        let taken = some.take();
        y().await;
        let mut n = f();
        match taken {
            Some(h) => {
                y().await;
                n += h();
                y().await;
            }
            None => y().await,
        }
        for h in [unboxed] {
            y().await;
            n += h();
            y().await;
        }
        n
    }
    case!(taken_out_of_others(T("t"), T("u"), T("v")));

    /// A call moves it, and what is in it is dropped.
    #[segno::coroutine]
    async fn called_once<F, R>(f: F, c: bool) -> Option<R>
    where
        F: FnOnce(u32) -> R,
    {
        let _g = T("g");
        y().await;
        let r = if c { Some(f(2)) } else { None };
        y().await;
        r
    }
    case!(called = called_once(dropping(T("t")), true));
    case!(not_called = called_once(dropping(T("t")), false));

    fn dropping(t: T) -> impl FnOnce(u32) -> u32 {
        move |n| {
            log("call");
            t.take() as u32 + n
        }
    }

    #[segno::coroutine]
    async fn called_once_after_an_await(f: impl FnOnce(u32) -> u32) -> u32 {
        let n = f(child(1).await) + child(2).await;
        y().await;
        n
    }
    case!(called_once_after_an_await(dropping(T("t"))));

    /// A closure that is called where it stands takes what it names there, also out of a slot, once.
    #[segno::coroutine]
    async fn called_where_it_stands(q: T, p: T, n: u32, more: bool) -> u32 {
        let (r, s, m) = (&q, &p, &n);
        y().await;
        r.r();
        s.r();
        y().await;
        let q = (|| if more { Ok(q) } else { Err((q, 1)) })();
        let p = (|by: u32| (|| (p, by))())(2);
        let sum = (|| (0..3).fold(0, |all, i| all + m + i))();
        y().await;
        let twice = (|| {
            let mut sum = 0;
            for _ in 0..2 {
                sum += n;
            }
            sum
        })();
        y().await;
        sum + twice + p.1 + u32::from(q.is_ok())
    }
    dynamic_drop!(called_where_it_stands(T("q"), T("p"), 3, true));
    dynamic_drop!(called_where_it_stands_otherwise = called_where_it_stands(T("q"), T("p"), 3, false));

    /// The block around it suspends nothing, but what the closure borrows needs a slot.
    #[segno::coroutine]
    async fn an_async_closure_that_is_not_called(a: T) -> u32 {
        let u = {
            let q = T("q");
            let _g = async || q.r();
            3
        };
        a.a().await;
        u
    }
    case!(an_async_closure_that_is_not_called(T("a")));
}
