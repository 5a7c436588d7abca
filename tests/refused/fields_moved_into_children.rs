// Fields are moved and borrowed into children, one after the other. rustc's `async fn` accepts it.

use segno_tests::*;

#[derive(Debug)]
struct Three {
    a: T,
    b: T,
    n: u32,
}

fn three() -> Three {
    Three { a: T("a"), b: T("b"), n: 3 }
}

#[segno::coroutine]
async fn into_children() -> u8 {
    let s = three();
    let n = id(s.a).await.r();
    y().await;
    n + two(&s.b, T("other")).await
}

fn main() {
    run(into_children());
}
