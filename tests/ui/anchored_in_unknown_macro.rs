//! A variable that is borrowed across a suspension is named in a macro that is not known.

use segno_tests::{T, y};

macro_rules! first {
    ($name:ident => $length:expr) => {
        $name.0.get(..$length)
    };
}

#[segno::coroutine]
async fn f() -> bool {
    let mut t = T("t");
    t.renamed("u").await;
    y().await;
    first!(t => 1).is_some()
}

fn main() {
    let _ = f();
}
