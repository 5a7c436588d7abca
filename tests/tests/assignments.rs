//! Assignments, plain and compound, with awaits on the right side.

use segno_tests::both_worlds;

#[both_worlds]
mod assignments {
    #[derive(Debug, Default)]
    struct Point {
        x: u32,
        y: u32,
    }

    #[segno::coroutine]
    async fn assign_an_await() -> u32 {
        let mut a = 1;
        y().await;
        a = child(2).await;
        y().await;
        a
    }
    case!(assign_an_await());

    #[segno::coroutine]
    async fn assign_drops_the_old_value() {
        let mut a = T("a1");
        y().await;
        a = T("a2");
        log("assigned");
        y().await;
    }
    case!(assign_drops_the_old_value());

    #[segno::coroutine]
    async fn assign_an_awaited_token() {
        let mut a = T("a1");
        a = id(T("a2")).await;
        log("assigned");
        a = id(T("a3")).await;
        y().await;
        a.r();
    }
    case!(assign_an_awaited_token());

    #[segno::coroutine]
    async fn assign_after_a_move() {
        let mut a = T("a1");
        drop(a);
        y().await;
        a = T("a2");
        y().await;
        drop(a);
        a = id(T("a3")).await;
        y().await;
    }
    case!(assign_after_a_move());

    #[segno::coroutine]
    async fn compound() -> u32 {
        let mut a = 1u32;
        a += child(2).await;
        a *= child(5).await + a;
        y().await;
        a <<= id(1u32).await;
        a -= 1;
        a
    }
    case!(compound());

    #[segno::coroutine]
    async fn assign_to_a_field() -> (u32, u32) {
        let mut p = Point::default();
        p.x = child(1).await;
        y().await;
        p.y += child(2).await;
        p.x += p.y;
        y().await;
        (p.x, p.y)
    }
    case!(assign_to_a_field());

    #[segno::coroutine]
    async fn assign_to_an_element() -> [u32; 3] {
        let mut a = [0; 3];
        for i in 0..3 {
            a[i] = child(i as u32).await;
        }
        a[1] += child(10).await;
        y().await;
        a
    }
    case!(assign_to_an_element());

    #[segno::coroutine]
    async fn assign_through_a_parameter(target: &mut u32) {
        *target = child(4).await;
        y().await;
        *target += child(1).await;
        log(format!("{target}"));
    }
    case!(assign_through_a_parameter(&mut 3));

    #[segno::coroutine]
    async fn assign_a_field_through_a_parameter(p: &mut Point) -> u32 {
        p.x = child(4).await;
        p.y = p.x + 1;
        y().await;
        p.y += child(2).await;
        p.x + p.y
    }
    case!(assign_a_field_through_a_parameter(&mut Point::default()));

    #[segno::coroutine]
    async fn destructuring_assignment() -> (u32, u32) {
        let (mut a, mut b) = (1, 2);
        (a, b) = (b, a);
        y().await;
        (a, _) = (child(7).await, child(8).await);
        [b, ..] = id([9, 10, 11]).await;
        y().await;
        (a, b)
    }
    case!(destructuring_assignment());

    struct Guard(T, u32);

    impl std::ops::Deref for Guard {
        type Target = u32;

        fn deref(&self) -> &u32 {
            log(format!("looks through {}", self.0.0));
            &self.1
        }
    }

    impl std::ops::DerefMut for Guard {
        fn deref_mut(&mut self) -> &mut u32 {
            log(format!("reaches through {}", self.0.0));
            &mut self.1
        }
    }

    /// It goes with the statement.
    #[segno::coroutine]
    async fn assign_through_an_awaited_guard() {
        *id(Guard(T("a"), 1)).await = 2;
        log("assigned");
        y().await;
        *id(Guard(T("b"), 1)).await = child(3).await;
        log("assigned");
        y().await;
        *id(Guard(T("c"), 1)).await += 4;
        log("assigned");
        y().await;
    }
    case!(assign_through_an_awaited_guard());

    #[segno::coroutine]
    async fn wildcard_assignment() {
        _ = T("a");
        y().await;
        _ = id(T("b")).await;
        log("end");
    }
    case!(wildcard_assignment());

    #[segno::coroutine]
    async fn swapping_tokens() {
        let mut a = T("a");
        let mut b = T("b");
        y().await;
        core::mem::swap(&mut a, &mut b);
        y().await;
        let old = core::mem::replace(&mut a, T("c"));
        y().await;
        log(old.0);
    }
    case!(swapping_tokens());

