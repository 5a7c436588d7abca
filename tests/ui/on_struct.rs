//! `#[coroutine]` on something that is no function.

#[segno::coroutine]
struct S {
    n: u32,
}

fn main() {
    let _ = S { n: 1 };
}
