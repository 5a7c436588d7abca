//! Macros that are hard to see into.

use segno_tests::both_worlds;

/// As `println!`, to the trace.
macro_rules! note {
    ($($format:tt)*) => { log(format!($($format)*)) };
}

/// Known to nobody.
macro_rules! sum {
    ($($term:expr),*) => { 0 $(+ $term)* };
}

#[both_worlds]
mod hard_macros {
    #[segno::coroutine]
    async fn unknown_format() {
        let n = child(1).await;
        let t = T("t");
        y().await;
        note!("{n} {} {t:?}", n + 1);
        y().await;
        note!("end");
    }
    case!(unknown_format());

    #[segno::coroutine]
    async fn unknown_with_expressions() -> u32 {
        let a = child(1).await;
        let b = child(2).await;
        let c = sum!(a, b, 3);
        y().await;
        sum!(a, c)
    }
    case!(unknown_with_expressions());

    #[segno::coroutine]
    async fn unknown_naming_a_parameter(n: u32, t: &T) -> u32 {
        y().await;
        note!("{n} {}", t.0);
        let m = sum!(n, t.r() as u32);
        y().await;
        m
    }
    case!(unknown_naming_a_parameter(4, &T("t")));
}

#[both_worlds]
mod hard_awaits_in_macros {
    #[segno::coroutine]
    async fn in_format() -> String {
        let a = 1;
        let text = format!("{a} {} {}", child(2).await, child(3).await);
        y().await;
        text
    }
    case!(in_format());

    #[segno::coroutine]
    async fn in_assertions() -> u32 {
        assert!(child(1).await == 1);
        assert_eq!(child(2).await, 2);
        assert_ne!(child(4).await, child(5).await);
        6
    }
    case!(in_assertions());

    #[segno::coroutine]
    async fn in_matches_and_vec() -> (bool, Vec<u32>) {
        let matched = matches!(id(Some(3)).await, Some(n) if n > 2);
        let all = vec![child(1).await, 2, child(3).await];
        y().await;
        (matched, all)
    }
    case!(in_matches_and_vec());

    #[segno::coroutine]
    async fn in_dbg_and_panics(n: u32) -> u32 {
        if n == 1 {
            panic!("{}", child(5).await);
        }
        child(n).await
    }
    case!(in_dbg_and_panics(0));
}
