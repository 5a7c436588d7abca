// A `match` on an awaited value, with a suspension in an arm.

use segno_tests::{T, child, id};

#[segno::coroutine]
pub async fn matches(token: T) -> u32 {
    match id((token, 4)).await {
        (T("a"), number) => number,
        (_, 0) => 0,
        (T(name), number) if number > 3 => child(name.len() as u32).await,
        (token, number) => child(number).await + token.0.len() as u32,
    }
}
