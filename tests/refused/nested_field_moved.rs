// A field of a field is moved before a suspension. rustc's `async fn` accepts it.

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
async fn nested_fields() {
    let s = (three(), T("side"));
    drop(s.0.a);
    y().await;
    drop(s.1);
    y().await;
}

fn main() {
    run(nested_fields());
}
