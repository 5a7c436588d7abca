// A value is moved out of its box before a suspension. rustc's `async fn` accepts it.

use segno_tests::*;

fn eat(t: T) -> u32 {
    log(format!("eat:{}", t.0));
    1
}

#[segno::coroutine]
async fn out_of_a_box_and_an_option() -> u32 {
    let b = Box::new(T("boxed"));
    let mut o = Some(T("option"));
    y().await;
    let t = *b;
    y().await;
    let u = o.take();
    y().await;
    eat(t) + u.map_or(0, eat)
}

fn main() {
    run(out_of_a_box_and_an_option());
}
