//! Patterns that leave parts of structures, tuples and variants, of which the file shows what they are: `..` and `_`.

use segno_tests::both_worlds;

#[both_worlds]
mod part_left_of_a_field_in_a_slot {
    // A pattern takes a part of a field and leaves another, and the variable lives in a slot, out of which a field comes whole.
    struct Pair {
        a: T,
        b: T,
        n: u32,
    }

    struct Nest {
        p: Pair,
        r: Result<T, T>,
    }

    #[segno::coroutine]
    async fn copied(q: Nest) -> u32 {
        q.p.b.a().await;
        let Pair { n, .. } = q.p;
        n
    }

    #[segno::coroutine]
    async fn moved(q: Nest) -> u8 {
        q.p.b.a().await;
        match q.p {
            Pair { a, b: _, n: _ } => a.r(),
        }
    }

    #[segno::coroutine]
    async fn by_a_closure(q: Nest) -> u8 {
        q.p.b.a().await;
        let take = || match q.p {
            Pair { a, .. } => a.r(),
        };
        take()
    }

    // Where it does not match, all is left.
    #[segno::coroutine]
    async fn or_not(q: Nest) -> u8 {
        q.p.b.a().await;
        if let Ok(value) = q.r { value.r() } else { 0 }
    }

    #[segno::coroutine]
    async fn or_else(q: Nest) -> u8 {
        q.p.b.a().await;
        let Ok(value) = q.r else { return 0 };
        value.r()
    }

    fn nest() -> Nest {
        Nest { p: Pair { a: T("a"), b: T("b"), n: 1 }, r: Err(T("r")) }
    }
    dynamic_drop!(copied(nest()));
    dynamic_drop!(moved(nest()));
    dynamic_drop!(by_a_closure(nest()));
    dynamic_drop!(or_not(nest()));
    dynamic_drop!(or_else(nest()));
}

#[both_worlds]
mod self_pattern_with_rest {
    // A pattern with `..` takes `self` apart before a suspension.
    #[derive(Debug)]
    struct Device {
        token: T,
        count: u32,
        buffer: [u8; 4],
    }

    impl Device {
        #[segno::coroutine]
        async fn taken_apart(self) -> T {
            let count = self.count;
            y().await;
            let Device { token, .. } = self;
            child(count).await;
            token
        }
    }
    dynamic_drop!(self_pattern_with_rest = Device { token: T("device"), count: 0, buffer: [0; 4] }.taken_apart());
}

#[both_worlds]
mod several_parts_left {
    // A pattern takes one part of a structure and leaves several with destructors.
    #[derive(Debug)]
    struct Three {
        first: T,
        second: T,
        third: T,
    }

    #[segno::coroutine]
    async fn struct_pattern(three: Three) {
        let Three { first, second: _, third: _ } = three;
        y().await;
        first.r();
    }
    dynamic_drop!(struct_pattern(Three { first: T("1"), second: T("2"), third: T("3") }));
}

#[both_worlds]
mod struct_pattern_with_rest {
    // A pattern with `..` takes a droppable field out of a struct before a suspension.
    #[derive(Debug)]
    struct Pair {
        first: T,
        second: T,
    }

    #[segno::coroutine]
    async fn struct_pattern_with_rest() {
        let pair = Pair { first: T("first"), second: T("second") };
        let Pair { first, .. } = pair;
        y().await;
        drop(first);
        y().await;
        log("end");
    }
    dynamic_drop!(struct_pattern_with_rest());
}

#[both_worlds]
mod dots_of_variants {
    #[derive(Debug)]
    enum Event {
        Key(u8),
        Text(T, T, u8),
        Move { x: T, y: T, by: u32 },
        Quit,
    }

    fn moved() -> Event {
        Event::Move { x: T("x"), y: T("y"), by: 3 }
    }

    #[segno::coroutine]
    async fn matched(event: Event) -> u32 {
        match event {
            Event::Key(1) => 1,
            Event::Key(k) => child(k as u32).await,
            Event::Text(_, text, ..) => {
                y().await;
                u32::from(text.r())
            }
            Event::Quit => {
                y().await;
                4
            }
            Event::Move { y: by_y, .. } => {
                y().await;
                u32::from(by_y.r())
            }
        }
    }
    dynamic_drop!(matched_key = matched(Event::Key(2)));
    dynamic_drop!(matched_text = matched(Event::Text(T("0"), T("1"), 2)));
    dynamic_drop!(matched_move = matched(moved()));
    dynamic_drop!(matched_quit = matched(Event::Quit));

    impl Event {
        #[segno::coroutine]
        async fn its_own(self) -> u32 {
            let Self::Move { x, .. } = self else {
                y().await;
                return 0;
            };
            y().await;
            u32::from(x.r())
        }
    }
    dynamic_drop!(its_own = Event::its_own(moved()));
    dynamic_drop!(its_own_text = Event::its_own(Event::Text(T("0"), T("1"), 2)));

    #[segno::coroutine]
    async fn given(c: bool) -> u32 {
        if let Event::Move { by, .. } = id(if c { moved() } else { Event::Key(1) }).await {
            y().await;
            return by;
        }
        y().await;
        0
    }
    dynamic_drop!(given(true));
    dynamic_drop!(given_another = given(false));
}

#[both_worlds]
mod parameter_pattern_with_rest {
    // A pattern with `..` takes a parameter apart.
    #[derive(Debug)]
    struct Pair {
        first: T,
        second: T,
    }

    #[segno::coroutine]
    async fn struct_pattern(Pair { first, .. }: Pair, Pair { second: x, first: _ }: Pair) {
        y().await;
        first.r();
        y().await;
        x.r();
    }
    dynamic_drop!(struct_pattern(Pair { first: T("1"), second: T("2") }, Pair { first: T("3"), second: T("4") }));
}

#[both_worlds]
mod variant_pattern_with_rest {
    // A pattern with `..`, for a variant of an enum that may have a destructor, on an awaited value.
    #[derive(Debug)]
    enum Event {
        Key(u8),
        Text(T),
        Move { x: u32, y: u32 },
        Quit,
    }

    #[segno::coroutine]
    async fn await_in_scrutinee(event: Event) -> u32 {
        match id(event).await {
            Event::Key(1) => 1,
            Event::Key(k @ 2..=9) => child(k as u32).await,
            Event::Key(_) => 3,
            Event::Text(_) | Event::Quit => {
                y().await;
                4
            }
            Event::Move { x, .. } => x,
        }
    }
    dynamic_drop!(await_in_scrutinee(Event::Key(1)));
    dynamic_drop!(await_in_scrutinee_2 = await_in_scrutinee(Event::Key(5)));
    dynamic_drop!(await_in_scrutinee_3 = await_in_scrutinee(Event::Key(50)));
    dynamic_drop!(await_in_scrutinee_4 = await_in_scrutinee(Event::Text(T("t"))));
    dynamic_drop!(await_in_scrutinee_5 = await_in_scrutinee(Event::Move { x: 7, y: 0 }));
}
