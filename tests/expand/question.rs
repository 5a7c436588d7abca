// `?` and `return` leave the machine.

use segno_tests::{Failure, fail};

#[segno::coroutine]
pub async fn question(fails: bool, stop: bool) -> Result<u32, Failure> {
    let value = fail(fails, 1).await?;
    if stop {
        return Ok(value);
    }
    Ok(value + fail(false, 2).await?)
}
