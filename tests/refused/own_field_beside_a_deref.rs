// A block takes a field of a value that has a `Deref` to others. rustc's `async fn` accepts it.

use segno_tests::*;

struct Counted {
    count: u32,
    name: T,
}

impl core::ops::Deref for Counted {
    type Target = T;

    fn deref(&self) -> &T {
        &self.name
    }
}

#[segno::coroutine]
async fn own_field(mut counted: Counted) -> u32 {
    let block = async move {
        counted.count += 1;
        y().await;
        counted.count
    };
    block.await
}

#[segno::coroutine]
async fn beside_the_rest(mut counted: Counted) -> u32 {
    let block = async move {
        counted.count += 1;
        y().await;
        counted.count
    };
    block.await + u32::from(counted.r())
}

fn main() {
    run(own_field(Counted { count: 1, name: T("name") }));
    run(beside_the_rest(Counted { count: 1, name: T("name") }));
}
