// What is left of a structure out of which a field is moved is moved too, while something refers to it. rustc's `async fn` accepts it.

use std::cell::Cell;

use segno_tests::*;

// As if it were declared in another file.
macro_rules! elsewhere {
    ($($item:tt)*) => { struct $($item)* };
}

struct Parts {
    n: u32,
    a: T,
    b: T,
}

fn shown(parts: &Parts) -> &T {
    &parts.b
}

#[segno::coroutine]
async fn copied(n: u32) -> u32 {
    let parts = Parts { n, a: T("a"), b: T("b") };
    shown(&parts).a().await;
    let s = shown(&parts);
    s.r();
    let refers = &parts.n;
    let both = (parts.a, parts.n);
    y().await;
    *refers + both.1
}

elsewhere! {
    Linked<'a> {
        a: T,
        b: Cell<u32>,
        link: Cell<Option<&'a Cell<u32>>>,
    }
}

#[segno::coroutine]
async fn linked(a: T) -> u32 {
    let it = Linked { a, b: Cell::new(3), link: Cell::new(None) };
    it.a.a().await;
    it.link.set(Some(&it.b));
    let _a = it.a;
    it.b.set(8);
    it.link.get().unwrap().get()
}

fn main() {
    run(copied(1));
    run(linked(T("a")));
}
