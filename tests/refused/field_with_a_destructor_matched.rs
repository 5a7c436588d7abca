// A field with a destructor of its own is matched, in a slot, around a suspension: what its patterns copy leaves it where it is.

use segno_tests::*;

enum Guard {
    Level(u32),
    Open,
}

impl Drop for Guard {
    fn drop(&mut self) {
        log("guard");
    }
}

struct Door {
    guard: Guard,
    handle: T,
}

#[segno::coroutine]
async fn matched(door: Door) -> u32 {
    door.handle.a().await;
    match door.guard {
        Guard::Level(n) => child(n).await,
        Guard::Open => 0,
    }
}

fn main() {
    run(matched(Door { guard: Guard::Level(1), handle: T("handle") }));
    run(matched(Door { guard: Guard::Open, handle: T("handle") }));
}
