//! Whether a variable was moved is not known where the function is suspended, and then it is assigned to inside a
//! macro's argument, which stays in one piece.

use segno_tests::{T, id, y};

#[segno::coroutine]
async fn f(wanted: bool) -> u8 {
    let mut t = T("t");
    if wanted {
        id(t).await;
    }
    y().await;
    let list = vec![{
        t = T("u");
        1
    }];
    y().await;
    t.r() + list[0]
}

fn main() {
    let _ = f(true);
}
