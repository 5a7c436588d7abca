// Operands are evaluated from left to right, and held while a later one is awaited.

use segno_tests::{T, child, two};

fn add(name: &T, number: u32, more: u8) -> u32 {
    name.0.len() as u32 + number + u32::from(more)
}

#[segno::coroutine]
pub async fn operands(name: T) -> u32 {
    add(&T("one"), child(1).await, two(&name, T("three")).await) + child(4).await * 2
}
