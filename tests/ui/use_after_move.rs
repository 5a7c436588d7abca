//! A value is used after its move into a child (E0382).

use segno_tests::{T, id, y};

#[segno::coroutine]
async fn f() -> u8 {
    let t = T("t");
    id(t).await;
    y().await;
    t.r()
}

fn main() {
    let _ = f();
}
