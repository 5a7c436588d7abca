//! Moves: before, between and after suspensions.

use segno_tests::both_worlds;

#[both_worlds]
mod moves {
    fn eat(t: T) -> u32 {
        log(format!("eat:{}", t.0));
        1
    }

    #[segno::coroutine]
    async fn swallow(t: T) -> u32 {
        y().await;
        log(format!("swallow:{}", t.0));
        2
    }

    #[segno::coroutine]
    async fn into_a_call_before_an_await() -> u32 {
        let _g = T("g");
        let t = T("t");
        let n = eat(t);
        y().await;
        n
    }
    case!(into_a_call_before_an_await());

    #[segno::coroutine]
    async fn into_a_call_after_an_await(a: T) -> u32 {
        let t = T("t");
        y().await;
        let n = eat(t) + eat(a);
        y().await;
        n
    }
    case!(into_a_call_after_an_await(T("a")));

    #[segno::coroutine]
    async fn into_a_child(a: T) -> u32 {
        let t = T("t");
        let n = swallow(t).await;
        y().await;
        n + swallow(a).await
    }
    case!(into_a_child(T("a")));

    #[segno::coroutine]
    async fn from_variable_to_variable() {
        let a = T("a");
        y().await;
        let _g = T("g");
        let b = a;
        y().await;
        let c = (b, 1);
        y().await;
        let (d, _) = c;
        y().await;
        log("end");
    }
    case!(from_variable_to_variable());

    #[segno::coroutine]
    async fn conditional_without_await(c: bool) {
        let t = T("t");
        let _g = T("g");
        if c {
            eat(t);
        }
        log("after");
        y().await;
        log("end");
    }
    case!(conditional_without_await_true = conditional_without_await(true));
    case!(conditional_without_await_false = conditional_without_await(false));

    #[segno::coroutine]
    async fn conditional_with_await(c: bool) {
        let t = T("t");
        let _g = T("g");
        if c {
            swallow(t).await;
            y().await;
        } else {
            y().await;
        }
        y().await;
        log("end");
    }
    case!(conditional_with_await_true = conditional_with_await(true));
    case!(conditional_with_await_false = conditional_with_await(false));

    #[segno::coroutine]
    async fn in_one_arm(n: u32) {
        let t = T("t");
        let u = T("u");
        match n {
            0 => drop(t),
            1 => {
                swallow(u).await;
            }
            2 => {
                y().await;
                drop((t, u));
            }
            _ => y().await,
        }
        y().await;
        log("end");
    }
    case!(in_one_arm_0 = in_one_arm(0));
    case!(in_one_arm_1 = in_one_arm(1));
    case!(in_one_arm_2 = in_one_arm(2));
    case!(in_one_arm_3 = in_one_arm(3));

    #[segno::coroutine]
    async fn in_a_loop_then_break() -> u32 {
        let t = T("t");
        let mut n = 0;
        loop {
            n += 1;
            y().await;
            if n == 3 {
                eat(t);
                break;
            }
        }
        y().await;
        n
    }
    case!(in_a_loop_then_break());

    #[segno::coroutine]
    async fn in_a_loop_then_return() -> u32 {
        let t = T("t");
        let _g = T("g");
        for n in 0..4 {
            if n == 2 {
                return swallow(t).await + n;
            }
            y().await;
        }
        eat(t)
    }
    case!(in_a_loop_then_return());

    #[segno::coroutine]
    async fn reassigned_after_a_move() {
        let mut t = T("t1");
        let _g = T("g");
        for name in ["t2", "t3"] {
            swallow(t).await;
            log("moved");
            y().await;
            t = T(name);
        }
        y().await;
        log("end");
    }
    case!(reassigned_after_a_move());

    #[segno::coroutine]
    async fn moved_and_reassigned_on_some_paths(c: bool, d: bool) {
        let mut t = T("t1");
        if c {
            eat(t);
            y().await;
            t = T("t2");
        }
        if d {
            drop(t);
            t = id(T("t3")).await;
        }
        y().await;
        t.r();
    }
    case!(moved_and_reassigned_00 = moved_and_reassigned_on_some_paths(false, false));
    case!(moved_and_reassigned_01 = moved_and_reassigned_on_some_paths(false, true));
    case!(moved_and_reassigned_11 = moved_and_reassigned_on_some_paths(true, true));

