//! A constant from outside looks like a variable in patterns (E0530).

#![allow(non_upper_case_globals)]

use segno_tests::y;

const one: u32 = 1;

#[segno::coroutine]
async fn f(n: u32) -> u32 {
    let a = match n {
        one => 10,
        _ => 20,
    };
    y().await;
    let b = match Some(n) {
        Some(one) => 30,
        _ => 40,
    };
    a + b
}

fn main() {
    let _ = f(1);
}
