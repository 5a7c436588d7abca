// What is borrowed across a suspension has a slot: the only machine here with `unsafe` in it, beside those of `method` and others that say so.

use segno_tests::{get, y};

#[segno::coroutine]
pub async fn borrow(size: usize) -> usize {
    let mut numbers = vec![0; size];
    for number in numbers.iter_mut() {
        y().await;
        *number += 1;
    }
    let sum: usize = numbers.iter().sum();
    get(&sum).await
}
