// A slice pattern takes an array of droppable elements apart, in a parameter. rustc's `async fn` accepts it.

use segno_tests::*;

#[segno::coroutine]
async fn array_and_reference_patterns([a, b]: [T; 2], &(n, m): &(u32, u32), [x, ..]: &[u32; 3]) -> u32 {
    y().await;
    n + m + x
}

fn main() {
    run(array_and_reference_patterns([T("a"), T("b")], &(1, 2), &[3, 4, 5]));
}
