//! Methods with the names of those that take their receiver.

use segno_tests::both_worlds;

#[both_worlds]
mod taken_by_name {
    /// The receiver stays, for there are references to it.
    #[segno::coroutine]
    async fn method_that_borrows() -> u32 {
        struct L(T);
        impl L {
            fn count(&self) -> u32 {
                self.0.r() as u32
            }
        }
        let l = L(T("x"));
        let r = &l.0;
        r.a().await;
        let n = l.count();
        y().await;
        r.r() as u32 + n
    }
    case!(method_that_borrows());

    #[segno::coroutine]
    async fn method_that_borrows_with_a_closure(v: Vec<u32>) -> u32 {
        struct Bag(Vec<T>);
        impl Bag {
            fn any(&self, f: impl Fn(&T) -> bool) -> bool {
                self.0.iter().any(|t| f(t))
            }
        }
        let b = Bag(vec![T("a"), T("b")]);
        let r = &b.0[0];
        r.a().await;
        let n = b.any(|t| t.r() == 1);
        y().await;
        r.r() as u32 + n as u32
    }
    case!(method_that_borrows_with_a_closure(vec![]));

    #[segno::coroutine]
    async fn slice_behind_a_vec(v: Vec<T>) -> u32 {
        v[0].a().await;
        log(format!("{}", v.last().is_some()));
        y().await;
        3
    }
    case!(slice_behind_a_vec(vec![T("a"), T("b")]));

    #[segno::coroutine]
    async fn slice_behind_a_vec_again() -> u32 {
        let v = vec![T("a"), T("b")];
        let s = String::from("xyz");
        v[0].a().await;
        id(&s).await;
        let n = v.last().map(|t| t.r() as u32).unwrap_or(0) + s.chars().count() as u32;
        y().await;
        n
    }
    case!(slice_behind_a_vec_again());

    /// `all` and `any` leave the rest.
    #[segno::coroutine]
    async fn iterator_that_goes_on(mut it: std::vec::IntoIter<T>) -> u32 {
        let k = it.next();
        let n = if it.all(|t| t.r() == 2) {
            1
        } else {
            y().await;
            2
        };
        log("mid");
        y().await;
        n + k.is_some() as u32
    }
    case!(iterator_that_goes_on(vec![T("a"), T("b"), T("c")].into_iter()));

    #[segno::coroutine]
    async fn array_that_is_mapped() -> u32 {
        let v = [T("a"), T("b")];
        let r = &v[0];
        r.a().await;
        let w = v.map(|t| t.r() as u32);
        y().await;
        w[0] + w[1]
    }
    case!(array_that_is_mapped());
}
