//! Options that there are not, that make no sense, or that are given twice; all are reported at once.

use segno_tests::child;

#[segno::coroutine(stack = 512, crate, "heap")]
async fn unknown() -> u32 {
    child(1).await
}

#[segno::coroutine(crate = "segno", crate = segno, crate = segno)]
async fn twice() -> u32 {
    child(1).await
}

#[segno::coroutine(crate = segno)]
async fn fine() -> u32 {
    child(1).await
}

#[segno::coroutine(diagram = dot)]
async fn drawn() -> u32 {
    child(1).await
}

trait Declares {
    #[segno::coroutine(diagram)]
    async fn declared();
}

fn main() {
    let _ = (unknown(), twice(), fine(), drawn());
}
