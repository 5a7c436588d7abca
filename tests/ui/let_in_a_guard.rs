//! What a `let` in a guard keeps would have to be held while the arm is suspended.

use std::cell::RefCell;

use segno_tests::y;

fn parts(n: u32) -> (String, u32) {
    (n.to_string(), n)
}

#[segno::coroutine]
async fn borrows(n: Option<u32>) -> usize {
    match n {
        Some(n) if let Some(first) = parts(n).0.chars().next() => {
            y().await;
            first.len_utf8()
        }
        _ => 0,
    }
}

#[segno::coroutine]
async fn leaves(n: Option<u32>) -> u32 {
    match n {
        Some(n) if let (_, twice) = parts(n) => {
            y().await;
            twice
        }
        _ => 0,
    }
}

#[segno::coroutine]
async fn in_a_slot(text: Option<String>) -> usize {
    let shared = RefCell::new(&text);
    y().await;
    if shared.borrow().is_none() {
        return 0;
    }
    match text {
        Some(text) if let Some(2..) = text.find('x') => {
            y().await;
            text.len()
        }
        _ => 1,
    }
}

fn main() {
    let _ = (borrows(None), leaves(None), in_a_slot(None));
}
