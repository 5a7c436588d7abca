//! Until edition 2024 the temporaries of a block's last expression are those of the statement that uses the block's value: as an
//! operand, in a `let`, for a `match` to look at, or not at all.

use segno_tests::both_worlds;

#[both_worlds]
mod tails_used {
    #[derive(Debug)]
    struct Pair {
        a: T,
        b: T,
    }

    fn base() -> Pair {
        Pair { a: T("left"), b: T("b") }
    }

    /// A receiver is one if it is borrowed.
    #[segno::coroutine]
    async fn receiver_that_waits() -> u32 {
        let _g = T("g");
        id(temporary("receiver", 2)).await.pow(child(1).await)
    }
    case!(receiver_that_waits());

    /// What a pattern leaves of the value that a last expression looks at outlives the block's variables.
    #[segno::coroutine]
    async fn matched_in_part(d: bool) -> u32 {
        if d {
            let _v = T("v");
            y().await;
            match (Pair { a: T("a"), ..base() }) {
                Pair { a: _a, .. } => log("matched"),
            }
        }
        1
    }
    case!(matched_in_part(true));

    #[segno::coroutine]
    async fn value_that_nobody_wants() -> u32 {
        let _ = {
            let _v = T("v");
            y().await;
            Pair { a: T("a"), ..base() }
        };
        1
    }
    case!(value_that_nobody_wants());

