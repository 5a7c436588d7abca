//! What a `let`, a `for` or a `match` keeps for references by `ref`, and in which order the receivers that calls borrow are
//! dropped.

use segno_tests::both_worlds;

#[both_worlds]
mod receivers {
    struct Sensor {
        t: T,
    }

    impl Sensor {
        fn new(t: T) -> Sensor {
            Sensor { t }
        }
        async fn read(&self, n: u32) -> u8 {
            y().await;
            self.t.r() + n as u8
        }
        async fn end(self, n: u32) -> u8 {
            y().await;
            self.t.r() + n as u8
        }
    }

    /// A receiver that is borrowed is a temporary, also where the call's arguments suspend: the later ones go first.
    #[segno::coroutine]
    async fn of_a_tail(t: T) -> u8 {
        let a = 1;
        a + Sensor::new(t).read(child(1).await).await + Sensor::new(T("c")).read(1).await
    }
    case!(of_a_tail(T("a")));

    #[segno::coroutine]
    async fn of_a_let(t: T) -> u8 {
        let x = Sensor::new(t).read(child(1).await).await + Sensor::new(T("c")).read(1).await;
        y().await;
        x
    }
    case!(of_a_let(T("a")));

    #[segno::coroutine]
    async fn of_an_argument(t: T) -> u8 {
        id(Sensor::new(t).read(child(1).await).await + Sensor::new(T("c")).read(1).await).await
    }
    case!(of_an_argument(T("a")));

    #[segno::coroutine]
    async fn of_a_block(t: T) -> u8 {
        let x = {
            let q = T("q");
            q.r() + Sensor::new(t).read(child(1).await).await + Sensor::new(T("c")).read(1).await
        };
        x + 1
    }
    case!(of_a_block(T("a")));

    #[segno::coroutine]
    async fn of_a_scrutinee(t: T) -> u8 {
        match Sensor::new(t).read(child(1).await).await + Sensor::new(T("c")).read(1).await {
            3 => {
                y().await;
                1
            }
            _ => {
                y().await;
                2
            }
        }
    }
    case!(of_a_scrutinee(T("a")));

    #[segno::coroutine]
    async fn of_a_branch(t: T, b: bool) -> u8 {
        if b { Sensor::new(t).read(child(1).await).await + Sensor::new(T("c")).read(1).await } else { 3 }
    }
    case!(of_a_branch(T("a"), true));

    #[segno::coroutine]
    async fn of_a_tuple(t: T) -> u8 {
        let z = (Sensor::new(t).read(child(1).await).await, Sensor::new(T("c")).read(1).await, T("d"));
        z.1
    }
    case!(of_a_tuple(T("a")));

    #[segno::coroutine]
    async fn older_than_what_an_argument_borrows(t: T) -> u8 {
        Sensor::new(t).read(same(&T("c")).r() as u32 + child(1).await).await
    }
    case!(older_than_what_an_argument_borrows(T("a")));

    #[segno::coroutine]
    async fn moved(t: T) -> u8 {
        Sensor::new(t).end(child(1).await).await + Sensor::new(T("c")).read(1).await
    }
    case!(moved(T("a")));

    fn same<X>(x: X) -> X {
        log("same");
        x
    }
}

#[both_worlds]
mod by_ref {
    #[segno::coroutine]
    async fn of_a_value() -> u8 {
        let ref q = T("q");
        let ref w: T = id(T("w")).await;
        y().await;
        q.r() + w.r()
    }
    case!(of_a_value());

    #[segno::coroutine]
    async fn of_an_awaited_value() -> u8 {
        let ref mut q = id(T("q")).await;
        q.a().await;
        *q = T("z");
        q.a().await
    }
    case!(of_an_awaited_value());

    #[segno::coroutine]
    async fn whole_and_parts() -> u8 {
        let ref q @ (ref a, ref b) = (T("x"), T("z"));
        y().await;
        q.0.r() + a.r() + b.r()
    }
    case!(whole_and_parts());

    #[segno::coroutine]
    async fn whole_and_copies(n: (T, u8)) -> u8 {
        let ref p @ (ref a, k) = n;
        y().await;
        p.0.r() + a.r() + k
    }
    case!(whole_and_copies((T("a"), 2)));

    struct Rest {
        pair: Option<(T, T)>,
        t: T,
        kept: Option<T>,
    }

    /// The rest of `pair` is dropped in its place, what `q` refers to behind all that the pattern binds, also if that panics.
    #[segno::coroutine]
    async fn beside_what_is_taken_apart(t: T) -> u8 {
        let Rest { pair, t: g, kept: ref q } = Rest { pair: Some((T("a"), T("b"))), t, kept: Some(T("kept")) };
        if let Some((_, b)) = pair {
            log("taken");
            y().await;
            return b.r();
        }
        q.as_ref().map_or(0, T::r) + g.r()
    }
    case!(beside_what_is_taken_apart(T("t")));

    #[segno::coroutine]
    async fn of_what_a_loop_gives() -> u8 {
        let mut n = 0;
        for ref t in [T("a"), T("b")] {
            n += t.a().await;
        }
        for (i, ref t) in vec![T("c"), T("d")].into_iter().enumerate() {
            if i == 7 {
                break;
            }
            n += t.a().await + i as u8;
        }
        for (ref a, _) in [(T("e"), T("f"))] {
            n += a.a().await;
        }
        for (ref a, g, _) in [(T("h"), T("i"), T("j"))] {
            n += a.a().await;
            g.r();
        }
        n
    }
    case!(of_what_a_loop_gives());

    #[segno::coroutine]
    async fn with_a_range(n: (T, u32, u32)) -> u32 {
        let (ref a, k, ref m @ 1..=9) = n else {
            y().await;
            return 0;
        };
        a.a().await;
        *m + k
    }
    case!(with_a_range((T("a"), 2, 3)));
    case!(with_a_range_left = with_a_range((T("a"), 2, 10)));

    #[segno::coroutine]
    async fn of_a_match(r: Result<(Option<u8>, T), T>) -> u8 {
        match r {
            Ok(ref p @ (Some(n @ (3 | 4)), ref t)) if n > 3 && t.r() > 0 => {
                t.a().await;
                p.1.r() + n
            }
            Ok(ref p @ (ref o, _)) if o.is_some() => {
                p.1.a().await;
                o.unwrap_or(1)
            }
            Ok(p) => p.1.r(),
            Err(e) => e.a().await,
        }
    }
    case!(of_a_match(Ok((Some(4), T("a")))));
    case!(of_a_match_guarded = of_a_match(Ok((Some(3), T("a")))));
    case!(of_a_match_moved = of_a_match(Ok((None, T("a")))));
    case!(of_a_match_other = of_a_match(Err(T("e"))));

    #[segno::coroutine]
    async fn of_an_awaited_match(t: T) -> u8 {
        match made(t).await {
            Ok(ref p @ (n, ref t)) => {
                t.a().await;
                p.1.r();
                n
            }
            Err(e) => e.r(),
        }
    }
    case!(of_an_awaited_match(T("a")));

    async fn made(t: T) -> Result<(u8, T), T> {
        Ok((3, t))
    }
}
