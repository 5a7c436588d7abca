// A `move` closure takes the field that it mentions, and the rest stays. rustc's `async fn` accepts it.

use segno_tests::*;

struct Two {
    a: T,
    b: T,
}

#[segno::coroutine]
async fn captured(two: Two) -> u8 {
    let take = move || two.a;
    y().await;
    take().r()
}

#[segno::coroutine]
async fn captured_twice(two: Two) -> u8 {
    let read = move || two.a.r() + two.b.r();
    y().await;
    read()
}

fn main() {
    run(captured(Two { a: T("a"), b: T("b") }));
    run(captured_twice(Two { a: T("a"), b: T("b") }));
}