    #[segno::coroutine]
    async fn labelled_that_nobody_wants(d: bool) -> u32 {
        let _ = 'a: {
            if d {
                break 'a Pair { a: T("a"), b: id(T("early")).await };
            }
            Pair { a: T("a"), ..base() }
        };
        log("after");
        let _ = 'b: {
            let _g = T("g");
            if d {
                break 'b Pair { a: T("c"), b: id(T("d")).await };
            }
            {
                let _h = T("h");
                Pair { a: T("e"), ..base() }
            }
        };
        3
    }
    case!(labelled_that_nobody_wants(false));
    case!(labelled_and_early = labelled_that_nobody_wants(true));

    #[segno::coroutine]
    #[expect(irrefutable_let_patterns, reason = "as it is allowed")]
    async fn matched_and_nothing_wanted() {
        let _unit = {
            let _b = T("b");
            y().await;
            if let _ = T("matched") {}
        };
    }
    case!(matched_and_nothing_wanted());

    /// Taken apart for what it moves, though nothing in it suspends.
    #[segno::coroutine]
    async fn matched_and_moved(d: bool) -> u32 {
        for _ in 0..2 {
            let b = T("b");
            y().await;
            if let Ok(_a) = &Err::<T, T>(T("matched")) {
                log("never");
            } else {
                match Some(b) {
                    Some(b) if d => drop(b),
                    _ => {}
                }
            }
        }
        1
    }
    case!(matched_and_moved(true));
    case!(matched_and_not_moved = matched_and_moved(false));

    /// The scrutinee of a `match` keeps what its block leaves, to the end of the statement.
    #[segno::coroutine]
    async fn of_a_scrutinee() -> u32 {
        match {
            let _g = T("g");
            y().await;
            (T("x"), *temporary("temporary", 4)).1
        } {
            4 => {
                let _arm = T("arm");
                y().await;
            }
            _ => {}
        }
        let taken = match {
            let _g = T("g");
            y().await;
            (T("x"), Ok::<T, Failure>(T("y"))).1
        } {
            Ok(y) if y.r() > 200 => 1,
            Ok(_) => child(2).await,
            Err(_) => 3,
        };
        log("after");
        taken
    }
    case!(of_a_scrutinee());

    /// So does the value of a `let`, a condition, an operand.
    #[segno::coroutine]
    async fn of_values() -> u32 {
        let (a, _) = {
            let _g = T("g");
            y().await;
            (T("a"), *temporary("let", 4))
        };
        log("after");
        if {
            let _h = T("h");
            y().await;
            *temporary("condition", 1) == 1
        } {
            log("then");
        }
        let n = {
            let _i = T("i");
            y().await;
            *temporary("left", 1)
        } + {
            y().await;
            *temporary("right", 1)
        };
        log("last");
        n + u32::from(a.r())
    }
    case!(of_values());

    /// What a pattern at the end leaves of its value, too.
    #[segno::coroutine]
    async fn of_a_pattern() -> u32 {
        {
            let _g = T("g");
            match id((T("left"), T("taken"))).await {
                (_, _taken) => (),
            }
        }
        {
            let _g = T("g");
            match id((T("left"), T("taken"))).await {
                (_, _taken) => y().await,
            }
        }
        1
    }
    dynamic_drop!(of_a_pattern());

    /// A branch ends them.
    #[segno::coroutine]
    async fn of_a_branch(c: bool) -> Option<u32> {
        if c {
            (id(T("value")).await, *temporary("temporary", 1))
        } else {
            None?
        };
        Some(1)
    }
    case!(of_a_branch(true));
    case!(of_no_branch = of_a_branch(false));

    /// What a last expression looks at outlives the block's variables, also if nothing behind it suspends.
    #[segno::coroutine]
    async fn looked_at(n: u32, e: T) {
        if n > 1 {
            let _g = T("g");
            match Some(id(T("value")).await) {
                Some(_) => {
                    let _k = T("k");
                }
                None => {}
            }
        }
        e.a().await;
    }
    dynamic_drop!(looked_at(3, T("e")));

    /// The body's value stands in the body's brace, wherever the way to it leads.
    #[segno::coroutine]
    async fn of_the_body_behind_an_if(c: bool, p: T) -> u32 {
        let _e = p;
        if c {
            y().await;
            return 3;
        }
        temporary("t", 1).pow(2)
    }
    case!(of_the_body_behind_an_if(false, T("p")));
    case!(in_the_if = of_the_body_behind_an_if(true, T("p")));

    #[segno::coroutine]
    async fn of_a_label(d: bool) -> u32 {
        let (_a, _b) = 'a: {
            let _g = T("g");
            if d {
                break 'a (T("a"), child(1).await);
            }
            (T("b"), *temporary("t", 2))
        };
        log("after");
        let k = 'b: {
            let _g = T("g2");
            if d {
                break 'b child(3).await;
            }
            *temporary("t", 3)
        } + 4;
        'd: {
            let _g = T("g4");
            if d {
                y().await;
                break 'd;
            }
            (T("x"), log("t1")).1
        }
        k
    }
    case!(of_a_label(false));
    case!(left_by_a_label = of_a_label(true));

    /// The elements of a tuple that is there for a part of it outlive the block's variables, but not while they are made.
    #[segno::coroutine]
    async fn waiting_elements(c: bool, q: T) {
        let _a = match id(Some(T("t"))).await {
            Some(_) => {
                let g = T("g");
                if c {
                    y().await;
                }
                (T("first"), Some((u32::from(g.r()), T("second"), q))).1
            }
            None => None,
        };
        y().await;
    }
    case!(waiting_elements(true, T("q")));

    /// The operands of a block's last expression wait, they do not outlive the block's variables.
    #[segno::coroutine]
    async fn waiting_operands(c: bool) -> Option<T> {
        let p = {
            let p = T("p");
            (
                T("first"),
                if c { T("branch") } else { return Some(*{ Box::new(p) }) },
                id(T("awaited")).await,
                T("last"),
                child(1).await,
            )
        };
        Some(p.0)
    }
    case!(waiting_operands(true));
    case!(left_while_operands_wait = waiting_operands(false));

    /// A block that is another's last expression leaves its temporaries to the statement too.
    #[segno::coroutine]
    async fn block_in_a_block(n: u32, c: bool) -> u32 {
        match n {
            _ if c => {
                let _outer = T("outer");
                {
                    let _inner = T("inner");
                    match &(if n > 2 { id((T("a"), T("b"))).await } else { (T("c"), T("d")) }) {
                        (_, _) if n > 3 => y().await,
                        _ => log("not awaited"),
                    }
                }
            }
            _ => {}
        }
        1
    }
    case!(block_in_a_block(4, true));
    case!(block_in_a_block_of_a_value = block_in_a_block(2, true));

    struct Three {
        a: T,
        b: T,
        n: u32,
    }

    /// An element of a tuple, or a field of one: the rest outlives the block's variables, but no operand does.
    #[segno::coroutine]
    async fn element_at_the_end(q: &T) -> u32 {
        let first = {
            let _g = T("g");
            (Three { a: T("a"), b: T("b"), n: 2 }, y().await).0.n
        };
        let _second = {
            let (_, h) = (1, T("h"));
            (T("c"), id(T("d")).await, h.r(), T("e")).1
        };
        let _third = {
            let i = T("i");
            let block = {
                let s = T("s");
                y().await;
                s
            };
            (T("f"), block, (T("j"), u32::from(i.r())).0).2
        };
        let _g = T("last");
        (
            {
                let s = T("t");
                y().await;
                s
            },
            id(T("k")).await,
            q.r(),
        )
            .1;
        let k = T("l");
        (
            T("m"),
            {
                let s = T("u");
                y().await;
                s
            },
            (T("n"), first + u32::from(k.r())).1,
        )
            .2
    }
    case!(element_at_the_end(&T("q")));

    /// What the last expression of a block borrows, or leaves, lives as long as the `match` that looks at the block's value.
    #[segno::coroutine]
    async fn left_to_a_match(early: bool) -> u32 {
        let u = T("u");
        let _first = match &(Some({
            let _z = T("z");
            Three { a: T("a"), ..Three { a: u, b: T("b"), n: 1 } }
        })) {
            Some(Three { a, .. }) if early => {
                y().await;
                assert_ne!(a.r(), 0);
            }
            _ => log("first"),
        };
        let _second = match &(Some({
            let _w = T("w");
            {
                let _v = T("v");
                (T("p"), T("q")).1
            }
        })) {
            Some(q) if early => {
                y().await;
                assert_ne!(q.r(), 0);
            }
            _ => log("second"),
        };
        match &(Some({
            let _x = T("x");
            T("t").r()
        })) {
            Some(n) if early => {
                y().await;
                u32::from(*n)
            }
            _ => 1,
        }
    }
    case!(left_to_a_match(true));
    case!(left_to_a_match_at_once = left_to_a_match(false));

    /// So it is with a block that has a label, and with one that is unsafe.
    #[segno::coroutine]
    async fn left_to_a_match_by_a_label(early: bool, short: bool) -> u32 {
        let _first = match &(Some('made: {
            let _z = T("z");
            if short {
                break 'made Three { a: T("c"), b: T("d"), n: 2 };
            }
            Three { a: T("a"), ..Three { a: T("left"), b: T("b"), n: 1 } }
        })) {
            Some(Three { n: 1, .. }) if early => y().await,
            _ => log("first"),
        };
        // SAFETY: nothing in it is unsafe.
        match &(Some(unsafe {
            let _z = T("z");
            (T("p"), T("q")).0
        })) {
            Some(p) if early => {
                y().await;
                p.r().into()
            }
            _ => 1,
        }
    }
    case!(left_to_a_match_by_a_label(true, false));
    case!(left_to_a_match_by_a_label_early = left_to_a_match_by_a_label(true, true));
    case!(left_to_a_match_by_a_label_at_once = left_to_a_match_by_a_label(false, false));

    /// What a `match` at the end leaves of a value, which outlives the body's variables.
    #[segno::coroutine]
    async fn match_of_a_value(taken: bool) {
        y().await;
        let Three { a: _a, b: _b, n: _ } = Three { a: T("a"), b: T("b"), n: 3 };
        match Some((T("c"), T("d"))).into_iter().next().unwrap() {
            (c, _) if taken => {
                let _c = c;
            }
            _ => {}
        }
    }
    case!(match_of_a_value(true));
    case!(match_of_a_value_that_is_left = match_of_a_value(false));

    #[segno::coroutine]
    async fn pair_at_the_end(taken: bool) {
        y().await;
        let _x = T("x");
        match (T("c"), T("d")) {
            (c, _) if taken => {
                let _c = c;
            }
            _ => {}
        }
    }
    case!(pair_at_the_end(true));
    case!(pair_at_the_end_that_is_left = pair_at_the_end(false));

    /// The value of a block is dropped before what its last expression left.
    #[segno::coroutine]
    async fn block_that_is_looked_at(taken: bool, n: u32) -> u32 {
        match ({
            log("made");
            (T("left"), Some(T("looked at"))).1
        }) {
            None if taken => y().await,
            _ => log("nothing"),
        }
        n
    }
    case!(block_that_is_looked_at(true, 1));
    case!(block_that_is_looked_at_at_once = block_that_is_looked_at(false, 1));

    /// An element that was awaited is dropped after the operands that came later.
    #[segno::coroutine]
    async fn awaited_before_an_operand() -> T {
        (id(T("first")).await, (T("second"), child(0).await).0).1
    }
    case!(awaited_before_an_operand());

    /// What is looked at in an inner block outlives the body's variables, also where only a slot takes the `match` apart.
    #[segno::coroutine]
    async fn looked_at_in_a_block() {
        let (x, p) = id((T("x"), T("p"))).await;
        let l;
        l = p;
        let n = x.r();
        y().await;
        {
            match (x, n) {
                _ => {
                    let Some(_) = None::<T> else {
                        return;
                    };
                }
            }
        }
    }
    case!(looked_at_in_a_block());

    /// An `unsafe` block leaves its temporaries to what is around it, as every block does.
    #[segno::coroutine]
    async fn unsafe_block_as_the_value() -> u8 {
        let _v = T("v");
        // SAFETY: nothing in it is unsafe.
        unsafe {
            let _w = T("w");
            T("t").a().await
        }
    }
    case!(unsafe_block_as_the_value());

    #[segno::coroutine]
    async fn unsafe_block_as_an_operand() -> u8 {
        let x = (
            // SAFETY: nothing in it is unsafe.
            unsafe {
                let _w = T("w");
                T("t").a().await
            },
            T("z").r(),
        );
        x.0 + 1
    }
    case!(unsafe_block_as_an_operand());

    /// A branch, and the body of a loop, leaves nothing to what is around it.
    #[segno::coroutine]
    async fn branches_as_an_operand(d: bool) -> (u8, u8) {
        let _b = T("b");
        (
            T("x").a().await,
            if d {
                let _v = T("v");
                T("t").a().await
            } else {
                let _w = T("w");
                T("u").a().await
            },
        )
    }
    case!(branches_as_an_operand(true));
    case!(branches_as_an_operand_2 = branches_as_an_operand(false));

    #[segno::coroutine]
    async fn loop_as_an_operand() -> (u8, u8) {
        let _b = T("b");
        (
            T("x").a().await,
            loop {
                let _v = T("v");
                break T("t").a().await;
            },
        )
    }
    case!(loop_as_an_operand());
}
