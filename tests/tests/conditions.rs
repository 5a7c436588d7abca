//! `if`, `&&`, `||`, `if let`, let chains.

use segno_tests::both_worlds;

#[both_worlds]
mod conditions {
    #[segno::coroutine]
    async fn await_in_then(c: bool) -> u32 {
        let mut n = 1;
        if c {
            n = child(2).await;
        }
        log("after");
        n
    }
    case!(await_in_then_true = await_in_then(true));
    case!(await_in_then_false = await_in_then(false));

    #[segno::coroutine]
    async fn await_in_one_branch_of_two(c: bool) -> u32 {
        let a = T("a");
        let n = if c {
            let _b = T("b");
            child(2).await
        } else {
            a.r() as u32
        };
        y().await;
        n
    }
    case!(await_in_one_branch_true = await_in_one_branch_of_two(true));
    case!(await_in_one_branch_false = await_in_one_branch_of_two(false));

    #[segno::coroutine]
    async fn else_if_chain(n: u32) -> &'static str {
        if n == 0 {
            y().await;
            "zero"
        } else if child(n).await == 1 {
            "one"
        } else if n == 2 {
            y().await;
            y().await;
            "two"
        } else if n == 3 {
            return id("three").await;
        } else {
            id("many").await
        }
    }
    case!(else_if_0 = else_if_chain(0));
    case!(else_if_1 = else_if_chain(1));
    case!(else_if_2 = else_if_chain(2));
    case!(else_if_3 = else_if_chain(3));
    case!(else_if_4 = else_if_chain(4));

    #[segno::coroutine]
    async fn await_in_condition(c: bool) -> u32 {
        let g = T("g");
        if id(c).await {
            g.r();
            1
        } else {
            y().await;
            2
        }
    }
    case!(await_in_condition_true = await_in_condition(true));
    case!(await_in_condition_false = await_in_condition(false));

    #[segno::coroutine]
    async fn await_under_not_and_comparison(n: u32) -> u32 {
        if !(child(n).await > 3) { 1 } else { child(2).await }
    }
    case!(await_under_not_small = await_under_not_and_comparison(1));
    case!(await_under_not_large = await_under_not_and_comparison(5));

    #[segno::coroutine]
    async fn and_or(a: bool, b: bool) -> (bool, bool, bool) {
        let and = id(a).await && id(b).await;
        let or = id(a).await || id(b).await;
        let mixed = a && (b || id(true).await) || !id(b).await;
        (and, or, mixed)
    }
    case!(and_or_00 = and_or(false, false));
    case!(and_or_01 = and_or(false, true));
    case!(and_or_10 = and_or(true, false));
    case!(and_or_11 = and_or(true, true));

    #[segno::coroutine]
    async fn and_or_in_condition(a: bool, b: bool) -> u32 {
        if T("l").a().await == 1 && a || T("r").a().await == 1 && b {
            log("then");
            y().await;
            1
        } else {
            log("else");
            y().await;
            2
        }
    }
    case!(and_or_in_condition_00 = and_or_in_condition(false, false));
    case!(and_or_in_condition_01 = and_or_in_condition(false, true));
    case!(and_or_in_condition_10 = and_or_in_condition(true, false));

    #[segno::coroutine]
    async fn if_let(value: Option<T>) -> u8 {
        let _g = T("g");
        if let Some(t) = value {
            y().await;
            t.r()
        } else {
            y().await;
            0
        }
    }
    case!(if_let_some = if_let(Some(T("t"))));
    case!(if_let_none = if_let(None));

    #[segno::coroutine]
    async fn if_let_awaited(value: Option<T>, other: Result<u32, Failure>) -> u32 {
        if let Some(t) = id(value).await {
            y().await;
            drop(t);
            y().await;
            1
        } else if let Ok(n) = id(other).await {
            child(n).await
        } else {
            3
        }
    }
    case!(if_let_awaited_some = if_let_awaited(Some(T("t")), Ok(2)));
    case!(if_let_awaited_ok = if_let_awaited(None, Ok(2)));
    case!(if_let_awaited_err = if_let_awaited(None, Err(Failure(T("f")))));

    #[segno::coroutine]
    async fn if_let_by_reference(value: &mut Option<T>) -> u8 {
        if let Some(t) = value {
            t.renamed("new").await;
        }
        if let Some(ref t) = *value {
            return t.a().await;
        }
        0
    }
    case!(if_let_by_reference(&mut Some(T("t"))));

    #[segno::coroutine]
    async fn let_chain(a: Option<u32>, b: Option<u32>) -> u32 {
        if let Some(a) = a
            && child(a).await > 1
            && let Some(b) = id(b).await
            && b > a
        {
            y().await;
            a * 10 + b
        } else {
            y().await;
            0
        }
    }
    case!(let_chain_all = let_chain(Some(2), Some(3)));
    case!(let_chain_first = let_chain(None, Some(3)));
    case!(let_chain_second = let_chain(Some(1), Some(3)));
    case!(let_chain_third = let_chain(Some(2), None));
    case!(let_chain_last = let_chain(Some(2), Some(1)));

    #[segno::coroutine]
    async fn let_chain_of_tokens(a: Option<T>, b: Option<T>) {
        if let Some(a) = a
            && let Some(b) = b
        {
            y().await;
            drop(a);
            y().await;
        } else {
            log("else");
            y().await;
        }
        log("end");
    }
    case!(let_chain_of_two_tokens = let_chain_of_tokens(Some(T("a")), Some(T("b"))));
    case!(let_chain_of_one_token = let_chain_of_tokens(Some(T("a")), None));

    #[segno::coroutine]
    async fn if_as_operand(c: bool) -> u32 {
        child(1).await + if c { child(2).await } else { 3 } + if id(c).await { 10 } else { 20 }
    }
    case!(if_as_operand_true = if_as_operand(true));
    case!(if_as_operand_false = if_as_operand(false));

    struct Both {
        a: T,
        b: T,
    }

    /// Once its condition has been decided, an `if` is rustc's business: also which part of a value it moves.
    #[segno::coroutine]
    async fn decided_by_an_await(both: Both, c: u32) -> u32 {
        if child(c).await == 1 {
            drop(both.b);
        }
        both.a.r();
        c
    }
    dynamic_drop!(decided_by_an_await(Both { a: T("a"), b: T("b") }, 1));
    dynamic_drop!(decided_otherwise = decided_by_an_await(Both { a: T("a"), b: T("b") }, 0));

    #[segno::coroutine]
    async fn values_of_branches(t: T, c: u32) -> T {
        let first = if child(c).await > 0 && child(1).await > 0 { T("first") } else { T("second") };
        let last = if first.o().is_some() && T("in the condition").a().await > 0 { t } else { first };
        y().await;
        last
    }
    dynamic_drop!(values_of_branches(T("t"), 1));
}
