// A function that never comes to an end, and one that never suspends.

use segno_tests::y;

#[segno::coroutine]
pub async fn never() -> ! {
    loop {
        y().await;
    }
}

#[segno::coroutine]
pub async fn at_once(value: u32) -> u32 {
    value + 1
}
