// A pattern takes a part of what lives in a slot. The rest would move, and a reference to it is kept. rustc's `async fn` accepts it.

use segno_tests::*;

#[segno::coroutine]
async fn left(t: T, u: T) -> u8 {
    let pair = (t, u);
    let kept: &T;
    pair.0.a().await;
    kept = &pair.1;
    let (a, _) = pair;
    a.a().await;
    kept.r()
}

fn main() {
    run(left(T("a"), T("b")));
}
