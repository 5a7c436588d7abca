// Two constants of one name in different blocks. rustc's `async fn` accepts it.

use segno_tests::*;

#[segno::coroutine]
async fn constants_and_statics() -> u32 {
    const STEP: u32 = 3;
    static TABLE: [u32; 3] = [4, 5, 6];
    let mut sum = 0;
    for i in 0..TABLE.len() {
        sum += child(TABLE[i]).await * STEP;
    }
    {
        const STEP: u32 = 100;
        y().await;
        sum += STEP;
    }
    sum
}

fn main() {
    run(constants_and_statics());
}
