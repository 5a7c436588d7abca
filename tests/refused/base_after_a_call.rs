// A new field is made by a call, which may panic while the base is whole. rustc's `async fn` accepts it.

use segno_tests::*;

#[derive(Debug)]
struct Pair {
    first: T,
    second: T,
}

fn made(name: &'static str) -> T {
    log("made");
    T(name)
}

#[segno::coroutine]
async fn after_a_call() -> Pair {
    let base = Pair { first: T("base.first"), second: T("base.second") };
    let pair = Pair { second: made("second"), ..base };
    y().await;
    pair
}

fn main() {
    run(after_a_call());
}
