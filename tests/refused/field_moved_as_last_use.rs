// A field is moved as the last use of its struct, before a suspension. rustc's `async fn` accepts it.

use segno_tests::*;

#[segno::coroutine]
async fn field_of_last_use() -> u32 {
    struct Peripherals {
        pin: T,
        port: T,
        number: u32,
    }
    let p = Peripherals { pin: T("pin"), port: T("port"), number: 3 };
    let pin = p.pin;
    let number = p.number;
    y().await;
    pin.r();
    y().await;
    number
}

fn main() {
    run(field_of_last_use());
}
