//! A symbol defined in the body.

use segno_tests::child;

#[segno::coroutine]
async fn f() -> u32 {
    #[unsafe(no_mangle)]
    extern "C" fn segno_tests_symbol() {}
    child(1).await
}

fn main() {
    let _ = f();
}
