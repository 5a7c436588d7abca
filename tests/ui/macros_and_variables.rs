//! A `macro_rules!` in the body names a variable that is shadowed where it is used, and one waits.

use segno_tests::{child, y};

#[segno::coroutine]
async fn f() -> u32 {
    let n = child(1).await;
    macro_rules! sum {
        ($value:expr) => {
            n + $value
        };
    }
    let n = n + 1;
    y().await;
    sum!(n)
}

#[segno::coroutine]
async fn g() -> u32 {
    let n = child(1).await;
    macro_rules! sum {
        ($value:expr) => {{
            log(n);
            let n = 3;
            n + $value
        }};
    }
    sum!(n)
}

#[segno::coroutine]
async fn h() -> u32 {
    macro_rules! next {
        ($value:expr) => {
            child($value).await
        };
    }
    next!(1)
}

#[segno::coroutine]
async fn i() -> u32 {
    let n = child(1).await;
    macro_rules! sum {
        ($value:expr) => {{
            let n = n + $value;
            n
        }};
    }
    sum!(n)
}

fn main() {
    let _ = (f(), g(), h(), i());
}
