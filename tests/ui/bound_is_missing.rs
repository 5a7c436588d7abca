//! A type parameter lacks a bound (E0277, E0599).

use segno_tests::y;

#[segno::coroutine]
async fn twice<X: Copy>(x: &X) -> (X, X) {
    y().await;
    (*x, *x)
}

#[segno::coroutine]
async fn f<X>(x: X) -> X {
    let kept = x.clone();
    y().await;
    let (copy, _) = twice(&x).await;
    kept
}

fn main() {
    let _ = f(1);
}
