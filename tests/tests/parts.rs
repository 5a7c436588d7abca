//! Values of which a pattern, an operand or a base takes one part: what is left is dropped where rustc drops it.

use segno_tests::both_worlds;

#[both_worlds]
mod parts {
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

    fn pair(a: &'static str, b: &'static str) -> Pair {
        Pair { a: T(a), b: T(b), n: 7 }
    }

    fn nest(m: u32) -> Nest {
        Nest { p: pair("pa", "pb"), o: Some(T("o")), m }
    }

    fn eat(t: T) -> u32 {
        log(format!("eat:{}", t.0));
        1
    }

    fn make(name: &'static str) -> T {
        log(name);
        T(name)
    }

    /// As `two`, with its arguments the other way round.
    fn owned_first<'a>(b: T, a: &'a T) -> Leaf<impl FnOnce() -> u8 + use<'a>> {
        two(a, b)
    }

    fn keep(t: T, pair: Pair) -> Leaf<impl FnOnce()> {
        after(move || {
            let (_t, _pair) = (t, pair);
            log("kept");
        })
    }

    #[segno::coroutine]
    async fn left_and_borrowed(whole: Pair) {
        let _z = T("z");
        {
            let Pair { a: _, b: x, ref n } = whole;
            y().await;
            x.r();
            get(n).await;
        }
        log("end");
    }
    case!(left_and_borrowed(pair("a", "b")));

    /// What is left is dropped in its place also where the function is left before the next suspension.
    #[segno::coroutine]
    async fn left_and_returned(whole: (T, T), fails: bool) -> Result<u32, Failure> {
        let _z = T("z");
        let (_, _b) = whole;
        if fails {
            Err(Failure(T("failure")))?;
        }
        y().await;
        Ok(1)
    }
    case!(left_and_returned = left_and_returned((T("a"), T("b")), true));
    case!(left_and_not_returned = left_and_returned((T("a"), T("b")), false));

    #[segno::coroutine]
    async fn borrowed_in_an_arm(whole: Nest) {
        let _z = T("z");
        match whole {
            Nest { p: Pair { a: ref e, b, n: _ }, o: _o, m: 1 | 2 } => {
                b.r();
                e.r();
            }
            _ => {}
        }
        y().await;
        log("end");
    }
    case!(borrowed_in_an_arm(nest(2)));
    case!(borrowed_in_no_arm = borrowed_in_an_arm(nest(5)));

    #[segno::coroutine]
    async fn borrowed_or_taken(c: bool) {
        let _z = T("z");
        match id(Some(T("s"))).await {
            Some(ref g) if c => {
                g.a().await;
                log("borrowed");
            }
            Some(v) => {
                y().await;
                v.r();
            }
            _rest => {}
        }
        log("end");
    }
    case!(borrowed_not_taken = borrowed_or_taken(true));
    case!(taken_not_borrowed = borrowed_or_taken(false));

    #[segno::coroutine]
    async fn parameter_borrowed_and_taken(c: bool, Nest { p: Pair { a: v, b: q, n: _ }, o: b, m: ref z }: Nest, _o: T) {
        let _g = match b {
            Some(_p) => {
                let (_f, _b) = (v, T("t1"));
                ys(0).await;
                get(z).await;
                [T("t2")]
            }
            Some(ref _g) if c => [q],
            _ => [T("t3")],
        };
        y().await;
    }
    case!(parameter_borrowed_and_taken(true, nest(5), T("last")));

    #[segno::coroutine]
    async fn taken_out_of_its_slot(o: Option<T>) {
        {
            let r = &o;
            y().await;
            r.is_some();
        }
        let _z = T("z");
        match o {
            Some(v) => {
                y().await;
                v.r();
            }
            None => {}
        }
        y().await;
    }
    case!(taken_out_of_its_slot(Some(T("o"))));
    case!(nothing_in_its_slot = taken_out_of_its_slot(None));

    #[segno::coroutine]
    async fn copied_out_of_its_slot(x: (T, u32)) {
        {
            let r = &x;
            y().await;
            r.0.r();
        }
        let _z = T("z");
        match x {
            (_, n) if n == 2 => y().await,
            (_, _n) => {
                y().await;
                log("in");
            }
        }
        log("end");
        y().await;
    }
    case!(copied_out_of_its_slot((T("x"), 3)));

    #[segno::coroutine]
    async fn value_that_does_not_match() {
        let Ok(..) = (|| Err::<T, Failure>(Failure(T("failure"))))() else {
            log("else");
            y().await;
            return;
        };
    }
    case!(value_that_does_not_match());

    #[segno::coroutine]
    async fn values_of_patterns() {
        let _z = T("z");
        let Pair { a: _a, b: _, n: _ } = loop {
            if child(3).await > 1 {
                break pair("1", "2");
            }
            break pair("3", "4");
        };
        let Pair { a: _b, b: ref h, n: _ } = id(pair("5", "6")).await;
        y().await;
        h.r();
        let Some(_x) = id(Some(T("7"))).await else {
            y().await;
            return;
        };
        let Ok(_) = id(Ok::<T, T>(T("8"))).await else {
            y().await;
            return;
        };
        log("matched");
        let Ok(ref w) = id(Ok::<T, T>(T("9"))).await else {
            y().await;
            return;
        };
        y().await;
        w.r();
        let Ok((ref w, _q)) = id(Ok::<(T, T), T>((T("10"), T("11")))).await else {
            y().await;
            return;
        };
        y().await;
        w.r();
    }
    case!(values_of_patterns());

    /// What a `ref` borrows lives as long as it, with all that was made with it.
    #[segno::coroutine]
    async fn value_borrowed_by_its_pattern() {
        let _z = T("z");
        let Pair { ref a, b: _, n: _ } = pair("1", "2");
        let (ref b, _) = (T("3"), T("4"));
        let Some(ref c) = Some(T("5")) else { return };
        y().await;
        a.r();
        {
            let (ref _d, _) = (T("6"), T("7"));
            y().await;
        }
        b.r();
        c.r();
    }
    case!(value_borrowed_by_its_pattern());

    /// The temporaries of a scrutinee inside of another live as long as those.
    #[segno::coroutine]
    async fn scrutinee_of_a_scrutinee() {
        match (match u32::from(Some(T("t1")).is_some()) % 3 {
            0 => Err::<T, Failure>(Failure(T("t2"))),
            _ => Ok(T("t3")),
        }) {
            Ok(_p) => {
                child(1).await;
            }
            _ => y().await,
        }
        log("end");
    }
    case!(scrutinee_of_a_scrutinee());

    #[segno::coroutine]
    async fn base() {
        keep(make("1"), Pair { a: make("2"), ..Pair { a: make("3"), b: make("4"), n: 2 } }).await;
        log("end");
    }
    case!(base());

    impl Default for Pair {
        fn default() -> Self {
            log("default");
            pair("default a", "default b")
        }
    }

    #[segno::coroutine]
    async fn default_base() {
        let _z = T("z");
        keep(T("1"), Pair { a: make("2"), ..Default::default() }).await;
        keep(T("3"), Pair { n: 3, b: make("4"), ..Pair::default() }).await;
        log("end");
    }
    case!(default_base());

    /// Operands are evaluated from left to right, whatever they borrow.
    #[segno::coroutine]
    async fn order_of_evaluation() {
        owned_first(make("1"), &make("2")).await;
        keep(
            T(if make("3").r() == 0 { "4" } else { "5" }),
            Pair { n: make("6").r().into(), b: make("7"), a: make("8") },
        )
        .await;
        let x = make("9");
        (owned_first(x, &make("10"))).await;
        id((make("11"), make("12").0.len() + make("13").0.len())).await;
    }
    case!(order_of_evaluation());

    #[segno::coroutine]
    async fn taken_in_branches(c: bool, d: bool) {
        let p = T("p");
        let _z = T("z");
        {
            let r = &p;
            y().await;
            r.r();
        }
        if c {
            match d {
                true => eat(p),
                _ => 3,
            }
        } else {
            eat(p)
        };
        y().await;
    }
    case!(taken_in_the_first = taken_in_branches(true, true));
    case!(taken_in_none = taken_in_branches(true, false));
    case!(taken_in_the_last = taken_in_branches(false, false));

    #[segno::coroutine]
    async fn taken_in_last_branches(c: bool) -> u32 {
        let p = T("p");
        {
            let r = &p;
            y().await;
            r.r();
        }
        if c { eat(p) } else { eat(p) + 1 }
    }
    case!(taken_in_the_first_of_the_last = taken_in_last_branches(true));
    case!(taken_in_the_last_of_the_last = taken_in_last_branches(false));

    /// The next arm borrows what the guard of this one has said no to.
    #[segno::coroutine]
    async fn guards_of_a_mutable_reference(c: bool, n: u32) {
        let mut k = Some(T("k"));
        match &mut k {
            Some(u) if n > 7 => {
                ys(0).await;
                u.r();
            }
            Some(b) if c => {
                y().await;
                b.rename("k2");
            }
            _ => {}
        }
        let r = &mut k;
        y().await;
        match r {
            Some(u) if n > 7 => {
                ys(0).await;
                u.r();
            }
            Some(b) if c => {
                y().await;
                b.r();
            }
            _ => {}
        }
        match &mut Some(T("t")) {
            Some(u) if n > 7 => {
                y().await;
                u.r();
            }
            Some(u) => {
                y().await;
                u.r();
            }
            None => {}
        }
    }
    case!(guards_of_a_mutable_reference(true, 3));

    /// An operand that has been spilled is moved on by the value that is held.
    #[segno::coroutine]
    async fn part_of_a_spilled_operand(d: bool, p: (T, T), mut q: (T, T)) {
        match &(core::mem::replace(&mut q, p), u32::from(q.1.a().await)).0 {
            (_, g) if d => {
                g.r();
            }
            _ => log("="),
        }
        y().await;
        q.0.a().await;
    }
    case!(part_of_a_spilled_operand(true, (T("1"), T("2")), (T("3"), T("4"))));

    enum Light {
        Off,
        On(T),
    }

    #[segno::coroutine]
    async fn variant_borrowed_mutably(n: u32) -> u32 {
        match &mut Light::Off {
            Light::On(t) if n % 2 == 1 => {
                child(1).await;
                t.rename("other");
                1
            }
            _ => 2,
        }
    }
    case!(variant_borrowed_mutably(3));

    #[segno::coroutine]
    async fn array_and_reference_patterns([a, b]: [T; 2], &(n, m): &(u32, u32), [x, ..]: &[u32; 3]) -> u32 {
        y().await;
        n + m + x
    }
    case!(array_and_reference_patterns([T("a"), T("b")], &(1, 2), &[3, 4, 5]));

    /// What a pattern leaves in code that could stay in one piece.
    #[segno::coroutine]
    async fn left_by_an_inner_block(p: Pair, c: bool) -> u32 {
        let n = {
            let Pair { a: h, b: _, n } = p;
            n + eat(h)
        };
        if c {
            return n;
        }
        y().await;
        2
    }
    case!(left_by_an_inner_block(pair("a", "b"), false));
    case!(left_by_an_inner_block_early = left_by_an_inner_block(pair("a", "b"), true));

    #[segno::coroutine]
    async fn left_by_an_inner_if_let(p: Option<Pair>, q: Nest) -> u32 {
        let mut n = 1;
        if n == 1 {
            if let Some(Pair { a: _, b: h, n: m }) = p {
                n += m + eat(h);
            }
            n += match q {
                Nest { p: _, o, m } => m + u32::from(o.is_some()),
            };
        }
        log("after");
        y().await;
        n
    }
    case!(left_by_an_inner_if_let(Some(pair("a", "b")), nest(1)));
    case!(left_by_an_inner_match = left_by_an_inner_if_let(None, nest(2)));

    /// An arm is taken apart for the sake of what its pattern binds.
    #[segno::coroutine]
    async fn left_by_an_arm(c: bool, d: bool) -> u32 {
        y().await;
        let n = match (make("t1"), make("t2")) {
            (p, _) if d => {
                if c {
                    log("kept");
                } else {
                    eat(p);
                }
                log("returns");
                return 4;
            }
            (_, q) => eat(q),
        };
        log("after");
        y().await;
        n
    }
    case!(left_by_an_arm_0 = left_by_an_arm(true, true));
    case!(left_by_an_arm_1 = left_by_an_arm(false, true));
    case!(left_by_an_arm_2 = left_by_an_arm(true, false));

    struct State<'b> {
        buffer: &'b mut [u8],
        rest: Option<T>,
    }

    #[segno::coroutine]
    async fn fill(buffer: &mut [u8], rest: &mut Option<T>) {
        y().await;
        buffer.fill(3);
        log(rest.as_ref().map_or("none", |rest| rest.0));
    }

    /// A field becomes what is wanted of it.
    #[segno::coroutine]
    async fn coerced(buffer: &mut [u8]) -> u32 {
        let mut state = State { buffer, rest: Some(T("rest")) };
        let pointer: *mut [u8] = state.buffer;
        fill(state.buffer, &mut state.rest).await;
        let shared: &[u8] = state.buffer;
        let n = shared[0];
        y().await;
        n as u32 + pointer.len() as u32
    }
    case!(coerced(&mut [0; 2]));

    struct Parser<'h, 'p> {
        headers: &'h mut [u8],
        method: Option<u32>,
        path: Option<&'p str>,
    }

    struct Headers([u8; 2], u32);

    impl Headers {
        /// Where nothing is suspended any more, what a part of `self` is lent to lets go of it when it is not used again.
        #[segno::coroutine]
        async fn receive(&mut self, path: Option<&str>) -> Result<u32, u32> {
            let _g = T("g");
            y().await;
            let parser = Parser { headers: &mut self.0, method: Some(3), path };
            parser.headers[0] = 7;
            self.1 = parser.method.ok_or(1u32)?;
            let path = parser.path.ok_or(2u32)?;
            log(format!("{} {}", path, (&*self).0[0]));
            Ok(self.1)
        }
    }

    #[segno::coroutine]
    async fn received(path: Option<&str>) -> Result<u32, u32> {
        let mut headers = Headers([0; 2], 0);
        headers.receive(path).await
    }
    case!(received = received(Some("path")));
    case!(not_received = received(None));

    /// What a pattern binds behind the variable is dropped before what is left of it.
    #[segno::coroutine]
    async fn left_before_what_was_bound_later(c: bool, whole: (Pair, T)) {
        let _z = T("z");
        match (whole, T("late"), c) {
            ((pair, _middle), _late, true) => {
                let Pair { a: _a, b: _, n } = pair;
                get(&n).await;
            }
            ((pair, _middle), late, c) => {
                let Pair { a: _a, b: _, n } = pair;
                if n == 7 && !c {
                    drop(late);
                }
                y().await;
            }
        }
        let (pair, _late) = (pair("c", "d"), T("later"));
        let Pair { a: _a, b: _, n: _ } = pair;
        y().await;
        log("end");
    }
    case!(left_before_what_was_bound_later(true, (pair("a", "b"), T("middle"))));
    case!(left_before_what_was_dropped = left_before_what_was_bound_later(false, (pair("a", "b"), T("middle"))));

    #[segno::coroutine]
    async fn two_variables_in_turn(n: u32) -> u32 {
        let x = (T("a"), T("b"));
        let z = (T("c"), T("d"));
        let _w = T("w");
        match n {
            0 => {
                let (_v, _) = x;
                y().await;
                0
            }
            1 => {
                let (_v, _) = z;
                y().await;
                1
            }
            _ => {
                let (_, _u) = x;
                y().await;
                2
            }
        }
    }
    case!(two_variables_in_turn(0));
    case!(two_variables_in_turn_2 = two_variables_in_turn(1));
    case!(two_variables_in_turn_3 = two_variables_in_turn(2));

    /// What is left of a parameter has a slot, and another parameter is in its own from the start.
    #[segno::coroutine]
    async fn left_of_a_parameter_beside_another(s: Pair, p: T, c: bool, n: u32) -> u32 {
        if c {
            y().await;
        } else {
            return get(&n).await;
        }
        let Pair { a: e, b: ref _h, n: v } = s;
        u32::from(e.a().await)
    }
    case!(left_of_a_parameter_beside_another(Pair { a: T("sa"), b: T("sb"), n: 4 }, T("p"), true, 3));
    case!(
        left_of_a_parameter_beside_another_2 =
            left_of_a_parameter_beside_another(Pair { a: T("sa"), b: T("sb"), n: 4 }, T("p"), false, 3)
    );

    /// What a base leaves is the statement's, the other elements are not.
    #[segno::coroutine]
    async fn borrowed_of_a_tuple_with_a_base() -> u32 {
        let z = &(
            T("z"),
            Nest { p: Pair { a: T("a"), ..Pair { a: T("c"), b: T("b"), n: 1 } }, o: None, m: child(0).await },
        )
            .1;
        log("x");
        z.m
    }
    case!(borrowed_of_a_tuple_with_a_base());

    #[segno::coroutine]
    async fn referred_to_of_a_tuple_with_a_base() -> u32 {
        let ref z =
            (T("z"), Nest { p: Pair { a: T("a"), ..Pair { a: T("c"), b: T("b"), n: 1 } }, o: None, m: child(0).await })
                .1;
        log("x");
        z.m
    }
    case!(referred_to_of_a_tuple_with_a_base());

    #[segno::coroutine]
    async fn borrowed_of_a_tuple_over_suspensions(c: bool) -> u32 {
        fn two(t: &T, n: u32) -> T {
            t.r();
            if n > 0 { T("q") } else { T("k") }
        }
        let z = &(
            T("z"),
            Nest { p: Pair { a: T("a"), ..Pair { a: T("c"), b: T("b"), n: 1 } }, o: None, m: child(0).await },
            T("y"),
        )
            .1;
        y().await;
        if c {
            let ref w = (two(&T("r"), child(1).await), T("w"), T("v")).1;
            y().await;
            w.r();
        }
        z.m
    }
    case!(borrowed_of_a_tuple_over_suspensions(true));
    case!(borrowed_of_a_tuple_over_suspensions_2 = borrowed_of_a_tuple_over_suspensions(false));

    #[segno::coroutine]
    async fn taken_and_referred_to_of_a_tuple(c: bool) -> u32 {
        if c {
            let Nest { p: b, o: p, m: ref z } = (
                T("t1"),
                Nest {
                    p: Pair { a: T("t2"), ..Pair { a: T("t3"), b: T("u"), n: 1 } },
                    o: Some(T("t4")),
                    m: child(0).await,
                },
            )
                .1;
            log("x");
            y().await;
            drop(p);
            b.a.r();
            log(format!("{z}"));
        }
        1
    }
    case!(taken_and_referred_to_of_a_tuple(true));
    case!(taken_and_referred_to_of_a_tuple_2 = taken_and_referred_to_of_a_tuple(false));

    #[segno::coroutine]
    async fn taken_and_referred_to_of_a_call_in_a_tuple(c: bool) -> u32 {
        fn two(t: &T, n: u32) -> (T, T) {
            t.r();
            if n > 0 { (T("q"), T("r")) } else { (T("k"), T("l")) }
        }
        let (a, ref b) = (T("z"), two(&T("y"), child(1).await)).1;
        y().await;
        a.r();
        b.r();
        1
    }
    case!(taken_and_referred_to_of_a_call_in_a_tuple(true));
}
