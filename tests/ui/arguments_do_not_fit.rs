//! Too few and too many arguments for a coroutine (E0061).

use segno_tests::child;

#[segno::coroutine]
async fn add(a: u32, b: u32) -> u32 {
    child(a).await + b
}

#[segno::coroutine]
async fn f() -> u32 {
    add(1).await + add(1, 2, 3).await
}

fn main() {
    let _ = f();
}
