//! What `async` blocks take, and when they drop it.

use segno_tests::both_worlds;

#[both_worlds]
mod captured {
    use core::cell::RefCell;
    use core::ops::{Deref, DerefMut};
    use std::rc::Rc;

    fn see(t: &T) {
        log(format!("{t:?}"));
    }

    #[segno::coroutine]
    async fn in_the_order_of_mention() -> u32 {
        let block = {
            let x = T("x");
            let z = T("z");
            async move {
                see(&x);
                see(&z);
                y().await;
                let _local = T("local");
                y().await;
                1
            }
        };
        y().await;
        block.await
    }
    case!(in_the_order_of_mention());

    #[segno::coroutine]
    async fn not_in_that_of_declaration(first: bool) -> u32 {
        let x = T("x");
        let z = T("z");
        let w = T("w");
        let block = async move {
            let _ = x;
            see(&w);
            see(&z);
            y().await;
            drop(z);
            see(&x);
            y().await;
            3
        };
        if first {
            y().await;
            return 2;
        }
        block.await
    }
    case!(never_run = not_in_that_of_declaration(true));
    case!(run = not_in_that_of_declaration(false));

    #[segno::coroutine]
    async fn borrowed_in_the_block(rounds: u32) -> u32 {
        let x = T("x");
        let z = T("z");
        let q = T("q");
        let block = async move {
            for round in 0..rounds {
                let borrowed = (&z, &x);
                y().await;
                see(borrowed.0);
                if round == 1 {
                    drop(q);
                    return 7;
                }
            }
            see(&q);
            rounds
        };
        y().await;
        block.await
    }
    case!(borrowed_once = borrowed_in_the_block(1));
    case!(borrowed_twice = borrowed_in_the_block(2));

    #[segno::coroutine]
    async fn assigned_to() {
        let mut x = T("x");
        let z = T("z");
        let w = T("w");
        let block = async move {
            x = z;
            y().await;
            see(&x);
            see(&w);
            y().await;
        };
        block.await
    }
    case!(assigned_to());

    #[segno::coroutine]
    async fn without_move() {
        let x = T("x");
        let z = T("z");
        let block = async {
            see(&z);
            y().await;
            drop(x);
            let _kept = z;
            y().await;
        };
        y().await;
        block.await
    }
    case!(without_move());

    #[segno::coroutine]
    async fn by_a_block_in_a_block() {
        let x = T("x");
        let z = T("z");
        let w = T("w");
        let block = async move {
            let inner = async {
                see(&z);
                see(&x);
                y().await;
                see(&w);
            };
            see(&w);
            inner.await
        };
        block.await
    }
    case!(by_a_block_in_a_block());

    #[segno::coroutine]
    async fn from_a_closure() -> u32 {
        let make = |a: T, b: T| async move {
            see(&b);
            y().await;
            see(&a);
            3
        };
        let block = make(T("a"), T("b"));
        y().await;
        block.await
    }
    case!(from_a_closure());

    #[segno::coroutine]
    async fn with_what_a_closure_is_handed() -> u32 {
        let x = T("x");
        let z = T("z");
        let make = async move |b: T, a: T| {
            let _kept = z;
            see(&x);
            see(&a);
            y().await;
            see(&b);
            1
        };
        let block = make(T("b"), T("a"));
        y().await;
        block.await
    }
    case!(with_what_a_closure_is_handed());

    #[segno::coroutine]
    async fn with_what_it_does_not_use() {
        let x = T("x");
        let z = T("z");
        let make = async |_b: T, _: T| {
            let _kept = z;
            y().await;
            let _last = x;
            y().await;
        };
        let block = make(T("b"), T("a"));
        y().await;
        block.await
    }
    case!(with_what_it_does_not_use());

    struct Spot {
        x: u32,
        y: u32,
    }

    struct Lent<'a>(&'a mut Spot);

    impl Deref for Lent<'_> {
        type Target = Spot;
        fn deref(&self) -> &Spot {
            self.0
        }
    }

    impl DerefMut for Lent<'_> {
        fn deref_mut(&mut self) -> &mut Spot {
            self.0
        }
    }

    impl Drop for Lent<'_> {
        fn drop(&mut self) {
            log("given back");
        }
    }

    #[segno::coroutine]
    async fn through_a_guard(spot: &mut Spot) -> u32 {
        let mut guard = Lent(spot);
        let block = async move {
            guard.x += 10;
            y().await;
            guard.y += guard.x;
        };
        y().await;
        block.await;
        log("behind");
        spot.x + spot.y
    }
    case!(through_a_guard(&mut Spot { x: 1, y: 2 }));

    #[segno::coroutine]
    async fn through_a_cell(spot: &RefCell<Spot>) -> u32 {
        let mut guard = spot.borrow_mut();
        guard.x = 5;
        let block = async move {
            guard.x += 10;
            y().await;
            guard.y += guard.x;
            guard.y
        };
        y().await;
        let sum = block.await;
        sum + spot.try_borrow().map_or(7, |spot| spot.x)
    }
    case!(through_a_cell(&RefCell::new(Spot { x: 1, y: 2 })));

    struct Named {
        name: T,
        number: u32,
    }

    #[segno::coroutine]
    async fn through_an_rc(named: Rc<Named>) -> u32 {
        let block = async move {
            y().await;
            named.number
        };
        let number = block.await;
        log("behind");
        number
    }
    case!(through_an_rc(Rc::new(Named { name: T("name"), number: 3 })));

    #[segno::coroutine]
    async fn through_a_box() -> u32 {
        let mut named = Box::new(Named { name: T("name"), number: 3 });
        let block = async move {
            named.number += 1;
            y().await;
            named.number
        };
        y().await;
        let number = block.await;
        log("behind");
        number
    }
    case!(through_a_box());

    #[segno::coroutine]
    async fn copies_of_fields() -> u32 {
        let mut named = Named { name: T("name"), number: 3 };
        let block = async move {
            named.number += 1;
            y().await;
            named.number
        };
        let number = block.await;
        log("behind");
        number
    }
    case!(copies_of_fields());

    #[segno::coroutine]
    async fn of_a_tuple() -> u32 {
        let mut three = (1u32, T("kept"), 3u32);
        let block = async move {
            three.2 += 10;
            y().await;
            three.0 + three.2
        };
        y().await;
        let sum = block.await;
        log("behind");
        sum
    }
    case!(of_a_tuple());
}
