//! `-> !`: ended only from outside.

use segno_tests::both_worlds;

#[both_worlds]
mod hard_never {
    #[segno::coroutine]
    async fn forever(t: T) -> ! {
        let _g = T("g");
        loop {
            y().await;
            log("round");
        }
    }
    case!(forever(T("t")));

    #[segno::coroutine]
    async fn forever_in_a_child(t: &mut T) -> ! {
        t.renamed("new").await;
        forever(T("t")).await
    }
    case!(forever_in_a_child(&mut T("u")));

    #[segno::coroutine]
    async fn forever_with_work(mut n: u32) -> ! {
        loop {
            n += child(n % 3).await;
            if n > 5 {
                n = 0;
                continue;
            }
            y().await;
        }
    }
    case!(forever_with_work(1));
}
