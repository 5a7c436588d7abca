// A closure without `move` whose body moves what it captures, over a suspension. rustc's `async fn` accepts it.

use segno_tests::*;

#[segno::coroutine]
async fn implicit_move() -> u8 {
    let t = T("t");
    let _g = T("g");
    let f = || drop(t);
    y().await;
    f();
    y().await;
    1
}

fn main() {
    run(implicit_move());
}
