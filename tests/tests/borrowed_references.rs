//! References that are borrowed themselves, and those that are borrowed again, over a suspension.

use segno_tests::both_worlds;

#[both_worlds]
mod borrowed_references {
    use segno_tests::values::lend;

    /// `skip` is compared: the closure of the iterator borrows the variable.
    #[segno::coroutine]
    async fn in_a_closure(list: &[T], skip: &str) {
        for t in list.iter().filter(|t| t.0 != skip) {
            t.a().await;
        }
    }
    case!(in_a_closure(&[T("a"), T("b")], "b"));

    #[segno::coroutine]
    async fn by_name(s: &str) -> usize {
        let r = &s;
        y().await;
        r.len()
    }
    case!(by_name("a"));

    #[segno::coroutine]
    async fn in_an_array_and_a_closure(s: &str, q: &T, o: &'static str) -> usize {
        let z = [&s, &o];
        y().await;
        let w = (1..3).map(|n| (n, q));
        for (i, q) in w {
            q.a().await;
        }
        z[0].len()
    }
    case!(in_an_array_and_a_closure("a", &T("q"), "o"));

    #[segno::coroutine]
    async fn in_the_scrutinee_of_a_match(s: &mut [T], key: &str) -> usize {
        match s.iter_mut().filter(|t| t.0 == key).next() {
            Some(t) => {
                t.renamed("k").await;
                1
            }
            None => 0,
        }
    }
    case!(in_the_scrutinee_of_a_match(&mut [T("a"), T("b")], "b"));

    /// What it points to needs no slot: `key.len()`.
    #[segno::coroutine]
    async fn in_closures(s: &[T], key: &str) -> usize {
        let c = |t: &T| t.0.starts_with(key);
        let d = |t: &T| key.len() + t.0.len();
        y().await;
        s.iter().filter(|t| c(t)).map(d).sum()
    }
    case!(in_closures(&[T("a"), T("b")], "b"));

    /// `lend(led)` borrows `*led`, which nothing but the pattern tells.
    #[segno::coroutine]
    async fn again_by_a_guard(b: &mut Option<T>) {
        if let Some(led) = b {
            let low = lend(led);
            y().await;
            drop(low);
            led.rename("x");
        }
    }
    case!(again_by_a_guard(&mut Some(T("a"))));

    #[segno::coroutine]
    async fn again_in_a_loop(v: &mut [T]) -> u32 {
        for p in v.iter_mut() {
            let low = lend(p);
            y().await;
            drop(low);
            p.rename("x");
        }
        let p = v.first_mut().unwrap();
        let w = lend(p);
        w.a().await;
        drop(w);
        p.renamed("w").await;
        3
    }
    case!(again_in_a_loop(&mut [T("a")]));

    #[segno::coroutine]
    async fn again_by_a_reference(v: &mut [T]) -> u32 {
        let p = v.first_mut().unwrap();
        let q = id2(p);
        q.renamed("q").await;
        p.renamed("w").await;
        3
    }

    fn id2(t: &mut T) -> &mut T {
        t
    }

    struct G<'a> {
        bus: &'a mut T,
    }

    impl Drop for G<'_> {
        fn drop(&mut self) {
            self.bus.r();
        }
    }

    /// The method borrows the field again: nothing is moved.
    #[segno::coroutine]
    async fn of_a_value_with_a_destructor(t: &mut T) {
        let g = G { bus: t };
        g.bus.renamed("b").await;
    }
    case!(of_a_value_with_a_destructor(&mut T("a")));

    #[segno::coroutine]
    async fn of_a_value_that_is_dropped(t: &mut T) {
        let g = G { bus: t };
        g.bus.r();
        y().await;
        drop(g);
    }
    case!(of_a_value_that_is_dropped(&mut T("a")));

    #[segno::coroutine]
    async fn of_a_tuple(t: &mut T) -> u32 {
        let g = (t, T("x"));
        g.0.rename("q");
        y().await;
        g.1.r();
        g.0.renamed("w").await;
        3
    }
    case!(of_a_tuple(&mut T("a")));

    impl G<'_> {
        async fn go(self) {
            self.bus.renamed("g").await;
            self.bus.rename("h");
            y().await;
        }
    }

    #[segno::coroutine]
    async fn of_self(t: &mut T) {
        let g = G { bus: t };
        g.go().await
    }
    case!(of_self(&mut T("a")));

    struct It<'a, I> {
        it: &'a mut I,
        t: u32,
    }

    /// An iterator is moved, also out of a field.
    #[segno::coroutine]
    async fn taken_out_of_a_value(n: u32) -> u32 {
        let mut r = 0..9;
        let i = It { it: &mut r, t: 3 };
        let m = i.it.rev();
        y().await;
        m.sum::<u32>() + i.t
    }
    case!(taken_out_of_a_value(3));
}
