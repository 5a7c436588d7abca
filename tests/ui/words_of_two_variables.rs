//! A macro of the body shows the names of two variables of one name.

use segno_tests::{child, log, y};

#[segno::coroutine]
async fn f() -> u32 {
    macro_rules! show {
        ($value:expr) => {
            log(format!("{} = {}", stringify!($value), $value))
        };
    }
    let n = child(1).await;
    show!(n);
    let n = n + 1;
    y().await;
    show!(n + 1);
    n
}

fn main() {
    let _ = f();
}
