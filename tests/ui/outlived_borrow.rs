//! A borrow is kept longer than its variable lives (E0597).

use segno_tests::y;

#[segno::coroutine]
async fn f() -> u32 {
    let r;
    {
        let n = 1;
        y().await;
        r = &n;
    }
    y().await;
    *r
}

fn main() {
    let _ = f();
}
