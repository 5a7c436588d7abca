//! A task of a coroutine that borrows a local variable (E0597).

use segno::prelude::*;
use segno_tests::{T, two};

#[segno::coroutine]
async fn work(t: &T) {
    two(t, T("u")).await;
}

#[segno::coroutine]
async fn f(lp: &'static EventLoop) {
    let t = T("t");
    lp.create_task(work(&t)).ok();
    sleep(1.millis()).await;
}

fn main() {
    let _: fn(&'static EventLoop) -> _ = f;
}
