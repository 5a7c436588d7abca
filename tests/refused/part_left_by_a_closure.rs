// A closure takes parts of a variable that lives in a slot, by a pattern, and leaves others. rustc's closure captures the parts alone, and
// what is left is dropped with the variable; the machine's has all of it.

use segno_tests::*;

struct Pair {
    a: T,
    b: T,
    n: u32,
}

#[segno::coroutine]
async fn in_one_arm(p: Pair) -> u8 {
    p.b.a().await;
    let take = || match p {
        Pair { a, n: 7, .. } => a.r(),
        _ => 0,
    };
    take()
}

#[segno::coroutine]
async fn behind_a_guard(p: Pair) -> u8 {
    p.b.a().await;
    let take = move || match p {
        Pair { a, .. } if a.r() > 0 => a.r(),
        _ => 0,
    };
    take()
}

#[segno::coroutine]
async fn or_else(p: Pair) -> u8 {
    p.b.a().await;
    let take = || {
        let Pair { a, n: 7, .. } = p else { return 0 };
        a.r()
    };
    take()
}

fn pair() -> Pair {
    Pair { a: T("a"), b: T("b"), n: 7 }
}

fn main() {
    run(in_one_arm(pair()));
    run(behind_a_guard(pair()));
    run(or_else(pair()));
}
