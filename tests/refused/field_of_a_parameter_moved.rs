// Fields are moved out of a parameter, over suspensions. rustc's `async fn` accepts it.

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
async fn of_a_parameter(s: Three) -> T {
    let a = s.a;
    y().await;
    log("moved");
    drop(s.b);
    child(s.n).await;
    a
}

fn main() {
    run(of_a_parameter(three()));
}
