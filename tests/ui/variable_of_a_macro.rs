//! A macro of the body declares a variable that is used behind a suspension.

use segno_tests::{T, y};

#[segno::coroutine]
async fn f() -> u32 {
    macro_rules! bind {
        ($name:ident) => {
            let $name = T("m");
        };
    }
    bind!(first);
    first.r();
    y().await;
    bind!(second);
    y().await;
    second.r() as u32
}

fn main() {
    let _ = f();
}
