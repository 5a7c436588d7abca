//! Operands whose order of evaluation is easily lost.

use segno_tests::both_worlds;

#[both_worlds]
mod hard_operands {
    fn add(a: u32, b: u32) -> u32 {
        log(format!("add({a},{b})"));
        a + b
    }

    // The right side of a compound assignment of primitives is evaluated first.
    #[segno::coroutine]
    async fn compound_reads_its_place_last() -> u32 {
        let mut a = 1u32;
        a += {
            a = 10;
            y().await;
            a += 5;
            100
        };
        a
    }
    case!(compound_reads_its_place_last());

    // A left operand is a value when it is read, however the place changes afterwards.
    #[segno::coroutine]
    async fn left_operand_is_read_first() -> u32 {
        let mut a = 1;
        let sum = a + {
            a = 10;
            child(100).await
        };
        sum * 1000 + a
    }
    case!(left_operand_is_read_first());

    #[segno::coroutine]
    async fn argument_is_read_first() -> u32 {
        let mut a = 1;
        add(a, bump(&mut a).await) * 1000 + a
    }

    #[segno::coroutine]
    async fn bump(n: &mut u32) -> u32 {
        y().await;
        *n += 10;
        *n
    }
    case!(argument_is_read_first());

    #[segno::coroutine]
    async fn place_of_an_assignment_is_evaluated_last() -> ([u32; 3], usize) {
        let mut array = [0; 3];
        let mut i = 0;
        array[i] = {
            i = 1;
            child(7).await
        };
        array[{
            i += 1;
            i
        }] = child(8).await;
        (array, i)
    }
    case!(place_of_an_assignment_is_evaluated_last());

    #[segno::coroutine]
    async fn index_changes_while_pending() -> u32 {
        let array = [10, 20, 30];
        let mut i = 0;
        array[i]
            + {
                i = 2;
                child(1).await
            }
            + array[i]
    }
    case!(index_changes_while_pending());

    #[segno::coroutine]
    async fn awaited_index_of_an_assignment() -> [u32; 3] {
        let mut array = [0; 3];
        array[child(1).await as usize] = 5;
        array[child(2).await as usize] += child(6).await;
        array
    }
    case!(awaited_index_of_an_assignment());

    #[segno::coroutine]
    async fn awaited_place_of_an_assignment() -> (u32, u32) {
        let mut pair = (1, 2);
        *id(&mut pair.0).await = 5;
        *id(&mut pair.1).await += child(6).await;
        pair
    }
    case!(awaited_place_of_an_assignment());

    #[segno::coroutine]
    async fn callee_from_an_await() -> u32 {
        let double: fn(u32) -> u32 = |n| n * 2;
        let n = (id(double).await)(4);
        y().await;
        n + (if n == 8 { double } else { |n| n })(child(3).await)
    }
    case!(callee_from_an_await());

    #[segno::coroutine]
    async fn mutable_receiver_with_an_awaited_argument() -> Vec<u32> {
        let mut all = Vec::new();
        all.push(child(1).await);
        all.push(child(2).await);
        all.extend([child(3).await, 4]);
        y().await;
        all
    }
    case!(mutable_receiver_with_an_awaited_argument());

    #[segno::coroutine]
    async fn break_and_continue_in_operands(n: u32) -> u32 {
        let mut sum = 0;
        loop {
            sum += add(child(1).await, if sum > 5 { break } else { n });
            let t = (T("left"), if sum == 3 { continue } else { child(2).await });
            sum += t.1;
        }
        sum
    }
    case!(break_and_continue_in_operands(2));

    #[segno::coroutine]
    async fn moved_operand_before_a_conditional_return(c: bool) -> u8 {
        let t = T("t");
        let pair = (t, if c { return 1 } else { id(T("u")).await });
        y().await;
        pair.0.r()
    }
    case!(moved_operand_true = moved_operand_before_a_conditional_return(true));
    case!(moved_operand_false = moved_operand_before_a_conditional_return(false));

    // The way that leaves takes a variable out of its slot; the other one goes on to use it.
    #[segno::coroutine]
    async fn an_operand_returns_a_variable(c: bool, p: T) -> Result<T, u32> {
        let held = &p;
        y().await;
        held.r();
        let m = (if c { 7 } else { return Ok(p) }) % 4;
        p.r();
        y().await;
        Err(m)
    }
    case!(returns_no_variable = an_operand_returns_a_variable(true, T("p")));
    case!(returns_a_variable = an_operand_returns_a_variable(false, T("p")));

    #[segno::coroutine]
    async fn operands_return_variables(c: u8, mut p: T, q: T) -> Result<T, u32> {
        p.a().await;
        for i in 0..(if c > 0 { 3 } else { return Ok(p) }) {
            let held = (&mut p, &q);
            y().await;
            held.0.r();
            let n = add(i, if c > 1 || i < 1 { 1 } else { return Ok(q) });
            p.a().await;
            log(format!("{n}"));
        }
        Err(1)
    }
    case!(return_the_first = operands_return_variables(0, T("p"), T("q")));
    case!(return_the_second = operands_return_variables(1, T("p"), T("q")));
    case!(return_none = operands_return_variables(2, T("p"), T("q")));
}
