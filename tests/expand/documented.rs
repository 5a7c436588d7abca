// `diagram` puts the states into the documentation.

use segno_tests::child;

/// Adds two numbers, in its own time.
#[segno::coroutine(diagram)]
pub async fn documented(left: u32, right: u32) -> u32 {
    child(left).await + child(right).await
}
