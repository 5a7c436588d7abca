// Awaits behind `&&`, in `while let` and in the two branches of an `if let`.

use segno_tests::{T, child, id, y};

#[segno::coroutine]
pub async fn conditions(mut wanted: Option<T>) -> u32 {
    while let Some(token) = wanted.take() {
        if id(token.0 == "again").await && child(1).await == 1 {
            wanted = Some(T("once"));
        }
    }
    if let Some(number) = id(Some(3)).await {
        child(number).await
    } else {
        y().await;
        0
    }
}
