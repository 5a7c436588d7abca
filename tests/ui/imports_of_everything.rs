//! An import of everything, in an inner block, has a name that means something else outside of it (E0659).

use segno_tests::{child, y};

fn min(a: u32, b: u32) -> u32 {
    a + b
}

#[segno::coroutine]
async fn f() -> u32 {
    let a = {
        use core::cmp::*;
        y().await;
        max(child(1).await, 2)
    };
    min(a, 3)
}

fn main() {
    let _ = f();
}
