//! Until edition 2024 the temporaries of an `if let`'s scrutinee live to the end of its `else`.

use segno_tests::both_worlds;

#[both_worlds]
mod conditions {
    #[segno::coroutine]
    async fn if_let(n: u32) -> u32 {
        let _g = T("g");
        let m = if let 3 = *id(temporary("temporary", n)).await {
            let _then = T("then");
            child(1).await
        } else {
            let _else = T("else");
            child(2).await
        };
        log("after");
        m
    }
    case!(matches = if_let(3));
    case!(does_not_match = if_let(4));

    #[segno::coroutine]
    async fn several(n: u32) -> u32 {
        if let 3 = *id(temporary("first", n)).await {
            1
        } else if let 4 = *id(temporary("second", n)).await {
            child(1).await
        } else {
            log("else");
            y().await;
            3
        }
    }
    case!(first = several(3));
    case!(second = several(4));
    case!(third = several(5));
}
