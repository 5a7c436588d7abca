// A loop with a value, and jumps to a label.

use segno_tests::{child, y};

#[segno::coroutine]
pub async fn loops(limit: u32) -> u32 {
    let mut total = 0;
    let last = 'outer: loop {
        for step in [1, 2, 3] {
            total += child(step).await;
            if total > limit {
                break 'outer step;
            }
            if total == 2 {
                continue 'outer;
            }
        }
        y().await;
    };
    total + last
}
