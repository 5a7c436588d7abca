// A field is moved in an `if` before a suspension. rustc's `async fn` accepts it.

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
async fn conditional(c: bool) {
    let s = three();
    if c {
        drop(s.a);
    }
    y().await;
    s.b.r();
    y().await;
}

fn main() {
    run(conditional(true));
    run(conditional(false));
}
