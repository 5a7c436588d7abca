//! What random functions (`fuzz`) have found, reduced.

use segno_tests::both_worlds;

#[both_worlds]
mod found {
    #[derive(Debug)]
    struct Pair {
        a: T,
        b: T,
        n: u32,
    }

    fn eat(t: T) -> u32 {
        log(format!("eat:{}", t.0));
        1
    }

    /// Operands that wait are dropped before the temporaries of the statement.
    #[segno::coroutine]
    async fn operand_before_a_temporary() {
        let _pair = (T("first"), T("temporary").a().await);
    }
    case!(operand_before_a_temporary());

    #[segno::coroutine]
    async fn operands_before_a_temporary() {
        let _pair = Pair { a: T("a"), b: T("b"), n: u32::from(T("temporary").a().await) };
    }
    case!(operands_before_a_temporary());

    #[segno::coroutine]
    async fn operand_before_a_borrowed_temporary() {
        drop((T("first"), two(&T("temporary"), T("owned")).await));
    }
    case!(operand_before_a_borrowed_temporary());

    /// One part is borrowed across a suspension, the other is not.
    #[segno::coroutine]
    async fn parts_of_a_tuple() {
        let whole = (T("1"), T("2"));
        let (first, second) = whole;
        y().await;
        {
            let r = &first;
            y().await;
            r.r();
        }
        drop(second);
    }
    case!(parts_of_a_tuple());

    #[segno::coroutine]
    async fn short_circuit_in_an_initialiser(c: bool) {
        let _e = if c && child(3).await < 2 { Some(T("some")) } else { None };
    }
    case!(short_circuit_true = short_circuit_in_an_initialiser(true));
    case!(short_circuit_false = short_circuit_in_an_initialiser(false));

    #[segno::coroutine]
    async fn moved_and_returned(c: bool, q: T) -> u32 {
        if c {
            drop(q);
            return 1;
        }
        y().await;
        {
            let r = &q;
            y().await;
            r.r();
        }
        2
    }
    case!(moved_and_returned_true = moved_and_returned(true, T("q")));
    case!(moved_and_returned_false = moved_and_returned(false, T("q")));

    #[segno::coroutine]
    async fn number_as_a_receiver(c: bool) -> u32 {
        let mut f = child(0).await;
        for _ in 0..3u32 {
            if c {
                f = f.wrapping_add(child(1).await);
            }
            f = f * 2 + 3;
        }
        f
    }
    case!(number_as_a_receiver_true = number_as_a_receiver(true));
    case!(number_as_a_receiver_false = number_as_a_receiver(false));

    #[segno::coroutine]
    async fn initialised_and_left(d: bool) -> u32 {
        {
            let s;
            if d {
                s = T("x");
            }
            if child(0).await > 1 {
                return 1;
            }
        }
        2
    }
    case!(initialised_and_left_true = initialised_and_left(true));
    case!(initialised_and_left_false = initialised_and_left(false));

    #[segno::coroutine]
    async fn temporary_before_an_await_in_an_array(n: u32) -> T {
        return {
            let _: [u32; 3] = [*temporary("t2", n), 1, child(2).await];
            T("z")
        };
    }
    case!(temporary_before_an_await_in_an_array(3));

    struct Parts {
        a: T,
        b: T,
        n: u32,
    }
    #[segno::coroutine]
    async fn parameter_bound_by_reference(this: Parts, e: Option<T>, ref h: T) {}
    case!(parameter_bound_by_reference(Parts { a: T("sa"), b: T("sb"), n: 4 }, Some(T("q")), T("o")));

    #[segno::coroutine]
    async fn part_of_a_scrutinee(o: T) -> T {
        match (o, 1).1 {
            _ => y().await,
        }
        T("z")
    }
    case!(part_of_a_scrutinee(T("o")));

    #[segno::coroutine]
    async fn assigned_last() {
        let l1;
        l1 = 1;
    }
    case!(assigned_last());

