//! A coroutine has a fixed number of parameters.

use segno_tests::child;

#[segno::coroutine]
unsafe fn f(n: u32, rest: ...) -> u32 {
    child(n).await
}

fn main() {
    let _ = unsafe { f(1) };
}
