// Fields are moved one by one, with suspensions between. rustc's `async fn` accepts it.

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
async fn struct_fields_one_by_one() -> u32 {
    let s = three();
    y().await;
    drop(s.b);
    y().await;
    drop(s.a);
    y().await;
    s.n
}

fn main() {
    run(struct_fields_one_by_one());
}
