// In an `if` without a suspension, a variable is moved and assigned again, which is borrowed across a suspension. rustc's `async fn` accepts it.

use segno_tests::*;

fn eat(t: T) -> u32 {
    log(format!("eat:{}", t.0));
    1
}

#[segno::coroutine]
async fn moved_and_assigned_again(c: bool, mut p: T) -> u32 {
    for _ in 0..2u32 {
        if c {
            drop(p);
            p = T("new");
        }
        p.renamed("renamed").await;
    }
    eat(p)
}

fn main() {
    run(moved_and_assigned_again(true, T("p")));
    run(moved_and_assigned_again(false, T("p")));
}
