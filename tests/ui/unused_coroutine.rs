//! A coroutine that nobody awaits.

#![deny(unused_must_use)]

use segno_tests::y;

#[segno::coroutine]
async fn work() {
    y().await;
}

#[segno::coroutine]
async fn f() {
    work();
    y().await;
    work().await;
}

fn main() {
    f();
}
