// A guard is held to the end of its scope, beside the variable that shadows it.

use segno_tests::{T, child, y};

#[segno::coroutine]
pub async fn guard() -> u32 {
    let value = T("guard");
    {
        let _inner = T("inner");
        y().await;
    }
    let value = value.0.len() as u32;
    child(value).await
}
