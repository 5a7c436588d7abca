//! `.await` is forgotten (E0308, E0599).

use segno_tests::{T, child, id};

#[segno::coroutine]
async fn work() -> T {
    id(T("t")).await
}

#[segno::coroutine]
async fn f() -> u32 {
    let n: u32 = child(1);
    let name = work().0;
    n + name.len() as u32
}

fn main() {
    let _ = f();
}