    #[segno::coroutine]
    async fn assigned_by_a_pattern(mut pair: (u32, u32)) -> u32 {
        let (mut a, mut b) = (T("a"), 1);
        bumped(&mut pair.0).await;
        (pair.1, pair.0) = (pair.0 + 1, pair.1);
        (a, b) = (T("a2"), 2);
        y().await;
        pair.0 * 10 + pair.1 + b
    }
    #[segno::coroutine]
    async fn bumped(n: &mut u32) {
        y().await;
        *n += 1;
    }
    case!(assigned_by_a_pattern((3, 4)));

    #[segno::coroutine]
    async fn asked_in_an_arm_that_is_left() -> Option<T> {
        let p = {
            #[allow(irrefutable_let_patterns)]
            let _ = Some(1) else {
                y().await;
                return None;
            };
            T("z")
        };
        let n = get(&p.0).await;
        y().await;
        None
    }
    case!(asked_in_an_arm_that_is_left());

    #[segno::coroutine]
    async fn ref_in_a_scrutinee(c: bool) -> u32 {
        let mut n = 0;
        if c && let Some(ref a) = Some(T("t1")) {
            y().await;
            log(a.0);
            n += 1;
        }
        match id(Some(T("t2"))).await {
            Some(ref mut t) => {
                y().await;
                log(t.0);
            }
            None => {}
        }
        n
    }
    case!(ref_in_a_scrutinee(true));

    #[segno::coroutine]
    async fn for_that_leaves() -> u32 {
        for _t in [T("a"), T("b")] {
            y().await;
            return 1;
        }
        2
    }
    case!(for_that_leaves = for_that_leaves());

    #[segno::coroutine]
    async fn temporaries_of_an_assertion(n: u32) -> u32 {
        assert_ne!(T("left").0.len() as u32 + child(1).await, n + *temporary("right", 9));
        log(format!("{} {}", *temporary("t1", 1), child(2).await + *temporary("t2", 3)));
        n
    }
    case!(temporaries_of_an_assertion(3));

    #[segno::coroutine]
    async fn matched_in_an_arm(n: u32, x: Result<T, T>, _: T) -> u32 {
        match y().await {
            _ => if let Ok(h) = x {},
        }
        n
    }
    case!(matched_in_an_arm(3, Err(T("p")), T("q")));
    case!(matched_in_an_arm_and_taken = matched_in_an_arm(3, Ok(T("p")), T("q")));

    fn light() -> T {
        T("light")
    }

    /// A variable that is called like the function that makes it, or another that is called later.
    #[segno::coroutine]
    async fn named_like_a_function() -> u8 {
        {
            let light = light();
            let r = &light;
            y().await;
            r.a().await;
        }
        let other = light();
        y().await;
        other.r()
    }
    case!(named_like_a_function());

    /// Left by `break`, the block has not moved it.
    #[segno::coroutine]
    async fn moved_at_the_end_of_a_labelled_block(leaves: bool) -> u8 {
        let t = T("t");
        let _g = T("g");
        let n = match &(
            'a: {
                if leaves {
                    break 'a T("other");
                }
                t
            },
            3,
        )
            .1
        {
            4 => 0,
            n => {
                y().await;
                *n
            }
        };
        y().await;
        log("end");
        n
    }
    case!(moved_at_the_end_of_a_labelled_block(false));
    case!(left_before_the_end_of_a_labelled_block = moved_at_the_end_of_a_labelled_block(true));

    /// What is matched is dropped before what follows, also if only one arm comes there.
    #[segno::coroutine]
    async fn one_arm_goes_on(c: bool, d: bool) -> u8 {
        let a = T("a");
        let r = &a;
        let kept = T("kept");
        let x = match (T("left"), T("borrowed")) {
            (_x, ref u) if d => {
                u.r();
                if c { kept } else { T("new") }
            }
            (ref q, ..) => return q.r(),
        };
        r.r();
        x.a().await;
        y().await;
        1
    }
    case!(one_arm_goes_on(true, true));
    case!(one_arm_goes_on_otherwise = one_arm_goes_on(false, true));
    case!(no_arm_goes_on = one_arm_goes_on(false, false));
}
