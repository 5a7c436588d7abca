//! Variables that get their value later, or only on some paths.

use segno_tests::both_worlds;

#[both_worlds]
mod initialisation {
    #[segno::coroutine]
    async fn deferred() {
        let a = T("a");
        let b;
        {
            let c = T("c");
            b = T("b");
            y().await;
        }
        log("x");
    }
    case!(deferred());

    #[segno::coroutine]
    async fn deferred_across_an_await() -> u32 {
        let n;
        let t;
        y().await;
        n = child(3).await;
        t = id(T("t")).await;
        y().await;
        t.r();
        n
    }
    case!(deferred_across_an_await());

    // What does not match stays, to the end of its scope.
    #[segno::coroutine]
    async fn deferred_and_matched() {
        let answer;
        answer = id(Ok::<T, T>(T("t"))).await;
        let _ = &answer;
        y().await;
        if let Err(_error) = answer {}
        log("end");
    }
    case!(deferred_and_matched());

    #[segno::coroutine]
    async fn in_both_branches(c: bool) -> u32 {
        let n;
        let t: T;
        if c {
            n = 1;
            t = T("then");
        } else {
            n = 2;
            t = T("else");
        }
        y().await;
        t.r();
        n
    }
    case!(in_both_branches_true = in_both_branches(true));
    case!(in_both_branches_false = in_both_branches(false));

    #[segno::coroutine]
    async fn in_branches_with_awaits(c: bool) -> u32 {
        let n;
        let _h = T("h");
        let t;
        let _g = T("g");
        if c {
            t = id(T("then")).await;
            n = child(1).await;
        } else {
            n = child(2).await;
            t = T("else");
            y().await;
        }
        y().await;
        n
    }
    case!(in_branches_with_awaits_true = in_branches_with_awaits(true));
    case!(in_branches_with_awaits_false = in_branches_with_awaits(false));

    #[segno::coroutine]
    async fn one_branch_returns(n: u32) -> u32 {
        let t;
        match n {
            0 => return child(0).await,
            1 => t = T("one"),
            _ => t = id(T("many")).await,
        }
        y().await;
        t.r() as u32
    }
    case!(one_branch_returns_0 = one_branch_returns(0));
    case!(one_branch_returns_1 = one_branch_returns(1));
    case!(one_branch_returns_2 = one_branch_returns(2));

    #[segno::coroutine]
    async fn declared_never_initialised() {
        let _g = T("g");
        let t: T;
        y().await;
        log("end");
    }
    case!(declared_never_initialised());

    #[segno::coroutine]
    async fn mutable_default_then_conditional(c: bool) -> u32 {
        let mut n = 0;
        let mut t = None;
        if c {
            n = child(5).await;
            t = Some(T("t"));
        }
        y().await;
        drop(t);
        y().await;
        n
    }
    case!(mutable_default_true = mutable_default_then_conditional(true));
    case!(mutable_default_false = mutable_default_then_conditional(false));

    #[segno::coroutine]
    async fn inside_a_loop() -> u32 {
        let mut sum = 0;
        for i in 0..3u32 {
            let t;
            let n;
            if i == 1 {
                n = child(10).await;
                t = T("odd");
            } else {
                n = i;
                t = T("even");
            }
            y().await;
            sum += n;
        }
        sum
    }
    case!(inside_a_loop());

    #[segno::coroutine]
    async fn from_a_loop() -> u32 {
        let n;
        let t;
        loop {
            y().await;
            t = T("t");
            n = 4;
            break;
        }
        y().await;
        t.r();
        n
    }
    case!(from_a_loop());

    #[segno::coroutine]
    async fn once_cell_of_an_option() -> u8 {
        let mut slot: Option<T> = None;
        for _ in 0..3 {
            let t = slot.get_or_insert_with(|| T("made"));
            t.a().await;
        }
        slot.take().map_or(0, |t| t.r())
    }
    case!(once_cell_of_an_option());

    /// An assignment inside of an expression, to a variable that may have been moved on the way.
    #[segno::coroutine]
    async fn assigned_inside_a_value(c: bool, d: bool, mut b: T) -> u32 {
        let mut last = T("last");
        if c {
            last = if d { T("other") } else { b };
        }
        let mut i = 0;
        while child(i).await < 2 {
            i += 1;
            let _q = match id(d).await {
                false => Some(T("nothing")),
                _ => {
                    b = T("new");
                    Some((T("value"), u32::from(b.r())).0)
                }
            };
        }
        last.r().into()
    }
    dynamic_drop!(assigned_inside_a_value(true, true, T("b")));
    dynamic_drop!(moved_and_assigned_inside_a_value = assigned_inside_a_value(false, true, T("b")));

    #[segno::coroutine]
    async fn assigned_on_a_way_inside_a_value(d: bool) {
        y().await;
        let b;
        let n = {
            if d {
                b = T("new");
                log("assigned");
            }
            3
        };
        child(n).await;
    }
    dynamic_drop!(assigned_on_a_way_inside_a_value(true));
    dynamic_drop!(not_assigned_inside_a_value = assigned_on_a_way_inside_a_value(false));

    /// The arm ends before the variable gets its value, because the other way of the `let … else` is suspended.
    #[segno::coroutine]
    async fn given_behind_a_let_else(some: Option<T>) -> u32 {
        let g = {
            let Some(_) = id(some).await else {
                y().await;
                return 2;
            };
            T("g")
        };
        y().await;
        g.r().into()
    }
    dynamic_drop!(given_behind_a_let_else(Some(T("some"))));
    dynamic_drop!(not_given_behind_a_let_else = given_behind_a_let_else(None));
}
