//! What a pattern binds outlives the temporaries of its value: they are dropped when it has been bound, also where one of
//! them panics in its destructor.

use segno_tests::both_worlds;

#[both_worlds]
mod bound_first {
    use std::cell::RefCell;

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

    /// A value with a part that its literal does not take: it is a temporary of the statement.
    fn base() -> Pair {
        Pair { a: T("left"), b: T("b"), n: 1 }
    }

    #[segno::coroutine]
    async fn pass<X>(x: X) -> X {
        y().await;
        x
    }

    #[segno::coroutine]
    async fn part_in_a_slot(n: u32) {
        let Nest { p: b, o: ref q, m: u } = Nest { p: Pair { a: T("a"), ..base() }, o: Some(T("o")), m: n };
        y().await;
        (b.n, q, u);
    }
    dynamic_drop!(part_in_a_slot(3));

    #[segno::coroutine]
    async fn awaited_and_taken_apart() {
        let Nest { p: _, o: h, m: _ } = pass(Nest { p: Pair { a: T("a"), ..base() }, o: Some(T("o")), m: 1 }).await;
        drop(h);
    }
    dynamic_drop!(awaited_and_taken_apart());

    #[segno::coroutine]
    async fn awaited_and_borrowed_in_part() {
        let Nest { p: a, o: mut h, m: ref v } =
            pass(Nest { p: Pair { a: T("a"), ..base() }, o: Some(T("o")), m: 1 }).await;
        h = Some(T("new"));
        y().await;
        (a.n, h.is_some(), v);
    }
    dynamic_drop!(awaited_and_borrowed_in_part());

    #[segno::coroutine]
    async fn awaited_and_left_in_part() {
        {
            let Nest { p: v, m: x, .. } = pass(Nest { p: Pair { a: T("a"), ..base() }, o: Some(T("o")), m: 1 }).await;
            (v.n, x);
        };
        log("end");
    }
    dynamic_drop!(awaited_and_left_in_part());

    /// The value is dropped before what its literal has left of a base.
    #[segno::coroutine]
    async fn refutable() -> u32 {
        let Some(_) = pass(Some(Pair { a: T("a"), ..base() })).await else { return 2 };
        1
    }
    dynamic_drop!(refutable());

    #[segno::coroutine]
    async fn refutable_and_taken_apart(is_some: bool) -> u32 {
        let Some(Pair { a, b: _, n }) = pass(is_some.then(|| Pair { a: T("a"), ..base() })).await else {
            log("none");
            y().await;
            return 2;
        };
        a.r();
        y().await;
        n
    }
    dynamic_drop!(refutable_and_taken_apart(true));
    dynamic_drop!(refutable_and_not_there = refutable_and_taken_apart(false));

    #[segno::coroutine]
    async fn refutable_and_borrowed(is_some: bool) -> u32 {
        let Some(Pair { a: _, b: v, n: ref f }) = is_some.then(|| T("value")).map(|a| Pair { a, ..base() }) else {
            return 2;
        };
        if *f > 0 {
            y().await;
        }
        v.r();
        1
    }
    dynamic_drop!(refutable_and_borrowed(true));
    dynamic_drop!(refutable_and_not_borrowed = refutable_and_borrowed(false));

    #[segno::coroutine]
    async fn refutable_of_a_literal() -> u32 {
        let Some(Pair { a: _, b: v, n: ref f }) = Some(Pair { a: T("a"), ..base() }) else {
            return 2;
        };
        if *f > 0 {
            y().await;
        }
        v.r();
        1
    }
    dynamic_drop!(refutable_of_a_literal());

    /// With its type written.
    #[segno::coroutine]
    async fn refutable_and_typed(is_some: bool) -> u32 {
        let Some(a): Option<T> = pass(is_some.then(|| T("a"))).await else {
            y().await;
            return 2;
        };
        let Some(b): Option<T> = is_some.then(|| T("b")) else {
            y().await;
            return 3;
        };
        let c = Some(T("c"));
        let Some(c): Option<T> = c else {
            y().await;
            return 4;
        };
        (a.r() + b.r() + c.r()).into()
    }
    dynamic_drop!(refutable_and_typed(true));
    dynamic_drop!(refutable_and_typed_not_there = refutable_and_typed(false));