    #[segno::coroutine]
    async fn into_the_result(c: bool) -> Option<T> {
        let t = T("t");
        let _g = T("g");
        y().await;
        if c {
            return Some(t);
        }
        y().await;
        None
    }
    case!(into_the_result_true = into_the_result(true));
    case!(into_the_result_false = into_the_result(false));

    #[segno::coroutine]
    async fn by_short_circuit(c: bool) {
        let t = T("t");
        let moved = c && eat(t) == 1;
        log(format!("{moved}"));
        y().await;
        log("end");
    }
    case!(by_short_circuit_true = by_short_circuit(true));
    case!(by_short_circuit_false = by_short_circuit(false));

    #[segno::coroutine]
    async fn copies_are_not_moved() -> u32 {
        let a = [1u32; 4];
        let sum = |a: [u32; 4]| a.iter().sum::<u32>();
        let n = sum(a);
        y().await;
        let m = sum(id(a).await);
        y().await;
        n + m + sum(a)
    }
    case!(copies_are_not_moved());

    #[segno::coroutine]
    async fn out_of_a_box_and_an_option() -> u32 {
        let b = Box::new(T("boxed"));
        let mut o = Some(T("option"));
        y().await;
        let u = o.take();
        y().await;
        eat(*b) + u.map_or(0, eat)
    }
    case!(out_of_a_box_and_an_option());

    #[segno::coroutine]
    async fn moved_and_assigned_again(c: bool, mut p: T) -> u32 {
        for _ in 0..2u32 {
            if c {
                drop(p);
                p = T("new");
            }
            p.renamed("renamed").await;
        }
        log("end");
        p.0.len() as u32
    }
    case!(moved_and_assigned_again_true = moved_and_assigned_again(true, T("p")));
    case!(moved_and_assigned_again_false = moved_and_assigned_again(false, T("p")));

    #[segno::coroutine]
    async fn moved_on_one_path_and_assigned_later(c: bool, mut p: T) -> T {
        let _g = T("g");
        if c {
            drop(p);
        }
        y().await;
        p = id(T("new")).await;
        y().await;
        p
    }
    case!(moved_and_assigned_later_true = moved_on_one_path_and_assigned_later(true, T("p")));
    case!(moved_and_assigned_later_false = moved_on_one_path_and_assigned_later(false, T("p")));

    #[segno::coroutine]
    async fn variable_as_a_statement() -> u32 {
        for t in [T("a"), T("b")] {
            match child(3).await % 4 {
                z if z < 4 => {
                    t;
                    log("gone");
                }
                _ => {}
            }
        }
        1
    }
    case!(variable_as_a_statement());

    #[segno::coroutine]
    async fn moved_in_an_else_without_suspensions(c: bool, p: T) -> u32 {
        if c {
            drop(id(p).await);
        } else {
            if let Some(3) = c.then_some(3)
                && let Some(_p) = Some(p)
            {
                log("never");
            }
            log("else");
        }
        log("end");
        1
    }
    case!(moved_in_an_else_true = moved_in_an_else_without_suspensions(true, T("p")));
    case!(moved_in_an_else_false = moved_in_an_else_without_suspensions(false, T("p")));

    #[segno::coroutine]
    async fn given_away_where_it_returns(r: &mut T, n: u32) -> u8 {
        match id(n).await {
            0 => {
                let own = r;
                return own.r();
            }
            1 => {
                let own = r;
                if own.r() == 7 {
                    return 7;
                } else {
                    return 8;
                }
            }
            _ => {}
        }
        r.renamed("end").await;
        r.r()
    }
    case!(given_away_0 = given_away_where_it_returns(&mut T("r"), 0));
    case!(given_away_1 = given_away_where_it_returns(&mut T("r"), 1));
    case!(given_away_2 = given_away_where_it_returns(&mut T("r"), 2));

    #[segno::coroutine]
    async fn sized(size: &mut usize, data: &mut [u8]) {
        y().await;
        *size += data.len();
    }

    /// A number in a slot, which is used by value on some ways only.
    #[segno::coroutine]
    async fn numbers_on_some_ways(frame: &mut [u8]) -> usize {
        let mut read = 0;
        let size: usize = {
            sized(&mut read, &mut frame[..2]).await;
            4
        };
        let capped = size.min(frame.len());
        sized(&mut read, &mut frame[..capped]).await;
        if size > capped {
            read += size - capped;
        }
        y().await;
        read
    }
    case!(capped = numbers_on_some_ways(&mut [0; 3]));
    case!(not_capped = numbers_on_some_ways(&mut [0; 5]));
}
