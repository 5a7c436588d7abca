//! An implementation that does not fit its trait (E0053, E0050, E0046).

use segno_tests::child;

trait Read {
    #[segno::coroutine]
    async fn read(&mut self, n: u32) -> u32;

    #[segno::coroutine]
    async fn skip(&mut self);
}

struct One;

impl Read for One {
    #[segno::coroutine]
    async fn read(&mut self, n: u8) -> u32 {
        child(n.into()).await
    }
}

struct Two;

impl Read for Two {
    #[segno::coroutine]
    async fn read(&mut self) -> u32 {
        child(1).await
    }

    #[segno::coroutine]
    async fn skip(&mut self) {
        child(1).await;
    }
}

fn main() {
    let _ = (One.read(1), Two.skip());
}
