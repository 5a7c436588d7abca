// A pattern with `..` takes a parameter apart. rustc's `async fn` accepts it.

use segno_tests::*;

#[derive(Debug)]
struct Pair {
    first: T,
    second: T,
}

#[segno::coroutine]
async fn struct_pattern(Pair { first, .. }: Pair, Pair { second: x, first: _ }: Pair) {
    y().await;
    first.r();
    y().await;
    x.r();
}

fn main() {
    run(struct_pattern(Pair { first: T("1"), second: T("2") }, Pair { first: T("3"), second: T("4") }));
}
