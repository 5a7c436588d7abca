//! Values that are alive on some paths only: dropped once, and in order, whatever fails.
//!
//! The shape of rustc's `tests/ui/drop/dynamic-drop-async.rs`, with functions of our own. Here drops fail too.

use segno_tests::both_worlds;

#[both_worlds]
mod dynamic_drop {
    /// Allocates: an operation, like a log.
    fn t(name: &'static str) -> T {
        log(format!("+{name}"));
        T(name)
    }

    #[segno::coroutine]
    async fn initialised_on_one_path(c: bool) {
        let _x;
        if c {
            _x = t("x");
            y().await;
        }
        y().await;
    }
    dynamic_drop!(initialised_true = initialised_on_one_path(true));
    dynamic_drop!(initialised_false = initialised_on_one_path(false));

    #[segno::coroutine]
    async fn dropped_on_one_path(c: bool) {
        let x = t("x");
        let _g = t("g");
        if c {
            drop(x);
            y().await;
        }
        y().await;
        t("last");
    }
    dynamic_drop!(dropped_true = dropped_on_one_path(true));
    dynamic_drop!(dropped_false = dropped_on_one_path(false));

    #[segno::coroutine]
    async fn assigned_over_and_over(n: u32) {
        let mut x = t("x");
        for name in ["x1", "x2"].into_iter().take(n as usize) {
            x = t(name);
            y().await;
            x = id(t("between")).await;
        }
        y().await;
    }
    dynamic_drop!(assigned_0 = assigned_over_and_over(0));
    dynamic_drop!(assigned_2 = assigned_over_and_over(2));

    #[segno::coroutine]
    async fn moved_in_a_loop(n: u32) {
        let mut x = t("x");
        let mut round = 0;
        loop {
            let moved = x;
            y().await;
            round += 1;
            if round > n {
                break;
            }
            drop(moved);
            x = t("again");
            y().await;
        }
        t("after");
    }
    dynamic_drop!(moved_in_a_loop_0 = moved_in_a_loop(0));
    dynamic_drop!(moved_in_a_loop_2 = moved_in_a_loop(2));

    #[segno::coroutine]
    async fn array_of_three() {
        let _all = [t("a0"), id(t("a1")).await, t("a2")];
        y().await;
    }
    dynamic_drop!(array_of_three());

    #[segno::coroutine]
    async fn bound_in_one_arm(value: Result<T, T>, keep: bool) {
        let _g = t("g");
        match value {
            Ok(x) if keep => {
                y().await;
                drop(x);
            }
            Ok(_) => y().await,
            Err(x) => {
                let x = id(x).await;
                y().await;
            }
        }
        y().await;
    }
    dynamic_drop!(bound_ok = bound_in_one_arm(Ok(T("v")), true));
    dynamic_drop!(bound_not = bound_in_one_arm(Ok(T("v")), false));
    dynamic_drop!(bound_err = bound_in_one_arm(Err(T("v")), true));

