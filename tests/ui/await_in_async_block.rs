//! An `async` block with awaits, in a coroutine.

use segno_tests::child;

#[segno::coroutine]
async fn f() -> u32 {
    let inner = async { child(1).await + 1 };
    inner.await
}

fn main() {
    let _ = f();
}
