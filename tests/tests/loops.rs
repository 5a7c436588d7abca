//! `loop` and `while`, labels, `break` and `continue`.

use segno_tests::both_worlds;

#[both_worlds]
mod loops {
    #[segno::coroutine]
    async fn loop_with_break() {
        let _g = T("g");
        let mut n = 0;
        loop {
            let _i = T("i");
            y().await;
            n += 1;
            if n == 3 {
                break;
            }
            log("round");
        }
        log("after");
    }
    case!(loop_with_break());

    #[segno::coroutine]
    async fn loop_with_value() -> u32 {
        let mut n = 0;
        let value = loop {
            n += 1;
            if child(n).await == 3 {
                break n * 10;
            }
            if n > 7 {
                break child(9).await;
            }
        };
        y().await;
        value
    }
    case!(loop_with_value());

    #[segno::coroutine]
    async fn loop_breaks_with_an_await() -> T {
        loop {
            let _g = T("g");
            break id(T("value")).await;
        }
    }
    case!(loop_breaks_with_an_await());

    #[segno::coroutine]
    async fn loop_with_continue() -> u32 {
        let mut n = 0;
        loop {
            n += 1;
            let _g = T("g");
            if n % 2 == 1 {
                y().await;
                continue;
            }
            let _h = T("h");
            if n > 5 {
                return n;
            }
            child(n).await;
        }
    }
    case!(loop_with_continue());

    #[segno::coroutine]
    async fn while_condition_without_await() -> u32 {
        let mut n = 0;
        while n < 3 {
            child(n).await;
            n += 1;
        }
        n
    }
    case!(while_condition_without_await());

    #[segno::coroutine]
    async fn while_condition_with_await() -> u32 {
        let mut n = 0;
        while T("c").a().await == 1 && child(n).await < 2 {
            let _b = T("b");
            n += 1;
            log("body");
            if n == 5 {
                continue;
            }
            y().await;
        }
        log("after");
        n
    }
    case!(while_condition_with_await());

    #[segno::coroutine]
    async fn while_let() -> u32 {
        let mut left = Some(2);
        let mut rounds = 0;
        while let Some(n) = left {
            left = if n == 0 { None } else { Some(child(n).await - 1) };
            rounds += 1;
        }
        rounds
    }
    case!(while_let());

    #[segno::coroutine]
    async fn while_let_awaited() {
        let mut n = 0;
        while let Some(t) = id(if n < 2 { Some(T("t")) } else { None }).await {
            n += 1;
            y().await;
            t.r();
        }
        log("after");
    }
    case!(while_let_awaited());

    #[segno::coroutine]
    async fn labels_through_several_levels() -> u32 {
        let mut rounds = 0;
        let _outermost = T("outermost");
        let value = 'outer: loop {
            let _outer = T("outer");
            let mut n = 0;
            'inner: loop {
                let _inner = T("inner");
                n += 1;
                rounds += 1;
                loop {
                    let _innermost = T("innermost");
                    y().await;
                    if rounds == 2 {
                        continue 'outer;
                    }
                    if rounds == 5 {
                        break 'outer rounds * 10;
                    }
                    if n == 2 {
                        break 'inner;
                    }
                    continue 'inner;
                }
            }
            log("again");
        };
        log("after");
        value
    }
    case!(labels_through_several_levels());

    #[segno::coroutine]
    async fn shadowed_label() -> u32 {
        let mut n = 0;
        'a: loop {
            'a: loop {
                n += 1;
                y().await;
                if n < 3 {
                    continue 'a;
                }
                break 'a;
            }
            n += 10;
            if n > 20 {
                break 'a;
            }
        }
        n
    }
    case!(shadowed_label());

    #[segno::coroutine]
    async fn loop_around_no_await_before_one() -> u32 {
        let mut sum = 0;
        let mut i = 0;
        loop {
            i += 1;
            if i == 4 {
                break;
            }
            sum += i;
        }
        while i > 0 {
            i -= 1;
        }
        y().await;
        sum + i
    }
    case!(loop_around_no_await_before_one());

    #[segno::coroutine]
    async fn variables_carried_round() -> (u32, u32) {
        let (mut a, mut b) = (0, 1);
        let mut n = 0;
        while n < 5 {
            let next = a + b;
            a = b;
            y().await;
            b = next;
            n += 1;
        }
        (a, b)
    }
    case!(variables_carried_round());

    #[segno::coroutine]
    async fn token_replaced_each_round() {
        let mut t = T("first");
        let mut n = 0;
        while n < 2 {
            t = id(t).await;
            t = T(if n == 0 { "second" } else { "third" });
            n += 1;
            y().await;
        }
        t.r();
    }
    case!(token_replaced_each_round());

    #[segno::coroutine]
    async fn loop_in_the_tail() -> u32 {
        let mut n = 0;
        loop {
            if n == 2 {
                break n;
            }
            n += child(1).await;
        }
    }
    case!(loop_in_the_tail());

    #[segno::coroutine]
    async fn never_ends() {
        let _g = T("g");
        loop {
            y().await;
        }
    }
    case!(never_ends());

    /// A loop in one piece is left with a variable that is held otherwise.
    #[segno::coroutine]
    async fn left_with_a_variable(t: T, c: bool) -> u32 {
        let mut n = 0;
        y().await;
        let pair = loop {
            n += 1;
            if n > 2 {
                break (t, T("with"));
            }
            if c {
                let _u = T("u");
                return 1;
            }
        };
        y().await;
        u32::from(pair.1.r())
    }
    dynamic_drop!(left_with_a_variable(T("t"), false));
    dynamic_drop!(left_without_it = left_with_a_variable(T("t"), true));

    #[segno::coroutine]
    async fn left_with_it_or_not_come_to(t: T, c: bool) -> u32 {
        let mut n = 0;
        y().await;
        if c {
            let _t = loop {
                n += 1;
                if n > 2 {
                    break t;
                }
            };
        }
        y().await;
        n
    }
    dynamic_drop!(left_with_it = left_with_it_or_not_come_to(T("t"), true));
    dynamic_drop!(not_come_to = left_with_it_or_not_come_to(T("t"), false));
}
