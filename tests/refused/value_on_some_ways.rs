// A variable has a value on one way only before a suspension, and gets one on all ways after it. rustc's `async fn` accepts it.

use segno_tests::*;

#[segno::coroutine]
async fn value_on_some_ways(first: bool, second: bool) -> u32 {
    let mut number;
    if first {
        number = child(1).await;
        log(format!("{number}"));
    }
    y().await;
    if second {
        number = 2;
    } else {
        number = 3;
    }
    number
}

fn main() {
    run(value_on_some_ways(true, false));
    run(value_on_some_ways(false, true));
}
