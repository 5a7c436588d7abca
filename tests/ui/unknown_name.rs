//! Names, methods and fields that do not exist (E0425, E0599, E0609).

use segno_tests::{T, y};

#[segno::coroutine]
async fn f(t: T) -> u32 {
    let a = t.length();
    y().await;
    let b = t.size;
    y().await;
    a + b + c
}

fn main() {
    let _ = f(T("t"));
}
