// A method of a variable that is borrowed over a suspension has a closure, and the name of one that takes iterators. rustc's `async fn`
// accepts it.

use segno_tests::*;

struct Three(T, T, T);

impl Three {
    fn map(&self, work: impl Fn(&T) -> u32) -> u32 {
        work(&self.0) + work(&self.1) + work(&self.2)
    }
}

#[segno::coroutine]
async fn method_named_like_an_iterators() -> u32 {
    let three = Three(T("a"), T("b"), T("c"));
    let first = &three.0;
    y().await;
    let sum = three.map(|t| t.r().into());
    y().await;
    sum + u32::from(first.r())
}

fn main() {
    run(method_named_like_an_iterators());
}
