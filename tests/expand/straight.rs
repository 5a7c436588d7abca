// Two suspensions in a row: what is used again is held, what is not is not.

use segno_tests::child;

#[segno::coroutine]
pub async fn straight(first: u32, last: u32) -> u32 {
    let one = child(first).await;
    let two = child(one + 1).await;
    one + two + last
}
