// `..base` takes what is left of a struct before a suspension. rustc's `async fn` accepts it.

use segno_tests::*;

#[derive(Debug)]
struct Pair {
    first: T,
    second: T,
}

#[segno::coroutine]
async fn struct_update() -> Pair {
    let base = Pair { first: T("base.first"), second: T("base.second") };
    let made = Pair { first: id(T("first")).await, ..base };
    y().await;
    made
}

fn main() {
    run(struct_update());
}
