// A field is moved, and assigned again after a suspension. rustc's `async fn` accepts it.

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
async fn reassigned_field() {
    let mut s = three();
    drop(s.a);
    y().await;
    s.a = T("a2");
    y().await;
    s.b = id(T("b2")).await;
    y().await;
}

fn main() {
    run(reassigned_field());
}
