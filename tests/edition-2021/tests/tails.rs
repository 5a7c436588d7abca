//! Until edition 2024 the temporaries of a block's last expression outlive the block's variables.

use segno_tests::both_worlds;

#[both_worlds]
mod tails {
    #[segno::coroutine]
    async fn of_the_body() -> u32 {
        let _g = T("g");
        *id(temporary("temporary", 5)).await
    }
    case!(of_the_body());

    #[segno::coroutine]
    async fn of_the_body_with_a_parameter(_t: T, u: T) -> u32 {
        let _g = T("g");
        let n = *id(temporary("first", 1)).await;
        id(temporary("second", n)).await.pow(child(u.r().into()).await)
    }
    case!(of_the_body_with_a_parameter(T("t"), T("u")));

    #[segno::coroutine]
    async fn after_a_suspension() -> u32 {
        let _g = T("g");
        y().await;
        *temporary("temporary", 5)
    }
    case!(after_a_suspension());

    #[segno::coroutine]
    async fn of_a_block() -> u32 {
        let _outer = T("outer");
        let n = {
            let _g = T("g");
            *id(temporary("temporary", 1)).await
        };
        log("after");
        y().await;
        n
    }
    case!(of_a_block());

    #[segno::coroutine]
    async fn of_branches(c: u32) -> u32 {
        let _outer = T("outer");
        if c == 0 {
            let _g = T("g");
            y().await;
            *temporary("zero", 5)
        } else if c == 1 {
            let _g = T("g");
            *id(temporary("one", 4)).await
        } else {
            let _g = T("g");
            let _h = T("h");
            id(T("two")).await.r().into()
        }
    }
    case!(branch_0 = of_branches(0));
    case!(branch_1 = of_branches(1));
    case!(branch_2 = of_branches(2));

    #[segno::coroutine]
    async fn match_at_the_end(n: u32) -> u32 {
        let _g = T("g");
        match *id(temporary("temporary", n)).await {
            3 => {
                let _arm = T("arm");
                child(1).await
            }
            n => n,
        }
    }
    case!(match_with_a_suspension = match_at_the_end(3));
    case!(match_without = match_at_the_end(4));

    #[segno::coroutine]
    async fn arms() -> u32 {
        match child(2).await {
            1 => 3,
            _ => {
                let _g = T("g");
                *id(temporary("temporary", 6)).await
            }
        }
    }
    case!(arms());

    #[segno::coroutine]
    async fn in_a_loop() -> u32 {
        let mut sum = 0;
        for n in 0..3 {
            sum += {
                let _g = T("g");
                *id(temporary("temporary", n)).await
            };
            log("round");
        }
        sum
    }
    case!(in_a_loop());

    #[segno::coroutine]
    async fn early() -> Result<u32, Failure> {
        let _g = T("g");
        if *id(temporary("condition", 1)).await == 2 {
            return Ok(0);
        }
        let n = fail(false, 1).await?;
        let _h = T("h");
        Ok(*id(temporary("temporary", n)).await + fail(true, 1).await?)
    }
    case!(early());

    #[segno::coroutine]
    async fn of_an_async_block() -> u32 {
        let inner = async {
            let _g = T("g");
            *id(temporary("temporary", 4)).await
        };
        let _outer = T("outer");
        inner.await
    }
    case!(of_an_async_block());

    struct Counter {
        count: u32,
        token: T,
    }

    impl Counter {
        #[segno::coroutine]
        async fn next(&mut self) -> u32 {
            let _g = T("g");
            self.count += 1;
            self.count + *id(temporary("temporary", self.count)).await
        }
    }

    #[segno::coroutine]
    async fn of_methods() -> u32 {
        let mut counter = Counter { count: 1, token: T("counter") };
        let _g = T("g");
        counter.next().await + *id(temporary("temporary", counter.next().await)).await
    }
    case!(of_methods());

    impl Counter {
        #[segno::coroutine]
        async fn beside(&self, other: &T) -> u32 {
            let _g = T("g");
            y().await;
            self.count + u32::from(other.r())
        }
    }

    fn counter(count: u32) -> Counter {
        Counter { count, token: T("counter") }
    }

    #[segno::coroutine]
    async fn borrowed_beside_variables(n: u32) -> u32 {
        y().await;
        let t = T("t");
        if n == 0 {
            return id(&t).await.r().into();
        }
        let u = T("u");
        match counter(n).beside(&u).await {
            1 => {
                let arm = T("arm");
                u32::from(id(&arm).await.r()) + u32::from(id(&u).await.r())
            }
            other if other > 3 => {
                y().await;
                other + u32::from(t.r())
            }
            other => other,
        }
    }
    case!(early_return = borrowed_beside_variables(0));
    case!(first_arm = borrowed_beside_variables(1));
    case!(last_arm = borrowed_beside_variables(2));
    case!(guarded_arm = borrowed_beside_variables(9));

    #[segno::coroutine]
    async fn statements() {
        let _g = T("g");
        {
            let _h = T("h");
            id(T("temporary")).await.r();
        }
        if true {
            let _i = T("i");
            id(T("unit")).await.r();
            log("no value")
        }
    }
    case!(statements());

