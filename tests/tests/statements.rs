//! Statements and suspensions between them.

use segno_tests::both_worlds;

#[both_worlds]
mod statements {
    #[segno::coroutine]
    async fn nothing() {}
    case!(nothing());

    #[segno::coroutine]
    async fn value_without_await() -> u8 {
        log("body");
        7
    }
    case!(value_without_await());

    #[segno::coroutine]
    async fn one_await() {
        y().await;
    }
    case!(one_await());

    #[segno::coroutine]
    async fn only_an_await_in_the_tail() {
        y().await
    }
    case!(only_an_await_in_the_tail());

    #[segno::coroutine]
    async fn sequence() {
        log("a");
        y().await;
        log("b");
        y().await;
        y().await;
        log("c");
    }
    case!(sequence());

    #[segno::coroutine]
    async fn expression_statements(a: T) {
        a.r();
        y().await;
        1 + a.r();
        a.a().await;
        &a;
        ();
        {
            a.r();
        };
        id(T("dropped at once")).await;
        log("end");
    }
    case!(expression_statements(T("a")));

    #[segno::coroutine]
    async fn copies_live_across() -> u32 {
        let a = 1u32;
        let b: u32 = 2;
        y().await;
        let c = a + b;
        y().await;
        a * 100 + b * 10 + c
    }
    case!(copies_live_across());

    #[segno::coroutine]
    async fn awaited_value_of_each_kind() -> (u32, &'static str, [u8; 3], Option<u8>) {
        let a = id(1u32).await;
        let b = id("two").await;
        let c = id([1, 2, 3]).await;
        let d = id(None).await;
        (a, b, c, d)
    }
    case!(awaited_value_of_each_kind());

    #[segno::coroutine]
    async fn many_suspensions() -> u32 {
        ys(3).await;
        log("three");
        ys(0).await;
        log("none");
        ys(2).await;
        5
    }
    case!(many_suspensions());

    #[segno::coroutine]
    async fn guards_held_to_the_end_in_order() {
        let _a = T("a");
        let _b = T("b");
        y().await;
        let _c = T("c");
        y().await;
        log("end");
    }
    case!(guards_held_to_the_end_in_order());

    #[segno::coroutine]
    async fn explicit_drop_before_an_await() {
        let a = T("a");
        let b = T("b");
        drop(a);
        y().await;
        drop(b);
        y().await;
        log("end");
    }
    case!(explicit_drop_before_an_await());

    #[segno::coroutine]
    async fn parenthesised() -> u32 {
        let a = (child(1)).await;
        let b = (child(2).await);
        (child(3).await) + a + b
    }
    case!(parenthesised());

    #[segno::coroutine]
    async fn child_kept_in_a_variable() -> u32 {
        let a = child(1);
        log("made");
        y().await;
        let b = child(2);
        let b = b.await;
        a.await + b
    }
    case!(child_kept_in_a_variable());

    #[segno::coroutine]
    async fn child_never_awaited() {
        let _never = id(T("held"));
        y().await;
        let _ = id(T("dropped"));
        log("end");
    }
    case!(child_never_awaited());

    #[segno::coroutine]
    async fn after_the_return(n: u32) -> u32 {
        y().await;
        return n;
        y().await;
    }
    case!(after_the_return(1));

    /// What the blocks of a statement give is dropped behind what is in them.
    #[segno::coroutine]
    async fn values_that_nobody_wants(c: bool, k: T) -> Option<u32> {
        if c {
            let _a = T("a");
            y().await;
            T("if")
        } else {
            y().await;
            (k, T("else")).1
        };
        match id(T("matched")).await {
            x if c => {
                y().await;
                (x, T("first arm")).1
            }
            x => x,
        };
        let _ = 'l: {
            let _b = T("b");
            if c {
                y().await;
                break 'l T("break");
            }
            T("end")
        };
        let _ = loop {
            let _m = T("m");
            y().await;
            break T("loop");
        };
        if let Some(_x) = Some(id(T("x")).await) {
            T("if let")
        } else {
            y().await;
            T("not")
        };
        _ = {
            let _g = T("g");
            y().await;
            T("assigned")
        };
        None
    }
    case!(values_that_nobody_wants_if = values_that_nobody_wants(true, T("k")));
    case!(values_that_nobody_wants_else = values_that_nobody_wants(false, T("k")));

    /// The vector is a temporary of the statement, what is left of `f` is the block's.
    #[segno::coroutine]
    async fn a_vector_that_nobody_wants(n: u32) -> u32 {
        let _ = {
            let f = (T("f1"), T("f2"));
            match child(n).await % 3 {
                0 => vec![f.1, T("v")],
                _ => vec![f.0, f.1],
            }
        };
        y().await;
        3
    }
    case!(a_vector_that_nobody_wants(0));
    case!(a_vector_of_both_that_nobody_wants = a_vector_that_nobody_wants(1));
}
