//! A coroutine is `Send` when all that it holds is.

use segno_tests::both_worlds;

fn sent<X: Send>(x: X) -> X {
    x
}

#[both_worlds]
mod hard_send {
    use super::super::sent;

    #[segno::coroutine]
    async fn leaf_and_numbers(n: u32) -> u32 {
        let m = id(n).await;
        y_send().await;
        n + m
    }

    #[segno::coroutine]
    async fn y_send() {}
    case!(leaf_and_numbers = sent(leaf_and_numbers(3)));

    #[segno::coroutine]
    async fn borrows_a_local(t: T) -> u8 {
        let mut buffer = [0u8; 4];
        fill(&mut buffer).await;
        t.r() + buffer[3]
    }

    #[segno::coroutine]
    async fn fill(buffer: &mut [u8]) {
        for byte in buffer {
            id(()).await;
            *byte = 3;
        }
    }
    case!(borrows_a_local = sent(borrows_a_local(T("t"))));

    #[segno::coroutine]
    async fn closure_over_a_local() -> u32 {
        let mut n = 1;
        bump(&mut n).await;
        let f = || n + 1;
        id(()).await;
        f()
    }

    #[segno::coroutine]
    async fn bump(n: &mut u32) {
        id(()).await;
        *n += 1;
    }
    case!(closure_over_a_local = sent(closure_over_a_local()));

    #[segno::coroutine]
    async fn generic<X: Send + Clone>(x: X) -> X {
        let copy = x.clone();
        id(()).await;
        copy
    }
    case!(generic = sent(generic(4)));
}
