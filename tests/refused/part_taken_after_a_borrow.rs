// A pattern takes one part of a variable that has been borrowed across a suspension. rustc's `async fn` accepts it, and
// the other part may still be borrowed.

use segno_tests::*;

#[segno::coroutine]
async fn tuple_pattern() {
    let whole = (T("1"), T("2"));
    let second = &whole.1;
    y().await;
    let (first, _) = whole;
    y().await;
    second.r();
    first.r();
}

fn main() {
    run(tuple_pattern());
}
