// A pattern in a closure or a block only copies out of what it is matched against, which rustc's closure borrows, and which is dropped
// with its variable. The machine's has it.

use segno_tests::*;

#[segno::coroutine]
async fn borrowed(r: Result<u32, T>) -> u32 {
    if let Err(e) = &r {
        e.a().await;
    }
    let _t = T("t");
    let number = || match r {
        Ok(n) => n,
        Err(_) => 0,
    };
    number()
}

#[segno::coroutine]
async fn a_field(q: (Result<u32, T>, T)) -> u32 {
    q.1.a().await;
    let _t = T("t");
    let number = || if let Ok(n) = q.0 { n } else { 0 };
    number()
}

#[segno::coroutine]
async fn by_a_block(r: Result<u32, T>) -> u32 {
    let _t = T("t");
    let number = async {
        y().await;
        let Ok(n) = r else { return 0 };
        n
    };
    number.await
}

// Called, but not moved.
#[segno::coroutine]
async fn kept(r: Result<u32, T>) -> u32 {
    let number = move || match r {
        Ok(n) => n,
        Err(_) => 0,
    };
    let n = number();
    y().await;
    n
}

// Not in a slot, and what comes next is taken apart: there, it is dropped or not.
#[segno::coroutine]
async fn before_a_branch(r: Result<u32, T>, t: T, c: bool) -> u32 {
    let number = || if let Ok(n) = r { n } else { 0 };
    let n = number();
    if c {
        t.a().await;
    }
    log("behind");
    n
}

struct Own {
    k: Result<u32, T>,
    r: Result<T, T>,
}

// The same, of a field.
#[segno::coroutine]
async fn a_field_before_a_branch(p: Own) {
    {
        let held = &p.r;
        y().await;
        let _ = held.is_ok();
    }
    let number = || {
        let Ok(_n) = p.k else { return };
        log("number");
    };
    number();
    if let Ok(_t) = p.r {
        log("taken");
    }
    log("behind");
}

fn main() {
    run(a_field_before_a_branch(Own { k: Err(T("k")), r: Ok(T("r")) }));
    run(before_a_branch(Err(T("e")), T("t"), false));
    run(borrowed(Err(T("e"))));
    run(a_field((Err(T("e")), T("q"))));
    run(by_a_block(Err(T("e"))));
    run(kept(Err(T("e"))));
}
