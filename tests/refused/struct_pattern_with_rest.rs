// A pattern with `..` takes a droppable field out of a struct before a suspension. rustc's `async fn` accepts it.

use segno_tests::*;

#[derive(Debug)]
struct Pair {
    first: T,
    second: T,
}

#[segno::coroutine]
async fn struct_pattern_with_rest() {
    let pair = Pair { first: T("first"), second: T("second") };
    let Pair { first, .. } = pair;
    y().await;
    drop(first);
    y().await;
    log("end");
}

fn main() {
    run(struct_pattern_with_rest());
}
