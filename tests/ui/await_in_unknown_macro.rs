//! `.await` inside a macro that nobody knows.

use segno_tests::child;

macro_rules! twice {
    ($e:expr) => {
        $e * 2
    };
}

#[segno::coroutine]
async fn f() -> u32 {
    twice!(child(1).await)
}

fn main() {
    let _ = f();
}
