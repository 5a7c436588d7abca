//! `.await` in a match guard.

use segno_tests::child;

#[segno::coroutine]
async fn f(n: u32) -> u32 {
    match n {
        n if child(n).await > 1 => 1,
        _ => 2,
    }
}

fn main() {
    let _ = f(1);
}
