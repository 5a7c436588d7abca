//! A `move` closure takes a field of a variable that was borrowed across a suspension (SG0022).

use segno_tests::{T, y};

struct Pair(T, T);

#[segno::coroutine]
async fn look(pair: &Pair) {
    y().await;
    pair.0.r();
}

#[segno::coroutine]
async fn f(pair: Pair) -> u8 {
    let second = &pair.1;
    look(&pair).await;
    let first = move || pair.0.r();
    y().await;
    first() + second.r()
}

fn main() {
    let _ = f(Pair(T("a"), T("b")));
}
