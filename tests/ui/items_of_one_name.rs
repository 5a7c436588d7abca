//! Two types of one name, in different blocks.

use segno_tests::child;

#[segno::coroutine]
async fn f(wanted: bool) -> u32 {
    if wanted {
        struct Step(u32);
        let step = Step(1);
        child(step.0).await
    } else {
        struct Step(u8);
        let step = Step(2);
        child(step.0.into()).await
    }
}

fn main() {
    let _ = f(true);
}
