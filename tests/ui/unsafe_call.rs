//! An unsafe function is called without `unsafe` (E0133).

use segno_tests::y;

#[segno::coroutine]
async unsafe fn read(p: *const u32) -> u32 {
    y().await;
    unsafe { *p }
}

#[segno::coroutine]
async fn f(p: *const u32) -> u32 {
    y().await;
    let n = *p;
    read(p).await + n
}

fn main() {
    let _ = f(&1);
}
