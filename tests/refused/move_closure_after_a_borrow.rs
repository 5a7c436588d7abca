// A `move` closure captures a variable that was borrowed across a suspension. rustc's `async fn` accepts it.

use segno_tests::*;

#[segno::coroutine]
async fn move_of_an_anchored_variable() -> u8 {
    let mut t = T("t");
    t.renamed("u").await;
    let f = move || t.r();
    y().await;
    f()
}

fn main() {
    run(move_of_an_anchored_variable());
}
