//! A macro that there is not.

use segno_tests::y;

#[segno::coroutine]
async fn f() {
    y().await;
    prinln!("done");
}

fn main() {
    let _ = f();
}
