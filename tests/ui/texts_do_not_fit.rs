//! Format texts that do not fit their arguments.

use segno_tests::{T, child};

struct Plain;

#[segno::coroutine]
async fn f(t: T) {
    println!("{} {}", child(1).await);
    println!("{}", Plain);
    println!("{missing}");
    child(t.0.len() as u32).await;
}

fn main() {
    let _ = f(T("t"));
}
