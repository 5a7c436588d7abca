//! More warnings of the body: each once.

#![deny(unused_must_use, deprecated, non_snake_case, unused_labels, unused_parens, unused_variables)]

use segno_tests::{child, fail, id, y};

#[deprecated]
fn old() -> u32 {
    1
}

#[segno::coroutine]
async fn f() -> u32 {
    fail(false, 1).await;
    let badName = old();
    'unused: loop {
        y().await;
        break;
    }
    if (badName == 1) {
        y().await;
    }
    let (kept, left) = id((1, 2)).await;
    for round in 0..2 {
        child(kept).await;
    }
    match id(Some(1)).await {
        Some(inner) => y().await,
        None => {}
    }
    badName
}

#[segno::coroutine]
async fn badFunction(badParameter: u32) -> u32 {
    child(badParameter).await
}

/// Each of these has a name of its own in the expansion.
#[segno::coroutine]
async fn taken_apart((first, secondPart): (u32, u32), third: u32) -> u32 {
    child(first).await + secondPart + third
}

fn main() {
    let _ = f();
    let _ = badFunction(1);
    let _ = taken_apart((1, 2), 3);
}
