//! A variable is changed while it is borrowed across an await (E0506).

use segno_tests::y;

#[segno::coroutine]
async fn f() -> u32 {
    let mut n = 1;
    let r = &n;
    y().await;
    n += 1;
    y().await;
    *r + n
}

fn main() {
    let _ = f();
}
