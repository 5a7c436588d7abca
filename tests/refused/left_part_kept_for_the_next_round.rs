// A pattern of one round borrows a part of what lives in a slot, and one of the next takes the others. rustc's `async fn` accepts it.

use segno_tests::*;

#[segno::coroutine]
async fn kept_for_the_next_round(pair: (T, T, u32)) -> u32 {
    y().await;
    let mut first = true;
    let mut kept = &T("none");
    loop {
        let n = match pair {
            (ref a, _, n) if first => {
                first = false;
                kept = a;
                n
            }
            (_, b, _) => {
                y().await;
                kept.r();
                break b.r() as u32;
            }
        };
        child(n).await;
    }
}

fn main() {
    run(kept_for_the_next_round((T("a"), T("b"), 3)));
}
