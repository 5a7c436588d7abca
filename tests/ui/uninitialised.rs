//! A variable is read before it has a value on every path (E0381).

use segno_tests::y;

#[segno::coroutine]
async fn f(c: bool) -> u32 {
    let n;
    if c {
        y().await;
        n = 1;
    }
    y().await;
    n
}

fn main() {
    let _ = f(true);
}
