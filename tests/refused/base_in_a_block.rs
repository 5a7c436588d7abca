// A block takes of a variable what a structure is made of, and leaves the field that is replaced. rustc's `async fn` accepts it.

use segno_tests::*;

#[derive(Debug)]
struct Pair {
    a: T,
    b: T,
}

#[segno::coroutine]
async fn left_outside() {
    let base = Pair { a: T("a"), b: T("b") };
    let block = async move {
        y().await;
        drop(Pair { a: T("z"), ..base });
    };
    drop(block);
    y().await;
}

fn main() {
    run(left_outside());
}
