// What a pattern leaves is dropped where its variable gets another value. rustc's `async fn` accepts it.

use segno_tests::*;

#[segno::coroutine]
async fn again(t: T) -> u8 {
    let mut pair = (t, T("b"));
    let (a, _) = pair;
    a.a().await;
    pair = (T("c"), T("d"));
    y().await;
    pair.0.r()
}

fn main() {
    run(again(T("a")));
}
