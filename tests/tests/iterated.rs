//! Methods of iterators, by which a variable is taken, and those of its pointers, by which it is not.

use segno_tests::both_worlds;

#[both_worlds]
mod iterated {
    /// The array is copied out of the `Rc`, which stays, and is borrowed.
    #[segno::coroutine]
    async fn of_what_is_pointed_to() -> u32 {
        let rc = std::rc::Rc::new([5u32; 8]);
        let r: &[u32; 8] = &rc;
        y().await;
        let mut n = 0;
        for x in rc.into_iter() {
            n += x;
        }
        let z = std::rc::Rc::new([1u32; 8]);
        y().await;
        n + r[3] * 100 + z[3]
    }
    case!(of_what_is_pointed_to());

    /// The lock is held while the loop runs.
    #[segno::coroutine]
    async fn of_what_is_guarded() -> u32 {
        let m = std::sync::Mutex::new([1u32, 2]);
        let g = m.lock().unwrap();
        for x in g.into_iter() {
            y().await;
            log(format!("{}", m.try_lock().is_ok()));
        }
        3
    }
    case!(of_what_is_guarded());

    #[segno::coroutine]
    async fn summed_up() -> u32 {
        let q = std::sync::Arc::new([1u32, 2]);
        let w = std::sync::Arc::downgrade(&q);
        let n: u32 = q.into_iter().sum();
        y().await;
        n + w.strong_count() as u32
    }
    case!(summed_up());

    #[segno::coroutine]
    async fn taken_from_a_slot(a: T, b: T) -> u32 {
        let v = vec![a, b];
        let r = &v;
        r[0].a().await;
        let n = r.len();
        if n > 3 {
            return 3;
        }
        for t in v.into_iter() {
            t.a().await;
        }
        let w = vec![T("w")];
        if n > 1 {
            let q: Vec<T> = w.into_iter().rev().collect();
            q[0].r();
        }
        y().await;
        3
    }
    case!(taken_from_a_slot(T("a"), T("b")));

    #[segno::coroutine]
    async fn the_largest_by_key(a: &[u32]) -> u32 {
        if let Some(b) = a.iter().max_by_key(|x| **x % 3) { child(*b).await } else { 0 }
    }
    case!(the_largest_by_key(&[1, 2, 3]));

    #[segno::coroutine]
    async fn skipped(v: &[u32]) -> usize {
        let mut it = v.iter();
        it.next();
        let n = it.skip(1).count();
        y().await;
        n
    }
    case!(skipped(&[1, 2]));

    #[segno::coroutine]
    async fn reduced_and_compared(v: &[u32]) -> u32 {
        let it = v.iter();
        let n = it.copied().reduce(|a, b| a + b);
        y().await;
        let jt = v.iter();
        match jt.map(|x| x + 1).cmp(v.iter().copied()) {
            std::cmp::Ordering::Less => child(3).await,
            _ => n.unwrap(),
        }
    }
    case!(reduced_and_compared(&[1, 2]));

    #[segno::coroutine]
    async fn the_smallest_and_equal(v: Vec<T>) -> u32 {
        let it = v.iter();
        let o = it.min_by(|a, b| a.0.cmp(b.0));
        y().await;
        let s = o.is_none_or(|t| t.r() > 1);
        let e = v.iter();
        let f = e.eq(v.iter().skip(1).take(3));
        y().await;
        (s as u32) + f as u32
    }
    case!(the_smallest_and_equal(vec![T("a"), T("b")]));

    struct Rd(T, u32);

    impl Rd {
        fn skip(self, n: u32) -> Rd {
            Rd(self.0, self.1 + n)
        }
        fn take(&mut self, n: u32) -> u32 {
            self.1 += n;
            self.0.r() as u32
        }
    }

    /// These methods are the type's own.
    #[segno::coroutine]
    async fn of_the_same_names(a: T) -> u32 {
        let r = Rd(a, 2);
        y().await;
        let mut s = r.skip(3);
        y().await;
        let n = s.take(3);
        y().await;
        n + s.1
    }
    case!(of_the_same_names(T("a")));
}
