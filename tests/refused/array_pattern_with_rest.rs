// A pattern with `..` takes droppable elements out of an array before a suspension. rustc's `async fn` accepts it.

use segno_tests::*;

/// Allocates: an operation, like a log.
fn t(name: &'static str) -> T {
    log(format!("+{name}"));
    T(name)
}

#[segno::coroutine]
async fn array_taken_apart(n: u32) {
    let all = [t("a0"), t("a1"), t("a2")];
    y().await;
    match n {
        0 => {
            let [first, ..] = all;
            y().await;
        }
        1 => {
            let [_, middle, _] = all;
            y().await;
            drop(middle);
            y().await;
        }
        _ => {
            let [.., last] = all;
            drop(last);
            y().await;
        }
    }
    y().await;
}

fn main() {
    run(array_taken_apart(0));
    run(array_taken_apart(1));
    run(array_taken_apart(2));
}
