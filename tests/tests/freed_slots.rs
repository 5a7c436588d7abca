//! Variables that are borrowed by what is awaited, and then moved: their slots are free, and others may take their memory, unless
//! something may refer to what they held.

use segno_tests::both_worlds;

#[both_worlds]
mod freed_slots {
    #[derive(Debug, Clone, Copy)]
    struct Spot {
        x: u32,
        y: u32,
    }

    #[segno::coroutine]
    async fn takes(t: T) -> u8 {
        y().await;
        t.r()
    }

    #[segno::coroutine]
    async fn looks(t: &T) -> u8 {
        y().await;
        t.r()
    }

    #[segno::coroutine]
    async fn sums(spot: Spot) -> u32 {
        y().await;
        spot.x + spot.y
    }

    #[segno::coroutine]
    async fn lent_then_moved() -> u8 {
        let a = T("a");
        looks(&a).await;
        takes(a).await;
        let b = T("b");
        looks(&b).await;
        takes(b).await + 1
    }
    case!(lent_then_moved());

    #[segno::coroutine]
    async fn moved_on_one_way(c: bool) -> u8 {
        let a = T("a");
        looks(&a).await;
        if c {
            takes(a).await;
            y().await;
        } else {
            a.r();
        }
        let b = T("b");
        looks(&b).await;
        b.r()
    }
    case!(moved_on_one_way(true));
    case!(not_moved_on_one_way = moved_on_one_way(false));

    #[segno::coroutine]
    async fn gets_another_value(c: bool) -> u8 {
        let mut a = T("a");
        looks(&a).await;
        takes(a).await;
        let b = T("b");
        looks(&b).await;
        if c {
            a = T("c");
            looks(&a).await;
            takes(a).await;
        }
        b.r()
    }
    case!(gets_another_value(true));
    case!(gets_no_other_value = gets_another_value(false));

    #[segno::coroutine]
    async fn in_a_loop() -> u8 {
        let mut sum = 0;
        for n in 0..3 {
            let a = T("a");
            if looks(&a).await > 200 || n == 1 {
                sum += takes(a).await;
                continue;
            }
            let b = T("b");
            looks(&b).await;
            sum += takes(a).await;
        }
        sum
    }
    case!(in_a_loop());

    #[segno::coroutine]
    async fn shown_first() -> u8 {
        let a = T("a");
        assert!(a.r() < 200);
        looks(&a).await;
        assert_ne!(a.a().await, 200, "{}", a.0);
        let sum = takes(a).await;
        let b = T("b");
        looks(&b).await + sum
    }
    case!(shown_first());

    /// What was moved was copied, and a reference to it is kept.
    #[segno::coroutine]
    async fn kept_in_a_list() -> u32 {
        let mut list: Vec<&Spot> = Vec::new();
        let spot = Spot { x: 1, y: 2 };
        list.push(&spot);
        let sum = sums(spot).await;
        let other = [7u32; 8];
        id(&other).await;
        y().await;
        sum + list[0].x
    }
    case!(kept_in_a_list());

    #[segno::coroutine]
    async fn kept_by_a_let() -> u32 {
        let spot = Spot { x: 1, y: 2 };
        let kept = id(&spot).await;
        let sum = sums(spot).await;
        let other = [7u32; 8];
        id(&other).await;
        y().await;
        sum + kept.x
    }
    case!(kept_by_a_let());

    #[segno::coroutine]
    async fn kept_by_an_assignment() -> u32 {
        let first = Spot { x: 3, y: 4 };
        let mut kept = &first;
        let spot = Spot { x: 1, y: 2 };
        kept = id(&spot).await;
        let sum = sums(spot).await;
        let other = [7u32; 8];
        id(&other).await;
        y().await;
        sum + kept.x
    }
    case!(kept_by_an_assignment());

    #[segno::coroutine]
    async fn kept_by_a_break() -> u32 {
        let spot = Spot { x: 1, y: 2 };
        let kept = loop {
            y().await;
            break &spot;
        };
        let sum = sums(spot).await;
        let other = [7u32; 8];
        id(&other).await;
        y().await;
        sum + kept.x
    }
    case!(kept_by_a_break());

    #[segno::coroutine]
    async fn kept_in_a_cell() -> u32 {
        let first = Spot { x: 3, y: 4 };
        let cell = core::cell::Cell::new(&first);
        let spot = Spot { x: 1, y: 2 };
        cell.set(id(&spot).await);
        let sum = sums(spot).await;
        let other = [7u32; 8];
        id(&other).await;
        y().await;
        sum + cell.get().x
    }
    case!(kept_in_a_cell());

    #[segno::coroutine]
    async fn kept_by_a_closure() -> u32 {
        let spot = Spot { x: 1, y: 2 };
        let kept = || spot.x;
        let sum = sums(spot).await;
        let other = [7u32; 8];
        id(&other).await;
        y().await;
        sum + kept()
    }
    case!(kept_by_a_closure());

    #[segno::coroutine]
    async fn kept_by_a_pattern() -> u32 {
        let spot = Spot { x: 1, y: 2 };
        let Spot { x: ref kept, y: n } = spot;
        let sum = sums(spot).await;
        let other = [7u32; 8];
        id(&other).await;
        y().await;
        sum + *kept + n
    }
    case!(kept_by_a_pattern());

    fn sum(spot: Spot) -> u32 {
        spot.x + spot.y
    }

    /// What is `Copy` is captured by reference, also where it is used by value.
    #[segno::coroutine]
    async fn kept_by_a_closure_that_copies() -> u32 {
        let spot = Spot { x: 1, y: 2 };
        let kept = || sum(spot);
        let n = sums(spot).await;
        let other = [7u32; 8];
        id(&other).await;
        y().await;
        n + kept()
    }
    case!(kept_by_a_closure_that_copies());

    #[segno::coroutine]
    async fn kept_by_a_block_that_copies() -> u32 {
        let spot = Spot { x: 1, y: 2 };
        let kept = async { sum(spot) };
        let n = sums(spot).await;
        let other = [7u32; 8];
        id(&other).await;
        y().await;
        n + kept.await
    }
    case!(kept_by_a_block_that_copies());

    impl Spot {
        /// Named like one that takes its receiver.
        fn inspect(&self, look: impl Fn(&u32)) -> &u32 {
            look(&self.y);
            &self.y
        }
    }

    #[segno::coroutine]
    async fn kept_by_a_method_of_that_name() -> u32 {
        let spot = Spot { x: 1, y: 2 };
        let kept = spot.inspect(|n| log(format!("{n}")));
        let n = sums(spot).await;
        let other = [7u32; 8];
        id(&other).await;
        y().await;
        n + *kept
    }
    case!(kept_by_a_method_of_that_name());
}
