//! `format_args!` refers to temporaries, which cannot be held while the child is suspended.

use core::fmt::Arguments;

use segno_tests::y;

#[segno::coroutine]
async fn show(text: Arguments<'_>) -> usize {
    y().await;
    text.to_string().len()
}

#[segno::coroutine]
async fn logs(n: u32) -> usize {
    // A text alone is constant.
    let title = show(format_args!("counter")).await;
    title + show(format_args!("{n} of {}", n + 1)).await
}

fn main() {
    let _ = logs(1);
}
