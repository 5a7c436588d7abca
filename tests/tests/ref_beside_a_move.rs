//! Patterns that borrow one part of what was in a slot, and take another.

use segno_tests::both_worlds;

#[both_worlds]
mod ref_beside_a_move {
    #[derive(Debug)]
    enum Shape {
        One(T),
        Two { a: T, b: T },
        Zero,
    }

    #[derive(Debug)]
    struct Pair {
        a: T,
        b: T,
        n: u32,
    }

    fn two() -> Shape {
        Shape::Two { a: T("a"), b: T("b") }
    }

    #[segno::coroutine]
    async fn looks(shape: &Shape) -> u8 {
        y().await;
        match shape {
            Shape::One(t) | Shape::Two { a: t, .. } => t.r(),
            Shape::Zero => 0,
        }
    }

    #[segno::coroutine]
    async fn of_a_variant(shape: Shape) -> u32 {
        let _g = T("g");
        looks(&shape).await;
        let n = match shape {
            Shape::Two { a: ref kept, b: taken } => {
                taken.r();
                kept.r() as u32
            }
            Shape::One(taken) => taken.r() as u32,
            Shape::Zero => 0,
        };
        y().await;
        n
    }
    case!(of_two = of_a_variant(two()));
    case!(of_one = of_a_variant(Shape::One(T("one"))));
    case!(of_zero = of_a_variant(Shape::Zero));

    /// What is borrowed is so while the arm is suspended.
    #[segno::coroutine]
    async fn in_an_arm_that_suspends(shape: Shape) -> u32 {
        let _g = T("g");
        looks(&shape).await;
        match shape {
            Shape::Two { a: ref kept, b: taken } => {
                y().await;
                drop(taken);
                y().await;
                kept.r() as u32
            }
            Shape::One(taken) => taken.a().await as u32,
            Shape::Zero => 0,
        }
    }
    case!(two_in_an_arm = in_an_arm_that_suspends(two()));
    case!(one_in_an_arm = in_an_arm_that_suspends(Shape::One(T("one"))));

    #[segno::coroutine]
    async fn with_a_guard(shape: Shape, c: bool) -> u32 {
        looks(&shape).await;
        let n = match shape {
            Shape::Two { a: ref kept, b: taken } if c && kept.r() > 0 => taken.r() as u32 + 1,
            Shape::Two { a: taken, b: _ } => taken.r() as u32,
            _ => 0,
        };
        y().await;
        n
    }
    case!(guard_holds = with_a_guard(two(), true));
    case!(guard_does_not = with_a_guard(two(), false));

    #[segno::coroutine]
    async fn by_an_if_let(pair: Pair) -> u32 {
        pair.a.a().await;
        if let Pair { a: ref kept, b: taken, n: 3.. } = pair {
            taken.r();
            y().await;
            kept.r();
        }
        y().await;
        7
    }
    case!(by_an_if_let(Pair { a: T("a"), b: T("b"), n: 3 }));
    case!(not_by_an_if_let = by_an_if_let(Pair { a: T("a"), b: T("b"), n: 2 }));

    #[segno::coroutine]
    async fn by_a_let_with_else(shape: Shape) -> u32 {
        looks(&shape).await;
        let Shape::Two { a: ref kept, b: taken } = shape else {
            y().await;
            return 5;
        };
        y().await;
        taken.r();
        y().await;
        kept.r() as u32
    }
    case!(by_a_let_with_else(two()));
    case!(by_the_else = by_a_let_with_else(Shape::One(T("one"))));
}
