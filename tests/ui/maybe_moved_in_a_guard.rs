//! A guard gives a value to a variable that has none: in which arm it has one is not known.

use segno_tests::{T, y};

#[segno::coroutine]
async fn f(n: u32, mut t: T) -> u32 {
    drop(t);
    match n {
        1 if {
            t = T("one");
            n == 2
        } =>
        {
            y().await;
        }
        _ => y().await,
    }
    n
}

fn main() {
    let _ = f(1, T("t"));
}
