//! Types, modules and macros that there are not (E0412, E0433).

use segno_tests::{child, y};

#[segno::coroutine]
async fn f() -> u32 {
    let list: Lisst<u32> = child(1).await;
    y().await;
    let time = clock::now();
    child(Port::NUMBER).await
}

fn main() {
    let _ = f();
}
