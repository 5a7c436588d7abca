//! What an expression leaves behind, operands that wait, temporaries, the rest of what a pattern takes apart, is dropped in
//! rustc's order, also where something panics in between. (If the panic is that of a drop behind a block's value, rustc forgets
//! the value: such functions are `case!`s.)

use segno_tests::both_worlds;

#[both_worlds]
mod left_behind {
    #[derive(Debug)]
    struct Pair {
        a: T,
        b: T,
        n: u32,
    }

    #[derive(Debug)]
    struct Nest {
        p: Pair,
        o: Option<T>,
        m: u32,
    }

    fn pair(n: u32) -> Pair {
        Pair { a: T("a"), b: T("b"), n }
    }

    fn base() -> Pair {
        Pair { a: T("left"), b: T("base"), n: 1 }
    }

    /// An operand that several branches give waits like any other.
    #[segno::coroutine]
    async fn operand_of_branches(n: u32) -> u32 {
        let both = (
            match child(n).await {
                0 => T("zero"),
                _ => T("one"),
            },
            Pair { a: T("c"), b: T("d"), n: child(2).await },
        );
        both.1.n + child(1).await
    }
    dynamic_drop!(operand_of_branches(0));

    #[segno::coroutine]
    async fn part_of_a_tuple_of_branches(n: u32) -> u32 {
        let part = (
            match child(n).await {
                0 => T("zero"),
                _ => T("one"),
            },
            Pair { a: T("c"), b: T("d"), n: child(2).await },
        )
            .1;
        part.n + child(1).await
    }
    dynamic_drop!(part_of_a_tuple_of_branches(1));

    /// Since edition 2024 a block's last expression ends its temporaries, as its operands: the later ones go first.
    #[segno::coroutine]
    async fn last_of_the_body() -> Pair {
        y().await;
        Pair { a: T("first"), b: T("second"), n: u32::from(T("temporary").r()) }
    }
    dynamic_drop!(last_of_the_body());

    #[segno::coroutine]
    async fn last_of_blocks(fails: bool) -> Result<Pair, Failure> {
        let first = {
            log("first");
            Pair { a: T("a"), b: T("b"), n: u32::from(T("native").r()) }
        };
        let second = match child(first.n).await {
            7 => first,
            _ => {
                let _g = T("g");
                Pair { a: T("c"), b: T("d"), n: u32::from(fail(fails, T("awaited")).await?.r()) + child(1).await }
            }
        };
        Ok(Pair { a: id(T("e")).await, b: T("f"), n: second.n + u32::from(id(T("last")).await.r()) + child(1).await })
    }
    case!(last_of_blocks(false));
    case!(last_that_fails = last_of_blocks(true));

    /// An arm is no block, and a condition neither.
    #[segno::coroutine]
    async fn arms_and_conditions(n: u32) -> u32 {
        let p = match child(n).await {
            7 => pair(1),
            _ => Pair { a: T("c"), b: T("d"), n: u32::from(id(T("arm")).await.r()) },
        };
        if (Pair { a: T("e"), b: T("f"), n: u32::from(id(T("condition")).await.r()) }).n == p.n { 1 } else { 2 }
    }
    case!(arms_and_conditions(3));

    /// What a pattern borrows of a tuple keeps all of the tuple.
    #[segno::coroutine]
    async fn borrowed_part() -> u8 {
        let [ref first, ..] = (T("other"), [T("first"), T("second")]).1;
        y().await;
        first.r()
    }
    dynamic_drop!(borrowed_part());

    /// But not what the tuple was made of.
    #[segno::coroutine]
    async fn borrowed_part_of_an_update() -> u32 {
        let Pair { a: _, b: _, ref n } = (T("other"), Pair { a: T("a"), ..base() }).1;
        y().await;
        *n
    }
    dynamic_drop!(borrowed_part_of_an_update());

    /// The iterator's temporaries live as long as the loop.
    #[segno::coroutine]
    async fn iterator(n: u32) -> u32 {
        for i in 0..kid(&T("temporary"), n).await {
            let _g = T("round");
            log(format!("{i}"));
        }
        y().await;
        3
    }
    dynamic_drop!(iterator(2));

    #[segno::coroutine]
    async fn kid(t: &T, n: u32) -> u32 {
        y().await;
        u32::from(t.r()) % 2 + n
    }

