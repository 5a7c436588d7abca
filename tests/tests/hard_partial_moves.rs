//! Partial moves across suspensions.

use segno_tests::both_worlds;

#[both_worlds]
mod hard_partial_moves {
    #[derive(Debug)]
    struct Three {
        a: T,
        b: T,
        n: u32,
    }

    fn three() -> Three {
        Three { a: T("a"), b: T("b"), n: 3 }
    }

    #[segno::coroutine]
    async fn tuple_field() {
        let t = (T("t0"), T("t1"));
        drop(t.0);
        y().await;
        log("e");
    }
    case!(tuple_field());

    #[segno::coroutine]
    async fn struct_fields_one_by_one() -> u32 {
        let s = three();
        y().await;
        drop(s.b);
        y().await;
        drop(s.a);
        y().await;
        s.n
    }
    case!(struct_fields_one_by_one());

    #[segno::coroutine]
    async fn by_a_pattern() {
        let pair = (T("p0"), T("p1"));
        let (first, _) = pair;
        y().await;
        drop(first);
        y().await;
        pair.1.r();
    }
    case!(by_a_pattern());

    #[segno::coroutine]
    async fn of_a_parameter(s: Three) -> T {
        let a = s.a;
        y().await;
        log("moved");
        drop(s.b);
        child(s.n).await;
        a
    }
    case!(of_a_parameter(three()));

    #[segno::coroutine]
    async fn conditional(c: bool) {
        let s = three();
        if c {
            drop(s.a);
        }
        y().await;
        s.b.r();
        y().await;
    }
    case!(conditional_true = conditional(true));
    case!(conditional_false = conditional(false));

    #[segno::coroutine]
    async fn conditional_with_await(c: bool) {
        let s = three();
        if c {
            id(s.a).await;
        } else {
            y().await;
        }
        y().await;
        log("end");
    }
    case!(conditional_with_await_true = conditional_with_await(true));
    case!(conditional_with_await_false = conditional_with_await(false));

    #[segno::coroutine]
    async fn reassigned_field() {
        let mut s = three();
        drop(s.a);
        y().await;
        s.a = T("a2");
        y().await;
        s.b = id(T("b2")).await;
        y().await;
    }
    case!(reassigned_field());

    #[segno::coroutine]
    async fn nested_fields() {
        let s = (three(), T("side"));
        drop(s.0.a);
        y().await;
        drop(s.1);
        y().await;
    }
    case!(nested_fields());

    #[segno::coroutine]
    async fn into_children() -> u8 {
        let s = three();
        let n = id(s.a).await.r();
        y().await;
        n + two(&s.b, T("other")).await
    }
    case!(into_children());

    #[segno::coroutine]
    async fn by_a_match() {
        let s = (Some(T("some")), T("side"));
        match s.0 {
            Some(t) => {
                y().await;
                drop(t);
                y().await;
            }
            None => y().await,
        }
        s.1.r();
        y().await;
    }
    case!(by_a_match());

    #[segno::coroutine]
    async fn borrowed_and_moved() {
        let mut s = three();
        s.a.renamed("a'").await;
        drop(s.a);
        s.b.renamed("b'").await;
        y().await;
    }
    case!(borrowed_and_moved());
}
