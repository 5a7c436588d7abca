// One field is moved on one path, another one on the other path. rustc's `async fn` accepts it.

use segno_tests::*;

/// Allocates: an operation, like a log.
fn t(name: &'static str) -> T {
    log(format!("+{name}"));
    T(name)
}

#[segno::coroutine]
async fn one_field_moved(c: bool) {
    let pair = (t("p0"), t("p1"));
    if c {
        let first = pair.0;
        y().await;
        drop(first);
    } else {
        let second = pair.1;
        y().await;
    }
    y().await;
}

fn main() {
    run(one_field_moved(true));
    run(one_field_moved(false));
}
