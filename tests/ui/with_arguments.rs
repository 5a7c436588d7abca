//! The attribute takes no arguments.

use segno_tests::child;

#[segno::coroutine(stack = 512)]
async fn f() -> u32 {
    child(1).await
}

fn main() {
    let _ = f();
}
