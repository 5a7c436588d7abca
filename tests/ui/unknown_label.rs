//! Labels that do not exist, and `break` outside of a loop (E0426, E0268).

use segno_tests::y;

#[segno::coroutine]
async fn f() {
    loop {
        y().await;
        break 'outer;
    }
    continue;
}

fn main() {
    let _ = f();
}
