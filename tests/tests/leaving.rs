//! Fields that are moved out of variables in slots, when nothing is suspended any more.

use segno_tests::both_worlds;

#[both_worlds]
mod leaving {
    use segno_tests::values::{Nest, Pair, eat, watch};

    /// What is left is dropped where the variable was declared.
    #[segno::coroutine]
    async fn at_the_end(mut p: Pair, c: u32) -> Result<T, (T, u32)> {
        let g = T("g");
        match {
            y().await;
            let r = &mut p;
            y().await;
            r.n
        } {
            0 => Ok(p.a),
            n => Err((p.a, n)),
        }
    }
    case!(at_the_end(Pair { a: T("a"), b: T("b"), n: 0 }, 0));
    case!(at_the_end_2 = at_the_end(Pair { a: T("a"), b: T("b"), n: 2 }, 0));

    #[segno::coroutine]
    async fn on_several_ways(mut p: Pair, c: u32) -> u32 {
        let g = T("g");
        p.a.renamed("x").await;
        if c == 0 {
            return eat(p.a);
        }
        let h = T("h");
        if c == 1 {
            drop(p.b);
            log("z");
            return 4;
        }
        if c == 2 {
            let k = p.a;
            let m = T("m");
            return k.r() as u32;
        }
        eat(p.b)
    }
    case!(on_several_ways(Pair { a: T("a"), b: T("b"), n: 0 }, 0));
    case!(on_several_ways_2 = on_several_ways(Pair { a: T("a"), b: T("b"), n: 0 }, 1));
    case!(on_several_ways_3 = on_several_ways(Pair { a: T("a"), b: T("b"), n: 0 }, 2));
    case!(on_several_ways_4 = on_several_ways(Pair { a: T("a"), b: T("b"), n: 0 }, 3));

    #[segno::coroutine]
    async fn after_a_reference(mut p: Pair, c: u32) -> u32 {
        let g = T("g");
        y().await;
        let r = &mut p;
        r.a.renamed("x").await;
        if c == 0 {
            return eat(p.a);
        }
        let h = T("h");
        if c == 1 {
            drop(p.b);
            log("z");
            return 4;
        }
        if c == 2 {
            let k = p.a;
            let m = T("m");
            return k.r() as u32;
        }
        eat(p.b)
    }
    case!(after_a_reference(Pair { a: T("a"), b: T("b"), n: 0 }, 0));
    case!(after_a_reference_2 = after_a_reference(Pair { a: T("a"), b: T("b"), n: 0 }, 1));
    case!(after_a_reference_3 = after_a_reference(Pair { a: T("a"), b: T("b"), n: 0 }, 2));
    case!(after_a_reference_4 = after_a_reference(Pair { a: T("a"), b: T("b"), n: 0 }, 3));

    /// The guard looks at another variable.
    #[segno::coroutine]
    async fn beside_a_guard(mut p: Pair, c: u32) -> u32 {
        let g = T("g");
        p.a.renamed("x").await;
        if c == 0 {
            return eat(p.a);
        }
        let h = T("h");
        if c == 1 {
            drop(p.b);
            log("z");
            return 4;
        }
        if c == 2 {
            let k = p.a;
            let m = T("m");
            return k.r() as u32;
        }
        eat(p.b) + {
            let w = watch(&g);
            w.r() as u32
        }
    }
    case!(beside_a_guard(Pair { a: T("a"), b: T("b"), n: 0 }, 0));
    case!(beside_a_guard_2 = beside_a_guard(Pair { a: T("a"), b: T("b"), n: 0 }, 1));
    case!(beside_a_guard_3 = beside_a_guard(Pair { a: T("a"), b: T("b"), n: 0 }, 2));
    case!(beside_a_guard_4 = beside_a_guard(Pair { a: T("a"), b: T("b"), n: 0 }, 3));

    #[segno::coroutine]
    async fn by_a_method(mut p: Nest, c: u32) -> u32 {
        let s = T("s");
        {
            let p = &mut p;
            y().await;
            p.m += c;
        }
        let q = T("q");
        let n = p.p.swapped().n;
        let z = T("z");
        n
    }
    case!(by_a_method(Nest { p: Pair { a: T("a"), b: T("b"), n: 4 }, o: Some(T("o")), m: 3 }, 5));

    #[segno::coroutine]
    async fn as_an_argument(mut p: Pair, c: u32) -> u32 {
        let g = T("g");
        p.a.renamed("x").await;
        let h = T("h");
        eat(p.b)
    }
    case!(as_an_argument(Pair { a: T("a"), b: T("b"), n: 0 }, 0));

    /// Of several fields, the first one takes all.
    #[segno::coroutine]
    async fn with_others(mut p: Pair, c: u32) -> Result<T, (T, u32)> {
        let s = T("s");
        let n = {
            y().await;
            let r = &mut p;
            y().await;
            r.n
        };
        let q = T("q");
        match n {
            0 => Ok(p.a),
            n => Err((p.b, n + p.n)),
        }
    }
    case!(with_others(Pair { a: T("a"), b: T("b"), n: 0 }, 0));
    case!(with_others_2 = with_others(Pair { a: T("a"), b: T("b"), n: 2 }, 0));

    #[segno::coroutine]
    async fn two_at_once(mut p: Pair, c: u32) -> u32 {
        let g = T("g");
        p.a.renamed("x").await;
        let n = 5;
        let q = (p.a, p.b);
        let h = T("h");
        if c == 1 {
            return n;
        }
        q.0.r() as u32
    }
    case!(two_at_once(Pair { a: T("a"), b: T("b"), n: 0 }, 0));
    case!(two_at_once_2 = two_at_once(Pair { a: T("a"), b: T("b"), n: 0 }, 1));

    #[segno::coroutine]
    async fn one_after_another(mut p: Pair, c: u32) -> u32 {
        let g = T("g");
        p.a.renamed("x").await;
        let a = p.a;
        let h = T("h");
        let b = p.b;
        let n = p.n;
        if c == 1 {
            return n;
        }
        a.r() as u32
    }
    case!(one_after_another(Pair { a: T("a"), b: T("b"), n: 0 }, 0));
    case!(one_after_another_2 = one_after_another(Pair { a: T("a"), b: T("b"), n: 0 }, 1));

    #[segno::coroutine]
    async fn into_another_state(mut bus: Pair, c: u32) -> Result<Nest, (Pair, u32)> {
        let g = T("g");
        bus.a.renamed("x").await;
        let h = T("h");
        if c == 1 {
            return Err((Pair { a: bus.b, b: bus.a, n: bus.n }, c));
        }
        Ok(Nest { p: Pair { a: bus.a, b: T("new"), n: bus.n }, o: None, m: c })
    }
    case!(into_another_state(Pair { a: T("a"), b: T("b"), n: 0 }, 0));
    case!(into_another_state_2 = into_another_state(Pair { a: T("a"), b: T("b"), n: 0 }, 1));
}
