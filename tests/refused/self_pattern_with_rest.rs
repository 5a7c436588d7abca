// A pattern with `..` takes `self` apart before a suspension. rustc's `async fn` accepts it.

use segno_tests::*;

#[derive(Debug)]
struct Device {
    token: T,
    count: u32,
    buffer: [u8; 4],
}

impl Device {
    #[segno::coroutine]
    async fn taken_apart(self) -> T {
        let count = self.count;
        y().await;
        let Device { token, .. } = self;
        child(count).await;
        token
    }
}

fn main() {
    run(Device { token: T("device"), count: 0, buffer: [0; 4] }.taken_apart());
}