    /// An operand that waits is no temporary: it is dropped before the block's variables.
    #[segno::coroutine]
    async fn operand_that_waits(o: T) -> Option<T> {
        let _g = T("g");
        Some((o, T("second"), y().await).0)
    }
    case!(operand_that_waits(T("o")));

    #[segno::coroutine]
    #[expect(irrefutable_let_patterns, reason = "as it is allowed")]
    async fn behind_a_name_with_an_else() -> Option<T> {
        let _p = T("p") else {
            y().await;
            return None;
        };
        (T("temporary"), None).1
    }
    case!(behind_a_name_with_an_else());

    #[segno::coroutine]
    async fn behind_an_else(c: bool) -> Option<T> {
        let Some(_x) = c.then(|| T("x")) else {
            y().await;
            return None;
        };
        (T("temporary"), None).1
    }
    case!(behind_an_else(true));
    case!(in_an_else = behind_an_else(false));

    #[segno::coroutine]
    async fn of_the_body_behind_a_let(c: bool, p: T) -> u32 {
        let _e = p;
        let _b = match c {
            _ if c => T("b"),
            _ => return u32::from(id(Some(T("value"))).await.is_some()),
        };
        temporary("t", 1).pow(2)
    }
    case!(of_the_body_behind_a_let(true, T("p")));
    case!(in_the_let = of_the_body_behind_a_let(false, T("p")));

    #[segno::coroutine]
    async fn of_the_body_behind_a_match(n: u32, p: T) -> u32 {
        let _e = p;
        log(match n {
            1 => "one",
            2 => {
                y().await;
                return 7;
            }
            _ => return 8,
        });
        temporary("t", 1).pow(2)
    }
    case!(of_the_body_behind_a_match(1, T("p")));
    case!(in_the_match = of_the_body_behind_a_match(2, T("p")));

    /// So does that of a block within.
    #[segno::coroutine]
    async fn behind_what_leaves(n: u32) -> u32 {
        let k = {
            let _g = T("g");
            if n == 1 {
                y().await;
                return 1;
            }
            temporary("t", 3).pow(2)
        };
        let mut i = 0;
        loop {
            let _g = T("g of loop");
            i += 1;
            if i == 2 {
                y().await;
                break;
            }
            (T("x"), log("t")).1
        }
        if n > 1 {
            let _h = T("h");
            if k == 5 {
                y().await;
                return 7;
            }
            (T("x"), log("t")).1
        }
        k
    }
    case!(leaves = behind_what_leaves(1));
    case!(behind_what_leaves(2));

    /// Parentheses change nothing.
    #[segno::coroutine]
    async fn in_parentheses(n: u32) -> u32 {
        let _g = T("g");
        (match (*temporary("t", child(n).await)) % 3 {
            _ => n,
        })
    }
    case!(in_parentheses(1));

    /// An `if let` without an `else` is a `match`, too, as far as its temporaries go.
    #[segno::coroutine]
    async fn if_let_at_the_end(n: u32) {
        let _g = T("g");
        if let 1.. = *temporary("matched", n) {
            let _inner = T("inner");
            y().await;
        }
    }
    case!(if_let_at_the_end(1));
    case!(if_let_that_does_not_match = if_let_at_the_end(0));

    #[segno::coroutine]
    async fn if_let_in_blocks(c: bool) {
        y().await;
        {
            let _outer = T("outer");
            if c {
                let _g = T("g");
                let deferred;
                if let Some(_held) = &Some(T("matched")) {
                    deferred = T("deferred");
                    y().await;
                    deferred.r();
                }
            }
        }
    }
    case!(if_let_in_blocks(true));

    /// What a `let` borrows lives to the end of its block, also where the last expression is taken apart behind all suspensions.
    #[segno::coroutine]
    async fn borrowed_behind_the_last_suspension(c: bool) -> u32 {
        let g = {
            let (ref _x, f) = (T("x"), id(T("f")).await);
            (T("beside"), if c { f } else { T("other") }).1
        };
        g.r().into()
    }
    case!(borrowed_behind_the_last_suspension(true));
    case!(borrowed_and_not_moved = borrowed_behind_the_last_suspension(false));

    /// The temporaries of what is formatted end in `format!` and `println!`, and `dbg!` leaves them to the statement.
    #[segno::coroutine]
    async fn formatted() -> u32 {
        log(format!("{}", *temporary("formatted", child(3).await)));
        let text = {
            let _g = T("g");
            format!("{}", *temporary("at the end", child(4).await))
        };
        log(text);
        {
            let _g = T("g");
            println!("{}", *temporary("printed", child(5).await))
        }
        let _g = T("g");
        dbg!(*temporary("inspected", child(6).await))
    }
    case!(formatted());

    /// A block's last expression that is taken apart for the sake of a variable which the block declares.
    #[segno::coroutine]
    async fn moved_at_the_end(c: bool) -> u32 {
        if id(true).await {
            let [mut _g, f] = id([T("g"), T("f")]).await;
            match Some(T("matched")) {
                _ if c => log("kept"),
                Some(mut _s) => {
                    let _moved = f;
                }
                _ => {}
            }
        }
        4
    }
    case!(moved_at_the_end(true));
    case!(moved_at_the_end_indeed = moved_at_the_end(false));
}
