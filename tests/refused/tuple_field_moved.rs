// A field of a tuple is moved before a suspension. rustc's `async fn` accepts it.

use segno_tests::*;

#[segno::coroutine]
async fn tuple_field() {
    let t = (T("t0"), T("t1"));
    drop(t.0);
    y().await;
    log("e");
}

fn main() {
    run(tuple_field());
}
