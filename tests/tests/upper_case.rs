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

    /// A pattern binds what a variable is called.
    #[segno::coroutine]
    async fn shadowed(N: u32, m: u32) -> u32 {
        let A = N;
        let (A, _) = (A + 20, 0);
        y().await;
        let first = match m {
            N => N,
        };
        let mut sum = 0;
        for (N, k) in [(5, 1), (6, 2)] {
            y().await;
            sum += N * k;
        }
        if let Some(N) = Some(m + 1) {
            y().await;
            log(format!("{N}"));
        }
        A + first + sum + N
    }
    case!(shadowed(1, 5));

    /// But not where there is a constant of that name.
    #[segno::coroutine]
    async fn not_shadowed(m: u32) -> u32 {
        let B = 4;
        y().await;
        let sum = B + m;
        {
            const B: u32 = 5;
            y().await;
            match m {
                B => sum + 100,
                _ => sum,
            }
        }
    }
    case!(constant = not_shadowed(5));
    case!(no_constant = not_shadowed(6));
}
