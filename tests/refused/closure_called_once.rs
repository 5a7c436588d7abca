// A closure that may be called once is kept over a suspension, and its last use is the call. rustc's `async fn` accepts it.

use segno_tests::*;

#[segno::coroutine]
async fn captures_and_is_called_once() -> u8 {
    let t = T("t");
    let f = move || t.take();
    y().await;
    let n = f();
    y().await;
    n
}

fn main() {
    run(captures_and_is_called_once());
}
