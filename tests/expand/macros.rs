// Awaits in the arguments of macros that are known, and text that captures variables.

use segno_tests::{child, y};

#[segno::coroutine]
pub async fn macros(limit: u32) -> String {
    assert_eq!(child(1).await, 1, "at {limit}");
    let text = format!("{limit} {}", child(limit).await);
    let limit = text.len();
    y().await;
    format!("{text} {limit}")
}
