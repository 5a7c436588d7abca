// A part is taken out of a box, and another part is still borrowed. rustc's `async fn` accepts it.

use segno_tests::*;

#[segno::coroutine]
async fn borrowed() {
    let both = Box::new((T("a"), T("b")));
    let b = &both.1;
    y().await;
    let (a, _) = *both;
    y().await;
    b.r();
    a.r();
}

fn main() {
    run(borrowed());
}
