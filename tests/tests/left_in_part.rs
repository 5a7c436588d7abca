//! Fields that are moved out of a slot at the end, and others that are used in place after that.

use segno_tests::both_worlds;

#[both_worlds]
mod left_in_part {
    use segno_tests::values::{Nest, Pair, eat};

    #[segno::coroutine]
    async fn poke(nest: &mut Nest, n: u32) -> u32 {
        nest.p.a.renamed("poked").await;
        nest.p.n += n;
        nest.p.n
    }

    #[segno::coroutine]
    async fn a_method_of_another_field(n: u32) -> u32 {
        let mut p = Pair { a: T("x"), b: T("y"), n: 3 };
        p.a.a().await;
        p.b.a().await;
        drop(p.a);
        p.b.r();
        p.n
    }
    case!(a_method_of_another_field(3));

    #[segno::coroutine]
    async fn several_uses(n: u32) -> u32 {
        let mut p = Nest { p: Pair { a: T("x"), b: T("y"), n: 3 }, o: Some(T("o")), m: 1 };
        poke(&mut p, 2).await;
        drop(p.o);
        p.p.a.r();
        p.m += 2;
        let r = &p.p.b;
        r.r();
        eat(p.p.b) + p.m
    }
    case!(several_uses(3));

    #[segno::coroutine]
    async fn on_one_way_in_a_closure(n: u32) -> u32 {
        let mut p = Nest { p: Pair { a: T("x"), b: T("y"), n: 3 }, o: Some(T("o")), m: 1 };
        poke(&mut p, 2).await;
        if n > 3 {
            let o = p.o;
            let c = || p.p.a.r();
            c();
            p.p.b.rename("renamed");
            return p.m;
        }
        let t = p.p;
        p.o = None;
        t.a.r() as u32
    }
    case!(on_one_way_in_a_closure(3));
    case!(on_one_way_in_a_closure_2 = on_one_way_in_a_closure(4));

    #[segno::coroutine]
    async fn a_method_that_takes_another_field(n: u32) -> u32 {
        let mut p = Nest { p: Pair { a: T("x"), b: T("y"), n: 3 }, o: Some(T("o")), m: 1 };
        poke(&mut p, 2).await;
        let m = p.m;
        p.p.a.r();
        let s = p.p.swapped();
        s.a.r();
        m
    }
    case!(a_method_that_takes_another_field(3));

    #[segno::coroutine]
    async fn through_a_box(n: u32) -> u32 {
        let mut p = (T("x"), Box::new(Pair { a: T("y"), b: T("yy"), n: 3 }), T("z"));
        p.0.renamed("b").await;
        let a = p.0;
        p.1.a.r();
        let q = &mut p.1;
        q.b.rename("bb");
        q.n += 1;
        let b = p.1;
        p.2.r();
        if n > 3 {
            p.2.rename("w");
            return 3;
        }
        b.n + a.r() as u32
    }
    case!(through_a_box(3));
    case!(through_a_box_2 = through_a_box(4));

    /// What is asked about a field stands before it leaves.
    #[segno::coroutine]
    async fn in_one_expression(n: u32) -> u32 {
        let mut p = Nest { p: Pair { a: T("x"), b: T("y"), n: 3 }, o: Some(T("o")), m: 1 };
        poke(&mut p, 2).await;
        let q = (p.o, p.p.a.r(), p.p.swapped());
        q.2.a.r() as u32
    }
    case!(in_one_expression(3));

    #[segno::coroutine]
    async fn beside_an_else(n: u32) -> u32 {
        let mut p = Nest { p: Pair { a: T("x"), b: T("y"), n: 3 }, o: Some(T("o")), m: 1 };
        let mut q = Pair { a: T("x"), b: T("y"), n: 3 };
        poke(&mut p, 2).await;
        q.a.renamed("qq").await;
        drop(p.p.a);
        let Some(t) = Some(p.p.b) else { return q.n };
        q.b.r();
        p.o.take();
        t.r() as u32
    }
    case!(beside_an_else(3));
}
