//! A coroutine has no foreign ABI.

use segno_tests::child;

#[segno::coroutine]
extern "C" fn f() -> u32 {
    child(1).await
}

fn main() {
    let _ = f();
}
