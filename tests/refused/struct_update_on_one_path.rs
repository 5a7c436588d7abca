// `..base` takes what is left of a struct, on one path. rustc's `async fn` accepts it.

use segno_tests::*;

/// Allocates: an operation, like a log.
fn t(name: &'static str) -> T {
    log(format!("+{name}"));
    T(name)
}

#[segno::coroutine]
async fn struct_literal_and_update(c: bool) {
    struct Three {
        a: T,
        b: T,
        c: T,
    }
    let base = Three { a: t("a"), b: t("b"), c: id(t("c")).await };
    let made = if c { Three { a: id(t("a'")).await, ..base } } else { base };
    y().await;
    drop(made.b);
    y().await;
}

fn main() {
    run(struct_literal_and_update(true));
    run(struct_literal_and_update(false));
}
