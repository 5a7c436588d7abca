//! A coroutine that keeps an `Rc` across an await is not `Send` (E0277).

use std::rc::Rc;

use segno_tests::id;

#[segno::coroutine]
async fn f() -> u32 {
    let n = Rc::new(1);
    id(()).await;
    *n
}

fn sent<X: Send>(_: X) {}

fn main() {
    sent(f());
}
