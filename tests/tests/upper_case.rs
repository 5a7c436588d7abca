//! Variables with names like those of constants.

#![allow(non_snake_case)]

use segno_tests::both_worlds;

#[both_worlds]
mod upper_case {
    #[segno::coroutine]
    async fn variables(X: u32, G: T) -> u32 {
        struct Unit;
        let Unit = Unit;
        let mut N = 1;
        let x = id(N + {
            N = 5;
            child(1).await
        })
        .await;
        let _Guard = T("g");
        let M: u32 = 3;
        y().await;
        log(format!("{M} {X} {}", N));
        let z = id(M).await + {
            let k = X;
            y().await;
            k
        };
        G.r();
        x + z + N + M + X
    }
    case!(variables(4, T("par")));

    /// A guard is held.
    #[segno::coroutine]
    #[allow(non_snake_case)]
    async fn guard() -> u32 {
        let _Guard = T("g");
        y().await;
        log("end");
        3
    }
    case!(guard());
}
