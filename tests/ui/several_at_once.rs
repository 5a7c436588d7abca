//! All refusals of a function, and rustc's own errors in its body, are reported at the same time.

use segno_tests::{child, id};

#[segno::coroutine]
async fn f(list: &[u32]) -> u32 {
    let sum: u32 = list.iter().map(|n| child(*n).await).sum();
    match sum {
        n if id(true).await => n,
        _ => "none",
    }
}

fn main() {
    let _ = f(&[]);
}
