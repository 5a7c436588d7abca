//! Types that do not fit, in a binding, in an argument, in the result (E0308).

use segno_tests::child;

#[segno::coroutine]
async fn f() -> u32 {
    let a: u8 = child(1).await;
    child("two").await;
    "three"
}

fn main() {
    let _ = f();
}
