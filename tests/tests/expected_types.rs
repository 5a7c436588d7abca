//! What a value is to become is known where the value is, also behind a suspension: it is unsized, closures become functions, and
//! rustc infers what is not written.

use segno_tests::both_worlds;

#[both_worlds]
mod expected_types {
    use std::fmt::Debug;

    #[segno::coroutine]
    async fn in_a_branch(n: u32) -> usize {
        let s = String::from("x");
        let r: Option<&str> = if n > 1 {
            y().await;
            Some(&s)
        } else {
            None
        };
        r.map_or(0, str::len)
    }
    case!(in_a_branch_that_suspends = in_a_branch(2));
    case!(in_a_branch_that_does_not = in_a_branch(1));

    #[segno::coroutine]
    async fn assigned_behind_a_suspension() -> usize {
        let mut o: Option<&str> = None;
        let s = String::from("abc");
        y().await;
        o = Some(&s);
        y().await;
        o.map_or(0, str::len)
    }
    case!(assigned_behind_a_suspension());

    #[segno::coroutine]
    async fn declared_before(n: u32) -> usize {
        let s = String::from("abc");
        let r: Option<&str>;
        y().await;
        if n > 1 {
            y().await;
            r = Some(&s);
        } else {
            r = None;
        }
        r.map_or(0, str::len)
    }
    case!(declared_before(2));

    #[segno::coroutine]
    async fn of_a_parameter(mut o: Option<Box<dyn Debug>>) -> String {
        let t = T("t");
        y().await;
        o = Some(Box::new(t));
        y().await;
        format!("{o:?}")
    }
    case!(of_a_parameter(Some(Box::new(T("old")))));

    // It has a slot: the child borrows it.
    #[segno::coroutine]
    async fn in_a_slot(n: u32) -> usize {
        async fn look(o: &Option<Box<dyn Debug>>) -> usize {
            y().await;
            format!("{o:?}").len()
        }
        let mut o: Option<Box<dyn Debug>> = if n > 1 {
            y().await;
            Some(Box::new(T("first")))
        } else {
            None
        };
        let first = look(&o).await;
        if n > 2 {
            o = Some(Box::new(n));
        }
        let second = look(&o).await;
        for i in 0..n {
            y().await;
            o = Some(Box::new((i, T("in a loop"))));
        }
        first + second + look(&o).await
    }
    case!(in_a_slot(3));
    case!(in_a_slot_empty = in_a_slot(0));

    #[segno::coroutine]
    async fn closures(n: u32) -> u32 {
        let o: Option<fn(u32) -> u32> = if n > 2 {
            y().await;
            Some(|x| x + 1)
        } else {
            None
        };
        let length: Box<dyn Fn(&str) -> usize> = if n > 2 {
            y().await;
            Box::new(|s| s.len())
        } else {
            Box::new(|s| s.len() + n as usize)
        };
        y().await;
        o.map_or(0, |o| o(n)) + length("four") as u32
    }
    case!(closures(3));
    case!(closures_not_taken = closures(1));

    #[segno::coroutine]
    async fn inferred(n: u32) -> usize {
        let list: Vec<_> = {
            y().await;
            [1u8, 2].into_iter().collect()
        };
        let pair: (u8, u64) = {
            y().await;
            (n as _, 1)
        };
        let wide: u64 = if n > 1 {
            y().await;
            1
        } else {
            2
        };
        y().await;
        list.len() + size_of_val(&pair.1) + size_of_val(&wide)
    }
    case!(inferred(2));

    #[segno::coroutine]
    async fn slices(n: u32) -> usize {
        let s: &[u32] = if n > 2 {
            y().await;
            &[1, 2, 3]
        } else if n == 1 {
            &[]
        } else {
            y().await;
            &[4]
        };
        s.len()
    }
    case!(slices(3));

    #[segno::coroutine]
    async fn with_the_old_value_dropped_behind(n: u32) {
        let mut o: Option<Box<dyn Debug>> = Some(Box::new(T("old")));
        if n > 1 {
            drop(o);
            y().await;
        }
        o = Some(Box::new(T("new")));
        y().await;
        log("end");
    }
    case!(with_the_old_value_dropped_behind(1));
    case!(with_the_old_value_moved = with_the_old_value_dropped_behind(2));

    #[segno::coroutine]
    async fn in_an_async_block(n: u32) -> usize {
        let s = String::from("abc");
        async {
            let r: Option<&str> = match n {
                0 => {
                    y().await;
                    None
                }
                _ => Some(&s),
            };
            y().await;
            r.map_or(0, str::len)
        }
        .await
    }
    case!(in_an_async_block(1));
}
