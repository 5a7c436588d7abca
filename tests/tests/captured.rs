//! What `async` blocks take, and when they drop it.

use segno_tests::both_worlds;

#[both_worlds]
mod captured {
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
}
