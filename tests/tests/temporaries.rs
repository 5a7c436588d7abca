//! How long temporaries live. Edition 2024: the `else` of an `if let` and the tail of a block drop theirs early.

use segno_tests::both_worlds;

#[both_worlds]
mod temporaries {
    #[segno::coroutine]
    async fn of_a_match_scrutinee() {
        match T("s").a().await {
            1 => {
                log("arm");
                y().await;
                log("arm2");
            }
            _ => {}
        }
        log("after");
    }
    case!(of_a_match_scrutinee());

    #[segno::coroutine]
    async fn of_a_match_scrutinee_that_borrows() {
        match T("s").name() {
            Some(name) => {
                y().await;
                log(*name);
            }
            None => {}
        }
        log("after");
    }
    case!(of_a_match_scrutinee_that_borrows());

    #[segno::coroutine]
    async fn of_an_if_condition() {
        if T("c").a().await == 1 {
            log("then");
            y().await;
        }
        log("after");
    }
    case!(of_an_if_condition());

    #[segno::coroutine]
    async fn of_an_if_let() {
        if let Some(_) = T("l").o() {
            log("then");
            y().await;
        } else {
        }
        log("after");
    }
    case!(of_an_if_let());

    #[segno::coroutine]
    async fn of_an_if_let_else() {
        if let Some(_) = T("l").o().filter(|_| false) {
        } else {
            log("else");
            y().await;
        }
        log("after");
    }
    case!(of_an_if_let_else());

    #[segno::coroutine]
    async fn of_an_awaited_if_let() {
        if let 1 = T("l").a().await {
            log("then");
            y().await;
        }
        if let 2 = T("m").a().await {
            log("then");
        } else {
            log("else");
            y().await;
        }
        log("after");
    }
    case!(of_an_awaited_if_let());

    #[segno::coroutine]
    async fn of_a_while_let() {
        let mut n = 0;
        while let Some(_) = T("w").o() {
            log("body");
            y().await;
            n += 1;
            if n == 2 {
                break;
            }
        }
        log("after");
    }
    case!(of_a_while_let());

    #[segno::coroutine]
    async fn of_a_while_condition() {
        let mut n = 0;
        while T("c").r() == 1 && n < 2 {
            log("body");
            y().await;
            n += 1;
        }
        log("after");
    }
    case!(of_a_while_condition());

    #[segno::coroutine]
    async fn of_a_block_tail() {
        let x = {
            let z = T("z");
            T("tail").a().await
        };
        log("after");
    }
    case!(of_a_block_tail());

    #[segno::coroutine]
    async fn of_the_function_tail() -> u8 {
        let z = T("z");
        T("tail").a().await
    }
    case!(of_the_function_tail());

    #[segno::coroutine]
    async fn of_arguments() {
        two(&T("arg"), T("val")).await;
        log("after");
    }
    case!(of_arguments());

    #[segno::coroutine]
    async fn extended() {
        let r = &T("ext");
        y().await;
        r.r();
        log("end");
    }
    case!(extended());

    #[segno::coroutine]
    async fn extended_in_literals() {
        let (a, [b, _]) = (&T("a"), [&T("b"), &T("c")]);
        let some = Some(&T("d"));
        y().await;
        a.r();
        b.r();
        log("end");
    }
    case!(extended_in_literals());

    #[segno::coroutine]
    async fn of_binary_operands() {
        let _x = T("a").a().await + T("b").a().await;
        log("after");
    }
    case!(of_binary_operands());

    #[segno::coroutine]
    async fn of_a_let_else() {
        let Some(q) = T("le").o() else { return };
        log("body");
        y().await;
    }
    case!(of_a_let_else());

    #[segno::coroutine]
    async fn of_an_awaited_let_else() -> u8 {
        let 2 = T("le").a().await else {
            log("else");
            y().await;
            return 1;
        };
        2
    }
    case!(of_an_awaited_let_else());

    #[segno::coroutine]
    async fn of_a_statement() {
        T("s").a().await;
        log("after");
        T("t").a().await + T("u").r();
        log("after");
        let n = T("v").rename("w").a().await;
        log("end");
    }
    case!(of_a_statement());

    #[segno::coroutine]
    async fn of_an_assignment() -> u8 {
        let mut n = 0;
        n = T("a").a().await;
        log("after");
        n += T("b").a().await + T("c").r();
        log("after");
        n
    }
    case!(of_an_assignment());

    #[segno::coroutine]
    async fn of_return_and_break() -> u8 {
        let n = loop {
            let _g = T("g");
            break T("b").a().await;
        };
        log("after");
        return T("r").a().await + n;
    }
    case!(of_return_and_break());

    #[segno::coroutine]
    async fn of_short_circuits() {
        let x = T("a").r() == 1 && T("b").a().await == 1 && T("c").r() == 1;
        log("after");
        let x = T("d").a().await == 2 || T("e").r() == 1;
        log("end");
    }
    case!(of_short_circuits());

    #[allow(for_loops_over_fallibles, reason = "the shortest iterator with a destructor")]
    #[segno::coroutine]
    async fn of_an_iterated_expression() {
        for i in T("it").o() {
            log("body");
            y().await;
        }
        log("after");
    }
    case!(of_an_iterated_expression());

    #[segno::coroutine]
    async fn cancelled_between() {
        let a = T("a");
        let b = T("b");
        two(&a, T("in")).await;
    }
    case!(cancelled_between());

    #[segno::coroutine]
    async fn of_nested_calls() {
        let n = two(&T("outer"), id(T("inner")).await).await + two(&T("second"), T("val")).await;
        log("after");
    }
    case!(of_nested_calls());

    #[segno::coroutine]
    async fn of_a_range() {
        for i in T("start").r() - T("start").r()..T("end").r() * 2 {
            child(i.into()).await;
        }
        log("after");
    }
    case!(of_a_range());

    /// What a `let` keeps is what it borrows; what that was made of goes with the statement.
    #[segno::coroutine]
    async fn of_what_is_kept() -> u8 {
        let first = &two(&T("s"), T("t")).await;
        y().await;
        let second = &Some(T("u").r());
        y().await;
        first + second.unwrap_or(0)
    }
    case!(of_what_is_kept());
}
