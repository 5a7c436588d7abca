// A `for` whose body always leaves it. rustc's `async fn` accepts it.

use segno_tests::*;

#[segno::coroutine]
async fn for_that_leaves() -> u32 {
    for _t in [T("a"), T("b")] {
        y().await;
        return 1;
    }
    2
}

fn main() {
    run(for_that_leaves());
}
