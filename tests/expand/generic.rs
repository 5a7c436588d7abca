// Type parameters, a constant, `impl Trait`, and a frame that borrows from itself: its lifetime is named.

use core::fmt::Debug;

use segno_tests::{get, id};

#[segno::coroutine]
pub async fn generic<T: Copy, const N: usize>(values: [T; N], other: &T, shown: impl Debug) -> (T, String) {
    let first = values[0];
    let value = get(&first).await;
    let text = id(format!("{shown:?}")).await;
    let _ = other;
    (value, text)
}