    /// A `let` in a chain lives to the end of the `if`, also where a later condition is taken apart.
    #[segno::coroutine]
    async fn chain(n: u32) -> u32 {
        if child(1).await == 1
            && let Nest { p: Pair { a, b, n: _ }, o: _, m } =
                (Nest { p: Pair { a: T("a"), b: T("b"), n: child(n).await }, o: Some(T("o")), m: 2 })
            && let Some(Pair { b: _, n, .. }) = &(match m % n {
                0 => Some(Pair { a: T("c"), b, n: m }),
                _ => None,
            })
        {
            log("then");
            return n + u32::from(a.r());
        }
        3
    }
    dynamic_drop!(chain_that_holds = chain(2));
    dynamic_drop!(chain_that_does_not = chain(3));

    /// Through a pointer, a `move` closure takes the pointer.
    #[segno::coroutine]
    async fn captured_pointers(mut lent: Pair) -> u32 {
        let boxed = Box::new((T("boxed"), 1));
        let shared = std::rc::Rc::new(Pair { a: T("shared a"), b: T("shared b"), n: 7 });
        let (other, exclusive) = (shared.clone(), &mut lent);
        let first = move || boxed.1;
        let second = move || other.n;
        let third = move || u32::from(exclusive.a.r());
        y().await;
        first() + second() + third() + shared.n
    }
    dynamic_drop!(captured_pointers(pair(3)));

    /// What is put together is dropped together, if what is evaluated next panics.
    #[segno::coroutine]
    async fn put_together(g: T) {
        y().await;
        match &(Nest { p: Pair { a: T("c"), ..base() }, o: None, m: *temporary("t", u32::from(g.r())) }) {
            Nest { o: Some(_), .. } => {}
            nest => {
                log(format!("{nest:?}"));
                y().await;
            }
        }
        let (a, b) = (T("e"), T("f"));
        let nest = &Nest { p: Pair { a, b, n: 2 }, o: None, m: *temporary("t", u32::from(g.r())) };
        y().await;
        log(format!("{nest:?}"));
    }
    dynamic_drop!(put_together(T("g")));

    /// Operands that wait are dropped before what a base leaves.
    #[segno::coroutine]
    async fn beside_a_base() -> u32 {
        let both = (T("first"), Nest { p: Pair { a: T("c"), ..base() }, o: None, m: child(0).await });
        y().await;
        both.1.m
    }
    dynamic_drop!(beside_a_base());

    /// What a `match` gives is no operand any more where it is matched in its turn: what the pattern leaves of it goes last.
    #[segno::coroutine]
    async fn matched_twice(u: T) {
        if child(1).await == 1
            && let Some(Pair { a: _p, b: _, n: _ }) = (match u.r() {
                0 => Some(pair(0)),
                _ => Some(Pair { a: u, b: T("left"), n: 3 }),
            })
        {
            y().await;
        }
        y().await;
    }
    dynamic_drop!(matched_twice(T("u")));

    /// What is left of a variable that a condition binds is dropped before what the condition looked at.
    #[segno::coroutine]
    async fn left_of_what_a_condition_binds(p: T) {
        if let Some(q) = (p, Some(Pair { a: T("a"), b: T("b"), n: child(1).await })).1 {
            let Pair { a: _a, b: ref _b, n: ref _n } = q;
            log("inside");
        }
        y().await;
    }
    dynamic_drop!(left_of_what_a_condition_binds(T("p")));

    /// An arm that takes nothing may match what a later one would take.
    #[segno::coroutine]
    async fn looked_at_before(c: bool, q: Option<T>) {
        y().await;
        if c {
            match q {
                Some(T("kept")) | None => {}
                Some(_v) => {}
            }
        }
        y().await;
    }
    dynamic_drop!(looked_at_and_kept = looked_at_before(true, Some(T("kept"))));
    dynamic_drop!(looked_at_and_taken = looked_at_before(true, Some(T("taken"))));
    dynamic_drop!(looked_at_and_empty = looked_at_before(true, None));
    dynamic_drop!(not_looked_at = looked_at_before(false, Some(T("kept"))));

    /// A condition whose second half leaves temporaries, and a branch that may move a variable which the condition mentions.
    #[segno::coroutine]
    async fn mentioned_by_the_condition(c: bool) -> u32 {
        let u = T("u");
        if child(1).await == 1
            && let _ = (Pair { n: u32::from(u.r()), b: T("b"), a: T("a") })
        {
            let _e = Some(if c { T("new") } else { u });
            log("inside");
        }
        1
    }
    dynamic_drop!(mentioned_by_the_condition(true));
    dynamic_drop!(mentioned_and_moved = mentioned_by_the_condition(false));

