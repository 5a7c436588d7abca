//! `.await` in a closure: the closure is no coroutine.

use segno_tests::child;

#[segno::coroutine]
async fn f() -> u32 {
    let g = |n: u32| child(n).await + 1;
    g(1)
}

fn main() {
    let _ = f();
}
