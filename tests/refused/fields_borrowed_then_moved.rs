// Fields are borrowed across suspensions, and one is moved out between them. rustc's `async fn` accepts it.

use segno_tests::*;

#[derive(Debug)]
struct Three {
    a: T,
    b: T,
    n: u32,
}

fn three() -> Three {
    Three { a: T("a"), b: T("b"), n: 3 }
}

#[segno::coroutine]
async fn borrowed_and_moved() {
    let mut s = three();
    s.a.renamed("a'").await;
    drop(s.a);
    s.b.renamed("b'").await;
    y().await;
}

fn main() {
    run(borrowed_and_moved());
}
