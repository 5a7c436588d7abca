//! Variables whose state depends on the path taken through suspensions.

use segno_tests::both_worlds;

#[both_worlds]
mod hard_flow {
    #[segno::coroutine]
    async fn swallow(t: T) -> u32 {
        y().await;
        log(format!("swallow:{}", t.0));
        2
    }

    #[segno::coroutine]
    async fn initialised_somewhere_in_a_loop() -> u32 {
        let t;
        let mut n = 0;
        loop {
            n = child(n + 1).await;
            if n == 2 {
                t = T("t");
                break;
            }
            y().await;
        }
        let _g = T("g");
        y().await;
        n + t.r() as u32
    }
    case!(initialised_somewhere_in_a_loop());

    #[segno::coroutine]
    async fn moved_by_one_of_two_breaks(c: bool) -> u32 {
        let t = T("t");
        let n = 'l: {
            y().await;
            if c {
                break 'l swallow(t).await;
            }
            y().await;
            5
        };
        log("after");
        y().await;
        n
    }
    case!(moved_by_one_of_two_breaks_true = moved_by_one_of_two_breaks(true));
    case!(moved_by_one_of_two_breaks_false = moved_by_one_of_two_breaks(false));

    #[segno::coroutine]
    async fn moved_and_reassigned_with_continue() -> u32 {
        let mut t = T("t0");
        let _g = T("g");
        let mut n = 0;
        while n < 4 {
            n += 1;
            if n % 2 == 0 {
                swallow(t).await;
                t = T("even");
                continue;
            }
            t.a().await;
            drop(t);
            t = id(T("odd")).await;
        }
        n
    }
    case!(moved_and_reassigned_with_continue());

    #[segno::coroutine]
    async fn moved_in_some_of_many_branches(n: u32) -> u32 {
        let a = T("a");
        let b = T("b");
        let c = T("c");
        if n > 1 {
            swallow(a).await;
            if n > 2 {
                drop(b);
                y().await;
                if n > 3 {
                    return swallow(c).await;
                }
            } else {
                swallow(c).await;
            }
        } else if n == 1 {
            y().await;
            drop(c);
        }
        log("join");
        y().await;
        n
    }
    case!(many_branches_0 = moved_in_some_of_many_branches(0));
    case!(many_branches_1 = moved_in_some_of_many_branches(1));
    case!(many_branches_2 = moved_in_some_of_many_branches(2));
    case!(many_branches_3 = moved_in_some_of_many_branches(3));
    case!(many_branches_4 = moved_in_some_of_many_branches(4));

    #[segno::coroutine]
    async fn outer_moved_in_an_inner_loop(n: u32) -> u32 {
        let t = T("t");
        'outer: for i in 0..2 {
            let u = T("u");
            for j in 0..3 {
                if child(i * 3 + j).await == n {
                    drop(t);
                    break 'outer;
                }
                if j == 1 {
                    swallow(u).await;
                    continue 'outer;
                }
            }
        }
        y().await;
        n
    }
    case!(inner_loop_1 = outer_moved_in_an_inner_loop(1));
    case!(inner_loop_3 = outer_moved_in_an_inner_loop(3));
    case!(inner_loop_9 = outer_moved_in_an_inner_loop(9));

    #[segno::coroutine]
    async fn moved_in_a_condition() -> u32 {
        let t = T("t");
        let u = T("u");
        if swallow(t).await == 2 && swallow(u).await == 3 {
            1
        } else {
            y().await;
            2
        }
    }
    case!(moved_in_a_condition());

    #[segno::coroutine]
    async fn moved_behind_a_short_circuit(c: bool) -> bool {
        let t = T("t");
        let _g = T("g");
        let moved = c && swallow(t).await == 2;
        y().await;
        moved
    }
    case!(short_circuit_true = moved_behind_a_short_circuit(true));
    case!(short_circuit_false = moved_behind_a_short_circuit(false));

    #[segno::coroutine]
    async fn moved_by_a_guarded_arm(value: Option<T>, c: bool) -> u32 {
        let other = T("other");
        match value {
            Some(t) if c => swallow(t).await,
            Some(_) => {
                y().await;
                swallow(other).await
            }
            None => {
                drop(other);
                y().await;
                3
            }
        }
    }
    case!(guarded_arm_true = moved_by_a_guarded_arm(Some(T("t")), true));
    case!(guarded_arm_false = moved_by_a_guarded_arm(Some(T("t")), false));
    case!(guarded_arm_none = moved_by_a_guarded_arm(None, false));

    #[segno::coroutine]
    async fn initialised_by_one_branch_only(c: bool) -> u32 {
        let t;
        let _g = T("g");
        if c {
            t = T("t");
            y().await;
            t.r();
        } else {
            y().await;
        }
        log("join");
        y().await;
        4
    }
    case!(one_branch_only_true = initialised_by_one_branch_only(true));
    case!(one_branch_only_false = initialised_by_one_branch_only(false));

    #[segno::coroutine]
    async fn moved_then_returned_from_a_match(n: u32) -> Result<T, Failure> {
        let t = T("t");
        let _g = T("g");
        let v = match n {
            0 => return Ok(t),
            1 => {
                drop(t);
                fail(true, T("never")).await?
            }
            2 => id(t).await,
            _ => {
                let u = id(T("u")).await;
                y().await;
                u
            }
        };
        y().await;
        Ok(v)
    }
    case!(moved_then_returned_0 = moved_then_returned_from_a_match(0));
    case!(moved_then_returned_1 = moved_then_returned_from_a_match(1));
    case!(moved_then_returned_2 = moved_then_returned_from_a_match(2));
    case!(moved_then_returned_3 = moved_then_returned_from_a_match(3));

    #[segno::coroutine]
    async fn let_else_moves() -> u32 {
        let mut held = Some(T("held"));
        let mut rounds = 0;
        loop {
            let Some(t) = held else {
                y().await;
                return rounds;
            };
            rounds += 1;
            held = if rounds < 3 { Some(id(t).await) } else { None };
        }
    }
    case!(let_else_moves());
}
