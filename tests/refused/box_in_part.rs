// A part is taken out of what only its type shows to be a box. rustc's `async fn` accepts it.

use segno_tests::*;

#[segno::coroutine]
async fn in_part(both: Option<Box<(T, T)>>) {
    if let Some(both) = both {
        let (a, _) = *both;
        y().await;
        a.r();
    }
}

fn main() {
    run(in_part(Some(Box::new((T("a"), T("b"))))));
}
