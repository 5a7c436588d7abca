// A field is moved into a child in an `if`. rustc's `async fn` accepts it.

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
async fn conditional_with_await(c: bool) {
    let s = three();
    if c {
        id(s.a).await;
    } else {
        y().await;
    }
    y().await;
    log("end");
}

fn main() {
    run(conditional_with_await(true));
    run(conditional_with_await(false));
}
