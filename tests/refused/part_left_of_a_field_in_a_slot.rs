// A pattern takes a part of a field and leaves another, and the variable lives in a slot, out of which a field comes whole. rustc's
// `async fn` accepts both, and drops what is left with the variable.

use segno_tests::*;

struct Pair {
    a: T,
    b: T,
    n: u32,
}

struct Nest {
    p: Pair,
}

#[segno::coroutine]
async fn copied(q: Nest) -> u32 {
    q.p.b.a().await;
    let Pair { n, .. } = q.p;
    n
}

#[segno::coroutine]
async fn moved(q: Nest) -> u8 {
    q.p.b.a().await;
    match q.p {
        Pair { a, b: _, n: _ } => a.r(),
    }
}

fn nest() -> Nest {
    Nest { p: Pair { a: T("a"), b: T("b"), n: 1 } }
}

fn main() {
    run(copied(nest()));
    run(moved(nest()));
}
