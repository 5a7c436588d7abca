//! Fields that are unknown, missing and private (E0560, E0063, E0616).

use segno_tests::{child, y};

mod port {
    #[derive(Debug)]
    pub struct Port {
        pub number: u32,
        speed: u32,
    }

    impl Port {
        pub fn new() -> Port {
            Port { number: 1, speed: 2 }
        }
    }
}

#[derive(Debug)]
struct Pair {
    first: u32,
    second: u32,
}

#[segno::coroutine]
async fn f() -> u32 {
    let port = port::Port::new();
    y().await;
    let pair = Pair { first: child(1).await, third: child(2).await };
    let other = Pair { first: child(1).await };
    println!("{pair:?} {other:?}");
    port.number + port.speed
}

fn main() {
    let _ = f();
}
