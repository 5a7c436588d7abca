//! A closure that is returned borrows a local variable (E0373).

use segno_tests::child;

#[segno::coroutine]
async fn f() -> impl Fn() -> u32 {
    let n = child(1).await;
    || n + 1
}

fn main() {
    let _ = f();
}
