//! A text that captures a variable which shadows another, in a macro that is not known.

use segno_tests::{child, y};

macro_rules! say {
    ($level:ident => $text:literal) => {
        println!($text)
    };
}

#[segno::coroutine]
async fn f() {
    let n = child(1).await;
    let n = n + 1;
    y().await;
    say!(info => "{n}");
}

fn main() {
    let _ = f();
}
