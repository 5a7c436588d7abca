//! `break` and `continue` where there is no loop, also in a closure inside of one.

use segno_tests::y;

#[segno::coroutine]
async fn f(stop: bool) {
    y().await;
    if stop {
        break;
    }
    continue;
}

#[segno::coroutine]
async fn g() {
    loop {
        y().await;
        let stop = || break;
        stop();
    }
}

fn main() {
    let _ = (f(true), g());
}
