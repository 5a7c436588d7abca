// An `.await` in the message of `assert_eq!`. rustc's `async fn` accepts it.

use segno_tests::*;

#[segno::coroutine]
async fn in_assertions() -> u32 {
    assert!(child(1).await == 1);
    assert_eq!(child(2).await, 2, "{}", child(3).await);
    assert_ne!(child(4).await, child(5).await);
    6
}

fn main() {
    run(in_assertions());
}
