//! `.await` where a constant is wanted.

use segno_tests::id;

#[segno::coroutine]
async fn f() -> [u8; 2] {
    [0; id(2).await]
}

fn main() {
    let _ = f();
}
