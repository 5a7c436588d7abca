//! Two variables of one name, one of them made by a macro.

use segno_tests::{child, y};

macro_rules! with_hidden {
    ($value:expr) => {
        #[segno::coroutine]
        async fn f() -> u32 {
            let n = child(1).await;
            let sum = $value + n;
            y().await;
            sum
        }
    };
}

with_hidden!({ let n = 2; n + 1 });

fn main() {
    let _ = f();
}