    /// A variable that one way has moved gets a value in a block that is the function's last expression.
    #[segno::coroutine]
    async fn assigned_at_the_end(n: u32, mut a: T, q: &T) -> Result<u32, T> {
        let (u, _) = match n {
            0 => (T("u"), a),
            _ => (id(T("v")).await, T("w")),
        };
        {
            if q.r() < 100 {
                log("before");
                a = T("new");
                log("behind");
            }
            Err::<u32, T>(u)
        }
    }
    dynamic_drop!(assigned_at_the_end(1, T("a"), &T("q")));
    dynamic_drop!(assigned_where_it_was_moved = assigned_at_the_end(0, T("a"), &T("q")));

    /// The same of a variable in a slot, of which a call may have taken the value, as the last thing that the function does.
    #[segno::coroutine]
    async fn assigned_last(mut a: T) {
        {
            a.a().await;
            a = T("new");
        }
    }
    dynamic_drop!(assigned_last(T("a")));

    #[segno::coroutine]
    async fn assigned_as_the_value(mut a: T) {
        a.a().await;
        { a = T("new") }
    }
    dynamic_drop!(assigned_as_the_value(T("a")));

    #[segno::coroutine]
    async fn assigned_in_one_branch(takes: bool, assigns: bool, mut a: T) {
        if takes {
            drop(a);
        } else {
            a.a().await;
        }
        y().await;
        if assigns {
            a = T("new");
        }
    }
    dynamic_drop!(assigned_in_one_branch(true, true, T("a")));
    dynamic_drop!(taken_in_one_branch = assigned_in_one_branch(true, false, T("a")));
    dynamic_drop!(assigned_over_a_value = assigned_in_one_branch(false, true, T("a")));
    dynamic_drop!(assigned_in_no_branch = assigned_in_one_branch(false, false, T("a")));

    #[segno::coroutine]
    async fn assigned_before_more(assigns: bool, mut a: T) -> u32 {
        a.a().await;
        let n = {
            if assigns {
                a = T("new");
            }
            3
        };
        match assigns {
            true => log("assigned"),
            false => a = T("newer"),
        }
        y().await;
        n
    }
    dynamic_drop!(assigned_before_more(true, T("a")));
    dynamic_drop!(assigned_after_more = assigned_before_more(false, T("a")));

    #[segno::coroutine]
    async fn assigned_after_a_move_in_one_branch(takes: bool, mut a: T) {
        y().await;
        if takes {
            drop(a);
        }
        y().await;
        { a = T("new") }
    }
    dynamic_drop!(assigned_after_a_move_in_one_branch(true, T("a")));
    dynamic_drop!(assigned_after_no_move = assigned_after_a_move_in_one_branch(false, T("a")));

    #[segno::coroutine]
    async fn assigned_where_nothing_matches(some: Option<T>, mut a: T) -> u32 {
        a.a().await;
        let Some(_b) = some else {
            a = T("new");
            log("else");
            return 1;
        };
        y().await;
        2
    }
    dynamic_drop!(assigned_where_nothing_matches(None, T("a")));
    dynamic_drop!(assigned_not_where_it_matches = assigned_where_nothing_matches(Some(T("b")), T("a")));

    /// What each way gives a value has none before.
    #[segno::coroutine]
    async fn on_both_ways(c: bool, d: bool) -> u32 {
        let mut g = T("g");
        if c {
            drop(g);
            g = T("h");
        }
        let x = g;
        y().await;
        if d {
            g = T("a");
        } else {
            g = T("b");
        }
        y().await;
        x.r();
        g.r();
        1
    }
    case!(on_both_ways(true, false));
    case!(on_both_ways_2 = on_both_ways(false, true));

    /// A way that ends in a panic gives none.
    #[segno::coroutine]
    async fn on_ways_that_go_on(c: u32) -> u32 {
        let mut g = T("g");
        for i in 0..2 {
            let x = g;
            y().await;
            match c + i {
                0 => g = T("a"),
                1 if c == 1 => {
                    g = x;
                }
                2 => panic!("two"),
                3 => return 3,
                _ => g = T("b"),
            }
            y().await;
            g.r();
        }
        1
    }
    case!(on_ways_that_go_on(0));
    case!(on_ways_that_go_on_4 = on_ways_that_go_on(3));

    #[segno::coroutine]
    async fn on_nested_ways(c: u32) -> u32 {
        let mut g = T("g");
        drop(g);
        y().await;
        if c == 0 {
            g = T("a");
        } else if c == 1 {
            if c == 1 {
                g = T("b");
            } else {
                g = T("c");
            }
        } else {
            g = T("d")
        }
        let r = &g;
        y().await;
        r.r();
        g.r();
        1
    }
    case!(on_nested_ways(0));
    case!(on_nested_ways_2 = on_nested_ways(1));
    case!(on_nested_ways_3 = on_nested_ways(2));
    case!(on_nested_ways_4 = on_nested_ways(3));
}
