//! A macro from outside jumps out of a loop that is taken apart: only rustc sees it (E0695).

use segno_tests::y;

macro_rules! leave {
    ($when:expr) => {
        if $when {
            break;
        }
    };
}

#[segno::coroutine]
async fn f(n: u32) -> u32 {
    let mut i = 0;
    loop {
        y().await;
        i += 1;
        leave!(i > n);
    }
    i
}

fn main() {
    let _ = f(1);
}
