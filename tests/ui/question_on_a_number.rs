//! `?` on what is neither `Result` nor `Option` (E0277).

use segno_tests::{Failure, child};

#[segno::coroutine]
async fn f() -> Result<u32, Failure> {
    let n = child(1).await?;
    Ok(n)
}

fn main() {
    let _ = f();
}
