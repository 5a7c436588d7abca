//! Structures that are made of a variable.

use segno_tests::both_worlds;

#[both_worlds]
mod bases {
    use segno_tests::values::{Nest, Pair};

    #[derive(Debug, Clone, Copy)]
    struct Spot {
        x: u32,
        y: u32,
    }

    fn names(list: &[T]) -> u32 {
        list.iter().map(|t| t.0.len() as u32).sum()
    }

    /// The field that is named is left, and dropped with the variable.
    #[segno::coroutine]
    async fn with_one_field(p: Pair, x: T) -> u32 {
        let q = Pair { b: x, ..p };
        y().await;
        q.a.r() as u32
    }
    case!(with_one_field(Pair { a: T("a"), b: T("b"), n: 1 }, T("x")));

    #[segno::coroutine]
    async fn of_references(c: u32) -> u32 {
        struct Config<'a> {
            a: &'a mut u32,
            n: u32,
            s: Spot2,
        }
        struct Spot2(u32);
        let mut k = c;
        let p = Config { a: &mut k, n: 1, s: Spot2(4) };
        let q = Config { n: 5, ..p };
        y().await;
        *q.a += q.n + q.s.0;
        k
    }
    case!(of_references(1));

    #[segno::coroutine]
    async fn with_a_number(p: Nest) -> u32 {
        let q = Nest { m: 5, ..p };
        y().await;
        q.m + q.p.n
    }
    case!(with_a_number(Nest { p: Pair { a: T("a"), b: T("b"), n: 4 }, o: None, m: 3 }));

    #[segno::coroutine]
    async fn on_both_ways(p: Pair, x: T, c: u32) -> u32 {
        let g = T("g");
        let q = if c == 0 { Pair { b: x, ..p } } else { Pair { a: x, n: p.n + 1, ..p } };
        y().await;
        let h = T("h");
        y().await;
        q.a.r() as u32 + q.n
    }
    case!(on_both_ways(Pair { a: T("a"), b: T("b"), n: 1 }, T("x"), 0));
    case!(on_both_ways_2 = on_both_ways(Pair { a: T("a"), b: T("b"), n: 1 }, T("x"), 1));

    #[segno::coroutine]
    async fn of_one_after_another(p: Pair, c: u32) -> u32 {
        let s = T("s");
        let mut q = Pair { a: T("q"), ..p };
        q.a.renamed("z").await;
        let k = T("k");
        let r = Pair { b: id(T("rb")).await, ..q };
        y().await;
        r.n
    }
    case!(of_one_after_another(Pair { a: T("a"), b: T("b"), n: 1 }, 0));

    #[segno::coroutine]
    async fn in_a_structure(p: Nest, c: u32) -> u32 {
        let s = T("s");
        let q = Nest { p: Pair { a: T("na"), b: T("nb"), n: p.m }, ..p };
        y().await;
        let z = T("z");
        {
            let n = Nest { o: None, ..q };
            y().await;
            n.m
        }
    }
    case!(in_a_structure(Nest { p: Pair { a: T("a"), b: T("b"), n: 4 }, o: Some(T("o")), m: 3 }, 0));

    #[segno::coroutine]
    async fn in_a_slot(mut p: Pair, c: u32) -> u32 {
        let s = T("s");
        p.a.renamed("y").await;
        let z = T("z");
        if c == 1 {
            return names(&[Pair { b: T("n"), ..p }.a]);
        }
        let q = Pair { b: T("m"), ..p };
        let v = T("v");
        y().await;
        q.n
    }
    case!(in_a_slot(Pair { a: T("a"), b: T("b"), n: 1 }, 0));
    case!(in_a_slot_2 = in_a_slot(Pair { a: T("a"), b: T("b"), n: 1 }, 1));

    #[segno::coroutine]
    async fn in_a_loop(mut n: u32) -> u32 {
        let mut p = Pair { a: T("a"), b: T("b"), n };
        for i in 0..3 {
            p = Pair { n: p.n + i, a: T("c"), ..p };
            y().await;
            let t = Spot { x: i, ..Spot { x: 3, y: p.n } };
            n += child(t.y).await;
        }
        p.n + n
    }
    case!(in_a_loop(1));

    /// Another field is made by a child.
    #[segno::coroutine]
    async fn before_a_suspension() -> Pair {
        let base = Pair { a: T("base.a"), b: T("base.b"), n: 1 };
        let made = Pair { a: id(T("a")).await, ..base };
        y().await;
        made
    }
    case!(before_a_suspension());
}
