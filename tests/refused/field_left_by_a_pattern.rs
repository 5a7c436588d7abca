// A pattern with `_` leaves a field that is used after a suspension. rustc's `async fn` accepts it.

use segno_tests::*;

#[segno::coroutine]
async fn by_a_pattern() {
    let pair = (T("p0"), T("p1"));
    let (first, _) = pair;
    y().await;
    drop(first);
    y().await;
    pair.1.r();
}

fn main() {
    run(by_a_pattern());
}