    #[segno::coroutine]
    async fn left_by_break_and_continue(n: u32) {
        let _o = t("o");
        'outer: for i in 0..2 {
            let _i = t("i");
            loop {
                let _l = t("l");
                y().await;
                if i == n {
                    break 'outer;
                }
                let _m = t("m");
                if n == 7 {
                    break;
                }
                continue 'outer;
            }
            y().await;
        }
        t("after");
    }
    dynamic_drop!(left_0 = left_by_break_and_continue(0));
    dynamic_drop!(left_1 = left_by_break_and_continue(1));
    dynamic_drop!(left_7 = left_by_break_and_continue(7));

    #[segno::coroutine]
    async fn left_by_return(c: bool) -> T {
        let _a = t("a");
        let result = t("result");
        {
            let _b = t("b");
            y().await;
            if c {
                return result;
            }
        }
        y().await;
        t("other")
    }
    dynamic_drop!(left_by_return_true = left_by_return(true));
    dynamic_drop!(left_by_return_false = left_by_return(false));

    #[segno::coroutine]
    async fn left_by_question(n: u32) -> Result<T, Failure> {
        let _a = t("a");
        let x = fail(n == 0, t("x")).await?;
        let _b = (t("b0"), fail(n == 1, t("b1")).await?);
        drop(x);
        fail(n == 2, t("c")).await
    }
    dynamic_drop!(left_by_question_0 = left_by_question(0));
    dynamic_drop!(left_by_question_1 = left_by_question(1));
    dynamic_drop!(left_by_question_2 = left_by_question(2));
    dynamic_drop!(left_by_question_3 = left_by_question(3));

    #[segno::coroutine]
    async fn temporaries_of_calls() {
        two(&t("t0"), id(t("t1")).await).await;
        let n = two(&t("t2"), t("t3")).await + t("t4").a().await;
        y().await;
    }
    dynamic_drop!(temporaries_of_calls());

    #[segno::coroutine]
    async fn parameters(a: T, _: T, (b, _c): (T, T), d: T) {
        y().await;
        drop(d);
        let _l = t("l");
        y().await;
        drop(a);
        y().await;
    }
    dynamic_drop!(parameters(T("a"), T("_"), (T("b"), T("c")), T("d")));

    #[segno::coroutine]
    async fn child_with_owned_and_borrowed(c: bool) {
        let a = t("a");
        let b = t("b");
        inner(&a, b, c).await;
        y().await;
    }

    #[segno::coroutine]
    async fn inner(a: &T, b: T, c: bool) -> u8 {
        let _i = t("i");
        if c {
            return two(a, b).await;
        }
        y().await;
        a.r()
    }
    dynamic_drop!(child_true = child_with_owned_and_borrowed(true));
    dynamic_drop!(child_false = child_with_owned_and_borrowed(false));

    #[segno::coroutine]
    async fn iterated() {
        let _g = t("g");
        for x in [t("i0"), t("i1"), t("i2")] {
            y().await;
            if x.0 == "i1" {
                break;
            }
            let _moved = x;
            y().await;
        }
        t("after");
    }
    dynamic_drop!(iterated());

    #[segno::coroutine]
    async fn option_filled_and_emptied() {
        let mut slot = None;
        let _g = t("g");
        slot = Some(t("s0"));
        y().await;
        slot = Some(id(t("s1")).await);
        if let Some(x) = slot.take() {
            y().await;
            drop(x);
        }
        slot.replace(t("s2"));
        y().await;
    }
    dynamic_drop!(option_filled_and_emptied());

    #[segno::coroutine]
    async fn borrowed_while_pending(c: bool) {
        let mut a = t("a");
        let b = t("b");
        a.renamed("a'").await;
        let r = &mut a;
        y().await;
        if c {
            *r = t("a''");
            y().await;
        }
        two(&a, b).await;
        drop(a);
        y().await;
    }
    dynamic_drop!(borrowed_true = borrowed_while_pending(true));
    dynamic_drop!(borrowed_false = borrowed_while_pending(false));

    #[segno::coroutine]
    async fn assigned_where_it_may_have_been_moved(c: bool) -> T {
        let mut x = t("x");
        let _g = t("g");
        if c {
            drop(x);
        }
        y().await;
        x = id(t("x1")).await;
        y().await;
        x
    }
    dynamic_drop!(assigned_after_a_move = assigned_where_it_may_have_been_moved(true));
    dynamic_drop!(assigned_over_a_value = assigned_where_it_may_have_been_moved(false));

    #[segno::coroutine]
    async fn assigned_and_borrowed_where_it_may_have_been_moved(c: bool) -> T {
        let mut x = t("x");
        let _g = t("g");
        if c {
            drop(x);
        }
        y().await;
        x = t("x1");
        x.renamed("x2").await;
        x
    }
    dynamic_drop!(borrowed_after_a_move = assigned_and_borrowed_where_it_may_have_been_moved(true));
    dynamic_drop!(borrowed_over_a_value = assigned_and_borrowed_where_it_may_have_been_moved(false));

    struct Pair {
        a: T,
        b: T,
        n: u32,
    }

    #[segno::coroutine]
    async fn bound_before_temporaries_go() -> T {
        let Pair { a, b, n } = id(Pair { a: t("a"), ..Pair { a: t("left"), b: t("b"), n: 1 } }).await;
        y().await;
        drop(b);
        y().await;
        a
    }
    dynamic_drop!(bound_before_temporaries_go());

    #[segno::coroutine]
    async fn bound_by_reference_before_temporaries_go() -> Option<T> {
        let Pair { a: mut x, b, ref n } = Some(Pair { a: t("a"), ..Pair { a: t("left"), b: t("b"), n: 1 } })?;
        x.renamed("x").await;
        drop(b);
        get(n).await;
        Some(x)
    }
    dynamic_drop!(bound_by_reference_before_temporaries_go());

    #[segno::coroutine]
    async fn iterated_with_temporaries() -> u8 {
        let _g = t("g");
        let mut sum = 0;
        for x in [id(t("x0")).await, (t("left"), t("x1")).1] {
            sum += x.r();
        }
        y().await;
        sum
    }
    dynamic_drop!(iterated_with_temporaries());
}
