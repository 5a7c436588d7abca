//! Comparisons of temporaries: the right one is dropped first.

use segno_tests::both_worlds;

#[both_worlds]
mod compared_temporaries {
    use segno_tests::values::watch;

    #[segno::coroutine]
    async fn bound() -> bool {
        let c = T("a") == id(T("b")).await;
        y().await;
        c
    }
    case!(bound());

    #[segno::coroutine]
    async fn in_a_condition() -> u32 {
        if T("a") == id(T("b")).await {
            y().await;
            return 1;
        }
        y().await;
        0
    }
    case!(in_a_condition());

    #[segno::coroutine]
    async fn in_a_loop() -> u32 {
        let mut n = 0;
        while T("a") != id(T("b")).await && n < 2 {
            n += 1;
            y().await;
        }
        n
    }
    case!(in_a_loop());

    #[segno::coroutine]
    async fn at_the_end() -> bool {
        T("a") == id(T("b")).await
    }
    case!(at_the_end());

    #[segno::coroutine]
    async fn beside_another() -> bool {
        let c = id(T("a")).await == id(T("b")).await && Some(T("c")) == Some(id(T("d")).await);
        y().await;
        c
    }
    case!(beside_another());

    #[segno::coroutine]
    async fn beside_a_borrow(t: T) -> bool {
        let c = t == id(T("b")).await;
        assert!(T("f") != id(T("g")).await);
        let w = watch(&t);
        let d = T("e") == {
            y().await;
            T("h")
        };
        w.r();
        c
    }
    case!(beside_a_borrow(T("t")));
}
