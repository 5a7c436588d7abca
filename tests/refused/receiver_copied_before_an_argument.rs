// A method takes its receiver by value, and an argument that awaits changes the receiver meanwhile. rustc's `async fn` accepts
// it, and copies the receiver first.

use segno_tests::*;

#[derive(Clone, Copy)]
struct Total(u32);

impl Total {
    fn plus(self, n: u32) -> u32 {
        self.0 + n
    }
}

struct Counter {
    total: Total,
}

impl Counter {
    #[segno::coroutine]
    async fn next(&mut self) -> u32 {
        y().await;
        self.total.0 += 1;
        self.total.0
    }

    #[segno::coroutine]
    async fn both(&mut self) -> u32 {
        self.total.plus(self.next().await)
    }
}

fn main() {
    let mut counter = Counter { total: Total(1) };
    run(counter.both());
}
