//! A coroutine is not evaluated at compile time.

#[segno::coroutine]
const fn f() -> u32 {
    1
}

fn main() {
    let _ = f();
}
