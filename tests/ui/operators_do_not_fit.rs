//! Operators, casts and calls of what does not have them (E0369, E0604, E0618, E0277).

use segno_tests::{T, child, fail, id};

#[segno::coroutine]
async fn f() -> u32 {
    let sum = id(T("t")).await + 1;
    let result = fail(false, 1).await + 1;
    let letter = child(1).await as char;
    let called = child(1).await(2);
    child(1).await + 1.5
}

fn main() {
    let _ = f();
}
