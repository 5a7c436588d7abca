//! `?` on an error that the function's error is not made from (E0277).

use segno_tests::fail;

#[segno::coroutine]
async fn f() -> Result<u32, core::fmt::Error> {
    let n = fail(true, 1).await?;
    Ok(n)
}

fn main() {
    let _ = f();
}
