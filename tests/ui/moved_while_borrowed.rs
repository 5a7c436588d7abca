//! A variable is dropped while a borrow of it is kept across an await (E0505).

use segno_tests::{T, y};

#[segno::coroutine]
async fn f() -> u8 {
    let t = T("t");
    let r = &t;
    y().await;
    drop(t);
    y().await;
    r.r()
}

fn main() {
    let _ = f();
}
