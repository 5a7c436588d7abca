//! Warnings of the body: each once, at the user's own tokens.

#![deny(unused_variables, unused_mut, unused_assignments, dead_code, unreachable_code)]

use segno_tests::{child, y};

#[segno::coroutine]
async fn f(unused: u32) -> u32 {
    let also_unused = child(1).await;
    let mut never_changed = 2;
    y().await;
    let mut overwritten = 3;
    overwritten = child(4).await;
    if overwritten == 5 {
        return never_changed;
        y().await;
    }
    overwritten + never_changed
}

fn main() {
    let _ = f(1);
}
