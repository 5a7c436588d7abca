//! A nested function uses the variables and type parameters of the coroutine (E0434, E0401).

use segno_tests::child;

#[segno::coroutine]
async fn f<X: Copy>(x: X, n: u32) -> u32 {
    fn more() -> u32 {
        n + 1
    }
    fn same(x: X) -> X {
        x
    }
    same(x);
    child(more()).await
}

fn main() {
    let _ = f(1, 2);
}
