//! Lifetimes of the signature: one is missing (E0106), one is not long enough (E0621).

use segno_tests::y;

#[segno::coroutine]
async fn longer(a: &str, b: &str) -> &str {
    y().await;
    if a.len() > b.len() { a } else { b }
}

#[segno::coroutine]
async fn either<'a>(a: &'a str, b: &str) -> &'a str {
    y().await;
    if a.is_empty() { b } else { a }
}

fn main() {
    let _ = either("a", "b");
}
