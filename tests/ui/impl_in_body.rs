//! An `impl` for a type from outside the body.

use segno_tests::{T, child};

trait Length {
    fn length(&self) -> u32;
}

#[segno::coroutine]
async fn f(t: T) -> u32 {
    impl Length for T {
        fn length(&self) -> u32 {
            1
        }
    }
    child(1).await + t.length()
}

fn main() {
    let _ = f(T("t"));
}
