// An argument that awaits assigns to the receiver of its method. rustc's `async fn` accepts it.

use segno_tests::*;

#[segno::coroutine]
async fn receiver_by_value_is_read_first() -> u32 {
    let mut a = 5u32;
    let b = a.pow({
        a = 1;
        child(2).await
    });
    b * 10 + a
}

fn main() {
    run(receiver_by_value_is_read_first());
}
