//! `?` in a coroutine that gives no `Result` (E0277).

use segno_tests::fail;

#[segno::coroutine]
async fn f() -> u32 {
    fail(false, 1).await?
}

fn main() {
    let _ = f();
}
