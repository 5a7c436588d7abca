//! Assignments to patterns.

use segno_tests::both_worlds;

#[both_worlds]
mod destructuring {
    #[derive(Debug)]
    struct Pair {
        a: T,
        b: T,
        n: u32,
    }

    /// `_ = g` leaves `g` where it is.
    #[segno::coroutine]
    async fn assigned_to_nothing(g: T) -> u32 {
        _ = g;
        y().await;
        log("end");
        1
    }
    case!(assigned_to_nothing(T("g")));

    #[segno::coroutine]
    async fn assigned_to_nothing_from_a_slot(mut g: T) -> u32 {
        g.a().await;
        _ = g;
        log("behind");
        g = T("n");
        y().await;
        1
    }
    case!(assigned_to_nothing_from_a_slot(T("g")));

    #[segno::coroutine]
    async fn assigned_to_nothing_in_arms(lock: Option<T>, g: T) -> u32 {
        let held = (T("m"), T("n"));
        y().await;
        match lock {
            Some(_) => _ = held,
            None => _ = g,
        }
        log("critical");
        y().await;
        log("end");
        1
    }
    case!(assigned_to_nothing_in_arms(Some(T("o")), T("g")));
    case!(assigned_to_nothing_in_arms_2 = assigned_to_nothing_in_arms(None, T("g")));

    #[segno::coroutine]
    async fn one_part_assigned(mut a: T, q: (T, T)) -> u32 {
        (a, _) = q;
        y().await;
        a.r() as u32
    }
    case!(one_part_assigned(T("a"), (T("q1"), T("q2"))));

    #[segno::coroutine]
    async fn to_what_is_borrowed(n: u32) -> u32 {
        let (mut a, mut b) = (0, 1);
        for _ in 0..n {
            id(&a).await;
            (a, b) = (b, a + b);
        }
        b
    }
    case!(to_what_is_borrowed(3));

    #[segno::coroutine]
    async fn to_what_is_in_slots(mut g: T, mut p: Pair) -> u32 {
        {
            let l = &g;
            y().await;
            l.r();
        }
        (p.a, g) = (T("x"), T("y"));
        g.r();
        y().await;
        g.r();
        p.n
    }
    case!(to_what_is_in_slots(T("g"), Pair { a: T("a"), b: T("b"), n: 1 }));

    #[segno::coroutine]
    async fn over_what_may_have_been_moved(c: bool, mut g: T, mut h: T) -> u32 {
        g.a().await;
        h.a().await;
        if c {
            g.r();
            y().await;
        }
        (g, h) = (T("1"), T("2"));
        y().await;
        (h, g) = (g, h);
        (g, _) = (T("3"), T("4"));
        y().await;
        1
    }
    case!(over_what_may_have_been_moved(true, T("g"), T("h")));
    case!(over_what_may_have_been_moved_2 = over_what_may_have_been_moved(false, T("g"), T("h")));

    #[derive(Debug)]
    struct Unit;

    /// What has no fields is a pattern too, and no place.
    #[segno::coroutine]
    async fn with_a_structure_without_fields(mut a: T) -> u32 {
        id(&a).await;
        (a, Unit) = (T("new"), Unit);
        y().await;
        a.r() as u32
    }
    case!(with_a_structure_without_fields(T("a")));
}
