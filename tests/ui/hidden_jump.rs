//! Macros of the body jump out of what is taken apart.

use segno_tests::y;

#[segno::coroutine]
async fn leaves(n: u32) -> u32 {
    macro_rules! leave {
        ($when:expr) => {
            if $when {
                break;
            }
        };
    }
    let mut i = 0;
    loop {
        y().await;
        i += 1;
        leave!(i > n);
    }
    i
}

#[segno::coroutine]
async fn goes_on(n: u32) -> u32 {
    macro_rules! go_on {
        ($when:expr) => {
            if $when {
                continue;
            }
        };
    }
    let mut sum = 0;
    for i in 0..n {
        go_on!(i == 2);
        y().await;
        sum += i;
    }
    // This loop is not taken apart.
    for i in 0..n {
        go_on!(i == 2);
        sum += i;
    }
    sum
}

#[segno::coroutine]
async fn returns(n: u32) -> u32 {
    macro_rules! bail {
        ($value:expr) => {
            return $value
        };
    }
    y().await;
    if n > 1 {
        bail!(3);
    }
    n
}

fn main() {
    let _ = (leaves(1), goes_on(1), returns(1));
}
