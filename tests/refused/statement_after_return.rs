// A statement after the `return` that ends the body. rustc's `async fn` accepts it, with a warning.

use segno_tests::*;

#[segno::coroutine]
async fn statement_after_return(n: u32) -> u32 {
    y().await;
    return n;
    y().await;
}

fn main() {
    run(statement_after_return(1));
}