    #[segno::coroutine]
    async fn typed() {
        let (a, _): (T, T) = pass((T("a"), T("b"))).await;
        y().await;
        a.r();
    }
    dynamic_drop!(typed());

    /// What is not a part of the value that a pattern borrows from lives as long as that part.
    #[segno::coroutine]
    async fn part_of_a_tuple() {
        let Pair { a: e, b: ref z, n } = (T("other"), Pair { b: T("b"), a: T("a"), n: 2 }).1;
        log("bound");
        y().await;
        (e.r(), z.r(), n);
    }
    dynamic_drop!(part_of_a_tuple());

    #[segno::coroutine]
    async fn refutable_part_of_a_tuple(is_some: bool) -> u32 {
        let Some(ref x) = (T("other"), is_some.then(|| T("x"))).1 else {
            log("none");
            y().await;
            return 2;
        };
        log("bound");
        y().await;
        x.r();
        1
    }
    dynamic_drop!(refutable_part_of_a_tuple(true));
    dynamic_drop!(refutable_part_that_is_not_there = refutable_part_of_a_tuple(false));

    #[segno::coroutine]
    async fn refutable_behind_a_guard(is_some: bool) -> u32 {
        let cell = RefCell::new(is_some.then(|| T("x")));
        {
            let Some(ref x) = *cell.borrow() else {
                y().await;
                return 2;
            };
            y().await;
            x.r();
        }
        let Some(ref mut x) = *cell.borrow_mut() else { return 2 };
        *x = T("new");
        y().await;
        x.r();
        1
    }
    dynamic_drop!(refutable_behind_a_guard(true));
    dynamic_drop!(refutable_behind_a_guard_and_not_there = refutable_behind_a_guard(false));

    #[segno::coroutine]
    async fn refutable_awaited_and_borrowed_in_part(is_some: bool) -> u32 {
        let p = T("p");
        let Some(Pair { a: ref v, b: _b, n: ref s }) =
            pass(Some(Pair { b: p, a: T("a"), n: 1 })).await.filter(|_| is_some)
        else {
            return 2;
        };
        log("bound");
        y().await;
        log("end");
        1
    }
    dynamic_drop!(refutable_awaited_and_borrowed_in_part(true));
    dynamic_drop!(refutable_awaited_and_not_borrowed = refutable_awaited_and_borrowed_in_part(false));

    /// Both parts that are borrowed have memory of their own.
    #[segno::coroutine]
    async fn two_borrowed_parts(t: T) -> u32 {
        y().await;
        let whole = Pair { a: T("a"), b: t, n: 5 };
        {
            let Pair { a: ref v, b: _b, n: ref s } = whole;
            y().await;
            v.r();
            log(if *s == 5 { "five" } else { "broken" });
        }
        y().await;
        1
    }
    dynamic_drop!(two_borrowed_parts(T("t")));

    /// Of a variant without fields `&mut` borrows a value that is made there.
    #[segno::coroutine]
    async fn none_made_there(o: T) -> u32 {
        match &mut None::<T> {
            Some(_) => {
                pass(o).await;
            }
            none => {
                y().await;
                *none = Some(T("some"));
                y().await;
            }
        }
        1
    }
    dynamic_drop!(none_made_there(T("o")));

    /// A variable that a macro takes is an operand as others are.
    #[segno::coroutine]
    async fn taken_by_a_macro() {
        let v = T("v");
        let _e = T("e");
        let all = vec![v, pass(T("awaited")).await];
        y().await;
        drop(all);
    }
    dynamic_drop!(taken_by_a_macro());

