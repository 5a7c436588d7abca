// A variable as a statement, which drops it. rustc's `async fn` accepts it.

use segno_tests::*;

#[segno::coroutine]
async fn variable_as_a_statement() -> u32 {
    for t in [T("a"), T("b")] {
        match child(3).await % 4 {
            z if z < 4 => {
                t;
                log("gone");
            }
            _ => {}
        }
    }
    1
}

fn main() {
    run(variable_as_a_statement());
}
