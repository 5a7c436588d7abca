// `self`, in a method and in a trait.

use segno_tests::{T, y};

pub trait Advance {
    #[segno::coroutine]
    async fn advance(&mut self, by: u32) -> u32;
}

pub struct Counter {
    pub count: u32,
    pub token: T,
}

impl Counter {
    #[segno::coroutine]
    pub async fn finish(self) -> &'static str {
        y().await;
        self.token.0
    }
}

impl Advance for Counter {
    #[segno::coroutine]
    async fn advance(&mut self, by: u32) -> u32 {
        for _ in 0..by {
            y().await;
            self.count += 1;
        }
        self.count
    }
}
