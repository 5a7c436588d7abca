// A `match` moves out of one field, over suspensions. rustc's `async fn` accepts it.

use segno_tests::*;

#[segno::coroutine]
async fn by_a_match() {
    let s = (Some(T("some")), T("side"));
    match s.0 {
        Some(t) => {
            y().await;
            drop(t);
            y().await;
        }
        None => y().await,
    }
    s.1.r();
    y().await;
}

fn main() {
    run(by_a_match());
}
