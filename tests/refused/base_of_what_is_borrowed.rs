// A structure is made of a variable, and the field that it replaces is still borrowed. rustc's `async fn` accepts it.

use segno_tests::*;

#[derive(Debug)]
struct Pair {
    a: T,
    b: T,
}

#[segno::coroutine]
async fn borrowed() -> Pair {
    let mut base = Pair { a: T("a"), b: T("b") };
    let a = &mut base.a;
    y().await;
    let made = Pair { a: T("z"), ..base };
    y().await;
    a.r();
    made
}

fn main() {
    run(borrowed());
}
