// Moved on one way: on the other its destructor is still to come.

use segno_tests::{T, y};

#[segno::coroutine]
pub async fn moved(token: T, wanted: bool) {
    if wanted {
        drop(token);
    }
    y().await;
}
