//! The expansion brings no warning of its own, and passes `forbid(unsafe_code)` when the body has no `unsafe`.

#![deny(warnings, clippy::all, missing_docs, rust_2018_idioms, unused_qualifications)]
#![forbid(unsafe_code)]

use segno_tests::{Failure, T, child, fail, two, y};

/// Borrows across suspensions, moves, loops, branches.
#[segno::coroutine]
pub async fn everything(mut t: T, names: &[&'static str], c: bool) -> Result<u32, Failure> {
    let mut buffer = [0u8; 4];
    fill(&mut buffer, 3).await;
    let mut sum = 0;
    for name in names {
        t.renamed(name).await;
        sum += fail(c, 1).await?;
        if sum > 3 {
            break;
        }
    }
    let other = T("other");
    let _guard = T("guard");
    if c {
        drop(other);
        y().await;
    } else if let Some(n) = buffer.iter().position(|&byte| byte == 3) {
        sum += child(n as u32).await + u32::from(two(&t, other).await);
    }
    let n = match child(sum).await {
        0 => return Ok(0),
        n if n > 9 => n - child(1).await,
        n => n,
    };
    y().await;
    Ok(n)
}

/// Fills.
#[segno::coroutine]
pub async fn fill(buffer: &mut [u8], with: u8) {
    for byte in buffer {
        y().await;
        *byte = with;
    }
}

/// Methods, too.
#[derive(Debug)]
pub struct Counter(u32);

impl Counter {
    /// Counts.
    #[segno::coroutine]
    pub async fn count(&mut self) -> u32 {
        y().await;
        self.0 += 1;
        self.0
    }
}

fn main() {
    let _ = everything(T("t"), &[], false);
    let _ = Counter(0).count();
}
