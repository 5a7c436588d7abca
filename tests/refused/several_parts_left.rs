// A pattern takes one part of a structure and leaves several with destructors. rustc's `async fn` accepts it.

use segno_tests::*;

#[derive(Debug)]
struct Three {
    first: T,
    second: T,
    third: T,
}

#[segno::coroutine]
async fn struct_pattern(three: Three) {
    let Three { first, second: _, third: _ } = three;
    y().await;
    first.r();
}

fn main() {
    run(struct_pattern(Three { first: T("1"), second: T("2"), third: T("3") }));
}
