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
    r: Result<T, T>,
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

#[segno::coroutine]
async fn by_a_closure(q: Nest) -> u8 {
    q.p.b.a().await;
    let take = || match q.p {
        Pair { a, .. } => a.r(),
    };
    take()
}

// Where it does not match, all is left.
#[segno::coroutine]
async fn or_not(q: Nest) -> u8 {
    q.p.b.a().await;
    if let Ok(value) = q.r { value.r() } else { 0 }
}

#[segno::coroutine]
async fn or_else(q: Nest) -> u8 {
    q.p.b.a().await;
    let Ok(value) = q.r else { return 0 };
    value.r()
}

fn nest() -> Nest {
    Nest { p: Pair { a: T("a"), b: T("b"), n: 1 }, r: Err(T("r")) }
}

fn main() {
    run(copied(nest()));
    run(moved(nest()));
    run(by_a_closure(nest()));
    run(or_not(nest()));
    run(or_else(nest()));
}