    /// What a `match` looks at, and leaves, is a temporary of the statement around it.
    #[segno::coroutine]
    async fn matched_in_what_is_matched() -> u32 {
        match match pass(T("inner")).await {
            _ => T("value"),
        } {
            _ => log("outer"),
        }
        1
    }
    dynamic_drop!(matched_in_what_is_matched());

    #[segno::coroutine]
    async fn matched_in_parentheses(d: bool) -> u32 {
        match (match u32::from(pass(T("inner")).await.r()) % 3 {
            0 => (T("1"), T("2")),
            _ => (T("3"), T("4")),
        }) {
            (a, _b) if d => {
                y().await;
                a.r();
            }
            _ => log("other"),
        }
        1
    }
    dynamic_drop!(matched_in_parentheses(true));
    dynamic_drop!(matched_in_parentheses_and_left = matched_in_parentheses(false));

    #[segno::coroutine]
    async fn matched_in_an_operand() {
        let _both = (
            T("first"),
            match pass(Some(T("matched"))).await {
                Some(_) => T("some"),
                None => T("none"),
            },
            pass(T("last")).await,
        );
        log("bound");
    }
    dynamic_drop!(matched_in_an_operand());

    #[segno::coroutine]
    async fn of_a_choice(q: T) -> u32 {
        let (ref h, v, b) = match 1 % 3 {
            _ => (q, 1, T("b")),
        };
        child(v).await
    }
    dynamic_drop!(of_a_choice(T("q")));

    /// A part that a `match` takes is moved out of its whole.
    #[segno::coroutine]
    async fn part_that_is_matched() -> u32 {
        match (T("taken"), T("rest"), 1).0 {
            x => {
                y().await;
                x.r();
            }
        }
        match pass((T("rest"), 4)).await.1 {
            3 => {}
            n => {
                y().await;
                return n;
            }
        }
        1
    }
    dynamic_drop!(part_that_is_matched());

    /// What has no destructor need not be taken whole out of a value that was borrowed across a suspension.
    struct Pins {
        a: u32,
        b: Pin,
        c: (Pin, u8),
        n: u32,
    }
    struct Pin;
    impl Pins {
        #[segno::coroutine]
        async fn init(&mut self) {
            y().await;
        }
        #[segno::coroutine]
        async fn run(mut self) -> u32 {
            self.init().await;
            let Pins { a, b, c: (c, _), .. } = self;
            y().await;
            drop((b, c));
            a
        }
    }
    dynamic_drop!(pins = Pins { a: 1, b: Pin, c: (Pin, 2), n: 4 }.run());

    /// An assignment in a last expression that stays in one piece drops the old value.
    #[segno::coroutine]
    async fn assigned_in_a_last_expression(p: Pair) -> u32 {
        let Pair { a: b, b: mut f, n: u } = p;
        let mut i = 0;
        while i < 2 {
            i += 1;
            y().await;
            match &u {
                v if *v > 2 => {
                    f = {
                        log("new");
                        T("new")
                    };
                }
                _ => {}
            }
        }
        b.r().into()
    }
    dynamic_drop!(assigned_in_a_last_expression(Pair { a: T("pa"), b: T("pb"), n: 7 }));

    /// The temporaries of an operand wait for the end of the statement if a later operand is taken apart, suspended or not.
    #[segno::coroutine]
    async fn operand_before_a_choice(o: T) -> u32 {
        {
            let _all: (T, u32, T) = (
                T("first"),
                u32::from(T("temporary").r()),
                match 3 {
                    _ => o,
                },
            );
            log("bound");
            y().await
        }
        1
    }
    dynamic_drop!(operand_before_a_choice(T("o")));

    /// What the first `let` of a chain matches is there to the end, also if only a later condition suspends.
    #[segno::coroutine]
    async fn chain() {
        if let _ = T("first")
            && T("second").a().await < 2
        {
            log("then");
        }
        log("end");
    }
    dynamic_drop!(chain());
}
