// The last use of a variable is a by-value method of a trait: rustc cannot tell it from the question that it is asked.
// rustc's `async fn` accepts it.

use segno_tests::*;

trait Finish: Sized {
    fn finish(self) -> u8;
}

impl Finish for T {
    fn finish(self) -> u8 {
        self.r()
    }
}

#[segno::coroutine]
async fn last_use() -> u8 {
    let t = T("t");
    y().await;
    let n = t.finish();
    y().await;
    n
}

fn main() {
    run(last_use());
}
