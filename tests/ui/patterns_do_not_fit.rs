//! Patterns with the wrong number of parts, and of the wrong type (E0023, E0026, E0308).

use segno_tests::{T, id};

struct Pair {
    first: u32,
}

#[segno::coroutine]
async fn f() -> u32 {
    let (a, b, c) = id((1, 2)).await;
    let Pair { second } = id(Pair { first: 1 }).await;
    if let T(name, length) = id(T("t")).await {
        return length;
    }
    match id(Some(1)).await {
        Ok(n) => n,
        _ => 0,
    }
}

fn main() {
    let _ = f();
}
