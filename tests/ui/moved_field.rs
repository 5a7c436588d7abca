//! A value is used after one of its fields was moved (E0382).

use segno_tests::{T, id, y};

#[derive(Debug)]
struct Pair {
    first: T,
    second: T,
}

#[segno::coroutine]
async fn f(pair: Pair) -> T {
    id(pair.first).await;
    y().await;
    println!("{pair:?}");
    pair.second
}

fn main() {
    let _ = f(Pair { first: T("a"), second: T("b") });
}
