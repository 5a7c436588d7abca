// A pattern copies out of a value with a destructor, inside of an expression, before a suspension. rustc's `async fn` accepts it.

use segno_tests::*;

struct Numbers(u32, u32);

impl Drop for Numbers {
    fn drop(&mut self) {
        log("~");
    }
}

#[segno::coroutine]
async fn copied_out_of_a_destructor() -> u32 {
    let numbers = Numbers(child(1).await, 2);
    let sum = {
        let Numbers(one, two) = numbers;
        one + two
    };
    y().await;
    sum
}

fn main() {
    run(copied_out_of_a_destructor());
}