    /// An arm that may move a variable which another arm moves.
    #[segno::coroutine]
    async fn moved_by_another_arm(c: bool) {
        for item in [T("first"), T("second")] {
            y().await;
            let _x = match (T("left"), T("right")) {
                (_, _) if c => {
                    match 'label: {
                        if c {
                            break 'label item;
                        }
                        T("not taken")
                    } {
                        _g => {
                            let _v = T("v");
                        }
                    }
                    T("value")
                }
                _ => item,
            };
        }
    }
    case!(moved_by_another_arm(true));
    case!(moved_by_the_other_arm = moved_by_another_arm(false));

    /// What a `let` borrows, behind the last suspension, where what follows is taken apart.
    #[segno::coroutine]
    async fn borrowed_behind_the_last_suspension() -> u32 {
        {
            y().await;
            let q = &T("borrowed");
            let _x = match {
                if match 3 {
                    _ => q.r(),
                } == 0
                {
                    log("never");
                }
                T("matched")
            } {
                _ => 1,
            };
        }
        2
    }
    dynamic_drop!(borrowed_behind_the_last_suspension());

    /// A variable has its new value before the temporaries of that are dropped.
    #[segno::coroutine]
    async fn assigned_before_temporaries(q: T) {
        let (mut e, p, ref _n) = (T("e"), T("p"), child(0).await);
        e = (T("new"), e, T("last")).0;
        both(&e, &p).await;
        e = { q };
        both(&e, &p).await;
    }
    #[segno::coroutine]
    async fn both(a: &T, b: &T) {
        y().await;
        a.r();
        b.r();
    }
    dynamic_drop!(assigned_before_temporaries(T("q")));

    /// An arm with a guard may take a variable that lives in a slot; another leaves it where it is, to the end of its scope.
    #[segno::coroutine]
    async fn left_by_an_arm(c: bool, o: Pair) {
        y().await;
        let r = &o;
        r.a.a().await;
        let _k = T("k");
        match o {
            _taken if c => log("taken"),
            _ => log("left"),
        }
    }
    dynamic_drop!(left_by_an_arm(false, pair(1)));
    dynamic_drop!(taken_by_an_arm = left_by_an_arm(true, pair(1)));

    /// An old value is dropped before the new one's temporaries, also where only types tell whether it was moved.
    #[segno::coroutine]
    async fn old_value_of_the_last_statement(mut q: T, more: bool) {
        if more {
            y().await;
        }
        q = (T("new"), Pair { a: T("a"), b: T("b"), n: q.r().into() }).0;
    }
    dynamic_drop!(old_value_of_the_last_statement(T("q"), true));
    dynamic_drop!(old_value_of_the_only_statement = old_value_of_the_last_statement(T("q"), false));

    /// A value that is only looked at is a temporary of its statement, also if one of several ways gives it.
    #[segno::coroutine]
    async fn looked_at_on_several_ways(n: u32) -> bool {
        let some = (if child(n).await == 1 { Some(T("some")) } else { None }).is_some();
        log("behind");
        let other = u32::from(
            (match child(n).await {
                1 => T("one"),
                _ => T("other"),
            })
            .r(),
        );
        y().await;
        some || other > n
    }
    dynamic_drop!(looked_at_on_several_ways(1));
    dynamic_drop!(looked_at_on_another_way = looked_at_on_several_ways(0));

    /// What a pattern takes of a tuple's element, and what it borrows, is bound before the statement's temporaries are dropped; what
    /// the element is made of waits until all of it is there.
    #[segno::coroutine]
    async fn element_in_parts(q: &T) -> u32 {
        let Nest { p: _, o: mut taken, m: ref number } = (
            T("beside"),
            Nest { p: Pair { a: T("new"), ..base() }, o: Some(T("o")), m: u32::from(q.r()) },
            T("behind"),
        )
            .1;
        y().await;
        taken = id(Some(T("another"))).await;
        *number + u32::from(taken.is_some())
    }
    dynamic_drop!(element_in_parts(&T("q")));

    /// What a tuple's other elements leave is the statement's, also within an array or a `vec!`.
    #[segno::coroutine]
    async fn elements_of_elements(q: &T) -> u32 {
        let list = id(vec![(T("a"), T("b")).1, Some(T("c")).map(|it| it).unwrap()]).await;
        let array = id([(T("d"), q.r(), T("e")).0, (T("f"), T("g"), T("h")).1]).await;
        let part = (T("i"), T("j"), id(T("k")).await).1;
        u32::from(part.r()) + list.len() as u32 + array.len() as u32 + child(1).await
    }
    dynamic_drop!(elements_of_elements(&T("q")));

    /// A variable that an operand takes is dropped as one, should a later operand panic.
    #[segno::coroutine]
    async fn variable_as_an_operand(q: T, p: &T) -> u32 {
        let r = &mut 3;
        let pair = id(Pair { a: T("a"), b: q, n: *temporary("t", u32::from(p.r())) }).await;
        let (r, n) = id((r, *temporary("u", u32::from(p.r())))).await;
        *r += n;
        y().await;
        *r + pair.n
    }
    dynamic_drop!(variable_as_an_operand(T("q"), &T("p")));

    /// What was awaited is an operand as well, and waits for the later ones.
    #[segno::coroutine]
    async fn awaited_as_an_operand(n: u32, q: &T) -> u32 {
        let nest = &Nest {
            p: match n {
                0 => pair(2),
                _ => Pair { a: T("c"), b: T("d"), n: child(2).await },
            },
            o: id(Some(T("o"))).await,
            m: *temporary("t", u32::from(q.r())),
        };
        y().await;
        nest.m
    }
    dynamic_drop!(awaited_as_an_operand(0, &T("q")));
    dynamic_drop!(awaited_as_another_operand = awaited_as_an_operand(1, &T("q")));

    /// What is left of a tuple is a temporary, and dropped behind the operands.
    #[segno::coroutine]
    async fn element_as_an_operand(q: &T) -> u32 {
        let pair = Pair { a: T("a"), b: (T("c"), T("b"), T("d")).1, n: child(u32::from(q.r())).await };
        pair.n
    }
    dynamic_drop!(element_as_an_operand(&T("q")));

    /// What is only looked at stays in its tuple, which is dropped from its first element on.
    #[segno::coroutine]
    async fn element_that_is_looked_at(t: T) -> u32 {
        if let Ok(ref it) = (T("first"), Ok::<T, u32>(t), T("last")).1 {
            y().await;
            it.r();
        }
        1
    }
    dynamic_drop!(element_that_is_looked_at(T("t")));

    /// What a `match` gives is younger than what is left of what it looked at.
    #[segno::coroutine]
    async fn value_of_a_match(q: &T) -> u32 {
        let a = match &(match (T("a"), Pair { a: T("b"), b: T("d"), n: child(0).await }).1 {
            pair => pair,
        }) {
            Pair { n: 0, .. } => u32::from(q.r()),
            _ => 2,
        };
        let b = match &(match (T("e"), Pair { a: T("f"), b: T("g"), n: child(1).await }) {
            (_, pair) => pair,
        }) {
            Pair { n: 0, .. } => 1,
            _ => u32::from(q.r()),
        };
        q.r();
        a + b
    }
    dynamic_drop!(value_of_a_match(&T("q")));

    /// The same, of which only a field is wanted, by itself and in what is awaited.
    #[segno::coroutine]
    async fn field_of_a_match(q: &T) -> u32 {
        let n = (match (T("a"), Pair { a: T("b"), b: T("d"), n: child(0).await }) {
            (_, pair) => pair,
        })
        .n;
        q.r();
        n + id((match (T("e"), Pair { a: T("f"), b: T("g"), n: child(0).await }) {
            (_, pair) => pair,
        })
        .n)
        .await
    }
    dynamic_drop!(field_of_a_match(&T("q")));

    /// The same, and looked at again.
    #[segno::coroutine]
    async fn match_of_a_match(q: &T) -> u32 {
        let a = match (match (T("a"), Some((T("b"), child(0).await))) {
            (_, some) => some,
        }) {
            Some((_, n)) => n + u32::from(q.r()),
            None => 2,
        };
        match (
            T("c"),
            match (T("d"), Some(Pair { a: T("e"), b: T("f"), n: child(0).await })).1 {
                Some(pair) => pair,
                None => Pair { a: T("g"), b: T("h"), n: 4 },
            },
        ) {
            (_, Pair { a: taken, .. }) => u32::from(taken.r()) + a,
        }
    }
    dynamic_drop!(match_of_a_match(&T("q")));

    /// What an arm binds is dropped at the arm's end, also where no other arm comes to what follows.
    #[segno::coroutine]
    async fn only_arm_that_goes_on(s: Option<T>, q: &T) -> Option<u32> {
        let n = match T("a") {
            #[allow(unused_variables)]
            bound => u32::from(q.r()),
            #[allow(unreachable_patterns)]
            _ => {
                y().await;
                return None;
            }
        };
        q.r();
        let m = match s {
            Some(ref bound) => {
                let inner = T("b");
                u32::from(bound.r()) + u32::from(inner.r())
            }
            None => {
                y().await;
                return None;
            }
        };
        q.r();
        let last = if let Some(bound) = s {
            match T("c") {
                again if again.r() == bound.r() => return None,
                again => u32::from(again.r()),
            }
        } else {
            y().await;
            return None;
        };
        q.r();
        Some(n + m + last)
    }
    dynamic_drop!(only_arm_that_goes_on(Some(T("s")), &T("q")));
    dynamic_drop!(no_arm_that_goes_on = only_arm_that_goes_on(None, &T("q")));

    /// What nobody wants of a `match` is dropped before what is left of what it looked at.
    #[segno::coroutine]
    async fn unwanted_value_of_a_match(n: u32, p: T, q: &T) -> u32 {
        match (Pair { a: p, ..Pair { a: T("a"), b: T("b"), n } }).n % 3 {
            0 => id(T("c")).await,
            _ => T("d"),
        };
        q.r();
        match (Pair { a: T("e"), b: T("f"), n }).n {
            7 => id(T("g")).await,
            _ => T("h"),
        };
        u32::from(q.r())
    }
    dynamic_drop!(unwanted_value_of_a_match(3, T("p"), &T("q")));
    dynamic_drop!(other_unwanted_value = unwanted_value_of_a_match(7, T("p"), &T("q")));

    /// A part of a value, of which the rest is a temporary of the `match`.
    #[segno::coroutine]
    async fn part_that_is_matched(guarded: bool, p: T, q: &T) -> u32 {
        let n = match (Pair { a: p, b: T("b"), n: 2 }).n {
            n if guarded => n,
            _ => child(u32::from(q.r())).await,
        };
        q.r();
        n
    }
    dynamic_drop!(part_that_is_matched(true, T("p"), &T("q")));
    dynamic_drop!(other_part_that_is_matched = part_that_is_matched(false, T("p"), &T("q")));

    /// What a base leaves is dropped at the end of its statement.
    #[segno::coroutine]
    async fn base_that_waits(q: &T) -> u32 {
        Pair { a: T("a"), ..Pair { a: id((T("b"), T("c")).1).await, b: T("d"), n: 1 } };
        q.r();
        let pair = Pair { a: T("e"), ..Pair { a: id((T("f"), T("g")).1).await, b: T("h"), n: 1 } };
        q.r();
        pair.n
    }
    dynamic_drop!(base_that_waits(&T("q")));

    /// Elements of which one is kept: each is an operand before the next is made.
    #[segno::coroutine]
    async fn element_that_waits(p: T, q: &T) -> u32 {
        let (ref x, n) = (p, (T("a"), u32::from(q.r()))).1;
        y().await;
        x.r();
        n
    }
    dynamic_drop!(element_that_waits(T("p"), &T("q")));

    #[segno::coroutine]
    async fn outcome(fails: bool) -> Result<T, &'static str> {
        y().await;
        if fails { Err("failed") } else { Ok(T("c")) }
    }

    /// In a block's last expression what an operand borrows is younger than the operands before it.
    #[segno::coroutine]
    async fn operands_at_the_end_of_a_block(fails: bool, q: &T) -> Result<u32, &'static str> {
        let made = {
            let _g = T("g");
            (T("a"), *temporary("b", 1), outcome(fails).await?, (T("d"), u32::from(q.r())), *temporary("e", 2))
        };
        Ok(made.1 + made.4)
    }
    case!(operands_at_the_end_of_a_block(false, &T("q")));
    case!(operands_left_at_the_end_of_a_block = operands_at_the_end_of_a_block(true, &T("q")));
}
