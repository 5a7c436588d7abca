//! An import of everything, in an inner block, has a name that means something else outside of it (E0659).

use segno_tests::{child, log, y};

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

/// Elsewhere it is a variable.
#[segno::coroutine]
async fn g() -> u32 {
    let a = min(1, 2);
    {
        use core::cmp::*;
        y().await;
        log(max("a", "b"));
    }
    let min = child(3).await;
    a + min
}

/// In the block it is another one than around it.
#[segno::coroutine]
async fn h() -> u32 {
    fn max(a: u32, b: u32) -> u32 {
        a * b
    }
    let a = max(1, 2);
    {
        use core::cmp::*;
        y().await;
        a + max(1, 2)
    }
}

fn main() {
    let _ = (f(), g(), h());
}
