// A field is moved out of a structure of another file, to another field of which there is a pointer. rustc's `async fn` accepts it.

use std::cell::Cell;

use segno_tests::*;

// As if it were declared in another file.
macro_rules! elsewhere {
    ($($item:tt)*) => { struct $($item)* };
}

elsewhere! {
    Parts {
        a: T,
        b: Cell<u32>,
        c: T,
    }
}

#[segno::coroutine]
async fn pointed_to(a: T) -> u32 {
    let parts = Parts { a, b: Cell::new(3), c: T("c") };
    parts.a.a().await;
    let pointer = &raw const parts.b as usize;
    let _a = parts.a;
    parts.b.set(8);
    // SAFETY: `parts` is there.
    unsafe { (*(pointer as *const Cell<u32>)).get() }
}

fn main() {
    run(pointed_to(T("a")));
}
